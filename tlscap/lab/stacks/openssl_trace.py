"""What `-msg` of s_client and s_server writes: every handshake message and alert, and what follows from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tlscap.lab.stacks.names import version_name
from tlscap.lab.truth import Row

_MESSAGE = re.compile(r"^(<<<|>>>) ([^,\n]+), (Handshake|Alert) \[length (\w+)\], (.*)$", re.MULTILINE)
_ERROR = re.compile(r"^\w+:error:\w+:SSL routines:\w+:\w+ alert ([a-z ]+):", re.MULTILINE)

EMPTY_CERTIFICATE = 8
"""Bytes of a Certificate message without a certificate: 7 up to TLS 1.2, 8 in TLS 1.3."""


class Message(NamedTuple):
    sender: str
    version: str
    kind: str
    length: int
    name: str


def messages(trace: str, own: str) -> list[Message]:
    """All messages of a trace that the end `own` (`client` or `server`) wrote."""
    other = "server" if own == "client" else "client"
    return [
        Message(own if way == ">>>" else other, version_name(version), kind, int(length, 16), name)
        for way, version, kind, length, name in _MESSAGE.findall(trace)
    ]


def alerts(trace: Sequence[Message], said: str) -> list[Row]:
    """The alerts; the trace has no name for the younger ones, but the error in `said` that follows has."""
    errors = _ERROR.findall(said)
    young = "_".join(errors[0].split()) if errors else "???"
    told = [
        (message.sender, *message.name.replace("???", young).split()) for message in trace if message.kind == "Alert"
    ]
    return [{"sender": sender, "level": level, "description": text} for sender, level, text in told]


def finished(trace: Sequence[Message]) -> int:
    """How many Finished went either way: two a handshake."""
    return sum(message.name == "Finished" for message in trace)


def key_updates(trace: Sequence[Message]) -> dict[str, int]:
    """How many KeyUpdates each side sent."""
    senders = [message.sender for message in trace if message.name == "KeyUpdate"]
    return {side: senders.count(side) for side in ("client", "server")}


def later(trace: Sequence[Message], version: str | None) -> Row:
    """What came behind the handshake, to be noted beside the facts: KeyUpdates, up to TLS 1.2 the renegotiations."""
    if version is None:
        return {}
    return {"key_updates": key_updates(trace)} if version == "TLSv1.3" else {"ledger": ledger(trace)}


def client_certificate(trace: Sequence[Message], resumed: bool) -> Row:
    """What the first handshake did about it; of a resumed one only the parent could tell."""
    first = _first_handshake(trace)
    if resumed:
        return {}
    if not any(message.name == "CertificateRequest" for message in first):
        return {"client_certificate": "not_requested"} if finished(first) == 2 else {}
    sent = [message.length for message in first if message.name == "Certificate" and message.sender == "client"]
    return {"client_certificate": "sent" if sent[0] > EMPTY_CERTIFICATE else "empty"} if sent else {}


def renegotiations(trace: Sequence[Message]) -> Row:
    """Counts what came after the first two Finished: asked for, completed, refused, and left undone."""
    ended, asked, completed, refused, under_way = 0, 0, 0, 0, False
    for message in trace:
        if message.name == "Finished":
            ended += 1
            if ended > 2 and ended % 2 == 0:
                completed, under_way = completed + 1, False
        elif ended >= 2 and message.name in ("HelloRequest", "ClientHello") and not under_way:
            asked, under_way = asked + 1, True
        elif message.kind == "Alert" and message.name.endswith("no_renegotiation") and under_way:
            refused, under_way = refused + 1, False
    return {
        "renegotiations": asked, "renegotiations_completed": completed,
        "renegotiations_refused": refused, "renegotiations_failed": asked - completed - refused,
    }  # fmt: skip


def _first_handshake(trace: Sequence[Message]) -> Sequence[Message]:
    ends = [number for number, message in enumerate(trace) if message.name == "Finished"]
    return trace[: ends[1] + 1] if len(ends) > 1 else trace


def ledger(trace: Sequence[Message]) -> list[Row]:
    """The renegotiations in order: who began, whether it was completed, then its kind and client certificate."""
    ends = [number for number, message in enumerate(trace) if message.name == "Finished"]
    attempts: list[list[Message]] = []
    under_way = False
    for message in trace[ends[1] + 1 :] if len(ends) > 1 else ():
        if not under_way and message.name in ("HelloRequest", "ClientHello"):
            attempts.append([])
            under_way = True
        if attempts:
            attempts[-1].append(message)
            under_way = under_way and finished(attempts[-1]) < 2 and not message.name.endswith("no_renegotiation")
    return [_attempt(attempt) for attempt in attempts]


def _attempt(messages: Sequence[Message]) -> Row:
    row: Row = {"initiator": "server" if messages[0].name == "HelloRequest" else "client"}
    row["completed"] = finished(messages) >= 2
    if row["completed"]:
        full = any(message.name == "Certificate" and message.sender == "server" for message in messages)
        row["kind"] = "full" if full else "abbreviated"
        row |= client_certificate(messages, not full)
    return row
