"""Records and messages that are well framed and otherwise anything: judged, quickly, and however they are cut."""

from __future__ import annotations

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import conversation
from engine.consistent import check
from engine.playbook import CLIENT, SERVER, Play, Seen, Step, essence, watch_all
from engine.test_invariants import conversations

SECONDS = 5.0
"""In which some hundred records are read and judged, on any machine."""

CONVERSATIONS = [*conversations(), conversation.tls12(), conversation.tls13()]
TYPES = (0, 1, 2, 4, 8, 11, 12, 13, 14, 15, 16, 20, 22, 24, 25)

Record = tuple[int, int, bytes]
"""Who sends, the content type, the content."""


def records(steps: conversation.Steps) -> list[Record]:
    found = []
    for sender, said in steps:
        at = 0
        while at + 5 <= len(said):
            length = int.from_bytes(said[at + 3 : at + 5])
            found.append((sender, said[at], said[at + 5 : at + 5 + length]))
            at += 5 + length
    return found


def messages(draw: st.DrawFn) -> bytes:
    """Handshake messages whose lengths are true, too long, or too short."""
    made = b""
    for _ in range(draw(st.integers(1, 3))):
        body = draw(st.binary(max_size=80))
        claimed = max(0, len(body) + draw(st.sampled_from((0, 0, 0, 1, -1, 70_000, 600_000))))
        made += bytes((draw(st.sampled_from(TYPES)),)) + min(claimed, 0xFFFFFF).to_bytes(3) + body
    return made


@st.composite
def changed(draw: st.DrawFn) -> list[Record]:
    """A real conversation some of whose records were dropped, repeated, moved, retyped, changed or made up."""
    made = list(draw(st.sampled_from([records(steps) for steps in CONVERSATIONS])))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(made) - 1))
        sender, kind, content = made[at]
        how = draw(st.integers(0, 6))
        if how == 0 and len(made) > 2:
            del made[at]
        elif how == 1:
            made.insert(draw(st.integers(0, len(made))), made[at])
        elif how == 2:
            made[at] = (sender, draw(st.sampled_from((20, 21, 22, 23, 24))), content)
        elif how == 3:
            made[at] = (1 - sender, kind, content)
        elif how == 4 and content:
            place = draw(st.integers(0, len(content) - 1))
            made[at] = (sender, kind, content[:place] + bytes((draw(st.integers(0, 255)),)) + content[place + 1 :])
        elif how == 5:
            made[at] = (sender, kind, content[: draw(st.integers(0, len(content)))])
        else:
            made.insert(at, (draw(st.sampled_from((CLIENT, SERVER))), 22, messages(draw)))
    return made


def told(of: list[Record], sizes: list[int]) -> list[Seen]:
    """What is made of the records where every piece of the streams is as long as one of `sizes`, in turn."""
    play = Play(mss=1 << 15, step_ns=1000).open()  # in all shorter than whatever the judge waits for
    turn = 0
    for sender, kind, content in of:
        said = bytes((kind, 3, 3)) + len(content).to_bytes(2) + content
        while said:
            size = sizes[turn % len(sizes)]
            play.send(sender, said[:size])
            said = said[size:]
            turn += 1
    return watch_all(play.close(CLIENT).packets)


def steps_of(seen: Seen) -> tuple[object, ...]:
    return seen.events, seen.anomalies, essence(seen.verdict)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(of=changed(), sizes=st.lists(st.integers(1, 600), min_size=1, max_size=5))
def test_what_is_well_framed_is_judged_alike_however_it_is_cut(of: list[Record], sizes: list[int]) -> None:
    began = time.process_time()
    whole, cut = told(of, [1 << 15]), told(of, sizes)
    assert time.process_time() - began < SECONDS
    for seen in [*whole, *cut]:
        check(seen)
    if of[0][1] == 22 and of[0][2][:1] in (b"\x01", b"\x02"):  # else TLS is looked for where a packet begins
        assert [steps_of(seen) for seen in whole] == [steps_of(seen) for seen in cut]


def test_the_conversations_are_made_of_records() -> None:
    for steps in CONVERSATIONS:
        made = records(steps)
        again: list[Step] = [(sender, bytes((kind, 3, 3)) + content) for sender, kind, content in made]
        assert len(again) > 5
        assert sum(5 + len(content) for _, _, content in made) == sum(len(said) for _, said in steps)
