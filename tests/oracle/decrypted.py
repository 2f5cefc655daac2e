"""Holds what tlscap decrypts against what tshark does with the same keys: `python -m oracle.decrypted` in tests/.

Compared are, for each TCP connection, the handshake messages in their order and the alerts, sender by sender,
clear or not. Prints what differs, and a table with a line a capture.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oracle.dissect import HELLO_RETRY
from tlscap.capture import open_capture
from tlscap.context.secrets import Secrets
from tlscap.engine.engine import Engine
from tlscap.engine.events import ALERT, HANDSHAKE, HIDDEN, SERVER
from tlscap.engine.facts import Facts
from tlscap.registry import handshake_type_name

PCAPS = Path(__file__).parent.parent.parent / "pcaps"

FIELDS = (
    "tcp.stream",
    "tcp.srcport",
    "tcp.dstport",
    "tls.handshake.type",
    "tls.handshake.random",
    "tls.alert_message.level",
    "tls.alert_message.desc",
)

NEWER_THAN_TSHARK = {"key_update"}
"""Message types that tshark 4.0 decrypts, but gives no tls.handshake.type."""

Word = tuple[int, str]
"""The sender's port, and a message's type or an alert as `level/description` in numbers."""


@dataclass(slots=True)
class Talk:
    """One connection's messages and alerts."""

    ports: frozenset[int]
    messages: list[Word] = field(default_factory=list)
    alerts: list[Word] = field(default_factory=list)

    def by_sender(self) -> dict[str, dict[int, list[str]]]:
        """What each side said, in its order: that of both together depends on where a record is taken to end."""
        told: dict[str, dict[int, list[str]]] = {}
        for what in ("messages", "alerts"):
            told[what] = {port: [word for sender, word in getattr(self, what) if sender == port] for port in self.ports}
        return told


@dataclass(frozen=True, slots=True)
class Score:
    """How many of tshark's messages and alerts of a capture tlscap has too, and the connections that differ."""

    messages: int
    alerts: int
    differ: list[str]


def tlscap_says(capture: Path, keylog: Path | None) -> list[Talk]:
    """tlscap's view, in the order of the connections' first packets."""
    secrets = Secrets(keylog)
    with open_capture([str(capture)]) as opened:
        engine = Engine(keys=secrets.keys)
        for batch in opened:
            secrets.take(opened)
            engine.keys = secrets.keys
            engine.feed(batch)
    engine.finish()
    rows = sorted((facts for block in engine.take_blocks() for facts in block.rows), key=lambda it: it.first_frame)
    return [_talk(facts) for facts in rows if facts.transport == 6]


def _talk(facts: Facts) -> Talk:
    talk = Talk(frozenset((facts.client.port, facts.server.port)))
    events = facts.events
    for i in range(events.count):
        sender = facts.server.port if events.side(i) == SERVER else facts.client.port
        kind, detail = events.kind(i), events.detail(i)
        if detail == HIDDEN:
            continue
        if kind == HANDSHAKE:
            talk.messages.append((sender, handshake_type_name(detail)))
        elif kind == ALERT:
            talk.alerts.append((sender, f"{detail >> 8}/{detail & 0xFF}"))
    return talk


def tshark_says(capture: Path, keylog: Path | None) -> list[Talk]:
    """tshark's view of the same; only connections in which it sees TLS."""
    options = [] if keylog is None else ["-o", f"tls.keylog_file:{keylog}"]
    command = [
        "tshark",
        "-n",
        "-2",
        "-r",
        str(capture),
        "-Y",
        "tls",
        "-o",
        "tcp.reassemble_out_of_order:TRUE",
        *options,
    ]
    command += ["-T", "fields", "-E", "occurrence=a", "-E", "aggregator=;"]
    command += [part for name in FIELDS for part in ("-e", name)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    streams: dict[str, Talk] = {}
    for line in told.splitlines():
        frame = dict(zip(FIELDS, line.split("\t"), strict=True))
        if frame["tcp.stream"]:
            _read(frame, streams)
    return list(streams.values())


def _read(frame: dict[str, str], streams: dict[str, Talk]) -> None:
    sender = int(frame["tcp.srcport"].split(";")[-1])
    ports = frozenset((sender, int(frame["tcp.dstport"].split(";")[-1])))
    talk = streams.setdefault(frame["tcp.stream"], Talk(ports))
    retry = HELLO_RETRY in frame["tls.handshake.random"]
    for kind in filter(None, frame["tls.handshake.type"].split(";")):
        name = "hello_retry_request" if retry and kind == "2" else handshake_type_name(int(kind))
        talk.messages.append((sender, name))
    levels, descriptions = (frame[f"tls.alert_message.{it}"].split(";") for it in ("level", "desc"))
    for level, description in zip(filter(None, levels), filter(None, descriptions), strict=True):
        talk.alerts.append((sender, f"{level}/{description}"))


def compare(capture: Path, keylog: Path | None) -> Score:
    """Every connection in which tshark sees TLS, against ours between the same ports, in order."""
    ours = tlscap_says(capture, keylog)
    differ: list[str] = []
    messages = alerts = 0
    for theirs in tshark_says(capture, keylog):
        same: Any = next((it for it in ours if it.ports == theirs.ports), None)
        if same is None:
            differ.append(f"{capture.name} {sorted(theirs.ports)}: tlscap has no such connection")
            continue
        ours.remove(same)
        said, known = theirs.by_sender(), same.by_sender()
        differ += [f"{capture.name} {sorted(theirs.ports)}: {what}" for what in _differences(said, known)]
        messages += len(theirs.messages)
        alerts += len(theirs.alerts)
    return Score(messages, alerts, differ)


def _differences(theirs: dict[str, dict[int, list[str]]], ours: dict[str, dict[int, list[str]]]) -> Iterator[str]:
    for what, sides in theirs.items():
        for port, words in sides.items():
            mine = [word for word in ours[what][port] if word not in NEWER_THAN_TSHARK]
            if [word for word in words if word not in NEWER_THAN_TSHARK] != mine:
                yield f"{what} of {port}: tshark {words}, tlscap {ours[what][port]}"


def main(arguments: list[str]) -> None:
    captures = [Path(argument) for argument in arguments] or sorted(PCAPS.glob("*.pcap"))
    for capture in captures:
        keylog = capture.with_suffix(".keys")
        score = compare(capture, keylog if keylog.exists() else None)
        for line in score.differ:
            print(line)
        print(f"{capture.name}: {score.messages} messages, {score.alerts} alerts, {len(score.differ)} differ")


if __name__ == "__main__":
    main(sys.argv[1:])
