"""UDP: DTLS associations become connections, QUIC is recognised and counted, the rest goes by.

A flow is held only once a datagram of it has shown what it is, so that DNS and the like cost nothing.

Datagrams have no FIN. An association leaves when both sides have sent an alert, or one a fatal one, and nothing
came behind it for `Limits.linger_ns`; else it stays, however silent, until there is no room for it: then it waits
as a stub (see `stubs`) for its next datagram.
"""

from __future__ import annotations

from collections import deque

from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.dtls import RECORD_HEADER, Association, is_hidden_record, is_record, starts_association
from tlscap.engine.duplicates import Duplicates
from tlscap.engine.embedded import datagram_carrier
from tlscap.engine.facts import END_EVICTED, END_OPEN, Facts
from tlscap.engine.frame import Decoder
from tlscap.engine.held import Held
from tlscap.engine.limits import Limits
from tlscap.engine.stubs import Stubs

MAX_ASSOCIATIONS = 20_000
"""DTLS associations held at once, at some 6 KB each, or `Limits.connections` if that is less. Anyone can send
ClientHellos; beyond it those that were silent for longest become stubs."""

MAX_FLOWS = 100_000
"""Flows of a kind that are recognised and told apart; beyond it they are counted no more."""

SEARCHED = 48
"""Bytes of a datagram that are searched for a hello which another protocol carries: OpenVPN's and RDP's
headers are shorter, and every datagram of a flood costs so much."""

QUIC = "quic"

_SEARCHED = SEARCHED
_RECORD_HEADER = RECORD_HEADER
_MARK = 0x7FFFFFFFFFFFFFFF
_ADDRESS_BYTES = {4: 4, 6: 16}


