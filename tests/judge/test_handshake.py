"""Full or abbreviated, by what mechanism, completed or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import conversation, hellos
from engine.conversation import TLS12, TLS13
from engine.playbook import CLIENT, SERVER, START_NS, STEP_NS, Play, Seen, watch
from judge.flights import ALERT, END_OF_EARLY_DATA, FINISHED, clear, client_hello, hidden, tls13, tls13_play
from tlscap.judge.verdict import Verdict


def said(steps) -> Verdict:
    return watch(Play().open().speak(steps).close(CLIENT).packets).verdict


KINDS = {
    "full": (conversation.tls12, "full", None),
    "mutual": (lambda: conversation.tls12_mutual(True), "full", None),
    "ticket": (lambda: conversation.tls12_resumed(True), "abbreviated", "session_ticket"),
    "session id": (lambda: conversation.tls12_resumed(False), "abbreviated", "session_id"),
    "TLS 1.3": (conversation.tls13, "full", None),
    "TLS 1.3 after a retry": (conversation.tls13_hello_retry, "full", None),
    "TLS 1.3 psk": (conversation.tls13_resumed, "abbreviated", "psk"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_tells_full_from_abbreviated_and_names_the_mechanism(kind: str) -> None:
    steps, handshake, resumption = KINDS[kind]
    verdict = said(steps())
    assert (verdict.handshake, verdict.resumption) == (handshake, resumption)
    assert verdict.handshake_outcome == "completed"
    assert verdict.established is True
    assert verdict.unknown.keys() <= {"client_certificate"}


@pytest.mark.parametrize(
    ("steps", "offers"),
    [
        (conversation.tls12, ()),
        (conversation.tls13, ()),  # its session id is for middleboxes
        (lambda: conversation.tls12_resumed(True), ("session_ticket",)),
        (lambda: conversation.tls12_resumed(False), ("session_id",)),
        (conversation.tls13_resumed, ("psk",)),
    ],
    ids=["TLS 1.2", "TLS 1.3", "ticket", "session id", "psk"],
)
def test_tells_what_was_offered(steps, offers: tuple[str, ...]) -> None:
    assert said(steps()).resumption_offered == offers


def test_an_offer_that_was_not_taken_is_no_resumption() -> None:
    """The ticket extension of a resuming client, and the answer to another one."""
    verdict = said([conversation.tls12_resumed(True)[0], *conversation.tls12()[1:]])
    assert (verdict.handshake, verdict.resumption) == ("full", None)
    assert verdict.resumption_offered == ("session_ticket",)


def test_a_hello_retry_makes_two_client_hellos_and_one_handshake() -> None:
    verdict = said(conversation.tls13_hello_retry())
    assert verdict.hello_retry
    assert len(verdict.handshakes) == 1
    assert not said(conversation.tls13()).hello_retry


@pytest.mark.parametrize(("age", "external"), [(0, True), (1, None), (0xFFFFFFFF, None)])
def test_a_psk_without_an_age_is_external(age: int, external: bool | None) -> None:
    """RFC 8446 §4.2.11."""
    seen = tls13(hello=client_hello(psk_age=age), server=(23, FINISHED), psk=True)
    assert seen.verdict.external_psk is external
    assert seen.verdict.handshake == ("full" if external else "abbreviated")
    assert seen.verdict.resumption == (None if external else "psk")
    assert seen.verdict.resumption_offered == (() if external else ("psk",))


def test_a_psk_that_was_offered_and_not_selected_is_a_full_handshake() -> None:
    seen = tls13(hello=client_hello(psk_age=7))
    assert (seen.verdict.handshake, seen.verdict.resumption) == ("full", None)
    assert seen.verdict.resumption_offered == ("psk",)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"hello": client_hello(psk_age=7)}, None),
        (
            {"hello": client_hello(psk_age=7, early_data=True), "psk": True, "client": [END_OF_EARLY_DATA, FINISHED]},
            "accepted",
        ),
        ({"hello": client_hello(psk_age=7, early_data=True), "psk": True, "client": [FINISHED]}, "rejected"),
        ({"hello": client_hello(psk_age=7, early_data=True), "client": [FINISHED]}, "rejected"),
    ],
    ids=["not offered", "accepted", "rejected", "rejected with the psk"],
)
def test_end_of_early_data_tells_that_early_data_was_accepted(told: dict[str, object], expected: str | None) -> None:
    """RFC 8446 §4.5: it is sent only then."""
    seen = tls13(server=(23, FINISHED), early=[200, 300] if expected else [], **told)
    assert seen.verdict.early_data == expected
    assert seen.verdict.established


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_times_the_handshake_from_hello_to_the_last_finished(version: object) -> None:
    seen = watch(Play().open().speak(conversation.parts(version).handshake).packets)
    assert seen.facts.hello_ns == START_NS + 3 * STEP_NS
    finished = [row for row in seen.verdict.handshakes[0].messages if row.type != "change_cipher_spec"][-1]
    if version == TLS12:
        assert seen.verdict.established_ns == finished.ns
    assert seen.verdict.handshake_ns == seen.verdict.established_ns - seen.facts.hello_ns > 0


def outcome(play: Play) -> tuple[str, bool | None]:
    verdict = watch(play.packets).verdict
    return verdict.handshake_outcome, verdict.established


def test_follows_a_tls12_handshake_until_it_is_completed() -> None:
    steps = conversation.tls12()
    for count in range(1, 4):
        assert outcome(Play().open().speak(steps[:count])) == ("unfinished", False)
        assert outcome(Play().open().speak(steps[:count]).close(CLIENT)) == ("failed", False)
    assert outcome(Play().open().speak(steps[:4])) == ("completed", True)


def test_in_tls13_the_server_s_next_word_decides() -> None:
    """Until then a refusal is a failed handshake, although the client believes that it is connected."""
    quiet = tls13_play(after=[])
    assert outcome(quiet) == ("unfinished", None)
    assert outcome(tls13_play(after=[(SERVER, 250)])) == ("completed", True)
    assert outcome(tls13_play(after=[]).fin(CLIENT)) == ("completed", True), "it left before anything was said"
    assert outcome(tls13_play(after=[]).fin(SERVER)) == ("failed", False)
    assert outcome(tls13_play(after=[]).rst(SERVER)) == ("failed", False)


def refused(**told: object) -> Seen:
    return watch(tls13_play(**told).fin(SERVER).packets)  # type: ignore[arg-type]


def test_an_alert_as_the_server_s_only_record_behind_the_flight_is_a_refusal() -> None:
    assert refused(after=[(SERVER, ALERT)]).verdict.handshake_outcome == "failed"
    assert refused(client=[25, FINISHED], after=[(SERVER, ALERT)]).verdict.outcome == "handshake_failed"
    assert refused(after=[(CLIENT, 200), (SERVER, ALERT)]).verdict.handshake_outcome == "failed", "asked too early"


def test_an_alert_that_is_not_its_first_word_or_not_its_last_is_none() -> None:
    assert refused(after=[(SERVER, 250), (SERVER, ALERT)]).verdict.established
    assert refused(after=[(SERVER, ALERT), (SERVER, 250)]).verdict.established


def test_close_notify_from_both_sides_is_no_refusal_where_no_tickets_are_sent() -> None:
    """The client says goodbye, the server answers it."""
    verdict = watch(tls13_play(after=[(CLIENT, ALERT), (SERVER, ALERT)]).close(CLIENT).packets).verdict
    assert verdict.established
    assert (verdict.outcome, verdict.closed_by) == ("completed", "client")
    parts = conversation.tls13(False)
    handshake, goodbye = parts[:3], conversation.parts(TLS13).goodbye
    play = Play().open().speak(handshake).send(CLIENT, goodbye[CLIENT]).send(SERVER, goodbye[SERVER]).close(CLIENT)
    assert watch(play.packets).verdict.established


def test_a_server_s_timer_is_no_refusal() -> None:
    """It had waited for a request."""
    play = tls13_play(after=[]).wait(20).send(SERVER, hidden(ALERT)).fin(SERVER)
    verdict = watch(play.packets).verdict
    assert verdict.established
    assert (verdict.outcome, verdict.closed_by, verdict.dropped) == ("completed", "server", False)


def test_a_fatal_alert_in_the_clear_is_a_failed_handshake_also_in_mid_stream() -> None:
    steps = conversation.distrusted(TLS13)
    seen = watch(Play().speak(steps[1:]).close(CLIENT).packets)
    assert seen.verdict.handshake_outcome in ("failed", "unseen")
    assert seen.verdict.outcome == "handshake_failed"
    assert not seen.verdict.dropped


def test_a_refused_finished_is_a_failed_handshake() -> None:
    """The server cannot read the client's Finished and says so, in the clear."""
    steps = conversation.tls12()
    play = Play().open().speak(steps[:3]).send(SERVER, b"\x15\x03\x03\x00\x02\x02\x14").fin(SERVER)
    verdict = watch(play.packets).verdict
    assert verdict.outcome == "handshake_failed"
    assert verdict.alerts[0].description == "bad_record_mac"


