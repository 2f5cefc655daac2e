"""`tlscap renegotiations` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

from cli.program import tlscap

PCAPS = Path(__file__).parent.parent.parent / "pcaps"
REFUSED, GRANTED = PCAPS / "renegotiation-refused.pcap", PCAPS / "renegotiation-ok.pcap"


def test_lists_who_asked_and_what_came_of_it(tmp_path: Path) -> None:
    done = tlscap("renegotiations", REFUSED, cwd=tmp_path)
    head, *lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert head.split()[:4] == ["time", "(UTC)", "client", "server"]
    assert lines
    assert all("refused (no_renegotiation)" in line for line in lines)


def test_json_has_the_messages(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in tlscap("renegotiations", GRANTED, "--json", cwd=tmp_path).stdout.splitlines()]
    assert {row["outcome"] for row in rows} == {"completed"}
    assert all(row["messages"][-1]["type"] in ("finished", "new_session_ticket") for row in rows)


def test_rates_by_server_say_what_follows_and_rfc5746(tmp_path: Path) -> None:
    done = tlscap("renegotiations", REFUSED, "--by", "server", "--json", cwd=tmp_path)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    tried = [row for row in rows if row["attempted"]]
    assert sum(row["refused"] for row in tried) == sum(row["attempted"] for row in tried)
    assert sum(row["dropped"] for row in tried) == sum(row["refused"] for row in tried)
    assert all(row["secure"] == row["connections"] and row["insecure"] == 0 for row in rows)
    assert len(tried) < len(rows), "servers that were never asked are there too"


def test_a_drop_counts_only_within_the_time_given(tmp_path: Path) -> None:
    done = tlscap("renegotiations", REFUSED, "--by", "client", "--within", "0", "--json", cwd=tmp_path)
    assert [json.loads(line)["dropped"] for line in done.stdout.splitlines()] == [0]


def test_keys_replace_what_is_inferred(tmp_path: Path) -> None:
    done = tlscap("renegotiations", REFUSED, "--keylog", REFUSED.with_suffix(".keys"), cwd=tmp_path)
    assert "100% decrypted" in done.stdout
    assert "inferred" not in done.stdout


def test_a_capture_that_is_not_there_is_one_line_and_misuse(tmp_path: Path) -> None:
    done = tlscap("renegotiations", "nothing.pcap", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