class Datagrams:
    """What was seen in UDP datagrams."""

    def __init__(
        self, limits: Limits, certificates: CertificateStore, duplicates: Duplicates, held: Held | None = None
    ) -> None:
        self.limits = limits
        self.certificates = certificates
        self.held = held or Held()
        self.stubs: Stubs[Association] = Stubs()
        self.copies = 0  # of what was recognised, packets that the capture holds twice
        self.begun = 0  # associations
        self.refused = 0  # datagrams of flows beyond MAX_FLOWS
        self.times_full = 0  # how often associations had to leave because of the limit
        self.over: list[Facts] = []  # of associations that have left
        self.evicted: list[Facts] = []  # of those that were put aside, each time
        self.forgotten: list[Facts] = []  # of those that are no stub any more either
        self._duplicates = duplicates
        self._associations: dict[bytes, Association] = {}
        self._closing: deque[tuple[int, bytes]] = deque()  # when a closed association was last seen, and its key
        self._recognised: dict[str, dict[bytes, int]] = {}  # bytes by flow, by name
        self._most = min(MAX_ASSOCIATIONS, limits.connections)
        self._linger_ns = limits.linger_ns

    def take(self, decoder: Decoder, ns: int, frame: int) -> None:
        """Takes the datagram that `decoder` holds."""
        data = decoder.data[decoder.payload_start : decoder.payload_end]
        if len(data) < _RECORD_HEADER:
            return
        if is_record(data, decoder.payload_wire):
            self._associate(decoder, data, ns, frame)
        elif is_quic(data):
            self._count(decoder, QUIC, data, ns)
        elif is_hidden_record(data) and self.is_following() and self._continue(decoder, data, ns, frame):
            return
        elif carries_hello(data):
            self._count(decoder, datagram_carrier(data, decoder.src_port, decoder.dst_port), data, ns)

    def is_following(self) -> bool:
        """Whether there is any association that a datagram may belong to."""
        return len(self._associations) > 0 or len(self.stubs) > 0

    def associations(self) -> list[Association]:
        """Those that are held, without the stubs."""
        return list(self._associations.values())

    def let_go(self, now_ns: int) -> None:
        """Lets associations leave that were closed long enough ago."""
        while self._closing and self._closing[0][0] + self._linger_ns <= now_ns:
            seen_ns, key = self._closing.popleft()
            association = self._associations.get(key)
            if association is None:
                continue
            association.queued = False
            if association.is_closed and association.facts.end_ns <= seen_ns:
                del self._associations[key]
                self.over.append(association.finish(END_OPEN))
            elif association.is_closed:
                self._let_go_later(key, association)

    def forget_oldest(self) -> None:
        """The stub that was put aside first is given up; there must be one."""
        association = self.stubs.take_oldest()
        self.forgotten.append(association.facts)
        self.over.append(association.finish(END_EVICTED))

    def let_stubs_go(self, most: int) -> bool:
        """The capture is over: up to `most` of the stubs leave; whether any are left."""
        for _ in range(min(most, len(self.stubs))):
            self.over.append(self.stubs.take_oldest().finish(END_OPEN))
        return len(self.stubs) > 0

    def finish(self) -> None:
        """All that are held leave, in the order in which they began."""
        for association in self._associations.values():
            self.over.append(association.finish(END_OPEN))
        self._associations.clear()
        self._closing.clear()

    def recognised(self) -> dict[str, tuple[int, int]]:
        """What was recognised and not analysed: flows and bytes by name."""
        return {name: (len(flows), sum(flows.values())) for name, flows in self._recognised.items()}

    def _associate(self, decoder: Decoder, data: memoryview, ns: int, frame: int) -> None:
        """Takes a datagram of DTLS; a clear hello begins an association."""
        sender, receiver = _ends(decoder)
        key = min(sender, receiver) + max(sender, receiver)
        association = self._associations.get(key)
        if association is None:
            association = self._bring_back(key)
        if association is None:
            if not starts_association(data):
                return
            self._make_room()
            self.begun += 1
            association = Association(self.limits, self.certificates, self.held, sender, ns, frame)
            association.facts.tunnel = decoder.tunnels[decoder.tunnel]
            self._associations[key] = association
        self._hand_over(association, key, decoder, data, ns, frame)

    def _continue(self, decoder: Decoder, data: memoryview, ns: int, frame: int) -> bool:
        """Takes what only an association can tell to be DTLS; False if there is none."""
        sender, receiver = _ends(decoder)
        key = min(sender, receiver) + max(sender, receiver)
        association = self._associations.get(key) or self._bring_back(key)
        if association is None:
            return False
        self._hand_over(association, key, decoder, data, ns, frame)
        return True

    def _hand_over(
        self, association: Association, key: bytes, decoder: Decoder, data: memoryview, ns: int, frame: int
    ) -> None:
        """Gives an association the datagram that `decoder` holds."""
        sender, receiver = _ends(decoder)
        if self._is_copy(decoder, sender, data, ns):
            association.facts.duplicates += 1
            return
        association.datagram(sender, receiver, data, decoder.payload_wire, decoder.ttl, ns, frame)
        if association.is_closed and not association.queued:
            self._let_go_later(key, association)

    def _let_go_later(self, key: bytes, association: Association) -> None:
        association.queued = True
        self._closing.append((association.facts.end_ns, key))

    def _bring_back(self, key: bytes) -> Association | None:
        """The association that was put aside under this key, if there is one; then it is held again."""
        association: Association | None = self.stubs.take(key) if len(self.stubs) else None
        if association is None:
            return None
        self._make_room()
        self._associations[key] = association
        return association

    def _make_room(self) -> None:
        """At the limit, an eighth of the associations becomes stubs: those that have been silent for longest."""
        if len(self._associations) < self._most:
            return
        self.times_full += 1
        by_silence = sorted((association.facts.end_ns, key) for key, association in self._associations.items())
        for _, key in by_silence[: max(1, len(by_silence) // 8)]:
            association = self._associations.pop(key)
            if association.is_closed:
                self.over.append(association.finish(END_OPEN))
                continue
            self.evicted.append(association.facts)
            self.stubs.put(key, association)

    def _is_copy(self, decoder: Decoder, sender: bytes, data: memoryview, ns: int) -> bool:
        return self._duplicates.remembers(hash((sender, decoder.ip_id, bytes(data))) & _MARK, ns)

    def _count(self, decoder: Decoder, name: str, data: memoryview, ns: int) -> None:
        """Counts a datagram of something that is recognised and not analysed."""
        sender, receiver = _ends(decoder)
        key = min(sender, receiver) + max(sender, receiver)
        if self._is_copy(decoder, sender, data, ns):
            self.copies += 1
            return
        flows = self._recognised.setdefault(name, {})
        if key in flows or len(flows) < MAX_FLOWS:
            flows[key] = flows.get(key, 0) + decoder.payload_wire
        else:
            self.refused += 1


def _ends(decoder: Decoder) -> tuple[bytes, bytes]:
    """Sender and receiver: address and port each."""
    size = _ADDRESS_BYTES.get(decoder.ip_version, 4)
    return (
        endpoint(decoder.src_hi, decoder.src_lo, size, decoder.src_port),
        endpoint(decoder.dst_hi, decoder.dst_lo, size, decoder.dst_port),
    )


def endpoint(high: int, low: int, size: int, port: int) -> bytes:
    """The `size` bytes of an address in two 64-bit halves, and the port; Python's integers, for 128 bits."""
    return ((high << 64) | low).to_bytes(16, "big")[16 - size :] + port.to_bytes(2, "big")


def is_quic(data: memoryview) -> bool:
    """A QUIC long header with a known version (RFC 9000 §17.2, RFC 9369, IETF drafts, Google's Q0xx)."""
    if data[0] & 0xC0 != 0xC0:
        return data[0] & 0x09 == 0x09 and data[9] == 0x51 and data[10] == 0x30 and len(data) >= 1200
    if data[1] == 0xFF and data[2] == 0 and data[3] == 0:
        return len(data) >= 1200
    if data[1] == 0 and data[2] == 0 and data[3] == 0 and data[4] == 1:
        return data[5] <= 20
    return (data[1] == 0x6B and data[2] == 0x33 and data[3] == 0x43 and data[4] == 0xCF) or (
        data[1] in (0x51, 0x54) and data[2] == 0x30
    )


def carries_hello(data: memoryview) -> bool:
    """Whether a hello of TLS or DTLS stands behind a few bytes of another protocol.

    Media and QUIC's short headers, the bulk of UDP, begin with 64 to 191 (RFC 9443); of these only TURN's
    channels are looked at, where four bytes stand in front.
    """
    size = len(data)
    first = data[0] >> 6
    if first == 1:
        return size > 24 and data[4] == 0x16 and data[5] == 0xFE and data[7] == 0 and 1 <= data[17] <= 3
    if first == 2:
        return False
    end = size - 11 if size - 11 < _SEARCHED else _SEARCHED
    for at in range(1, end):
        if data[at] != 0x16:
            continue
        if (
            data[at + 1] == 3
            and data[at + 2] <= 4
            and 1 <= data[at + 5] <= 2
            and data[at + 6] == 0
            and data[at + 9] == 3
        ):
            return True
        if data[at + 1] == 0xFE and data[at + 2] >= 0xFD and data[at + 3] == 0 and data[at + 4] == 0:
            return True
    return False
