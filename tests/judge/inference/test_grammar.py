"""The grammar as a table: what it says must hang together."""

from __future__ import annotations

from tlscap.engine.events import CLIENT, SERVER
from tlscap.judge.inference import grammar as g


def test_every_step_leads_to_a_place_of_the_table() -> None:
    assert {step.to for steps in g.STEPS.values() for step in steps} == set(g.STEPS)


def test_weights_of_a_place_come_to_one() -> None:
    for place, steps in g.STEPS.items():
        assert 0.9 <= sum(step.weight for step in steps) <= 1.05, place


def test_every_full_handshake_has_both_finished_and_both_changes() -> None:
    for path in _paths(g.IDLE, ()):
        kinds = [(step.side, step.kind) for step in path]
        for side in (CLIENT, SERVER):
            assert kinds.index((side, g.FINISHED)) == kinds.index((side, g.CHANGE_CIPHER_SPEC)) + 1, path


def _paths(place: str, before: tuple[g.Step, ...]) -> list[tuple[g.Step, ...]]:
    """All handshakes without a step that leads nowhere new."""
    found: list[tuple[g.Step, ...]] = []
    for step in g.STEPS[place]:
        if step.to == place:
            continue
        path = (*before, step)
        found += [path] if step.to == g.IDLE else _paths(step.to, path)
    return found
