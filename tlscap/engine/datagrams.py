"""UDP: DTLS associations become connections, QUIC is recognised and counted, the rest goes by.

A flow is held only once a datagram of it has shown what it is, so that DNS and the like cost nothing.
"""

from __future__ import annotations

from tlscap.engine import dtls
from tlscap.engine.certificate_store import CertificateStore
from tlscap.engine.dtls import Association
from tlscap.engine.facts import Facts
from tlscap.engine.frame import Decoder
from tlscap.engine.limits import Limits

MAX_ASSOCIATIONS = 100_000
"""DTLS associations held at once; anyone can send ClientHellos. Beyond it new ones are not followed."""

MAX_QUIC_FLOWS = 100_000
"""QUIC flows told apart; beyond it they are counted as one more and no longer told apart."""

_ADDRESS_BYTES = {4: 4, 6: 16}
_DTLS, _HIDDEN, _QUIC = 1, 2, 3  # what a datagram looks like; the second only if its association is known


class Datagrams:
    """What was seen in UDP datagrams."""

    def __init__(self, limits: Limits, certificates: CertificateStore) -> None:
        self.limits = limits
        self.certificates = certificates
        self._associations: dict[bytes, Association] = {}
        self._quic: dict[bytes, int] = {}
        self._most = min(MAX_ASSOCIATIONS, limits.connections)

    def take(self, decoder: Decoder, ns: int, frame: int) -> None:
        """Takes the datagram that `decoder` holds."""
        data = decoder.data[decoder.payload_start : decoder.payload_end]
        if len(data) < dtls.RECORD_HEADER:
            return
        if dtls.is_record(data):
            self._take_known(decoder, data, _DTLS, ns, frame)
        elif dtls.is_hidden_record(data):
            if self._associations:
                self._take_known(decoder, data, _HIDDEN, ns, frame)
        elif is_quic(data):
            self._take_known(decoder, data, _QUIC, ns, frame)

    def finish(self) -> list[Facts]:
        """The facts of all associations, in the order in which they began; then none are held."""
        facts = [association.finish() for association in self._associations.values()]
        self._associations.clear()
        return facts

    def recognised(self) -> dict[str, tuple[int, int]]:
        """What was recognised and not analysed: flows and bytes by name."""
        return {"quic": (len(self._quic), sum(self._quic.values()))} if self._quic else {}

    def _take_known(self, decoder: Decoder, data: memoryview, what: int, ns: int, frame: int) -> None:
        size = _ADDRESS_BYTES.get(decoder.ip_version, 4)
        sender = endpoint(decoder.src_hi, decoder.src_lo, size, decoder.src_port)
        receiver = endpoint(decoder.dst_hi, decoder.dst_lo, size, decoder.dst_port)
        key = min(sender, receiver) + max(sender, receiver)
        if what == _QUIC:
            if key in self._quic or len(self._quic) < MAX_QUIC_FLOWS:
                self._quic[key] = self._quic.get(key, 0) + decoder.payload_wire
            return
        association = self._associations.get(key)
        if association is None:
            if what == _HIDDEN or not dtls.starts_association(data) or len(self._associations) >= self._most:
                return
            association = Association(self.limits, self.certificates, sender, ns, frame)
            association.facts.tunnel = decoder.tunnels[decoder.tunnel]
            self._associations[key] = association
        association.datagram(sender, receiver, data, decoder.ttl, ns, frame)


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
