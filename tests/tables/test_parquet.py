from __future__ import annotations

import resource
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tables.build import facts, tables, verdict
from tlscap.tables.errors import TablesError
from tlscap.tables.finish import Tables
from tlscap.tables.parquet import write_parquet


def some() -> Tables:
    of = facts()
    return tables([(of, verdict(of, evidence=[3], unknown={"alpn": "encrypted"}))])


def test_what_is_read_back_is_what_was_written(tmp_path: Path) -> None:
    made = some()
    paths = write_parquet(made, tmp_path / "tables")
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == sorted(path.name for path in paths)
    for name, table in made.by_name().items():
        back = pq.read_table(tmp_path / "tables" / f"{name}.parquet")
        assert back.schema.metadata[b"schema_version"] == b"1"
        assert back.schema == table.schema
        assert back.to_pylist() == table.to_pylist()


def test_duckdb_reads_them(tmp_path: Path) -> None:
    write_parquet(some(), tmp_path)
    query = (
        f"select client_ip, evidence[1].frame, unknown['alpn'], epoch_ns(start) from '{tmp_path}/connections.parquet'"
    )
    assert duckdb.sql(query).fetchall() == [("10.0.0.1", 3, "encrypted", 1_795_341_600_000_000_000)]


def test_repeating_text_is_dictionary_encoded_in_the_file(tmp_path: Path) -> None:
    write_parquet(some(), tmp_path)
    group = pq.ParquetFile(tmp_path / "connections.parquet").metadata.row_group(0)
    encodings = {group.column(i).path_in_schema: group.column(i).encodings for i in range(group.num_columns)}
    assert "RLE_DICTIONARY" in encodings["cipher"]
    assert "RLE_DICTIONARY" in encodings["first_frame.file"]
    assert "RLE_DICTIONARY" not in encodings["uid"]


def test_writing_again_replaces_what_was_there(tmp_path: Path) -> None:
    write_parquet(some(), tmp_path)
    write_parquet(tables([]), tmp_path)
    assert pq.read_table(tmp_path / "connections.parquet").num_rows == 0


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TablesError) as error:
        write_parquet(some(), tmp_path / "file")
    assert "\n" not in str(error.value)
    assert str(tmp_path / "file") in str(error.value)


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    write_parquet(some(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))  # like a disk that is full
    try:
        with pytest.raises(TablesError, match="cannot be written") as error:
            write_parquet(some(), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(error.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
