"""Which session a connection resumes, and what it takes over from it."""

from __future__ import annotations

from typing import Any

from tables.build import block, client_hello, facts, server_hello, verdict
from tlscap.engine.coverage import Coverage
from tlscap.engine.facts import Facts
from tlscap.judge.verdict import Handshake, Verdict
from tlscap.tables.collector import Collector
from tlscap.tables.finish import finish

TICKET = b"a ticket"
SESSION = bytes(range(32))
LEAF = bytes(32)


def full(at_s: float, certificate: str = "sent", **told: Any) -> tuple[Facts, Verdict]:
    of = facts(at_s, port=40000 + int(at_s), **told)
    of.client.certificates = (LEAF,) if certificate == "sent" else None
    return of, verdict(of, client_certificate=certificate, client_certificate_confidence=0.9)


def by_session_id(at_s: float, session_id: bytes = SESSION, **told: Any) -> tuple[Facts, Verdict]:
    hellos = {"client_hello": client_hello(session_id=session_id), "server_hello": server_hello(session_id=session_id)}
    return resumed(facts(at_s, port=40000 + int(at_s), **(hellos | told)), "session_id")


def by_ticket(at_s: float, ticket: bytes = TICKET, **told: Any) -> tuple[Facts, Verdict]:
    of = facts(at_s, port=40000 + int(at_s), client_hello=client_hello(ticket=ticket), **told)
    return resumed(of, "session_ticket")


def resumed(of: Facts, mechanism: str) -> tuple[Facts, Verdict]:
    return of, verdict(
        of,
        handshake="abbreviated",
        resumption=mechanism,
        resumption_offered=(mechanism,),
        client_certificate="unknown",
        client_certificate_confidence=0.0,
    )


def issuing_id(at_s: float, certificate: str = "sent", **told: Any) -> tuple[Facts, Verdict]:
    return full(at_s, certificate, server_hello=server_hello(session_id=SESSION), **told)


def issuing_ticket(at_s: float, certificate: str = "sent", ticket: bytes = TICKET) -> tuple[Facts, Verdict]:
    return full(at_s, certificate, ticket_issued=issued(ticket))


def issued(ticket: bytes) -> bytes:
    """The hash that the engine keeps of a ticket in a NewSessionTicket: the same as in a ClientHello."""
    hash_of: bytes = client_hello(ticket=ticket).ticket_key
    return hash_of


def rows(*connections: tuple[Facts, Verdict]) -> list[dict[str, Any]]:
    """The rows, with uids replaced by the number of the row, which is in order of time."""
    collector = Collector()
    collector.add(block([of for of, _ in connections]), [judged for _, judged in connections])
    made = finish(collector, [Coverage("a.pcap")], lambda _: None).connections.to_pylist()
    number = {row["uid"]: n for n, row in enumerate(made)} | {None: None}
    for row in made:
        row["resumed_from"], row["offered_from"] = number[row["resumed_from"]], number[row["offered_from"]]
        row["unknown"] = dict(row["unknown"])
    return made


def test_a_session_id_is_tied_to_the_full_handshake_that_issued_it() -> None:
    _, first, second = rows(issuing_id(0), by_session_id(2), by_session_id(4))
    assert (first["resumed_from"], first["offered_from"], first["resumed_from_confidence"]) == (0, 0, 1.0)
    assert second["resumed_from"] == 0


def test_a_ticket_is_tied_to_the_connection_that_got_it() -> None:
    made = rows(issuing_ticket(0), by_ticket(2, ticket_issued=issued(b"renewed")), by_ticket(4, b"renewed"))
    assert [row["resumed_from"] for row in made] == [None, 0, 1]


def test_the_order_in_which_connections_ended_does_not_matter() -> None:
    assert [row["resumed_from"] for row in rows(by_ticket(4), issuing_ticket(0))] == [None, 0]


def test_an_offer_that_was_not_accepted_is_no_resumption() -> None:
    refused = full(2, client_hello=client_hello(ticket=TICKET))
    row = rows(issuing_ticket(0), refused)[1]
    assert (row["offered_from"], row["resumed_from"], row["resumed_from_confidence"]) == (0, None, None)
    assert row["client_certificate"] == "sent"


def test_an_echoed_session_id_of_tls_1_3_ties_nothing() -> None:
    hellos = {
        "client_hello": client_hello(session_id=SESSION),
        "server_hello": server_hello(session_id=SESSION, version=b"\x03\x04"),
    }
    made = rows(full(0, **hellos), full(2, **hellos))
    assert [row["offered_from"] for row in made] == [None, None]


def test_another_node_behind_the_balancer_is_tied_with_less_confidence() -> None:
    row = rows(issuing_ticket(0), by_ticket(2, server="10.0.1.2"))[1]
    assert row["resumed_from"] == 0
    assert row["resumed_from_confidence"] == 0.9


def test_a_certificate_is_inherited_through_a_chain() -> None:
    made = rows(issuing_ticket(0), by_ticket(2, ticket_issued=issued(b"2")), by_ticket(4, b"2"))
    assert [row["client_certificate"] for row in made] == ["sent", "inherited", "inherited"]
    assert [row["client_certificate_confidence"] for row in made] == [0.9, 0.9, 0.9]
    assert all("client_certificate" not in row["unknown"] for row in made)


def test_what_was_not_requested_or_empty_carries_over_as_it_is() -> None:
    for word in ("not_requested", "empty"):
        assert rows(issuing_id(0, word), by_session_id(2))[1]["client_certificate"] == word


def test_without_a_known_parent_it_is_unknown_and_says_so() -> None:
    row = rows(by_ticket(2))[0]
    assert row["client_certificate"] == "unknown"
    assert row["unknown"] == {"client_certificate": "not_captured", "resumed_from": "not_captured"}


def test_of_a_parent_that_is_unknown_itself_nothing_is_inherited() -> None:
    made = rows(by_ticket(0, b"lost", ticket_issued=issued(TICKET)), by_ticket(2))
    assert made[1]["resumed_from"] == 0
    assert [row["client_certificate"] for row in made] == ["unknown", "unknown"]
    assert made[1]["unknown"] == {"client_certificate": "not_captured"}


def test_the_judges_own_reason_is_kept_where_nothing_is_inherited_and_goes_where_it_is() -> None:
    told, lost = by_session_id(2), by_ticket(4, b"lost")
    for _, judged in (told, lost):
        judged.unknown = {"client_certificate": "encrypted", "alpn": "encrypted"}
    made = rows(issuing_id(0), told, lost)
    assert made[1]["unknown"] == {"alpn": "encrypted"}
    assert made[2]["unknown"]["client_certificate"] == "encrypted"


def test_an_external_psk_inherits_nothing() -> None:
    of, judged = by_ticket(2)
    judged.external_psk = True
    assert rows(issuing_ticket(0), (of, judged))[1]["client_certificate"] == "unknown"


def test_the_first_handshakes_row_says_what_the_connection_says() -> None:
    of, judged = by_ticket(2)
    judged.handshakes = [
        Handshake(
            0, "client", "abbreviated", "completed", False, "clear", 1.0, of.start_ns, client_certificate="unknown"
        ),
        Handshake(1, "client", "full", "completed", True, "inferred", 0.8, of.start_ns, client_certificate="sent"),
    ]
    collector = Collector()
    collector.add(block([of, issuing_ticket(0)[0]]), [judged, issuing_ticket(0)[1]])
    made = finish(collector, [Coverage("a.pcap")], lambda _: None).handshakes
    assert made["client_certificate"].to_pylist() == ["inherited", "sent"]