def test_tickets_that_were_only_promised_make_no_resumption() -> None:
    verdict = said(conversation.tls12())
    assert verdict.resumption is None
    assert "t" in verdict.history


def test_an_echoed_session_id_of_tls13_is_only_compatibility() -> None:
    hello = hellos.client_hello(extensions=[hellos.supported_versions(0x0304)], session_id=b"s" * 32)
    answer = hellos.server_hello([hellos.extension(43, b"\x03\x04")], cipher=0x1301, session_id=b"s" * 32)
    play = Play().open().send(CLIENT, clear(1, hello)).send(SERVER, clear(2, answer))
    verdict = watch(play.packets).verdict
    assert (verdict.handshake, verdict.resumption, verdict.resumption_offered) == ("full", None, ())


@pytest.mark.parametrize(
    ("client", "server", "expected"),
    [(True, True, "both"), (True, False, "client"), (False, True, "server"), (False, False, "none")],
)
@pytest.mark.parametrize("by_scsv", [True, False])
def test_tells_who_supports_rfc_5746(client: bool, server: bool, expected: str, by_scsv: bool) -> None:
    info = hellos.extension(0xFF01, b"\0")
    ciphers = (0xC02F, 0x00FF) if client and by_scsv else (0xC02F,)
    hello = hellos.client_hello(ciphers, extensions=[info] if client and not by_scsv else [])
    answer = hellos.server_hello([info] if server else [])
    verdict = watch(Play().open().send(CLIENT, clear(1, hello)).send(SERVER, clear(2, answer)).packets).verdict
    assert verdict.secure_renegotiation == expected


