"""`tlscap lab`: what it lists, and what it says to strange requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.program import tlscap
from tlscap.cli.lab import run_all
from tlscap.lab.cage import cage
from tlscap.lab.run import lacks
from tlscap.lab.scenario import Scenario, all_scenarios


def test_lists_every_scenario_with_what_it_shows(tmp_path: Path) -> None:
    done = tlscap("lab", "list", cwd=tmp_path)
    assert done.returncode == 0
    assert "\nreneg-refused  (about " in done.stdout and "haproxy-mtls-tickets" in done.stdout
    assert "\n    Settings: seed=1 rounds=2\n" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such"], "no scenario no-such"),
        (["reneg-ok", "--set", "rounds"], "KEY=VALUE"),
        (["reneg-ok", "--set", "rounds=many"], "not a whole number"),
        (["reneg-ok", "--set", "rounds=1.5"], "not a whole number"),
        (["reneg-ok", "--set", "rounds=0"], "must be a whole number above 0"),
        (["healthy", "--set", "load_s=nan"], "must be a number above 0"),
        (["packet-loss", "--set", "lost=-1"], "must be a number from 0"),
        (["idle-timeout-middlebox", "--set", "how=loudly"], "must be silent or reset"),
        (["mix", "--set", "shares=healthy=10,nobody=1"], "must be what looks like healthy=50,"),
        (["all", "--set", "colour=blue"], "no scenario has a setting colour"),
        (["all", "--set", "seed=x"], "not a whole number"),
        (["reneg-ok", "--set", "colour=blue"], "no setting colour"),
        (["missing.py"], "no such file"),
    ],
)
def test_says_in_a_line_what_is_wrong_with_a_request(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = tlscap("lab", "run", *arguments, "-o", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_touches_no_folder_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    done = tlscap("lab", "run", "reneg-refused", "-o", tmp_path, cwd=tmp_path)
    assert done.returncode == 2 and "no run of the lab left it" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


@pytest.mark.skipif(not cage(), reason="network namespaces are not allowed here")
def test_plays_the_others_when_one_of_all_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edges = all_scenarios()["edges"]
    if lacks(edges):
        pytest.skip("edges lacks a program")
    known = {
        "lacking": Scenario("lacking", "Lacks a program.", print, needs=("no-such-program",)),
        "unheard-of": Scenario("unheard-of", "Is in no file.", print),
        "edges": edges,
    }
    assert run_all(known, tmp_path, {"seed": "2"}) == 2
    said = capsys.readouterr()
    assert [line.split()[:2] for line in said.out.splitlines()[1:-1]] == [
        ["lacking", "skipped"],
        ["unheard-of", "FAILED"],
        ["edges", "played"],
    ]
    assert said.out.splitlines()[-1] == f"1 skipped, 1 FAILED, 1 played: {tmp_path}"
    assert "no-such-program" in said.err and "no scenario unheard-of" in said.err
    assert (tmp_path / "edges" / "truth.jsonl").exists()
    assert run_all({"lacking": known["lacking"]}, tmp_path, {}) == 0
