from __future__ import annotations

import pyarrow as pa

from report.synthetic import connection, make_table
from tlscap.tables.counting import count, counted, numbers, present, rows_of, servers, true, words


def some() -> pa.Table:
    rows = [
        connection(0, version="TLSv1.3", dropped=True, renegotiations=2),
        connection(1, version=None, dropped=None, renegotiations=None, server_ip="10.0.1.2"),
        connection(2, version="TLSv1.3", server_port=8443, handshake_s=None),
        connection(3, version="TLSv1.2"),
    ]
    return make_table("connections", rows)


def test_words_are_counted_the_most_frequent_first_and_null_is_none() -> None:
    version = words(some(), "version")
    assert count(None, version) == {"TLSv1.3": 2, "TLSv1.2": 1}
    assert list(counted(None, version).items()) == [(("TLSv1.3",), 2), (("TLSv1.2",), 1), ((None,), 1)]
    assert count(true(some(), "dropped"), version) == {"TLSv1.3": 1}


def test_combinations_are_counted_however_many_there_could_be() -> None:
    many = make_table("connections", [connection(n, sni=f"{n % 300}", alpn=f"{n % 300}") for n in range(600)])
    found = counted(None, words(many, "sni"), words(many, "alpn"))
    assert len(found) == 300
    assert set(found.values()) == {2}
    assert list(found)[:2] == [("0", "0"), ("1", "1")]


def test_a_server_is_an_address_with_a_port() -> None:
    of = count(None, servers(some()))
    assert of == {("10.0.1.1", 443): 2, ("10.0.1.1", 8443): 1, ("10.0.1.2", 443): 1}


def test_null_is_neither_true_nor_a_number() -> None:
    assert true(some(), "dropped").tolist() == [True, False, False, False]
    assert numbers(some(), "renegotiations").tolist()[:2] == [2, 0]
    assert present(some(), "handshake_s")[1].tolist() == [True, True, False, True]


def test_columns_of_a_slice_and_of_several_parts_read_the_same() -> None:
    parts = pa.concat_tables([some().slice(1, 2), some().slice(3)])
    assert count(None, words(parts, "version")) == {"TLSv1.2": 1, "TLSv1.3": 1}
    assert true(some().slice(1), "dropped").tolist() == [False] * 3


def test_what_hangs_on_connections_finds_its_row_whatever_the_order_of_names() -> None:
    alerts = make_table("alerts", [{"uid": "C000002"}, {"uid": "C000000"}, {"uid": "C000002"}])
    assert rows_of(some(), alerts).tolist() == [2, 0, 2]


def test_nothing_is_counted_in_nothing() -> None:
    empty = make_table("connections", [])
    assert counted(None, words(empty, "version"), servers(empty)) == {}
    assert rows_of(empty, make_table("alerts", [])).tolist() == []