def test_tls13_has_no_renegotiation_to_secure() -> None:
    assert said(conversation.tls13()).secure_renegotiation is None


@pytest.mark.parametrize("acknowledged", [False, True])
def test_a_flight_that_never_reached_the_client_has_established_nothing(acknowledged: bool) -> None:
    """A path loses the server's first segment, on both sides of which the capture stands: the client hangs up."""
    play = Play().open().speak(conversation.tls12()[:1])
    first = len(play.packets)
    play.mss = 600
    play.speak(conversation.tls12()[1:2])
    flight = [packet for packet in play.packets[first:] if packet.sender == SERVER and packet.payload]
    play.fin(CLIENT)
    goodbye = play.packets[-1]
    if not acknowledged:
        goodbye = replace(goodbye, ack=flight[0].seq)
    verdict = watch([*play.packets[:first], *flight[1:], goodbye]).verdict
    assert verdict.established is (None if acknowledged else False)
    assert (verdict.outcome == "handshake_failed") is not acknowledged


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_half_a_hello_is_a_handshake_that_failed(version: object) -> None:
    """Its client hung, and the server's timer ended it."""
    [(_, hello), *_] = conversation.parts(version).handshake
    play = Play().open().send(CLIENT, hello[: len(hello) // 2]).wait(2).close(SERVER)
    verdict = watch(play.packets).verdict
    assert (verdict.handshake_outcome, verdict.outcome, verdict.closed_by) == ("failed", "handshake_failed", "server")
    assert not verdict.dropped
    # Without the connection's start it may be the tail of anything.
    assert watch(play.packets[3:]).verdict.outcome != "handshake_failed"
