"""What holds for every table of every capture: the schema's promises, on the project's samples."""

from __future__ import annotations

from pathlib import Path

import pytest

import tlscap
from tlscap.tables.schema import TABLES, table

SAMPLES = sorted((Path(__file__).parents[2] / "pcaps").glob("*.pcap"))


@pytest.fixture(scope="module", params=SAMPLES, ids=lambda path: path.stem)
def sample(request: pytest.FixtureRequest) -> tlscap.Analysis:
    return tlscap.analyze(request.param)


def none(analysis: tlscap.Analysis, query: str) -> bool:
    return analysis.sql(query).num_rows == 0


def test_words_are_those_that_the_schema_lists(sample: tlscap.Analysis) -> None:
    for each in TABLES:
        for column in each.columns:
            if column.values:
                words = ", ".join(f"'{word}'" for word in column.values)
                assert none(sample, f'select "{column.name}" from {each.name} where "{column.name}" not in ({words})')


def test_numbers_are_in_their_range(sample: tlscap.Analysis) -> None:
    for each in TABLES:
        for column in each.columns:
            if column.unit == "0 to 1":
                assert none(sample, f"select 1 from {each.name} where {column.name} not between 0 and 1"), column.name
            elif column.type in ("int32", "int64", "float64"):
                assert none(sample, f"select 1 from {each.name} where {column.name} < 0"), column.name


def test_what_is_unknown_is_named_by_its_column_and_not_told(sample: tlscap.Analysis) -> None:
    for row in sample.sql("select unknown from connections").to_pylist():
        for name, reason in row["unknown"]:
            assert name in table("connections").names()
            assert reason in ("not_captured", "encrypted", "one_sided", "cut")
    named = sample.sql("select distinct unnest(map_keys(unknown)) as name from connections").to_pylist()
    for name in (row["name"] for row in named):
        told = f"unknown['{name}'] is not null and \"{name}\"::varchar not in ('unknown', 'unseen')"
        assert none(sample, f"select 1 from connections where {told}"), name


def test_frames_are_frames_of_the_capture(sample: tlscap.Analysis) -> None:
    frames = [
        "select first_frame as place from connections",
        "select last_frame from connections",
        "select unnest(evidence) from connections",
        "select frame from alerts",
        "select unnest(messages).frame from handshakes",
        "select frame from anomalies where frame is not null",
    ]
    strange = f"""
        select place from ({" union all ".join(frames)}) left join coverage on place.file = capture
        where place is null or packets is null or place.frame not between 1 and packets
    """
    assert none(sample, strange)


def test_rows_are_in_order_and_uids_tell_them_apart(sample: tlscap.Analysis) -> None:
    starts = sample.sql("select epoch_ns(start) as ns from connections")["ns"].to_pylist()
    assert starts == sorted(starts)
    uids = sample.connections["uid"].to_pylist()
    assert len(set(uids)) == len(uids)
    for name in ("handshakes", "alerts", "anomalies"):
        assert none(sample, f"select uid from {name} where uid not in (select uid from connections)")


def test_a_resumed_connection_comes_after_its_parent(sample: tlscap.Analysis) -> None:
    joined = """
        select child.uid from connections child left join connections parent on child.resumed_from = parent.uid
        where child.resumed_from is not null and (parent.uid is null or not parent.start < child.start
            or child.resumed_from_confidence is null or child.resumption is null)
    """
    assert none(sample, joined)


def test_instants_of_a_connection_are_within_it(sample: tlscap.Analysis) -> None:
    instants = ("hello_at", "established_at", "last_data_at")
    outside = " or ".join(f'not {name} between start and "end"' for name in instants)
    assert none(sample, f"select uid from connections where {outside}")


def test_only_connections_that_were_established_are_dropped(sample: tlscap.Analysis) -> None:
    assert none(sample, "select uid from connections where dropped and established is false")
    assert none(sample, "select uid from connections where dropped and drop_confidence is null")
