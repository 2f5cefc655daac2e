from __future__ import annotations

import json

from tables.build import START, facts, tables, verdict
from tlscap.judge.verdict import Alert, Handshake, Message
from tlscap.tables.jsonl import BATCH, render_json_lines
from tlscap.tables.schema import table


def objects(*rows) -> list[dict]:
    return [json.loads(line) for line in render_json_lines(tables(list(rows)))]


def test_an_object_has_the_columns_and_what_hangs_on_the_connection() -> None:
    of = facts()
    (row,) = objects((of, verdict(of)))
    nested = {"schema_version", "handshakes", "alerts", "anomalies"}
    assert set(row) == set(table("connections").names()) | nested
    assert row["schema_version"] == 1
    assert (row["client_port"], row["sni"], row["dropped"], row["resumption"]) == (40000, "example.org", False, None)
    assert row["alpn_offered"] == ["h2", "http/1.1"]
    assert row["first_frame"] == {"file": "a.pcap", "frame": 1}


def test_instants_are_rfc_3339_with_nine_digits_and_durations_seconds() -> None:
    of = facts(rtt_ns=1)
    of.start_ns = START + 1
    (row,) = objects((of, verdict(of, handshake_ns=12_345_678)))
    assert row["start"] == "2026-11-22T10:00:00.000000001Z"
    assert (row["handshake_s"], row["tcp_rtt_s"]) == (0.012345678, 1e-9)


def test_what_is_unknown_is_an_object() -> None:
    of, other = facts(), facts(1)
    first, second = objects((of, verdict(of, unknown={"alpn": "encrypted"})), (other, verdict(other)))
    assert (first["unknown"], second["unknown"]) == ({"alpn": "encrypted"}, {})


def test_alerts_handshakes_and_anomalies_are_nested_in_their_connection() -> None:
    late, early = facts(2, anomalies=((0, 0, "gap", 'it\'s "strange"\x1b[2J'),)), facts(1, port=40001)
    message = Message(START + 5, 7, "client", "client_hello", 200)
    handshake = Handshake(0, "client", "full", "completed", False, "clear", 1.0, START, messages=[message])
    first, second = objects(
        (late, verdict(late)),
        (early, verdict(early, handshakes=[handshake], alerts=[Alert(START, 9, "server", None, None, True)])),
    )
    assert first["anomalies"] == [] and second["alerts"] == [] and second["handshakes"] == []
    assert first["handshakes"][0]["messages"] == [
        {
            "frame": {"file": "a.pcap", "frame": 7},
            "time": "2026-11-22T10:00:00.000000005Z",
            "sender": "client",
            "type": "client_hello",
            "length": 200,
        }
    ]
    assert first["alerts"][0]["level"] is None
    assert second["anomalies"] == [{"time": None, "frame": None, "kind": "gap", "detail": 'it\'s "strange"\x1b[2J'}]


def test_a_line_is_ascii_without_control_characters() -> None:
    of = facts(anomalies=((0, 0, "odd", "\x1b]0;owned\x07\x00\u202e\x9b"),))
    (line,) = render_json_lines(tables([(of, verdict(of))]))
    assert line.isascii() and line.isprintable()


def test_more_than_a_batch_comes_out_in_order() -> None:
    rows = [facts(n, port=1 + n) for n in range(BATCH + 5)]
    made = objects(
        *(
            (of, verdict(of, alerts=[Alert(of.start_ns, n + 1, "client", None, None, True)]))
            for n, of in enumerate(rows)
        )
    )
    assert [row["client_port"] for row in made] == list(range(1, BATCH + 6))
    assert [row["alerts"][0]["frame"]["frame"] for row in made] == list(range(1, BATCH + 6))
    assert made[-1]["start"] == f"2026-11-22T10:{(BATCH + 4) // 60:02}:{(BATCH + 4) % 60:02}.000000000Z"


def test_nothing_gives_no_line() -> None:
    assert objects() == []
