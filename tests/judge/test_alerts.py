"""Alerts: what is said in the clear, and what is told of encrypted ones."""

from __future__ import annotations

import pytest

from engine import conversation, samples
from engine.conversation import TLS12, TLS13
from engine.playbook import CLIENT, SERVER, Play, watch
from judge.flights import ALERT, EMPTY, FINISHED, hidden, tls13_play
from judge.test_ending import written
from tlscap.judge.verdict import Alert


def alerts(play: Play) -> list[Alert]:
    return watch(play.packets).verdict.alerts


def named(play: Play) -> list[tuple[str, str | None, str | None]]:
    return [(alert.sender, alert.level, alert.description) for alert in alerts(play)]


@pytest.mark.parametrize(
    ("content", "level", "description"),
    [
        (b"\x02\x28", "fatal", "handshake_failure"),
        (b"\x02\x46", "fatal", "protocol_version"),
        (b"\x01\x00", "warning", "close_notify"),
        (b"\x01\x5a", "warning", "user_canceled"),
    ],
)
def test_names_clear_alerts(content: bytes, level: str, description: str) -> None:
    play = Play().open().speak(conversation.tls12()[:1]).send(SERVER, b"\x15\x03\x03\x00\x02" + content)
    (alert,) = alerts(play)
    assert (alert.sender, alert.level, alert.description) == ("server", level, description)
    assert (alert.encrypted, alert.basis, alert.confidence) == (False, "clear", 1.0)
    assert alert.frame == len(play.packets) - 1


def test_a_warning_fails_no_handshake() -> None:
    """unrecognized_name may come as a warning (RFC 6066 §3)."""
    steps = list(conversation.tls12())
    steps[1] = (SERVER, b"\x15\x03\x03\x00\x02\x01\x70" + steps[1][1])
    verdict = watch(Play().open().speak(steps).close(CLIENT).packets).verdict
    assert verdict.handshake_outcome == "completed"
    assert verdict.outcome == "completed"
    assert verdict.alerts[0].description == "unrecognized_name"


@pytest.mark.parametrize("version", [TLS12, TLS13])
@pytest.mark.parametrize("script", ["Cq Sa Cn Cf Sf", "Cq Sa Cn Sn Cf Sf", "Cq Sa Sn Sf Cn Cf", "Cq Sa Sn Cn Sf Cf"])
def test_an_encrypted_alert_before_the_end_is_a_close_notify(script: str, version: object) -> None:
    expected = [
        ({"C": "client", "S": "server"}[word[0]], "warning", "close_notify") for word in script.split() if "n" in word
    ]
    play = written(script, version)
    assert named(play) == expected
    assert all(alert.encrypted and alert.basis == "inferred" and 0.5 < alert.confidence < 1 for alert in alerts(play))


def test_is_less_sure_where_the_other_side_hung_up() -> None:
    own, other = alerts(written("Cq Sa Cn Cf"))[0], alerts(written("Cq Sa Cn Sf"))[0]
    assert own.description == other.description == "close_notify"
    assert other.confidence < own.confidence


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_behind_a_fin_that_nothing_announced_it_is_fatal(version: object) -> None:
    """OpenSSL 3 answers a bare FIN by a decode_error; behind an announced one it is a close_notify."""
    assert named(written("Cq Sa Sf Cn Cf", version)) == [("client", "fatal", None)]
    assert named(written("Cq Sa Sn Sf Cn Cf", version))[1] == ("client", "warning", "close_notify")
    assert watch(written("Cq Sa Sf Cn Cf", version).packets).verdict.outcome == "truncated"


def test_every_refusal_of_a_client_that_asks_again_is_no_renegotiation() -> None:
    steps = samples.conversation("renegotiation-refused", samples.truths("renegotiation-refused")[0])
    asked_again = [*steps[:-1], *steps[-3:-1], *steps[-3:-1]]
    play = Play().open().speak(asked_again).speak(steps[-1:]).close(CLIENT)
    refusals, goodbye = named(play)[:-1], named(play)[-1]
    assert refusals == [("server", "warning", "no_renegotiation")] * 3
    assert goodbye == ("client", "fatal", None)


def test_who_refuses_and_sends_another_alert_later_takes_its_leave() -> None:
    steps = samples.conversation("renegotiation-refused", samples.truths("renegotiation-refused")[0])
    alert = steps[-1][1]
    play = Play().open().speak([*steps[:-1], (SERVER, alert), (CLIENT, alert)]).close(SERVER)
    assert named(play) == [
        ("server", "warning", "no_renegotiation"),
        ("server", "warning", "close_notify"),
        ("client", "warning", "close_notify"),
    ]


def test_is_less_sure_where_it_stands_in_place_of_an_answer() -> None:
    answered, asked = alerts(written("Cq Sa Sn Sf"))[0], alerts(written("Cq Sa Cq Sn Sf"))[0]
    assert asked.confidence < answered.confidence


