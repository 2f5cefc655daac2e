"""What TLS 1.3 sends in place of renegotiations, by the lengths that OpenSSL, GnuTLS and NSS were seen to use."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.playbook import CLIENT, SERVER, watch
from judge.flights import ALERT, FINISHED, tls13_play
from tlscap.judge.flights import Flights
from tlscap.judge.inference.successors import MOST_UPDATES, find_successors
from tlscap.judge.landmarks import Landmarks
from tlscap.registry import handshake_type_name

REQUEST, EMPTY, UPDATE, TICKET = 148, 57, 22, 282
TALK = ((CLIENT, 30), (SERVER, 31))

Records = Sequence[tuple[int, int]]


def told(after: Records, client: Sequence[int] = (FINISHED,)) -> list[tuple[str, float]]:
    seen = watch(tls13_play(after=after, client=client).packets)
    marks = Landmarks(seen.facts)
    return [(handshake_type_name(each.kind), each.confidence) for each in find_successors(marks, Flights(marks))]


def names(after: Records) -> list[str]:
    return [name for name, _ in told(after)]


def test_two_records_of_one_length_behind_the_handshake_are_tickets() -> None:
    assert told([(SERVER, TICKET), (SERVER, TICKET), *TALK]) == [("new_session_ticket", 0.95)] * 2


def test_tickets_come_behind_the_first_request_too() -> None:
    assert names([(CLIENT, 30), (SERVER, TICKET), (SERVER, TICKET), (SERVER, 31)]) == ["new_session_ticket"] * 2


def test_a_single_record_may_be_a_ticket_where_nobody_has_asked_anything() -> None:
    assert told([(SERVER, TICKET), *TALK]) == [("new_session_ticket", 0.6)]
    assert told([(CLIENT, 30), (SERVER, TICKET), *TALK]) == []


@pytest.mark.parametrize("length", [16_401, 40])
def test_records_of_one_length_that_no_ticket_has_are_data(length: int) -> None:
    assert names([(SERVER, length), (SERVER, length), *TALK]) == []


def test_more_records_of_one_length_than_tickets_are_issued_are_data() -> None:
    assert names([*[(SERVER, TICKET)] * 5, *TALK]) == []


@pytest.mark.parametrize("signature", [281, 409, 96, 97, 89])
def test_a_certificate_shown_after_the_handshake_is_told_by_signature_and_finished(signature: int) -> None:
    late = [(SERVER, REQUEST), (CLIENT, 802), (CLIENT, signature), (CLIENT, FINISHED)]
    found = told([*TALK, *late, *TALK])
    assert [name for name, _ in found] == ["certificate_request", "certificate", "certificate_verify", "finished"]
    assert {sure for _, sure in found} == {0.95}


def test_a_client_that_is_asked_and_has_no_certificate_is_told_with_less_confidence() -> None:
    found = told([*TALK, (SERVER, REQUEST), (CLIENT, EMPTY), (CLIENT, FINISHED), *TALK])
    assert [name for name, _ in found] == ["certificate_request", "certificate", "finished"]
    assert {sure for _, sure in found} == {0.8}


def test_tickets_behind_a_late_authentication_are_told() -> None:
    late = [(SERVER, REQUEST), (CLIENT, EMPTY), (CLIENT, FINISHED), (SERVER, TICKET), (SERVER, TICKET)]
    assert names([*TALK, *late, *TALK])[3:] == ["new_session_ticket"] * 2


@pytest.mark.parametrize(
    "data",
    [
        [(CLIENT, 802), (CLIENT, 281), (CLIENT, FINISHED)],  # nobody asked
        [(SERVER, REQUEST), (CLIENT, FINISHED)],
        [(SERVER, REQUEST), (CLIENT, 802), (CLIENT, 300), (CLIENT, FINISHED)],  # no signature is so long
        [(SERVER, 25), (CLIENT, EMPTY), (CLIENT, FINISHED)],  # no request is so short
    ],
)
def test_data_that_only_ends_in_the_length_of_finished_is_data(data: Records) -> None:
    assert names([*TALK, (CLIENT, 30), *data, *TALK]) == []


def test_a_record_of_five_bytes_is_more_likely_data_unless_it_is_answered_by_one() -> None:
    assert told([*TALK, (CLIENT, UPDATE), *TALK]) == [("key_update", 0.3)]
    assert told([*TALK, (CLIENT, UPDATE), (SERVER, UPDATE), *TALK]) == [("key_update", 0.6)] * 2


def test_a_connection_that_talks_in_five_bytes_changes_no_keys() -> None:
    assert names([(CLIENT, UPDATE), (SERVER, UPDATE)] * (MOST_UPDATES // 2 + 1)) == []


def test_an_alert_is_none_of_it() -> None:
    assert names([*TALK, (CLIENT, ALERT)]) == []


def test_the_history_has_a_late_authentication_in_brackets() -> None:
    late = [(SERVER, REQUEST), (CLIENT, 802), (CLIENT, 281), (CLIENT, FINISHED)]
    assert watch(tls13_play(after=[*TALK, *late, *TALK]).packets).verdict.history == "Cs[oxyfF]Dd[rXYF]Dd"
