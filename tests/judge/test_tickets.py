"""Which records of TLS 1.3 may hold a NewSessionTicket."""

from __future__ import annotations

from engine.playbook import CLIENT, SERVER
from judge.flights import ALERT, FINISHED, SERVER_FLIGHT, tls13
from tlscap.judge.tickets import MAX_CANDIDATES

TICKET = 250


def lengths(**told: object) -> list[int]:
    seen = tls13(**told)
    return [seen.facts.events.length(i) for i in seen.verdict.ticket_candidates]


def test_names_the_servers_first_records_behind_the_handshake() -> None:
    after = ((SERVER, TICKET), (SERVER, TICKET), (CLIENT, 100), (SERVER, 500))
    assert lengths(after=after) == [TICKET, TICKET, 500]


def test_names_tickets_that_come_before_the_clients_finished() -> None:
    """Go, GnuTLS and BoringSSL send them in the server's flight when they ask for no certificate."""
    assert lengths(server=(*SERVER_FLIGHT, TICKET), after=((CLIENT, 100), (SERVER, 500))) == [TICKET, 500]


def test_names_what_follows_the_clients_finished_where_the_servers_shares_a_record() -> None:
    assert lengths(server=(23, 1200), after=((SERVER, TICKET), (CLIENT, 100))) == [TICKET]


def test_names_no_alert_and_nothing_of_a_handshake_that_was_not_finished() -> None:
    assert lengths(after=((SERVER, ALERT),)) == []
    assert lengths(server=(*SERVER_FLIGHT, TICKET), client=(), after=()) == []


def test_names_no_more_than_a_few() -> None:
    assert lengths(after=((SERVER, TICKET),) * 20) == [TICKET] * MAX_CANDIDATES


def test_a_record_of_the_finisheds_length_behind_it_is_named() -> None:
    assert lengths(after=((SERVER, FINISHED),)) == [FINISHED]
