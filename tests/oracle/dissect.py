"""What tshark says of every TCP connection with TLS in a capture, in the words of tlscap's columns."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tlscap.registry import alert_description_name, alert_level_name, cipher_suite_name, version_name

FIELDS = (
    "tcp.stream",
    "frame.number",
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

HELLO_RETRY = "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
"""The random of a ServerHello that asks for another ClientHello (RFC 8446 §4.1.3)."""

CLIENT_HELLO, SERVER_HELLO = "1", "2"


@dataclass(slots=True)
class Dissected:
    """One tcp.stream. `client` is who sent the first packet until a ClientHello tells better."""

    first_frame: int
    client: tuple[str, int]
    server: tuple[str, int]
    tls: bool = False
    version: str | None = None
    cipher: str | None = None
    sni: str | None = None
    ja3: str | None = None
    ja3s: str | None = None
    resumed: bool = False
    alerts: list[tuple[str, str, str]] = field(default_factory=list)  # sender, level, description

    def ends(self) -> frozenset[tuple[str, int]]:
        return frozenset((self.client, self.server))


def dissect(capture: Path) -> list[Dissected]:
    """All connections of the capture in which tshark sees TLS, in the order of their first packets."""
    command = ["tshark", "-n", "-r", str(capture), "-2", "-Y", "tcp", "-T", "fields", "-E", "occurrence=a"]
    command += ["-E", "aggregator=;", "-o", "tcp.reassemble_out_of_order:TRUE"]
    command += [part for name in FIELDS for part in ("-e", name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    streams: dict[str, Dissected] = {}
    for line in done.stdout.splitlines():
        _read_frame(dict(zip(FIELDS, line.split("\t"), strict=True)), streams)
    return [stream for stream in streams.values() if stream.tls]


def _read_frame(frame: dict[str, str], streams: dict[str, Dissected]) -> None:
    sender = (_last(frame["ip.src"]) or _last(frame["ipv6.src"]), int(_last(frame["tcp.srcport"])))
    receiver = (_last(frame["ip.dst"]) or _last(frame["ipv6.dst"]), int(_last(frame["tcp.dstport"])))
    stream = streams.setdefault(
        _last(frame["tcp.stream"]), Dissected(int(frame["frame.number"]), client=sender, server=receiver)
    )
    stream.tls |= bool(frame["tls.record.content_type"])
    kinds = frame["tls.handshake.type"].split(";")
    if CLIENT_HELLO in kinds and stream.cipher is None:
        stream.client, stream.server = sender, receiver
        stream.sni = frame["tls.handshake.extensions_server_name"] or None
        stream.ja3 = frame["tls.handshake.ja3"] or None
    if SERVER_HELLO in kinds and stream.cipher is None and HELLO_RETRY not in frame["tls.handshake.random"]:
        stream.client, stream.server = receiver, sender
        chosen = frame["tls.handshake.extensions.supported_version"] or frame["tls.handshake.version"]
        stream.version = version_name(int(chosen.split(";")[0], 16))
        stream.cipher = cipher_suite_name(int(frame["tls.handshake.ciphersuite"].split(";")[0], 16))
        stream.ja3s = frame["tls.handshake.ja3s"] or None
    stream.resumed |= bool(frame["tls.resumed"])
    if frame["tls.alert_message.level"]:
        levels, descriptions = (frame[f"tls.alert_message.{it}"].split(";") for it in ("level", "desc"))
        side = "client" if sender == stream.client else "server"
        for level, description in zip(levels, descriptions, strict=True):
            stream.alerts.append((side, alert_level_name(int(level)), alert_description_name(int(description))))


def _last(values: str) -> str:
    """The innermost of a field that tunnels repeat."""
    return values.rpartition(";")[2]
