"""Renegotiations told from encrypted records, against programs that renegotiated and said so."""

from __future__ import annotations

from typing import Any

import pytest

from engine import conversation, samples
from engine.conversation import TLS12, TLS13
from engine.playbook import CLIENT, SERVER, Play, Seen, essence, watch
from judge.test_ending import written
from tlscap.judge.inference.parse import MAX_RECORDS

SAMPLES = ("renegotiation-ok", "renegotiation-refused")
COUNTS = ("renegotiations", "renegotiations_completed", "renegotiations_refused", "renegotiations_failed")
CASES = [(name, number) for name in SAMPLES for number in range(len(samples.truths(name)))]


def sample(name: str, number: int) -> tuple[conversation.Steps, dict[str, Any]]:
    truth = samples.truths(name)[number]
    return samples.conversation(name, truth), truth


def played(steps: conversation.Steps, truth: dict[str, Any]) -> Seen:
    side = SERVER if truth.get("closed_by") == "server" else CLIENT
    return watch(Play().open().speak(steps).close(side).packets)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_counts_what_the_programs_did(name: str, number: int) -> None:
    steps, truth = sample(name, number)
    verdict = played(steps, truth).verdict
    assert {count: getattr(verdict, count) for count in COUNTS} == {count: truth.get(count, 0) for count in COUNTS}
    assert verdict.outcome == truth["outcome"]
    assert verdict.dropped is truth.get("dropped", False)
    assert verdict.handshake == "full"


@pytest.mark.parametrize(("name", "number"), CASES)
def test_lists_a_handshake_for_each(name: str, number: int) -> None:
    steps, truth = sample(name, number)
    verdict = played(steps, truth).verdict
    first, *later = verdict.handshakes
    assert (first.number, first.outcome, first.encrypted) == (0, "completed", False)
    assert [each.number for each in later] == list(range(1, truth.get("renegotiations", 0) + 1))
    for each in later:
        assert each.encrypted
        assert each.basis == "inferred"
        assert each.confidence < 1
        assert each.outcome in ("completed", "refused")
        assert (each.duration_ns > 0) is (each.outcome == "completed")
        assert each.start_ns > first.start_ns


@pytest.mark.parametrize("number", range(5))
def test_a_refusal_names_its_alert_and_who_began(number: int) -> None:
    steps, truth = sample("renegotiation-refused", number)
    verdict = played(steps, truth).verdict
    refused = verdict.handshakes[1]
    assert (refused.initiator, refused.ended_by_alert, refused.data_afterwards) == ("client", "no_renegotiation", False)
    alert = next(alert for alert in verdict.alerts if alert.description == "no_renegotiation")
    assert (alert.sender, alert.level, alert.basis) == ("server", "warning", "inferred")


def test_a_hello_request_makes_the_server_the_initiator() -> None:
    steps, truth = sample("renegotiation-ok", 5)
    assert [each.initiator for each in played(steps, truth).verdict.handshakes] == ["client", "server"]


def test_data_may_go_on_between_the_messages_of_a_renegotiation() -> None:
    steps, truth = sample("renegotiation-ok", 0)
    data = next(step for step in steps if step[1][0] == 23)
    hello = next(i for i, step in enumerate(steps) if i > 4 and step[1][0] == 22)
    mixed = [*steps[: hello + 1], (CLIENT, data[1]), (SERVER, data[1]), *steps[hello + 1 :]]
    verdict = played(tuple(mixed), truth).verdict
    assert verdict.renegotiations_completed == truth["renegotiations_completed"]
    assert not verdict.dropped


@pytest.mark.parametrize("end", ["Cf", "Sf", "Cr", "Sr"])
def test_a_renegotiation_in_which_the_connection_ends_has_failed_or_is_refused_by_who_was_asked(end: str) -> None:
    steps, _ = sample("renegotiation-refused", 0)
    side = SERVER if end[0] == "S" else CLIENT
    play = Play().open().speak(steps[:-2])
    assert steps[-3][0] == CLIENT, "its ClientHello"
    play.fin(side) if end[1] == "f" else play.rst(side)
    verdict = watch(play.packets).verdict
    outcome = "refused" if side == SERVER else "failed"
    assert [(each.outcome, each.broken_off_by) for each in verdict.handshakes[1:]] == [(outcome, "close")]
    assert (verdict.renegotiations_refused, verdict.renegotiations_failed) == ((1, 0) if side == SERVER else (0, 1))
    assert verdict.outcome == "renegotiation_failed"
    assert verdict.closed_phase == "renegotiation"
    assert verdict.dropped


def test_a_renegotiation_that_is_still_open_is_unfinished() -> None:
    steps, _ = sample("renegotiation-refused", 0)
    verdict = watch(Play().open().speak(steps[:-2]).packets).verdict
    assert verdict.outcome == "open"
    assert verdict.handshakes[1].outcome == "unfinished"
    assert verdict.renegotiations_failed == 0


def test_a_refused_renegotiation_may_be_asked_for_again() -> None:
    steps, _ = sample("renegotiation-refused", 0)
    data = [step for step in steps if step[1][0] == 23]
    once = [*data, *steps[-3:-1]]
    verdict = watch(Play().open().speak(steps[:-1]).speak(once).speak(once).speak(data).close(CLIENT).packets).verdict
    assert (verdict.renegotiations, verdict.renegotiations_refused) == (3, 3)
    assert not verdict.dropped


