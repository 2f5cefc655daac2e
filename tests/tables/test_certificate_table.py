"""Certificates in the tables, from the sample that has them of both sides."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import tlscap
from tables.build import block, facts, verdict
from tlscap.engine.coverage import Coverage
from tlscap.tables.collector import Collector
from tlscap.tables.finish import finish

MUTUAL = Path(__file__).parents[2] / "pcaps" / "haproxy-mtls-tickets.pcap"


@pytest.fixture(scope="module")
def mutual() -> tlscap.Analysis:
    return tlscap.analyze(MUTUAL)


def test_each_certificate_is_a_row_with_what_it_says(mutual: tlscap.Analysis) -> None:
    rows = mutual.sql("select * exclude (not_before, not_after) from certificates").to_pylist()
    assert len({row["sha256"] for row in rows}) == len(rows) >= 2
    for row in rows:
        assert row["error"] is None
        assert row["subject"] and row["issuer"] and row["serial"] and row["key"] and row["signature_algorithm"]
    assert {role for row in rows for role in row["roles"]} >= {"server", "client"}
    valid = mutual.sql("select count(*) as n from certificates where not_before < not_after").to_pylist()
    assert valid == [{"n": len(rows)}]


def test_connections_are_counted_by_the_messages_that_had_the_certificate(mutual: tlscap.Analysis) -> None:
    counted = mutual.sql("select connections as n from certificates where list_contains(roles, 'server')").to_pylist()
    full = mutual.sql("select count(*) as n from connections where handshake = 'full'").to_pylist()
    assert counted == full


def test_full_handshakes_name_the_server_and_its_certificate(mutual: tlscap.Analysis) -> None:
    joined = mutual.sql("""
        select count(*) as n from connections c join certificates s on c.server_certificate_sha256 = s.sha256
        where c.server_subject = s.subject and c.server_issuer = s.issuer and c.server_not_after = s.not_after
    """)
    assert (
        joined.to_pylist() == mutual.sql("select count(*) as n from connections where handshake = 'full'").to_pylist()
    )


def test_a_resumed_connection_inherits_its_clients_name(mutual: tlscap.Analysis) -> None:
    rows = mutual.sql("select client_certificate, client_subject from connections").to_pylist()
    with_name = Counter(row["client_certificate"] for row in rows if row["client_subject"] is not None)
    states = Counter(row["client_certificate"] for row in rows)
    assert with_name == {"sent": states["sent"], "inherited": states["inherited"]}
    parents = mutual.sql("""
        select bool_and(child.client_subject = parent.client_subject) as same from connections child
        join connections parent on child.resumed_from = parent.uid where child.client_certificate = 'inherited'
    """)
    assert parents.to_pylist() == [{"same": True}]


def test_a_certificate_of_which_no_byte_was_kept_is_still_counted() -> None:
    of = facts()
    of.server.certificates = (bytes(32), bytes([1]) * 32)
    collector = Collector()
    collector.add(block([of, of]), [verdict(of), verdict(of)])
    made = finish(collector, [Coverage("a.pcap")], lambda digest: None)
    rows = made.certificates.to_pylist()
    assert [(row["connections"], row["roles"]) for row in rows] == [(2, ["server"]), (2, ["server_chain"])]
    assert rows[0]["error"] == "its bytes were not kept"
    assert made.connections["server_certificate_sha256"].to_pylist() == ["00" * 32] * 2


def test_bytes_that_are_no_certificate_are_a_row_that_says_so() -> None:
    of = facts()
    of.server.certificates = (bytes(32),)
    collector = Collector()
    collector.add(block([of]), [verdict(of)])
    (row,) = finish(collector, [Coverage("a.pcap")], lambda digest: b"\x30\x03abc").certificates.to_pylist()
    assert row["subject"] is None
    assert row["error"] is not None
