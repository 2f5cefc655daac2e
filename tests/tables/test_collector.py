"""Facts and verdicts to tables."""

from __future__ import annotations

import pytest

from tables.build import NS, START, block, client_hello, facts, server_hello, tables, verdict
from tlscap.capture.batch import frame_id
from tlscap.engine.coverage import Coverage
from tlscap.engine.facts import Facts
from tlscap.judge.verdict import Alert, Handshake, Message
from tlscap.tables.collector import Collector
from tlscap.tables.database import connect
from tlscap.tables.finish import finish


def connection(of: Facts | None = None, **told: object) -> dict[str, object]:
    of = of or facts()
    return tables([(of, verdict(of, **told))]).connections.to_pylist()[0]


def ns_of(table, column: str) -> list[int | None]:
    return table[column].cast("int64").to_pylist()


def test_nothing_gives_empty_tables() -> None:
    assert [table.num_rows for table in tables([], captures=()).by_name().values()] == [0] * 7


def test_who_and_hello_are_told_by_name() -> None:
    row = connection()
    assert (row["client_ip"], row["client_port"], row["server_ip"], row["server_port"]) == (
        "10.0.0.1",
        40000,
        "10.0.1.1",
        443,
    )
    assert row["cipher"] == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert row["client_version"] == "TLSv1.2"
    assert (row["sni"], row["alpn_offered"], row["transport"]) == ("example.org", ["h2", "http/1.1"], "tcp")
    assert row["ja3"] == client_hello().ja3
    assert row["ja4"] == client_hello().ja4
    assert row["ja3s"] == server_hello().ja3s
    assert row["first_frame"] == {"file": "a.pcap", "frame": 1}


def test_ipv6_is_written_as_rfc_5952_says() -> None:
    of = facts()
    of.client.ip = bytes.fromhex("20010db8000000000000000000000001")
    assert connection(of)["client_ip"] == "2001:db8::1"


def test_what_never_came_is_null() -> None:
    of = facts(client_hello=None, server_hello=None, hello_ns=0)
    row = connection(of, established_ns=0, handshake_ns=-1, version=None, closed_by=None, closed_how=None)
    for name in ("cipher", "sni", "alpn_offered", "resumption_offered", "ja3", "hello_at", "established_at"):
        assert row[name] is None, name
    for name in ("handshake_s", "tcp_rtt_s", "version", "closed_by", "proxied_client_port", "pending", "preamble"):
        assert row[name] is None, name


def test_zero_is_not_null() -> None:
    of = facts(rtt_ns=0)
    row = connection(of, handshake_ns=0, idle_before_close_ns=0, pending=False, drop_confidence=0.0)
    assert (row["tcp_rtt_s"], row["handshake_s"], row["idle_before_close_s"]) == (0.0, 0.0, 0.0)
    assert (row["pending"], row["drop_confidence"]) == (False, 0.0)


def test_instants_keep_their_nanoseconds() -> None:
    of = facts()
    of.start_ns = START + 123_456_789
    made = tables([(of, verdict(of))])
    assert ns_of(made.connections, "start") == [START + 123_456_789]


def test_rows_are_sorted_by_start_however_they_ended() -> None:
    rows = [facts(at, port=40000 + n) for n, at in enumerate([3.0, 1.0, 2.0])]
    made = tables(
        [(of, verdict(of, alerts=[Alert(of.start_ns, n, "client", None, None, True)])) for n, of in enumerate(rows)]
    )
    assert made.connections["client_port"].to_pylist() == [40001, 40002, 40000]
    assert made.alerts["uid"].to_pylist() == made.connections["uid"].to_pylist()


def test_the_uid_is_the_same_whatever_else_was_captured() -> None:
    one, other = facts(1.0), facts(0.5, port=40001)
    alone = tables([(one, verdict(one))]).connections["uid"].to_pylist()
    one.first_frame = frame_id(1, 1)  # the same packet, now in the second of two files
    both = tables([(other, verdict(other)), (one, verdict(one))]).connections["uid"].to_pylist()
    assert both[1:] == alone


def test_evidence_goes_along_when_rows_are_sorted() -> None:
    late, early = facts(2.0), facts(1.0, port=40001)
    made = tables(
        [
            (late, verdict(late, evidence=[5, frame_id(1, 6)])),
            (early, verdict(early, evidence=[7])),
        ]
    )
    assert made.connections["evidence"].to_pylist() == [
        [{"file": "a.pcap", "frame": 7}],
        [{"file": "a.pcap", "frame": 5}, {"file": "b.pcap", "frame": 6}],
    ]


def test_what_is_unknown_says_why() -> None:
    first, second = facts(), facts(1.0)
    made = tables(
        [
            (first, verdict(first, unknown={"alpn": "encrypted", "group": "not_captured"})),
            (second, verdict(second)),
        ]
    )
    assert made.connections["unknown"].to_pylist() == [[("alpn", "encrypted"), ("group", "not_captured")], []]


