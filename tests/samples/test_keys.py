"""With the clients' keys tlscap says of every sample what its programs said, and of what is decrypted without doubt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from samples.compare import FACTS, Row, Sample, sample_of, scenario_of

KEYLOGS = sorted((Path(__file__).parent.parent.parent / "pcaps").glob("*.keys"))


@pytest.fixture(scope="module", params=KEYLOGS, ids=lambda path: path.stem)
def keylog(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def sample(keylog: Path) -> Sample:
    truth: dict[str, Any] = json.loads(keylog.with_suffix(".truth.json").read_text(encoding="utf-8"))
    return sample_of(scenario_of(truth), keylog.with_suffix(".pcap"), truth["connections"], keylog)


def found(sample: Sample, query: str) -> list[Row]:
    return sample.analysis.sql(query).to_pylist()


@pytest.mark.parametrize("fact", FACTS)
def test_says_of_each_connection_what_its_programs_said(sample: Sample, fact: str) -> None:
    assert sample.unexplained(fact) == {}


def test_reads_every_fatal_alert_that_a_client_told_by_name(sample: Sample) -> None:
    assert sample.missed_alerts() == []
    query = (
        "select a.* from alerts a join connections c using (uid) where a.basis = 'inferred' and c.version is not null"
    )
    assert found(sample, query) == []


def test_leaves_no_brackets_where_the_hellos_were_seen(sample: Sample) -> None:
    assert (
        found(sample, "select uid, history from connections where version is not null and contains(history, '[')") == []
    )


def test_every_handshake_that_was_encrypted_was_decrypted(sample: Sample) -> None:
    query = "select h.* from handshakes h where h.encrypted and (h.basis <> 'decrypted' or h.confidence < 1)"
    assert found(sample, query) == []


def test_misses_no_key(sample: Sample) -> None:
    query = "select a.kind, c.version from anomalies a join connections c using (uid) where kind like 'key%'"
    assert [row for row in found(sample, query) if row["version"] is not None] == []
