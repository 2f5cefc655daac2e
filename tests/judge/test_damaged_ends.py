"""What a capture that ends too early, or lacks packets, says of an end is a guess, and says so."""

from __future__ import annotations

import pytest

from engine import conversation, samples
from engine.conversation import TLS12, TLS13
from engine.playbook import CLIENT, SERVER, START_NS, Ends, Packet, Play, watch, watch_all
from tlscap.judge.thresholds import A_GUESS, GIVEN_UP_NS, UNDER_WAY_NS

OTHER = Ends(client="10.0.0.2")


def in_an_outage() -> Play:
    """A request that is sent again, ever later."""
    parts = conversation.parts(TLS12)
    play = Play().open().speak(parts.handshake).send(CLIENT, parts.request, acknowledged=False)
    for wait in (0.2, 0.4, 0.8, 1.6):
        play.wait(wait).again()
    return play


def another_at(ns: int) -> list[Packet]:
    """One packet of another connection: the capture goes on until then."""
    return Play(OTHER, ns=ns).packet(CLIENT, 2).packets


@pytest.mark.parametrize(("silence_ns", "sure"), [(0, False), (GIVEN_UP_NS - 1, False), (GIVEN_UP_NS, True)])
def test_a_stall_is_sure_only_when_nobody_tries_any_more(silence_ns: int, sure: bool) -> None:
    packets = in_an_outage().packets
    verdict = watch(packets + another_at(packets[-1].ns + silence_ns)).verdict
    assert (verdict.outcome, verdict.dropped) == ("stalled", True)
    assert ((verdict.drop_confidence or 0) > A_GUESS) is sure
    assert (verdict.outcome_confidence > A_GUESS) is sure


def test_an_outage_that_ends_is_no_drop_wherever_the_capture_is_cut() -> None:
    play = in_an_outage()
    play.send(SERVER, conversation.parts(TLS12).response).close(CLIENT)
    assert not watch(play.packets).verdict.dropped
    for count in range(1, len(play.packets)):
        for seen in watch_all(play.packets[:count]):
            assert not seen.verdict.dropped or (seen.verdict.drop_confidence or 0) <= A_GUESS, count


def refusal() -> list[Packet]:
    """A session whose renegotiation the server refuses by an alert, with which the packets end."""
    steps = samples.conversation("renegotiation-refused", samples.truths("renegotiation-refused")[0])
    alert = next(i for i, (side, said) in enumerate(steps) if said[0] == 21 and side == SERVER)
    return Play().open().speak(steps[: alert + 1]).packets


@pytest.mark.parametrize(("silence_ns", "sure"), [(0, False), (UNDER_WAY_NS, True)])
def test_whether_a_refusing_alert_is_fatal_only_what_follows_tells(silence_ns: int, sure: bool) -> None:
    packets = refusal()
    sent_ns = max(packet.ns for packet in packets if packet.payload)
    (alert,) = watch([*packets, *another_at(sent_ns + silence_ns)]).verdict.alerts
    assert alert.description == "no_renegotiation"
    assert (alert.confidence > A_GUESS) is sure


def test_a_refusal_whose_sender_goes_on_with_data_is_named() -> None:
    steps = samples.conversation("renegotiation-refused", samples.truths("renegotiation-refused")[0])
    data = [step for step in steps if step[1][0] == 23]
    alert = next(i for i, (side, said) in enumerate(steps) if said[0] == 21 and side == SERVER)
    play = Play().open().speak(steps[: alert + 1]).speak(data).close(SERVER)
    assert [(each.level, each.description) for each in watch(play.packets).verdict.alerts] == [
        ("warning", "no_renegotiation")
    ]


@pytest.mark.parametrize("number", [0, 3, 5])
def test_no_renegotiation_is_refused_or_failed_where_neighbours_are_captured_in_the_wrong_order(number: int) -> None:
    steps = samples.conversation("renegotiation-ok", samples.truths("renegotiation-ok")[number])
    packets = Play(mss=1460).open().speak(steps).close(steps[-1][0]).packets
    true = watch(packets).verdict
    for i in range(3, len(packets) - 3):
        order = [*packets[:i], packets[i + 2], packets[i], packets[i + 1], *packets[i + 3 :]]
        moved = [packet.at(START_NS + k * 1_000_000) for k, packet in enumerate(order)]
        for seen in watch_all(moved):
            assert seen.verdict.renegotiations_refused <= true.renegotiations_refused, i
            assert seen.verdict.renegotiations_failed <= true.renegotiations_failed, i
            assert not seen.verdict.dropped or (seen.verdict.drop_confidence or 0) <= A_GUESS, i


def test_a_reset_behind_the_servers_goodbye_is_no_sure_one_where_the_hellos_are_missing() -> None:
    parts = conversation.parts(TLS13)
    play = Play().open().speak(parts.handshake).send(CLIENT, parts.request).send(SERVER, parts.response)
    finished = next(i for i, packet in enumerate(play.packets) if packet.payload[:1] == b"\x14")  # its ChangeCipherSpec
    play.send(SERVER, parts.goodbye[SERVER]).rst(CLIENT)
    verdict = watch(play.packets[finished:]).verdict
    (alert,) = verdict.alerts
    assert (alert.sender, alert.description) == ("server", "close_notify")
    assert alert.confidence <= A_GUESS and not verdict.dropped
    assert verdict.outcome == "completed" or verdict.outcome_confidence <= A_GUESS
