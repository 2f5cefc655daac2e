"""`tlscap lab`: what it lists, and what it says to strange requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.program import tlscap


def test_lists_every_scenario_with_what_it_shows(tmp_path: Path) -> None:
    done = tlscap("lab", "list", cwd=tmp_path)
    assert done.returncode == 0
    assert "\nreneg-refused  (about " in done.stdout and "haproxy-mtls-tickets" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such"], "no scenario no-such"),
        (["reneg-ok", "--set", "rounds"], "KEY=VALUE"),
        (["reneg-ok", "--set", "rounds=many"], "not a number"),
        (["reneg-ok", "--set", "colour=blue"], "no setting colour"),
        (["missing.py"], "no such file"),
    ],
)
def test_says_in_a_line_what_is_wrong_with_a_request(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = tlscap("lab", "run", *arguments, "-o", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_touches_no_folder_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    done = tlscap("lab", "run", "reneg-refused", "-o", tmp_path, cwd=tmp_path)
    assert done.returncode == 2 and "no run of the lab left it" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
