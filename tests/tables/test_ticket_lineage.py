"""Which connection issued a TLS 1.3 ticket, from the lengths of records."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables.build import NS, SHA256, SHA384, block, client_hello, facts, server_hello, verdict
from tlscap.engine.coverage import Coverage
from tlscap.engine.events import APPLICATION_DATA, SERVER
from tlscap.engine.facts import Facts
from tlscap.judge.verdict import Verdict
from tlscap.tables.collector import Collector
from tlscap.tables.finish import finish

OPENSSL = 17 + 25  # what a record has besides the ticket
SMALL, LARGE = 208, 1072  # tickets without a client certificate and with one
WEB = 1200  # a record of data
AES_128, AES_256, CCM_8 = 0x1301, 0x1302, 0x1305
OTHER_SOFTWARE = b"\x13\x01\x13\x03"

Connection = tuple[Facts, Verdict]


def ticket(name: str, length: int = SMALL) -> bytes:
    return name.encode().ljust(length, b".")


def full(
    at_s: float, records: tuple[int, ...] = (SMALL + OPENSSL,) * 2, certificate: str = "sent", **told: Any
) -> Connection:
    """A full handshake after which the server sends `records`."""
    return connection(at_s, records, {"client_certificate": certificate, "client_certificate_confidence": 0.95}, **told)


def resumed(at_s: float, *identities: bytes, records: tuple[int, ...] | None = None, **told: Any) -> Connection:
    """Offers tickets, of which the server takes the first, and issues one of the same length."""
    judged = {
        "handshake": "abbreviated",
        "resumption": "psk",
        "client_certificate": "unknown",
        "client_certificate_confidence": 0.0,
        "unknown": {"client_certificate": "not_captured"},
    }
    issues = (len(identities[0]) + OPENSSL,) if records is None else records
    return connection(at_s, issues, judged, identities=identities, **({"selected": 0} | told))


def connection(
    at_s: float,
    records: tuple[int, ...],
    judged: dict[str, Any],
    *,
    client: int = 1,
    server: str = "10.0.1.1",
    cipher: int = AES_128,
    selected: int | None = None,
    **hello: Any,
) -> Connection:
    greeting = {"ciphers": b"\x13\x01\x13\x02"} | hello
    answer = server_hello(version=b"\x03\x04", cipher=cipher, selected=selected)
    of = facts(
        at_s, port=40000 + int(10 * at_s), server=server, client_hello=client_hello(**greeting), server_hello=answer
    )
    of.client.ip = bytes([10, 0, 0, client])
    candidates = [
        of.events.add(of.start_ns + NS // 10 + number, 9, SERVER, APPLICATION_DATA, 1, length)
        for number, length in enumerate(records)
    ]
    return of, verdict(of, version="TLSv1.3", ticket_candidates=candidates, **judged)


def rows(*connections: Connection) -> list[dict[str, Any]]:
    """The rows, with uids replaced by the number of the row, which is in order of time."""
    collector = Collector()
    collector.add(block([of for of, _ in connections]), [judged for _, judged in connections])
    made = finish(collector, [Coverage("a.pcap")], lambda _: None).connections.to_pylist()
    number = {row["uid"]: n for n, row in enumerate(made)} | {None: None}
    for row in made:
        row["resumed_from"], row["offered_from"] = number[row["resumed_from"]], number[row["offered_from"]]
        row["unknown"] = dict(row["unknown"])
    return made


def parents(*connections: Connection) -> list[int | None]:
    return [row["resumed_from"] for row in rows(*connections)]


def test_a_ticket_is_tied_to_the_connection_that_got_a_record_of_its_length() -> None:
    made = rows(
        full(0), full(1, (LARGE + OPENSSL,)), resumed(2, ticket("a")), resumed(3, ticket("b")), resumed(4, ticket("c"))
    )
    assert [row["resumed_from"] for row in made] == [None, None, 0, 2, 3]
    assert [row["resumed_from_confidence"] for row in made[2:]] == [0.95] * 3


def test_what_one_resumption_alone_speaks_for_is_believed_less() -> None:
    assert rows(full(0), resumed(1, ticket("a")))[1]["resumed_from_confidence"] < 0.9


@pytest.mark.parametrize(
    ("messages", "besides"), [(1, 17), (1, 19), (1, 21), (1, 25), (1, 33), (1, 34), (2, 22), (2, 49)]
)
def test_learns_what_each_stack_puts_into_its_records(messages: int, besides: int) -> None:
    """Go, NSS, GnuTLS, OpenSSL without and with early data, JSSE, BoringSSL, rustls."""
    record = (17 + messages * (SMALL + besides),)
    assert parents(full(0, record), resumed(1, ticket("a"), records=record), resumed(2, ticket("b"))) == [None, 0, 1]


def test_a_layout_that_no_known_stack_has_is_believed_when_three_resumptions_speak_for_it() -> None:
    record = (17 + SMALL + 31,)
    made = [full(0, record), *(resumed(n, ticket(str(n)), records=record) for n in (1, 2))]
    assert parents(*made) == [None, None, None]
    assert parents(*made, resumed(3, ticket("3"))) == [None, 0, 1, 2]


def test_data_that_fits_by_chance_does_not_outvote_the_ticket() -> None:
    records = (SMALL + OPENSSL, SMALL + 17 + 17)
    assert parents(full(0, records), *(resumed(n, ticket(str(n)), records=records) for n in (1, 2))) == [None, 0, 1]


def test_a_ticket_of_no_fitting_length_is_tied_to_nothing_and_says_why() -> None:
    row = rows(full(0, (WEB,)), resumed(1, ticket("a")))[1]
    assert (row["resumed_from"], row["resumed_from_confidence"]) == (None, None)
    assert row["unknown"] == {"client_certificate": "encrypted", "resumed_from": "encrypted"}


def test_a_ticket_that_is_presented_again_comes_from_the_same_connection() -> None:
    made = rows(full(0), resumed(1, ticket("a")), resumed(2, ticket("a")), resumed(3, ticket("a")))
    assert [row["resumed_from"] for row in made[1:]] == [0, 0, 0]


def test_of_several_that_fit_the_latest_is_taken_with_less_confidence() -> None:
    row = rows(full(0), full(1), full(2), resumed(3, ticket("a")), resumed(4, ticket("b")), resumed(5, ticket("c")))[3]
    assert row["resumed_from"] == 2
    assert row["resumed_from_confidence"] < 0.5


def test_a_second_ticket_of_a_connection_is_taken_when_nothing_else_is_left() -> None:
    made = rows(full(0), resumed(1, ticket("a"), records=()), resumed(2, ticket("b"), records=()))
    assert [row["resumed_from"] for row in made] == [None, 0, 0]
    assert made[2]["resumed_from_confidence"] < made[1]["resumed_from_confidence"]


def test_tickets_from_before_the_capture_make_what_follows_less_sure() -> None:
    made = rows(*(resumed(n, ticket(str(n))) for n in range(5)))
    assert [row["resumed_from"] for row in made] == [None, 0, 1, 2, 3]
    assert max(row["resumed_from_confidence"] for row in made[1:]) < 0.9


@pytest.mark.parametrize(
    ("learnt", "other"),
    [
        ({}, {"client": 2}),
        ({}, {"sni": b"other.example"}),
        ({}, {"ciphers": OTHER_SOFTWARE}),
        ({"sni": b""}, {"sni": b"", "server": "10.0.1.2"}),
    ],
)
def test_other_clients_names_and_programs_have_tickets_of_their_own(
    learnt: dict[str, Any], other: dict[str, Any]
) -> None:
    made = [full(0, **learnt), *(resumed(n, ticket(str(n)), **learnt) for n in (1, 2))]
    assert parents(*made, resumed(3, ticket("a"), **other)) == [None, 0, 1, None]


def test_the_hash_of_the_cipher_suite_must_be_the_binders() -> None:
    learnt = [full(0), *(resumed(n, ticket(str(n))) for n in (1, 2))]
    asks: dict[str, Any] = {"binder": SHA384, "cipher": AES_256}
    assert parents(*learnt, resumed(3, ticket("a"), **asks)) == [None, 0, 1, None]
    assert parents(full(0, cipher=AES_256), resumed(1, ticket("a"), **asks)) == [None, 0]


def test_a_shorter_tag_makes_shorter_records() -> None:
    assert parents(full(0, (SMALL + 25 + 9,), cipher=CCM_8), resumed(1, ticket("a"), binder=SHA256)) == [None, 0]


def test_a_ticket_cannot_be_presented_before_it_is_issued() -> None:
    assert parents(resumed(0, ticket("a")), full(1), full(2)) == [None, None, None]


def test_an_offer_that_is_refused_is_told_too() -> None:
    refused = resumed(1, ticket("a"), selected=None)
    refused[1].resumption, refused[1].handshake = None, "full"
    row = rows(full(0), refused)[1]
    assert (row["offered_from"], row["resumed_from"]) == (0, None)
    assert "resumed_from" not in row["unknown"]


def test_of_several_tickets_the_selected_one_is_resumed_and_the_first_one_offered() -> None:
    made = rows(full(0), full(1, (LARGE + OPENSSL,)), resumed(2, ticket("a"), ticket("b", LARGE), selected=1))
    assert (made[2]["resumed_from"], made[2]["offered_from"]) == (1, 0)


def test_an_identity_without_an_age_is_no_ticket() -> None:
    external = resumed(1, ticket("a"), age=0)
    external[1].resumption, external[1].handshake, external[1].external_psk = None, "full", True
    row = rows(full(0), external)[1]
    assert (row["offered_from"], row["resumed_from"], row["unknown"].get("resumed_from")) == (None, None, None)


def test_a_selection_that_was_never_offered_ties_nothing() -> None:
    assert parents(full(0), resumed(1, ticket("a"), selected=7)) == [None, None]


def test_a_client_comes_to_another_server_of_a_name_with_the_ticket_of_the_last() -> None:
    servers = ["10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.1", "10.0.1.1", "10.0.1.2"]
    connections = [resumed(n, ticket(str(n)), server=server) for n, server in enumerate(servers) if n]
    assert parents(full(0), *connections) == [None, 0, 1, 2, 3, 4]


def test_a_client_that_comes_to_another_server_of_a_name_without_a_ticket_keeps_them_apart() -> None:
    one: dict[str, Any] = {"server": "10.0.1.1"}
    two: dict[str, Any] = {"server": "10.0.1.2"}
    made = [full(0, **one), full(1, **two), resumed(2, ticket("2"), **one), resumed(3, ticket("3"), **two)]
    made += [resumed(4, ticket("4"), **two), resumed(5, ticket("5"), **one)]
    assert parents(*made) == [None, None, 0, 1, 3, 2]


def test_clients_that_present_one_anothers_tickets_share_them() -> None:
    again = [resumed(n, ticket("a"), client=n) for n in range(1, 6)]
    made = rows(full(0, client=1), *again, resumed(6, ticket("b"), client=9))
    assert made[6]["resumed_from"] == 5
    assert made[6]["resumed_from_confidence"] < 0.9


def test_the_original_client_that_a_proxy_header_names_is_the_client() -> None:
    made = [full(0, client=1), resumed(1, ticket("1"), client=2), resumed(2, ticket("2"), client=3)]
    for of, _ in made:
        of.proxied_client_ip, of.proxied_client_port = bytes([192, 0, 2, 7]), 5000
    assert parents(*made) == [None, 0, 1]


def test_a_certificate_is_inherited_as_sure_as_the_tie_is() -> None:
    made = rows(full(0, certificate="sent"), *(resumed(n, ticket(str(n))) for n in (1, 2, 3)))
    assert [row["client_certificate"] for row in made] == ["sent", "inherited", "inherited", "inherited"]
    assert made[1]["client_certificate_confidence"] == pytest.approx(0.95 * 0.95)
    assert all(row["unknown"] == {} for row in made)


def test_a_certificate_that_all_who_could_be_the_parent_had_is_surer_than_the_tie() -> None:
    large = (LARGE + OPENSSL,)
    made = rows(
        *(full(n, large) for n in range(8)),
        *(full(n, certificate="empty") for n in range(8, 16)),
        resumed(16, ticket("a", LARGE)),
        resumed(17, ticket("b")),
        resumed(18, ticket("c", LARGE)),
    )
    assert [row["client_certificate"] for row in made[16:]] == ["inherited", "empty", "inherited"]
    assert all(row["client_certificate_confidence"] > 0.8 > row["resumed_from_confidence"] for row in made[16:])


def test_where_those_who_could_be_the_parent_differ_the_certificate_is_not_sure() -> None:
    certificates = ["sent", "empty"] * 4
    made = rows(*(full(n, certificate=word) for n, word in enumerate(certificates)), resumed(8, ticket("a")))
    assert made[8]["client_certificate_confidence"] < 0.6


LENGTHS = st.sampled_from([0, 1, 17, 42, 59, SMALL + OPENSSL, LARGE + OPENSSL, WEB, 2**14 + 256])
STEP = st.tuples(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([0, 1, 32, SMALL, LARGE])), max_size=3),
    st.lists(LENGTHS, max_size=8),
    st.integers(0, 3),  # selected
    st.integers(1, 2),  # client
    st.integers(1, 2),  # server
)


@given(st.lists(STEP, max_size=12))
def test_a_parent_is_always_earlier_and_of_one_ticket_always_the_same(
    steps: list[tuple[list[tuple[str, int]], list[int], int, int, int]],
) -> None:
    made = []
    for n, (offered, records, selected, client, server) in enumerate(steps):
        tickets = [ticket(name, length) for name, length in offered]
        told = {"records": tuple(records), "client": client, "server": f"10.0.1.{server}"}
        made.append(resumed(n, *tickets, selected=selected, **told) if tickets else full(n, **told))
    parent_of: dict[bytes, int | None] = {}
    for n, row in enumerate(rows(*made)):
        sure = row["resumed_from_confidence"]
        assert (row["resumed_from"] is None) == (sure is None)
        assert row["resumed_from"] is None or (row["resumed_from"] < n and 0 < sure < 1)
        assert ("resumed_from" in row["unknown"]) == (row["resumption"] is not None and sure is None)
        if steps[n][0]:
            first = ticket(*steps[n][0][0])
            assert parent_of.setdefault(first, row["offered_from"]) == row["offered_from"]