def test_sees_a_refusal_also_after_a_long_session() -> None:
    """Data alternates longer than the timeline keeps runs apart, before it and after it."""
    steps, _ = sample("renegotiation-refused", 0)
    data = [step for step in steps if step[1][0] == 23]
    play = Play().open().speak(steps[:-3]).speak(data * 300)
    assert watch(play.speak(steps[-3:-1]).speak(data * 5).close(CLIENT).packets).verdict.outcome == "truncated"
    ended = Play().open().speak(steps[:-3]).speak(data * 300).speak(steps[-3:]).close(CLIENT)
    verdict = watch(ended.packets).verdict
    assert verdict.outcome == "renegotiation_failed"
    assert verdict.dropped


def test_a_storm_longer_than_the_timeline_is_told_up_to_there_and_says_so() -> None:
    steps, _ = sample("renegotiation-refused", 0)
    data = [step for step in steps if step[1][0] == 23]
    once = [*data[:2], *steps[-3:-1]]
    seen = watch(Play().open().speak(steps[:-3]).speak(once * 700).close(CLIENT).packets)
    told = seen.verdict.renegotiations
    assert 400 < told < 700
    assert {each.outcome for each in seen.verdict.handshakes[1:-1]} == {"refused"}
    assert seen.verdict.handshakes[-1].outcome in ("refused", "unfinished")
    [(_, _, kind, detail)] = seen.facts.anomalies
    assert kind == "too_many_events" and "renegotiations there are not told" in detail


def test_handshake_records_without_end_are_counted() -> None:
    steps, _ = sample("renegotiation-refused", 0)
    junk = (CLIENT, steps[-3][1][:5] + steps[-3][1][5:][::-1])
    seen = watch(Play().open().speak(steps[:-3]).speak([junk] * 300).close(CLIENT).packets)
    [(_, _, kind, detail)] = seen.facts.anomalies
    assert kind == "renegotiations_not_told"
    assert detail == f"{300 - MAX_RECORDS - 1} more records of handshakes: what they renegotiate is not told"


def test_a_mid_stream_renegotiation_is_one() -> None:
    steps, truth = sample("renegotiation-ok", 0)
    data = next(i for i, step in enumerate(steps) if step[1][0] == 23)
    verdict = watch(Play().speak(steps[data:]).close(CLIENT).packets).verdict
    assert verdict.renegotiations_completed == truth["renegotiations_completed"]
    assert verdict.handshake == "unknown"


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_session_without_one_has_none(version: object) -> None:
    verdict = watch(written("Cq Sa Cq Sa Cn Cf Sf", version).packets).verdict
    assert verdict.renegotiations == 0
    assert len(verdict.handshakes) == 1


def test_records_of_tls13_are_no_renegotiation() -> None:
    """What has the content type handshake behind a TLS 1.3 handshake is strange, and no second one."""
    plain = written("Cq Sa", TLS13)
    play = written("Cq Sa", TLS13).send(CLIENT, b"\x16\x03\x03\x00\x40" + bytes(range(64)))
    assert watch(play.packets).verdict.renegotiations == 0
    assert essence(watch(plain.packets).verdict)["renegotiations"] == 0


@pytest.mark.parametrize("sender", [CLIENT, SERVER])
@pytest.mark.parametrize("sent", [1, 2])
def test_an_alert_whose_sender_goes_on_with_data_drops_nothing(sender: int, sent: int) -> None:
    steps, _ = sample("renegotiation-ok", 0)
    data = next(i for i, (_, record) in enumerate(steps) if record[0] == 23)
    hello = next(i for i in range(data, len(steps)) if steps[i][1][0] == 22)
    alert, asked, answered = steps[-1][1], steps[data], steps[data + 1]
    assert alert[0] == 21
    play = Play(mss=4000).open().speak([*steps[: hello + sent], (sender, alert), asked, answered])
    verdict = watch(play.close(CLIENT).packets).verdict
    assert [each.level for each in verdict.alerts] == ["warning"]
    assert verdict.outcome == "truncated"
    assert verdict.dropped is False
    came_of_it = "refused" if (sender, sent) == (SERVER, 1) else "failed"
    assert [each.outcome for each in verdict.handshakes[1:]] == [came_of_it], "it never came about, and counts"
    assert (verdict.renegotiations_refused, verdict.renegotiations_failed) == (
        (1, 0) if came_of_it == "refused" else (0, 1)
    )


def test_what_crosses_an_alert_belongs_to_the_renegotiation_that_it_ends() -> None:
    """GnuTLS's client meets data in the middle of a handshake, while the server's flight is on its way."""
    steps, _ = sample("renegotiation-ok", 0)
    data = next(i for i, (_, record) in enumerate(steps) if record[0] == 23)
    hello = next(i for i in range(data, len(steps)) if steps[i][1][0] == 22)
    alert = steps[-1][1]
    assert steps[hello + 1][0] == SERVER
    play = Play(mss=4000).open().speak([*steps[: hello + 1], (CLIENT, alert), steps[hello + 1], (SERVER, alert)])
    [row] = watch(play.close(SERVER).packets).verdict.handshakes[1:]
    assert (row.kind, row.outcome, row.broken_off_by) == ("unknown", "failed", "alert")
    assert [message.type for message in row.messages] == ["client_hello", "alert"]
