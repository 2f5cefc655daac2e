"""What tshark says of every TCP connection with TLS in a capture, in the words of tlscap's columns."""

from __future__ import annotations

import gzip
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from tlscap.registry import (
    alert_description_name,
    alert_level_name,
    cipher_suite_name,
    exact_version_name,
    handshake_type_name,
)

FIELDS = (
    "tcp.stream",
    "frame.number",
    "frame.protocols",
    "ip.src",
    "ipv6.src",
    "tcp.srcport",
    "tcp.dstport",
    "ip.dst",
    "ipv6.dst",
    "tls.record.content_type",
    "tls.handshake.type",
    "tls.handshake.version",
    "tls.handshake.extensions.supported_version",
    "tls.handshake.ciphersuite",
    "tls.handshake.random",
    "tls.handshake.extensions_server_name",
    "tls.handshake.ja3",
    "tls.handshake.ja3s",
    "tls.resumed",
    "tls.alert_message.level",
    "tls.alert_message.desc",
)

COMMAND = (
    *("tshark", "-n", "-2", "-Y", "tcp and not icmp and not icmpv6", "-o", "tcp.reassemble_out_of_order:TRUE"),
    *("-T", "fields", "-E", "occurrence=a", "-E", "aggregator=;"),
    *(part for name in FIELDS for part in ("-e", name)),
)

CACHE = Path(__file__).parent.parent.parent / ".cache" / "tshark"

HELLO_RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
"""The random of a ServerHello that asks for another ClientHello (RFC 8446 §4.1.3)."""

CLIENT_HELLO, SERVER_HELLO = "1", "2"

SECTION_HEADER, DECRYPTION_SECRETS = b"\x0a\x0d\x0d\x0a", 10
"""Types of blocks of pcapng; the first reads the same in both byte orders."""

End = tuple[str, int]
"""Address and port."""

Message = tuple[End, str]
"""A handshake message in the clear: sender and type."""

Alert = tuple[End, str, str]
"""An alert in the clear: sender, level, description."""


@dataclass(slots=True)
class Dissected:
    """One TCP connection. `client` is who sent the first packet, unless a hello tells better."""

    first_frame: int
    client: End
    server: End
    tls: bool = False
    hello_seen: bool = False
    answered: bool = False  # by a ServerHello that is no HelloRetryRequest
    is_whole: bool = True  # no byte of it is missing in the capture
    version: str | None = None
    cipher: str | None = None
    sni: str | None = None
    ja3: str | None = None
    ja3s: str | None = None
    resumed: bool = False
    messages: list[Message] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)  # of each message: in which it is whole
    alerts: list[Alert] = field(default_factory=list)

    def ends(self) -> frozenset[End]:
        return frozenset((self.client, self.server))

    def who(self) -> str:
        return f"{self.client[0]}:{self.client[1]}"


def dissect(capture: Path) -> list[Dissected]:
    """All connections of the capture in which tshark sees TLS, in the order of their first packets."""
    streams: dict[str, Dissected] = {}
    for line in _fields(capture).splitlines():
        _read_frame(dict(zip(FIELDS, line.split("\t"), strict=True)), streams)
    return [stream for stream in streams.values() if stream.tls]


def _fields(capture: Path) -> str:
    """tshark's answer, remembered: `make test` asks twice, and each time takes a third of a second."""
    key = sha256(repr((COMMAND, tshark_version())).encode() + capture.read_bytes()).hexdigest()
    kept = CACHE / f"{key}.tsv"
    if kept.exists():
        return kept.read_text(encoding="utf-8")
    with without_secrets(capture) as path:
        answer = subprocess.run([*COMMAND, "-r", str(path)], capture_output=True, text=True, check=False).stdout
    CACHE.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_text(answer, encoding="utf-8")
    part.replace(kept)
    return answer


@cache
def tshark_version() -> str:
    """`4.0.17`."""
    said = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout
    return said.split("(Wireshark) ")[1].split()[0].rstrip(".")