def test_handshakes_carry_their_messages() -> None:
    of = facts()
    messages = [
        Message(of.start_ns, 4, "client", "client_hello", 200),
        Message(of.start_ns + 1, 5, "server", "server_hello", 80),
    ]
    first = Handshake(0, "client", "full", "completed", False, "clear", 1.0, of.start_ns, NS // 50, messages=messages)
    second = Handshake(1, "server", "unknown", "refused", True, "inferred", 0.9, of.start_ns + NS)
    rows = tables([(of, verdict(of, handshakes=[first, second]))]).handshakes
    assert rows["number"].to_pylist() == [0, 1]
    assert rows["outcome"].to_pylist() == ["completed", "refused"]
    assert rows["handshake_s"].to_pylist() == [0.02, None]
    inner = rows["messages"].combine_chunks()
    assert inner.values.field("type").to_pylist() == ["client_hello", "server_hello"]
    assert inner.values.field("length").to_pylist() == [200, 80]
    assert inner.values.field("frame").to_pylist()[1] == {"file": "a.pcap", "frame": 5}
    assert inner.offsets.to_pylist() == [0, 2, 2]


def test_alerts_and_anomalies_hang_on_their_connection() -> None:
    of = facts(anomalies=((START + 7, 9, "gap", "1448 bytes were never captured"),), anomalies_cut=3)
    alert = Alert(of.start_ns, 8, "server", "fatal", "handshake_failure", False)
    made = tables([(of, verdict(of, alerts=[alert]))])
    assert made.alerts["uid"].to_pylist() == made.connections["uid"].to_pylist()
    assert made.alerts["description"].to_pylist() == ["handshake_failure"]
    assert made.anomalies["kind"].to_pylist() == ["gap", "not_listed"]
    assert made.anomalies["frame"].to_pylist() == [{"file": "a.pcap", "frame": 9}, None]
    assert made.anomalies["detail"].to_pylist()[1].startswith("3 more")


def test_a_file_name_that_is_no_utf_8_is_written_out() -> None:
    of = facts()
    made = tables([(of, verdict(of))], captures=("caf\udce9.pcap",))
    assert made.connections["capture"].to_pylist() == ["caf\\udce9.pcap"]
    assert made.coverage["capture"].to_pylist() == ["caf\\udce9.pcap"]


def test_coverage_is_a_row_a_capture() -> None:
    coverage = Coverage("a.pcap")
    coverage.packets, coverage.first_ns, coverage.link_types = 7, START, {1: 7}
    coverage.recognised, coverage.damage = {"quic": (2, 900)}, ["cut short after frame 7"]
    coverage.filtered, coverage.comments = 3, ["frame 2: here"]
    row = finish(Collector(), [coverage, Coverage("b.pcap")], lambda digest: None).coverage.to_pylist()
    assert [each["capture"] for each in row] == ["a.pcap", "b.pcap"]
    assert (row[0]["packets"], row[0]["kernel_dropped"], row[0]["end"]) == (7, None, None)
    assert (row[0]["recognised_connections"], row[0]["recognised_bytes"]) == ([("quic", 2)], [("quic", 900)])
    assert row[0]["damage"] == ["cut short after frame 7"]
    assert (row[0]["filtered"], row[0]["comments"]) == (3, ["frame 2: here"])
    assert (row[1]["filtered"], row[1]["comments"]) == (0, [])


@pytest.mark.parametrize("count", [1023, 1024, 1025, 3000])
def test_many_rows_come_back_in_order(count: int) -> None:
    rows = [facts(n / 10, port=1 + n) for n in range(count)]
    made = tables([(of, verdict(of, evidence=[n + 1])) for n, of in enumerate(rows)])
    assert made.connections["client_port"].to_pylist() == list(range(1, count + 1))
    assert [each[0]["frame"] for each in made.connections["evidence"].to_pylist()] == list(range(1, count + 1))
    assert len(set(made.connections["uid"].to_pylist())) == count


def test_duckdb_reads_every_column_of_every_table_whether_empty_or_not() -> None:
    rows = [facts(n, port=1 + n) for n in range(3000)]
    rows[-1].tunnel = ("vlan:12",)
    busy = tables([(of, verdict(of)) for of in rows])
    for made in (tables([], captures=()), tables([(rows[0], verdict(rows[0]))]), busy):
        connection = connect(made)
        for name, table in made.by_name().items():
            assert connection.sql(f"select * from {name}").to_arrow_table().num_rows == table.num_rows


def test_endpoints_are_those_of_servers_that_spoke_tls() -> None:
    of = facts()
    collector = Collector()
    collector.add(block([of]), [verdict(of)])
    counts = {(of.server.ip, 443, START): [1, 2, 3, 4, 5], (of.server.ip, 80, START): [9, 9, 9, 9, 9]}
    (row,) = finish(collector, [Coverage("a.pcap")], lambda digest: None, counts).endpoints.to_pylist()
    assert (row["server_ip"], row["server_port"]) == ("10.0.1.1", 443)
    assert [row[name] for name in ("refused", "unanswered", "silent", "plain_http", "other")] == [1, 2, 3, 4, 5]
