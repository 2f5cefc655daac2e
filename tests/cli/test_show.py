"""`tlscap show`: one connection of a capture, by its name or the beginning of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.program import tlscap

PCAPS = Path(__file__).parent.parent.parent / "pcaps"
CAPTURE, KEYLOG = PCAPS / "renegotiation-refused.pcap", PCAPS / "renegotiation-refused.keys"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    done = tlscap("analyze", str(CAPTURE), "--json", cwd=tmp_path_factory.mktemp("analyze"))
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_shows_head_and_ladder(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    done = tlscap("show", str(CAPTURE), rows[0]["uid"], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    head, _, ladder = done.stdout.partition("\n\n")
    assert head.startswith(rows[0]["uid"])
    assert "1 refused" in head
    assert "[client_hello]" in ladder
    assert "Wireshark" not in ladder


def test_the_beginning_of_a_name_will_do(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    whole = tlscap("show", str(CAPTURE), rows[1]["uid"], cwd=tmp_path)
    assert tlscap("show", str(CAPTURE), rows[1]["uid"][:6], cwd=tmp_path).stdout == whole.stdout


def test_with_keys_and_frames(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    done = tlscap("show", str(CAPTURE), rows[0]["uid"], "--keylog", str(KEYLOG), "--frames", cwd=tmp_path)
    assert "[" not in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Wireshark: ip.addr == ")
    assert "handshake_failure (fatal alert)" in done.stdout


@pytest.mark.parametrize(("uid", "why"), [("Cnothing", "no connection"), ("C", "several")])
def test_a_name_that_fits_none_or_several_is_an_error_of_one_line(uid: str, why: str, tmp_path: Path) -> None:
    done = tlscap("show", str(CAPTURE), uid, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_key_log_that_is_not_there_is_an_error_of_one_line(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    for command in (["show", str(CAPTURE), rows[0]["uid"]], ["analyze", str(CAPTURE)]):
        done = tlscap(*command, "--keylog", "nowhere.keys", cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr == "tlscap: nowhere.keys: No such file or directory\n"


def test_a_key_log_line_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    odd = tmp_path / "odd.keys"
    odd.write_text("# comment\nno sense\n" + KEYLOG.read_text())
    done = tlscap("analyze", str(CAPTURE), "--keylog", str(odd), "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert "odd.keys: line 2 " in done.stderr
