"""Columns of numbers to pyarrow tables, once the whole run is known: order, lineage, names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tlscap.capture.batch import FRAME_MASK
from tlscap.engine.coverage import Coverage
from tlscap.tables import arrow, grown
from tlscap.tables.certificate_table import certificate_table
from tlscap.tables.community import TEXT_CHARACTERS as COMMUNITY_CHARACTERS
from tlscap.tables.community import community_digests, community_texts
from tlscap.tables.connection_rows import ELSEWHERE, FINISHED, INGREDIENTS, LISTS
from tlscap.tables.connections import CONNECTIONS
from tlscap.tables.counting import places
from tlscap.tables.coverage_table import coverage_table
from tlscap.tables.described import Described
from tlscap.tables.endpoint_table import Endpoint, endpoint_table
from tlscap.tables.form_rows import PROFILE_COLUMNS, VERDICT_COLUMNS
from tlscap.tables.grown import Columns
from tlscap.tables.inheritance import carry_client_certificates, lineage
from tlscap.tables.nested_tables import Parents, alert_table, anomaly_table, handshake_table
from tlscap.tables.schema import arrow_schema
from tlscap.tables.texts import key_texts
from tlscap.tables.uid import TEXT_CHARACTERS as UID_CHARACTERS
from tlscap.tables.uid import uids

if TYPE_CHECKING:
    from tlscap.tables.collector import Collector
    from tlscap.tables.united import United


@dataclass(slots=True)
class Tables:
    """The tables of a run; each is a pyarrow.Table with the schema of its name."""

    connections: pa.Table
    handshakes: pa.Table
    alerts: pa.Table
    certificates: pa.Table
    anomalies: pa.Table
    endpoints: pa.Table
    coverage: pa.Table

    def by_name(self) -> dict[str, pa.Table]:
        """Table name to table."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def finish(
    collected: Collector | United,
    coverage: Sequence[Coverage],
    certificate: Callable[[bytes], bytes | None],
    endpoints: Mapping[Endpoint, Sequence[int]] | None = None,
) -> Tables:
    """The tables, sorted by start; what was collected is empty afterwards.

    `coverage` is by file index and names the files. `certificate` gives the DER of a SHA-256 digest.
    `endpoints` counts connections without TLS, as `engine.endpoints` does.
    """
    kept = [c.name for c in CONNECTIONS.columns if c.name not in ELSEWHERE] + list(INGREDIENTS)
    columns = grown.taken(collected.connections, kept)
    columns["flow"] = _flows(columns)
    text = np.frombuffer(
        uids(columns["flow"], columns["start"], columns["first_frame"] & FRAME_MASK), f"S{UID_CHARACTERS}"
    )
    order = _in_order(columns["start"], text)
    grown.reorder(columns, order, LISTS)
    columns |= grown.spread(grown.taken(collected.verdicts, VERDICT_COLUMNS), columns.pop("verdict"))
    columns |= grown.spread(grown.taken(collected.profiles, PROFILE_COLUMNS), columns.pop("profile"))
    files = pa.array([arrow.storable(each.capture) for each in coverage], pa.string())
    text = text[order]
    uid = arrow.fixed_texts(text.tobytes(), UID_CHARACTERS)
    found = lineage(columns)
    resumed, offered = found.resumed, found.offered
    carry_client_certificates(columns, found)
    described = Described(certificate)
    made = (
        {"uid": uid}
        | _made(columns, files, described)
        | {
            "resumed_from": arrow.used(resumed.parent, text),
            "resumed_from_confidence": arrow.numbers(
                np.where(resumed.parent >= 0, resumed.confidence, -1.0), pa.float64(), -1.0
            ),
            "offered_from": arrow.used(offered.parent, text),
        }
    )
    parents = Parents(uid, grown.inverse(order), files, columns["client_certificate"])
    _, _, servers = places(columns["server_ip"], columns["server_port"])
    return Tables(
        connections=_connections(columns, made, files),
        handshakes=handshake_table(collected.handshakes, collected.handshake_forms, parents),
        alerts=alert_table(collected.alerts, collected.alert_forms, parents),
        certificates=certificate_table(collected.certificates, described),
        anomalies=anomaly_table(collected.anomalies, parents),
        endpoints=endpoint_table(endpoints or {}, set(servers)),
        coverage=coverage_table(coverage),
    )


def _connections(columns: Columns, made: dict[str, pa.Array], files: pa.Array) -> pa.Table:
    texts = key_texts()
    for column in CONNECTIONS.columns:
        if column.name not in FINISHED:
            values = columns.pop(column.name)
            if column.type == "frame":
                made[column.name] = arrow.frames(values, files)
            else:
                made[column.name] = arrow.column(column, values, texts.get(column.name, str))
    return pa.Table.from_arrays([made[name] for name in CONNECTIONS.names()], schema=arrow_schema("connections"))


def _in_order(start: NDArray[np.int64], uid: NDArray[np.bytes_]) -> NDArray[np.intp]:
    """The rows by their start, and those of one instant by their uid: texts take long to sort, so only these."""
    order = np.argsort(start, kind="stable")
    same = np.diff(start[order]) == 0
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    rows = order[tied]
    order[tied] = rows[np.lexsort((uid[rows], start[rows]))]
    return order


def _flows(columns: Columns) -> NDArray[np.uint8]:
    """The digests of which community ids and uids are made, one a row."""
    protocols = np.array([*columns["transport"].keys, 0], np.uint8)[columns["transport"].codes]
    return community_digests(
        columns["client_ip"], columns["client_port"], columns["server_ip"], columns["server_port"], protocols
    )


def _made(columns: Columns, files: pa.Array, described: Described) -> dict[str, pa.Array]:
    """The columns that are put together from others."""
    server, client = columns["server_leaf"], columns["client_leaf"]

    def told(name: str) -> Callable[[Any], str | None]:
        return lambda digest: described.text(digest, name)

    not_after = np.array([described.not_after_ns(key) for key in server.keys] + [0], np.int64)  # the last: code -1
    return {
        "community_id": arrow.fixed_texts(community_texts(columns["flow"]), COMMUNITY_CHARACTERS),
        "capture": arrow.frames(columns["first_frame"], files).field("file"),
        "client_subject": arrow.names(client, told("subject")),
        "server_subject": arrow.names(server, told("subject")),
        "server_issuer": arrow.names(server, told("issuer")),
        "server_not_after": arrow.numbers(not_after[server.codes], arrow.INSTANT, 0),
        "server_certificate_sha256": arrow.names(server, bytes.hex),
        "evidence": arrow.lists(columns["evidence_count"], arrow.frames(columns["evidence_frame"], files)),
    }
