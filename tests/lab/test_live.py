"""Scenarios played live: every fact that their programs told must be what tlscap says of the capture."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from samples.compare import FACTS, Sample, sample_of
from tlscap.lab.cage import cage
from tlscap.lab.run import lacks
from tlscap.lab.scenario import find_scenario

LIVE = (
    "reneg-ok", "reneg-refused", "haproxy-mtls-tls13", "idle-timeout-server", "tls13-key-update",
    "middlebox-rewrites", "reneg-httpd-client-cert",
)  # fmt: skip
TLSCAP = (sys.executable, "-m", "tlscap")
SECONDS = 60
"""For a scenario of a few seconds, on a machine that is doing other things."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "run" in metafunc.fixturenames:
        made = metafunc.config.getoption("--lab-run", default=None)
        metafunc.parametrize("run", made or LIVE, indirect=True, scope="module")


@pytest.fixture(scope="module")
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run left, made now or given by --lab-run."""
    name: str = request.param
    if (Path(name) / "run.json").exists():
        return Path(name)
    if not cage():
        pytest.skip("network namespaces are not allowed here")
    if missing := lacks(find_scenario(name)):
        pytest.skip(f"{name} needs {', '.join(missing)}")
    directory = tmp_path_factory.mktemp("lab") / name
    done = subprocess.run(
        [*TLSCAP, "lab", "run", name, "-o", str(directory)], capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, f"{done.stderr}\n{_failure(directory)}"
    return directory


@pytest.fixture(scope="module")
def about(run: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((run / "run.json").read_text())
    return told


@pytest.fixture(scope="module")
def samples(run: Path, about: dict[str, Any]) -> list[Sample]:
    """Each point's capture, with the connections that passed it: without keys, and with those in the pcapng."""
    rows = [json.loads(line) for line in (run / "truth.jsonl").read_text().splitlines()]
    return [
        sample_of(
            about["scenario"],
            run / f"capture-{point}.{kind}",
            [row | row.get("at", {}).get(point, {}) for row in rows if point in row["points"]],
        )
        for point in about["points"]
        for kind in ("pcap", "pcapng")
    ]


def test_every_connection_is_in_the_truth_and_in_the_capture(samples: list[Sample]) -> None:
    assert samples
    for sample in samples:
        assert sample.told and set(sample.told) == set(sample.found)


@pytest.mark.parametrize("fact", FACTS)
def test_says_of_each_connection_what_its_programs_said(samples: list[Sample], fact: str) -> None:
    assert [sample.unexplained(fact) for sample in samples] == [{} for _ in samples]


def test_gives_a_reason_wherever_it_cannot_tell_what_a_program_could(samples: list[Sample]) -> None:
    assert [sample.silent() for sample in samples] == [set() for _ in samples]


def test_sees_every_fatal_alert_that_an_end_told(samples: list[Sample]) -> None:
    assert [sample.missed_alerts() for sample in samples] == [[] for _ in samples]


def test_the_ledger_has_the_renegotiations_that_an_end_traced(samples: list[Sample]) -> None:
    assert [sample.misread_renegotiations() for sample in samples] == [{} for _ in samples]


def test_the_history_has_the_key_updates_that_an_end_traced(samples: list[Sample]) -> None:
    assert [sample.misread_key_updates() for sample in samples] == [{} for _ in samples]


def test_client_and_server_agree(samples: list[Sample]) -> None:
    disputed = [row["disputed"] for sample in samples for row in sample.told.values() if "disputed" in row]
    assert disputed == []


def test_the_pcapng_holds_the_same_packets_and_the_keys(
    run: Path, about: dict[str, Any], samples: list[Sample]
) -> None:
    for plain, keyed in zip(samples[::2], samples[1::2]):
        assert set(plain.found) == set(keyed.found)
    for point in about["points"]:
        assert (run / "keys.txt").read_bytes() in (run / f"capture-{point}.pcapng").read_bytes()
    assert b"CLIENT_RANDOM" in (run / "keys.txt").read_bytes() or b"CLIENT_HANDSHAKE" in (run / "keys.txt").read_bytes()


def test_records_versions_settings_and_events(run: Path, about: dict[str, Any]) -> None:
    assert set(about["needs"]) <= {*about["programs"], "openssl"}
    assert "seed" in about["settings"]
    assert next(csv.reader((run / "annotations.csv").open())) == ["time", "event", "detail"]


def _failure(directory: Path) -> str:
    path = directory / "failure.txt"
    return path.read_text() if path.exists() else ""