def test_an_alert_whose_sender_goes_on_is_a_warning_without_a_name() -> None:
    assert named(written("Cq Sa Cn Cq Sa Cf Sf")) == [("client", "warning", None)]
    assert watch(written("Cq Sa Cn Cq Sa Cf Sf").packets).verdict.outcome == "truncated"


def test_an_alert_at_the_end_of_the_capture_is_most_likely_a_close_notify() -> None:
    (alert,) = alerts(written("Cq Sa Cn"))
    assert alert.description == "close_notify"
    assert alert.confidence < 0.9


def test_an_alert_in_place_of_the_first_answer_is_fatal_and_has_no_name() -> None:
    """The server hung up on a client that it had let in, before anything was said."""
    play = written("Sn Sf")
    assert named(play) == [("server", "fatal", None)]
    verdict = watch(play.packets).verdict
    assert (verdict.outcome, verdict.closed_by, verdict.closed_how) == ("alert", "server", "alert_fin")
    assert verdict.dropped
    assert verdict.drop_confidence <= 0.5


def test_after_a_silence_it_was_a_timer() -> None:
    assert named(written("w10 Sn Sf")) == [("server", "warning", "close_notify")]


def test_a_probe_says_goodbye() -> None:
    assert named(written("Cn Cf Sf")) == [("client", "warning", "close_notify")]


def test_a_refusal_in_tls13_is_fatal_and_has_no_name() -> None:
    play = tls13_play(client=[EMPTY, FINISHED], after=[(SERVER, ALERT)]).fin(SERVER)
    ((sender, level, description),) = named(play)
    assert (sender, level, description) == ("server", "fatal", None)


def test_two_bytes_of_data_in_the_middle_are_no_alert_in_tls13() -> None:
    play = tls13_play(after=[(SERVER, 250), (CLIENT, ALERT), (SERVER, ALERT), (CLIENT, 100), (SERVER, 100)])
    assert named(play.close(CLIENT)) == []


def test_a_last_record_of_an_alert_s_length_is_one_only_if_the_connection_closes() -> None:
    play = tls13_play(after=[(SERVER, 250), (CLIENT, 100), (SERVER, 500), (CLIENT, ALERT)])
    assert named(play) == []
    assert named(play.fin(CLIENT)) == [("client", "warning", "close_notify")]


def test_a_record_that_never_became_whole_is_no_alert() -> None:
    play = tls13_play(after=[(SERVER, 250), (CLIENT, 100), (SERVER, ALERT)])
    play.send(SERVER, hidden(100)[:50]).fin(SERVER)
    assert named(play) == []


def test_alerts_stand_in_the_order_of_time() -> None:
    found = alerts(written("Cq Sa Sn Cn Sf Cf", TLS13))
    assert [alert.ns for alert in found] == sorted(alert.ns for alert in found)
    assert [alert.sender for alert in found] == ["server", "client"]


@pytest.mark.parametrize("farewell", [(), (255,)])
def test_what_a_timer_says_to_a_client_that_never_asked_is_a_goodbye(farewell: tuple[int, ...]) -> None:
    """HAProxy answers a connection that was opened in advance, and not used, with 408 and a close_notify."""
    play = tls13_play(after=((SERVER, 271), (SERVER, 271))).wait(2)
    for length in (*farewell, ALERT):
        play.send(SERVER, hidden(length))
    verdict = watch(play.close(SERVER).packets).verdict
    assert [alert.description for alert in verdict.alerts] == ["close_notify"]
    assert (verdict.outcome, verdict.closed_by, verdict.dropped) == ("completed", "server", False)


def test_a_goodbye_is_one_also_where_the_server_hello_was_lost() -> None:
    """The version is not known then, but only TLS 1.3 has records of data as short as its alerts."""
    play = written("Cq Sa Cn Sn Sf Cf", TLS13)
    hello = next(packet for packet in play.packets if packet.sender == SERVER and packet.payload)
    verdict = watch([packet for packet in play.packets if packet is not hello]).verdict
    assert verdict.version is None
    assert [alert.description for alert in verdict.alerts] == ["close_notify", "close_notify"]
    assert (verdict.outcome, verdict.closed_by) == ("completed", "client")
    assert verdict.outcome_confidence < 0.9


@pytest.mark.parametrize(("version", "length"), [(TLS12, 26), (TLS13, 19)])
@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("Cq Sa Cn Cf Sf", ("fin", "fin")),
        ("Cq Sa Cn Cf Sr", ("fin", "reset")),
        ("Cq Sa Cn", (None, None)),
    ],
)
def test_tells_length_and_what_came_behind(
    script: str, expected: tuple[str | None, str | None], version: object, length: int
) -> None:
    told = alerts(written(script, version))
    if version == TLS13 and expected == (None, None):
        assert told == []  # nothing says that it was an alert
        return
    (alert,) = told
    assert (alert.length, alert.sender_next, alert.peer_next) == (length, *expected)


def test_what_came_before_is_not_what_came_behind() -> None:
    first, second = alerts(written("Cq Sa Cn Sn Cf Sf", TLS12))
    assert (first.sender_next, first.peer_next) == ("fin", "alert")
    assert (second.sender_next, second.peer_next) == ("fin", "fin")
