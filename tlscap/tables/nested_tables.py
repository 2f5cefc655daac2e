"""The tables of what hangs on connections: handshakes, alerts, anomalies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tlscap.tables import arrow, grown
from tlscap.tables.arrow import Coded
from tlscap.tables.form_rows import ALERT_COLUMNS, HANDSHAKE_COLUMNS, AlertForms, HandshakeForms
from tlscap.tables.nested_rows import AlertRows, AnomalyRows, HandshakeRows
from tlscap.tables.schema import arrow_schema, arrow_type, table

_MESSAGE = ("message_frame", "message_time", "message_sender", "message_type", "message_length")


@dataclass(slots=True)
class Parents:
    """The connections in their final order, as far as what hangs on them needs it."""

    uid: pa.Array
    where: NDArray[np.int64]  # for each row as it was collected the row that it is now
    files: pa.Array
    client_certificate: Coded  # after lineage


def handshake_table(rows: HandshakeRows, forms: HandshakeForms, parents: Parents) -> pa.Table:
    """The table `handshakes`; the first handshake's client certificate is what lineage made of the connection's."""
    names = [name for name in table("handshakes").names() if name not in ("uid", "messages", *HANDSHAKE_COLUMNS)]
    columns = _sorted(rows, ["form", *names, "message_count", *_MESSAGE], parents, {"message_count": list(_MESSAGE)})
    columns |= grown.spread(grown.taken(forms, HANDSHAKE_COLUMNS), columns["form"])
    first, certificate, connections = columns["number"] == 0, columns["client_certificate"], parents.client_certificate
    if len(first):
        final = np.array([certificate.code(key) for key in connections.keys] + [-1], np.int32)
        inherited = final[connections.codes[columns["connection"]]]
        certificate.codes = np.where(first & (certificate.codes >= 0), inherited, certificate.codes)
    made = {"messages": arrow.lists(columns["message_count"], _messages(columns, parents.files))}
    return _table("handshakes", columns, made, parents)


def alert_table(rows: AlertRows, forms: AlertForms, parents: Parents) -> pa.Table:
    """The table `alerts`."""
    names = [name for name in table("alerts").names() if name not in ("uid", *ALERT_COLUMNS)]
    columns = _sorted(rows, ["form", *names], parents, {})
    columns |= grown.spread(grown.taken(forms, ALERT_COLUMNS), columns["form"])
    return _table("alerts", columns, {}, parents)


def anomaly_table(rows: AnomalyRows, parents: Parents) -> pa.Table:
    """The table `anomalies`."""
    names = [name for name in table("anomalies").names() if name != "uid"]
    return _table("anomalies", _sorted(rows, names, parents, {}), {}, parents)


def _sorted(rows: object, names: list[str], parents: Parents, lists: dict[str, list[str]]) -> dict[str, Any]:
    """The columns in the order of the connections, and within one as they were collected."""
    columns = grown.taken(rows, ["connection", *names])
    columns["connection"] = parents.where[columns["connection"]]
    order = np.argsort(columns["connection"], kind="stable")
    grown.reorder(columns, order, lists)
    return columns


def _messages(columns: dict[str, Any], files: pa.Array) -> pa.Array:
    children = [
        arrow.frames(columns["message_frame"], files),
        arrow.numbers(columns["message_time"], arrow.INSTANT, 0),
        arrow.names(columns["message_sender"]),
        arrow.names(columns["message_type"]),
        arrow.numbers(columns["message_length"], pa.int64(), -1),
    ]
    return pa.StructArray.from_arrays(children, fields=list(arrow_type("messages").value_type))


def _table(name: str, columns: dict[str, Any], made: dict[str, pa.Array], parents: Parents) -> pa.Table:
    made = made | {"uid": arrow.references(columns["connection"], parents.uid)}
    arrays = []
    for column in table(name).columns:
        if column.name in made:
            arrays.append(made[column.name])
        elif column.type == "frame":
            arrays.append(arrow.frames(columns[column.name], parents.files))
        else:
            arrays.append(arrow.column(column, columns[column.name]))
    return pa.Table.from_arrays(arrays, schema=arrow_schema(name))