@contextmanager
def without_secrets(capture: Path) -> Iterator[Path]:
    """The capture, without the secrets that it may bring: both sides are to read what is in the clear."""
    content = capture.read_bytes()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    if content[:4] != SECTION_HEADER:
        yield capture
        return
    with tempfile.NamedTemporaryFile(suffix=".pcapng") as bare:
        bare.write(b"".join(block for kind, block in _blocks(content) if kind != DECRYPTION_SECRETS))
        bare.flush()
        yield Path(bare.name)


def _blocks(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The blocks of a pcapng file with their types; what is left at a damaged place is one block."""
    order: Literal["little", "big"] = "little"
    at = 0
    while at < len(content):
        if content[at : at + 4] == SECTION_HEADER:
            order = "big" if content[at + 8 : at + 12] == b"\x1a\x2b\x3c\x4d" else "little"
        kind, size = (int.from_bytes(content[at + skip : at + skip + 4], order) for skip in (0, 4))
        size = size if 12 <= size <= len(content) - at else len(content) - at
        yield kind, content[at : at + size]
        at += size


def _read_frame(frame: dict[str, str], streams: dict[str, Dissected]) -> None:
    sender, receiver = _end(frame, "src"), _end(frame, "dst")
    number = int(frame["frame.number"])
    stream = streams.setdefault(_last(frame["tcp.stream"]), Dissected(number, client=sender, server=receiver))
    stream.tls |= bool(frame["tls.record.content_type"])
    kinds = frame["tls.handshake.type"].split(";") if frame["tls.handshake.type"] else []
    if CLIENT_HELLO in kinds and not stream.hello_seen:
        stream.client, stream.server = sender, receiver
        stream.sni = frame["tls.handshake.extensions_server_name"] or None
        stream.ja3 = frame["tls.handshake.ja3"].split(";")[0] or None
    if SERVER_HELLO in kinds and not stream.answered:
        _read_server_hello(frame, stream, sender, receiver)
    stream.hello_seen |= CLIENT_HELLO in kinds or SERVER_HELLO in kinds
    names = {SERVER_HELLO: "hello_retry_request"} if HELLO_RETRY in frame["tls.handshake.random"] else {}
    stream.messages += [(sender, names.get(kind) or handshake_type_name(int(kind))) for kind in kinds]
    stream.frames += [number] * len(kinds)
    stream.resumed |= bool(frame["tls.resumed"])
    if frame["tls.alert_message.level"]:
        levels, descriptions = (frame[f"tls.alert_message.{it}"].split(";") for it in ("level", "desc"))
        for level, description in zip(levels, descriptions, strict=True):
            stream.alerts.append((sender, alert_level_name(int(level)), alert_description_name(int(description))))


def _read_server_hello(frame: dict[str, str], stream: Dissected, sender: End, receiver: End) -> None:
    """The ServerHello; a HelloRetryRequest stands for it until it comes."""
    if not stream.hello_seen:
        stream.client, stream.server = receiver, sender
    chosen = frame["tls.handshake.extensions.supported_version"] or frame["tls.handshake.version"]
    stream.version = exact_version_name(int(chosen.split(";")[-1], 16))
    stream.cipher = cipher_suite_name(int(frame["tls.handshake.ciphersuite"].split(";")[-1], 16))
    stream.ja3s = frame["tls.handshake.ja3s"].split(";")[0] or None
    stream.answered = HELLO_RETRY not in frame["tls.handshake.random"]


def _end(frame: dict[str, str], way: str) -> End:
    """Address and port of one end; the innermost of those that tunnels repeat."""
    layers = frame["frame.protocols"].split(":")
    name = "ipv6" if "ipv6" in layers and layers[::-1].index("ipv6") < _from_end(layers, "ip") else "ip"
    return _last(frame[f"{name}.{way}"]), int(_last(frame[f"tcp.{way}port"]))


def _from_end(layers: list[str], name: str) -> int:
    return layers[::-1].index(name) if name in layers else len(layers)


def _last(values: str) -> str:
    return values.rpartition(";")[2]
