"""Whether a client sent a certificate: by messages up to TLS 1.2, by the lengths of records in TLS 1.3."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import conversation, samples
from engine.playbook import CLIENT, SERVER, Play, Seen, watch
from judge.flights import EMPTY, FINISHED, client_hello, tls13


def said(steps: conversation.Steps) -> tuple[str, float]:
    verdict = watch(Play().open().speak(steps).close(CLIENT).packets).verdict
    assert ("client_certificate" in verdict.unknown) is (verdict.client_certificate == "unknown")
    return verdict.client_certificate, verdict.client_certificate_confidence


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (conversation.tls12, "not_requested"),
        (lambda: conversation.tls12_mutual(True), "sent"),
        (lambda: conversation.tls12_mutual(False), "empty"),
    ],
    ids=["not requested", "sent", "empty"],
)
def test_messages_in_the_clear_are_certain(steps, expected: str) -> None:
    assert said(steps()) == (expected, 1.0)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (conversation.tls13, "not_requested"),
        (lambda: conversation.tls13(False), "not_requested"),
        (conversation.tls13_hello_retry, "not_requested"),
        (lambda: conversation.tls13_mutual(True), "sent"),
        (lambda: conversation.tls13_mutual(False), "empty"),
        (conversation.tls13_certificate_required, "empty"),
    ],
    ids=["not requested", "without tickets", "hello retry", "sent", "empty", "refused for want of it"],
)
def test_lengths_tell_it_in_tls13_and_say_how_sure_that_is(steps, expected: str) -> None:
    what, confidence = said(steps())
    assert what == expected
    assert 0.9 <= confidence < 1


@pytest.mark.parametrize(
    "steps",
    [
        lambda: conversation.tls12_resumed(True),
        lambda: conversation.tls12_resumed(False),
        conversation.tls13_resumed,
    ],
    ids=["ticket", "session id", "psk"],
)
def test_an_abbreviated_handshake_carries_none(steps) -> None:
    assert said(steps()) == ("unknown", 0.0)


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ([FINISHED], "not_requested"),
        ([EMPTY, FINISHED], "empty"),
        ([700, 281, FINISHED], "sent"),
        ([4000, FINISHED], "sent"),  # Certificate and CertificateVerify in one record
        ([700 + FINISHED], "sent"),  # all in one
        ([FINISHED + 8], "empty"),
        ([16_401, 16_401, 300, FINISHED], "sent"),  # a chain that spans records
        ([100, FINISHED], "unknown"),
        ([FINISHED + 50], "unknown"),
    ],
    ids=str,
)
def test_knows_the_shapes_of_a_client_s_flight(client: list[int], expected: str) -> None:
    assert tls13(client=client).verdict.client_certificate == expected


def test_is_less_sure_where_messages_share_records() -> None:
    apart, together = tls13(client=[700, 281, FINISHED]), tls13(client=[700 + FINISHED])
    assert together.verdict.client_certificate_confidence < apart.verdict.client_certificate_confidence


@pytest.mark.parametrize(("cipher", "finished"), [(0x1301, 53), (0x1302, 69), (0x1303, 53), (0x1305, 45)])
def test_knows_the_length_of_finished_in_each_suite(cipher: int, finished: int) -> None:
    server = [23, 800, 281, finished]
    assert tls13(server=server, client=[finished], cipher=cipher).verdict.client_certificate == "not_requested"
    empty = 25 - 8 * (cipher == 0x1305)
    assert tls13(server=server, client=[empty, finished], cipher=cipher).verdict.client_certificate == "empty"


@pytest.mark.parametrize(("before", "expected"), [([], "not_requested"), ([EMPTY + 16], "empty"), ([716, 297], "sent")])
def test_knows_flights_whose_records_are_padded_as_java_does(before: list[int], expected: str) -> None:
    """JSSE puts 16 zeros behind what is in each record."""
    seen = tls13(server=[39, 816, 297, FINISHED + 16], client=[*before, FINISHED + 16])
    assert seen.verdict.client_certificate == expected
    assert seen.verdict.established


def test_data_of_finished_s_length_behind_it_changes_nothing() -> None:
    seen = tls13(client=[FINISHED], after=[(CLIENT, FINISHED), (SERVER, 300), (CLIENT, EMPTY), (SERVER, 300)])
    assert seen.verdict.client_certificate == "not_requested"


def test_early_data_is_no_certificate() -> None:
    hello = client_hello(early_data=True)
    seen = tls13(hello=hello, client=[1000, FINISHED])
    assert seen.verdict.client_certificate == "unknown"


def test_an_alert_in_place_of_the_flight_is_none() -> None:
    assert tls13(client=[19], after=[]).verdict.client_certificate == "unknown"


def test_a_server_that_never_answered_asked_for_nothing() -> None:
    seen = watch(Play().open().speak(conversation.tls12()[:1]).close(CLIENT).packets)
    assert seen.verdict.client_certificate == "unknown"
    assert "client_certificate" not in seen.verdict.unknown


def test_a_request_that_may_be_missing_is_not_denied() -> None:
    """Without the server's direction nobody knows whether it asked."""
    packets = Play().open().speak(conversation.tls12()).close(CLIENT).packets
    seen = watch([packet for packet in packets if packet.sender == CLIENT])
    assert seen.verdict.client_certificate == "unknown"
    assert seen.verdict.unknown["client_certificate"] == "one_sided"


def test_ssl3_says_with_an_alert_that_it_has_none() -> None:
    """RFC 6101 §5.6.6."""
    steps = list(conversation.tls12_mutual(False))
    side, flight = steps[2]
    assert flight[5] == 11
    without = flight[5 + int.from_bytes(flight[3:5]) :]
    steps[2] = (side, b"\x15\x03\x00\x00\x02\x01\x29" + without)
    assert said(tuple(steps)) == ("empty", 1.0)


@pytest.mark.parametrize("name", ["haproxy-mtls-tickets", "haproxy-mtls-tls13", "haproxy-mtls-session-ids"])
def test_agrees_with_the_programs_that_took_part(name: str) -> None:
    """What needs the connection before this one is the tables' to say."""
    checked = 0
    for truth in samples.truths(name):
        if truth.get("client_certificate") not in ("sent", "empty", "not_requested"):
            continue
        if truth.get("handshake") == "abbreviated":
            continue
        what, confidence = said(samples.conversation(name, truth))
        assert what == truth["client_certificate"]
        assert confidence >= 0.8
        checked += 1
    assert checked >= 5


def cut(seen_of: Play, at: int) -> Seen:
    packets = list(seen_of.packets)
    packets[at] = replace(packets[at], cut=len(packets[at].payload) - 1)
    return watch(packets)


def test_a_certificate_that_snaplen_cut_is_not_empty() -> None:
    play = Play().open().speak(conversation.tls12_mutual(True)).close(CLIENT)
    flight = next(i for i, packet in enumerate(play.packets) if i > 5 and packet.sender == CLIENT and packet.payload)
    assert cut(play, flight).verdict.client_certificate in ("sent", "unknown")
