"""Input of every kind with something wrong in it, the same in each run: frames, streams, records, messages, files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from capture.written import Packet as Captured
from capture.written import enhanced, interface, pcap, section
from engine import samples
from engine.playbook import Packet, Play, retimed
from samples.damage import Frame

SCRIPTS = (
    ("haproxy-mtls-tickets", 0),
    ("haproxy-mtls-session-ids", 1),
    ("haproxy-mtls-tls13", 0),
    ("haproxy-mtls-tls13", 1),
    ("renegotiation-ok", 0),
    ("renegotiation-refused", 0),
)
"""Samples, and which of their connections, before anything is changed."""

TYPES = (0, 1, 2, 4, 8, 11, 12, 13, 14, 15, 16, 20, 22, 24, 25)
"""Handshake messages that somebody may make up."""


def flipped(data: bytes, chance: Random, most: int = 4) -> bytes:
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, most)):
        changed[chance.randrange(len(changed))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(changed)


def frames(whole: Sequence[Frame], seed: int) -> list[Frame]:
    """Frames whose headers, of any layer, are wrong, or which were cut inside of them."""
    chance = Random(f"frames {seed}")
    made = list(whole)
    for _ in range(1 + len(made) // 8):
        at = chance.randrange(len(made))
        frame = made[at]
        headers = flipped(frame.data[: frame.payload], chance)
        cut = chance.randrange(len(frame.data)) if chance.random() < 0.2 else len(frame.data)
        made[at] = frame._replace(data=(headers + frame.data[frame.payload :])[:cut])
    return made


def streams(seed: int) -> list[Packet]:
    """Records and messages that were changed, made up, left out or repeated, in packets in any order."""
    chance = Random(f"streams {seed}")
    name, number = chance.choice(SCRIPTS)
    steps = samples.conversation(name, samples.truths(name)[number])
    said = [(side, record) for side, records in steps for record in _records(records)]
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(said))
        side, record = said[at]
        said[at : at + 1] = chance.choice(
            (
                [],
                [(side, record)] * 2,
                [(1 - side, record)],
                [(side, flipped(record, chance))],
                [(side, record[:5] + flipped(record[5:] or b"\0", chance))],
                [(side, _message(chance)), (side, record)],
            )
        )
        said = said or [(0, _message(chance))]
    packets = Play(mss=chance.choice((50, 400, 1460))).open().speak(said).close(chance.randrange(2)).packets
    reach = chance.choice((0, 0, 3, 30))
    order = sorted(range(len(packets)), key=lambda i: i + chance.random() * reach)
    return retimed([packets[i] for i in order if chance.random() > 0.02])


def files(whole: Sequence[Frame], seed: int) -> Iterator[tuple[str, bytes]]:
    """A pcap and a pcapng whose headers are wrong, which end too early, or have a part twice; by suffix."""
    packets = [Captured(frame.ns, frame.data, frame.wirelen, 1, i + 1) for i, frame in enumerate(whole)]
    for suffix, content in (
        ("pcap", pcap(packets, order="<>"[seed % 2], nano=seed % 3 == 0)),
        ("pcapng", b"".join([section(), interface(), *map(enhanced, packets)])),
    ):
        chance = Random(f"{suffix} {seed}")
        made = bytearray(content)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(made)) if chance.random() < 0.7 else chance.randrange(40)
            made[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        at, to = sorted(chance.randrange(len(made)) for _ in range(2))
        tail = chance.choice((made[at:], made[to:], b"", made[at:to]))
        yield suffix, bytes(made[:to] + tail) if chance.random() < 0.5 else bytes(made)


def _records(said: bytes) -> Iterator[bytes]:
    while said:
        end = 5 + int.from_bytes(said[3:5])
        yield said[:end]
        said = said[end:]


def _message(chance: Random) -> bytes:
    """A handshake message whose length is true, too long, or too short."""
    body = chance.randbytes(chance.randrange(80))
    claimed = max(0, len(body) + chance.choice((0, 0, 0, 1, -1, 70_000, 600_000)))
    message = bytes((chance.choice(TYPES),)) + claimed.to_bytes(3) + body
    return b"\x16\x03\x03" + len(message).to_bytes(2) + message
