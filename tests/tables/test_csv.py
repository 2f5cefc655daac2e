from __future__ import annotations

import csv

import pytest

from tables.build import client_hello, facts, tables, verdict
from tlscap.tables.csv import cell, render_csv
from tlscap.tables.schema import table


def rows(*connections) -> list[dict[str, str]]:
    return list(csv.DictReader(render_csv(tables(list(connections)))))


def test_a_line_has_the_columns_of_connections() -> None:
    of = facts(rtt_ns=5)
    (row,) = rows((of, verdict(of, evidence=[3, 4], unknown={"alpn": "encrypted", "group": "cut"})))
    assert tuple(row) == table("connections").names()
    assert (row["client_ip"], row["client_port"], row["dropped"]) == ("10.0.0.1", "40000", "false")
    assert (row["resumption"], row["pending"], row["tcp_rtt_s"]) == ("", "", "5e-09")
    assert row["alpn_offered"] == "h2 http/1.1"
    assert row["evidence"] == "a.pcap#3 a.pcap#4"
    assert row["unknown"] == "alpn=encrypted group=cut"
    assert row["start"] == "2026-11-22T10:00:00.000000000Z"


def test_an_instant_that_never_came_is_an_empty_cell() -> None:
    of = facts(hello_ns=0)
    assert rows((of, verdict(of)))[0]["hello_at"] == ""


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_a_spreadsheet_would_execute_is_defused(evil: str) -> None:
    assert cell(evil).startswith("'")


def test_control_characters_are_written_out() -> None:
    made = cell("a\x1b[2J\x00\u202e\nb")
    assert made == "a\\x1b[2J\\x00\\u202e\\nb"
    assert cell("\x1b=1") == "\\x1b=1"


def test_quotes_and_commas_come_back_as_they_were() -> None:
    for text in ("a,b", 'a"b', '","', "plain", "=1,2"):
        (read,) = csv.reader([cell(text)])
        assert read == [("'" if text.startswith("=") else "") + text]


def test_a_server_name_that_is_a_formula_cannot_get_through() -> None:
    of = facts(client_hello=client_hello(sni=b'=cmd|"/c calc"!A1'))
    assert rows((of, verdict(of)))[0]["sni"] == '\'=cmd|"/c calc"!A1'


def test_nothing_gives_a_header() -> None:
    assert rows() == []
