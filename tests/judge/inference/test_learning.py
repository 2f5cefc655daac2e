"""A renegotiation into another cipher suite: what follows is read by the overhead that its Finished tell."""

from __future__ import annotations

from collections.abc import Iterator

from engine import conversation, samples
from engine.playbook import CLIENT, Play, watch
from tlscap.judge.verdict import Handshake

GCM, CHACHA20 = 24, 16
CHANGE_CIPHER_SPEC = 20


def into_chacha20(steps: conversation.Steps) -> Iterator[tuple[int, bytes]]:
    """The same talk, each side's records by ChaCha20's overhead behind its first encrypted ChangeCipherSpec."""
    changed = [False, False]
    for side, data in steps:
        out, at = b"", 0
        while at < len(data):
            length = int.from_bytes(data[at + 3 : at + 5])
            body = data[at + 5 : at + 5 + length]
            if changed[side]:
                body = body[: length - (GCM - CHACHA20)]
            out += data[at : at + 3] + len(body).to_bytes(2) + body
            if data[at] == CHANGE_CIPHER_SPEC and length > 1:
                changed[side] = True
            at += 5 + length
        yield side, out


def ledger(steps: conversation.Steps) -> list[Handshake]:
    return watch(Play().open().speak(steps).close(CLIENT).packets).verdict.handshakes[1:]


def told(handshakes: list[Handshake]) -> list[object]:
    return [
        (row.initiator, row.kind, row.outcome, [(each.type, each.length) for each in row.messages])
        for row in handshakes
    ]


def test_renegotiations_behind_a_change_of_the_cipher_suite_are_told_as_before() -> None:
    steps = samples.conversation("renegotiation-ok", samples.truths("renegotiation-ok")[0])
    changed = tuple(into_chacha20(steps))
    assert changed != steps
    assert len(ledger(steps)) > 1
    assert told(ledger(changed)) == told(ledger(steps))
    assert all(row.confidence > 0.9 for row in ledger(changed))
