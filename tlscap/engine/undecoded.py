"""Why frames gave neither TCP nor UDP: counted per packet, named only when somebody asks."""

from __future__ import annotations

from array import array

TRUNCATED, FRAGMENT, TOO_DEEP = 0, 1, 2
MALFORMED_LINK, MALFORMED_IPV4, MALFORMED_IPV6, MALFORMED_TCP, MALFORMED_UDP, MALFORMED_TUNNEL = 3, 4, 5, 6, 7, 8
NOT_IP, NULL_FAMILY, WIFI_WITHOUT_DATA, WIFI_ENCRYPTED = 9, 10, 11, 12

_NAMES = (
    "truncated",  # the capture kept less than the headers
    "fragment",  # waits for the rest of its datagram, or waited in vain
    "too many layers",
    "malformed link header",
    "malformed ipv4",
    "malformed ipv6",
    "malformed tcp",
    "malformed udp",
    "malformed tunnel header",
    "not ip",
    "loopback of another family",
    "802.11 without data",
    "encrypted 802.11",
)
_REASONS = len(_NAMES)

_PROTOCOL_NAMES = {
    0: "hop-by-hop options",
    1: "icmp",
    2: "igmp",
    50: "esp",
    58: "icmpv6",
    59: "ipv6 without payload",
    89: "ospf",
    103: "pim",
    112: "vrrp",
    132: "sctp",
}
"""IP protocols that most captures have; the others are named by their number."""

_ETHERTYPE_NAMES = {0x0806: "arp", 0x88CC: "lldp", 0x8863: "pppoe discovery", 0x888E: "eapol"}

MAX_NAMES = 512
"""Distinct ethertypes, and distinct link types, that are told apart; the sender chooses an ethertype.
Beyond it: `other`."""

_OTHER = "other"


class Undecoded:
    """Counters of the packets that gave nothing, by reason."""

    def __init__(self) -> None:
        self._counts = array("q", bytes(8 * _REASONS))
        self._protocols = array("q", bytes(8 * 256))
        self._ethertypes: dict[int, int] = {}
        self._linktypes: dict[int, int] = {}
        self._others = 0

    def note(self, reason: int) -> int:
        """Counts a reason of those above; returns 0, as the others do."""
        self._counts[reason] += 1
        return 0

    def note_protocol(self, protocol: int) -> int:
        """Counts an IP protocol (0 to 255) that is not looked into."""
        self._protocols[protocol] += 1
        return 0

    def note_ethertype(self, ethertype: int) -> int:
        return self._note_in(self._ethertypes, ethertype)

    def note_linktype(self, linktype: int) -> int:
        """Counts a link type that nothing here can read."""
        return self._note_in(self._linktypes, linktype)

    def as_dict(self) -> dict[str, int]:
        """What was counted, by name; only what occurred."""
        counts = {name: self._counts[i] for i, name in enumerate(_NAMES) if self._counts[i]}
        for protocol in range(256):
            if self._protocols[protocol]:
                counts[_PROTOCOL_NAMES.get(protocol, f"ip protocol {protocol}")] = self._protocols[protocol]
        for ethertype, count in self._ethertypes.items():
            counts[_ETHERTYPE_NAMES.get(ethertype, f"ethertype 0x{ethertype:04x}")] = count
        if self._linktypes:
            from tlscap.registry import linktype_name

            for linktype, count in self._linktypes.items():
                counts[f"linktype {linktype} ({linktype_name(linktype)})"] = count
        if self._others:
            counts[_OTHER] = self._others
        return counts

    def _note_in(self, counts: dict[int, int], key: int) -> int:
        if key in counts:
            counts[key] += 1
        elif len(counts) < MAX_NAMES:
            counts[key] = 1
        else:
            self._others += 1
        return 0
