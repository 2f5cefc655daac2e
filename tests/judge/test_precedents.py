"""A verdict that connections share is the one that each would have had by itself."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from engine.playbook import Seen
from samples.damage import LOSSES, NAMES, connections, flipped, seen_in
from tlscap.engine.facts import Facts
from tlscap.judge.connection import judge_alone
from tlscap.judge.gist import MAX_EVENTS, Gist
from tlscap.judge.precedents import MAX_PRECEDENTS, WORTH_A_PRECEDENT, Precedents, judge
from tlscap.judge.verdict import Alert, Handshake, Message, Verdict

NOT_SAID = {"like", "precedent", "events", "messages"}
MOST = 12
"""Connections of a capture that are damaged."""

SECOND = 10**9


def told(thing: object) -> Any:
    """All that a verdict says, as plain data."""
    if isinstance(thing, list):
        return [told(each) for each in thing]
    if isinstance(thing, (Alert, Handshake, Message, Verdict)):
        names = [name for name in dir(thing) if not name.startswith("_") and name not in NOT_SAID]
        said = {name: told(getattr(thing, name)) for name in names if not callable(getattr(thing, name))}
        return said | {"messages": told(thing.messages)} if isinstance(thing, Handshake) else said
    return thing


def by_precedent(precedents: Precedents, facts: Facts) -> Verdict | None:
    for _ in range(WORTH_A_PRECEDENT - 1):
        precedents.verdict_on(facts)
    return precedents.verdict_on(facts)


def stretched(frames: Any, rng: random.Random) -> list[Any]:
    """The same with silences of about a second here and there."""
    later, out = 0, []
    for frame in frames:
        later += rng.choice((SECOND // 3, SECOND - 1, SECOND, 2 * SECOND)) if rng.random() < 0.1 else 0
        out.append(frame._replace(ns=frame.ns + later))
    return out


def variants(name: str) -> Iterator[Seen]:
    for number, frames in enumerate(connections(name)):
        yield from seen_in(frames)
        if number < MOST:
            for kind, damage in (*LOSSES.items(), ("flipped", flipped), ("stretched", stretched)):
                yield from seen_in(damage(frames, random.Random(f"{name} {number} {kind}")))


@pytest.mark.parametrize("name", NAMES)
def test_says_of_whole_and_damaged_connections_what_each_would_be_told_by_itself(name: str) -> None:
    precedents = Precedents()
    for seen in variants(name):
        verdict = by_precedent(precedents, seen.facts)
        if verdict is not None:
            assert told(verdict) == told(judge_alone(seen.facts))


def slowed(frames: Any) -> list[Any]:
    """The same with nine tenths of a second from each packet to the next: no silence, and yet long together."""
    return [frame._replace(ns=frames[0].ns + number * 9 * SECOND // 10) for number, frame in enumerate(frames)]


def test_restless_connections_share_a_verdict_if_what_it_supposes_came_soon_did() -> None:
    shared = alone = 0
    for name in NAMES:
        precedents, gist = Precedents(), Gist()
        for frames in connections(name):
            for seen in seen_in(frames):
                by_precedent(precedents, seen.facts)
        for frames in connections(name):
            for seen in seen_in(slowed(frames)):
                if not gist.take(seen.facts) or not gist.restless:
                    continue
                verdict = by_precedent(precedents, seen.facts)
                if verdict is None:
                    alone += 1
                else:
                    shared += 1
                    assert told(verdict) == told(judge_alone(seen.facts))
    assert shared > 100
    assert alone > 10


def test_most_connections_of_a_busy_site_have_a_precedent() -> None:
    precedents = Precedents()
    every = [seen.facts for frames in connections("healthy-busy") for seen in seen_in(frames)]
    shared = [facts for facts in every if by_precedent(precedents, facts) is not None]
    assert len(shared) > 0.8 * len(every)


def test_the_first_of_their_kind_are_judged_by_themselves() -> None:
    (seen,) = seen_in(connections("healthy-busy")[0])
    precedents = Precedents()
    verdicts = [precedents.verdict_on(seen.facts) for _ in range(WORTH_A_PRECEDENT)]
    assert verdicts[:-1] == [None] * (WORTH_A_PRECEDENT - 1)
    assert verdicts[-1] is not None


def test_each_verdict_has_lists_of_its_own() -> None:
    (seen,) = seen_in(connections("healthy-busy")[0])
    verdicts = [judge(seen.facts) for _ in range(WORTH_A_PRECEDENT + 2)]
    assert verdicts[-1].precedent is not None
    for name in ("alerts", "handshakes", "evidence"):
        assert getattr(verdicts[-1], name) is not getattr(verdicts[-2], name)
    assert verdicts[-1].handshakes[0] is not verdicts[-2].handshakes[0]


def test_what_lost_bytes_has_no_gist() -> None:
    (seen,) = seen_in(connections("healthy-busy")[0])
    gist = Gist()
    assert gist.take(seen.facts)
    seen.facts.server.missing_bytes = 1
    assert not gist.take(seen.facts)


def test_a_gist_has_as_many_events_as_the_limit() -> None:
    (seen,) = seen_in(connections("healthy-busy")[0])
    events = seen.facts.events
    last = events.count - 1
    while events.count < MAX_EVENTS:
        events.add(events.ns(last), events.frame(last), 0, 22, 4, 0)
    assert Gist().take(seen.facts)
    events.add(events.ns(last), events.frame(last), 0, 22, 4, 0)
    assert not Gist().take(seen.facts)


def test_as_many_kinds_are_remembered_as_the_limit() -> None:
    (seen,) = seen_in(connections("healthy-busy")[0])
    precedents, usual = Precedents(), seen.facts.server_hello.cipher
    assert by_precedent(precedents, seen.facts) is not None
    for made_up, is_known in ((MAX_PRECEDENTS - 1, True), (MAX_PRECEDENTS, False)):
        for number in range(made_up):
            seen.facts.server_hello.cipher = 0x8000 + number
            precedents.verdict_on(seen.facts)
        seen.facts.server_hello.cipher = usual
        assert (precedents.verdict_on(seen.facts) is not None) is is_known
