"""The ledger of renegotiations as text, and their rates by server, by client or by server name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tlscap.report.printable import printable
from tlscap.report.quantities import address, duration, instant
from tlscap.report.subject import Subject

if TYPE_CHECKING:
    import pyarrow

BY = ("server", "client", "sni")

_GAP = 2

_BATCH = 1024
"""Rows that are Python objects at a time."""

LEDGER = """
select handshakes.*, client_ip, client_port, server_ip, server_port, sni, version, cipher, secure_renegotiation
from handshakes join connections using (uid) where number > 0 order by handshakes.start, uid, number
"""
"""A row each, with its connection."""

_LINES = (
    f"select epoch_ns(start) as start_ns, * exclude (start, messages) from ({LEDGER}) order by start_ns, uid, number"
)

_GROUPS = {
    "server": "server_ip, server_port",
    "client": "client_ip",
    "sni": "sni",
}

Row = Mapping[str, Any]
Columns = Sequence[tuple[str, Callable[[Row], str]]]


def rates(subject: Subject, by: str, within_s: float) -> pyarrow.Table:
    """A row a server, client or server name, those of whose renegotiations most came to nothing first.

    `attempted` is the sum of `completed`, `refused`, `failed`, `stalled` and `unfinished`; `median_s` is that of
    completed ones; `dropped` counts those that a drop followed within `within_s` seconds. RFC 5746: of
    `connections` up to TLS 1.2 whose hellos were seen, `secure` had a server that supports it, and `insecure`
    renegotiations took place where not both sides do. A server is there also without renegotiations.
    """
    group = _GROUPS[by]
    outcomes = ", ".join(
        f"count(*) filter (where outcome = '{word}') as {word}"
        for word in ("completed", "refused", "failed", "stalled", "unfinished")
    )
    having = "" if by == "server" else "where attempted > 0"
    return subject.sql(f"""
with ledger as ({LEDGER}), attempts as (
    select {group}, count(*) as attempted, {outcomes},
        median(handshake_s) filter (where outcome = 'completed') as median_s,
        count(*) filter (where to_drop_s <= {float(within_s)}) as dropped,
        count(*) filter (where outcome = 'completed' and secure_renegotiation <> 'both') as insecure
    from ledger group by all
), peers as (
    select {group}, count(*) as connections,
        count(*) filter (where secure_renegotiation in ('both', 'server')) as secure
    from connections where secure_renegotiation is not null group by all
), all_of_them as (
    select {", ".join(f"coalesce(attempts.{each}, peers.{each}) as {each}" for each in group.split(", "))},
        {", ".join(f"coalesce({each}, 0) as {each}" for each in _COUNTS[:6])}, median_s,
        {", ".join(f"coalesce({each}, 0) as {each}" for each in _COUNTS[6:])}
    from attempts full join peers on {_same(group)}
)
select * from all_of_them {having}
order by (refused + failed + stalled) / greatest(attempted, 1) desc, attempted desc, {group}
""")


_COUNTS = (
    *("attempted", "completed", "refused", "failed", "stalled", "unfinished"),
    *("dropped", "connections", "secure", "insecure"),
)


def _same(group: str) -> str:
    return " and ".join(f"attempts.{each} is not distinct from peers.{each}" for each in group.split(", "))


def untold(subject: Subject) -> int:
    """How many connections with renegotiations have more records than are kept: there may be more of them."""
    told = subject.sql("""
select count(distinct uid) from connections join anomalies using (uid)
where renegotiations > 0 and anomalies.kind in ('too_many_events', 'renegotiations_not_told')
""")
    return int(told.column(0)[0].as_py())


def render_ledger(subject: Subject) -> Iterator[str]:
    """A header and a line a renegotiation, oldest first."""
    yield from _render(subject.sql(_LINES), _LEDGER_COLUMNS)


def render_rates(subject: Subject, by: str, within_s: float) -> Iterator[str]:
    """A header and a line a server, client or server name."""
    names: dict[str, Callable[[Row], str]] = {
        "server": lambda row: address(row["server_ip"], row["server_port"]),
        "client": lambda row: row["client_ip"],
        "sni": lambda row: row["sni"] or "–",
    }
    columns = [
        (by, names[by]),
        *((word, lambda row, word=word: f"{row[word]:,}") for word in ("attempted", "completed")),
        ("refused", lambda row: _of_all(row, row["refused"])),
        ("failed", lambda row: _of_all(row, row["failed"] + row["stalled"])),
        ("median", lambda row: duration(row["median_s"])),
        (f"dropped within {within_s:g} s", lambda row: _of_all(row, row["dropped"])),
        ("RFC 5746", _secure),
    ]
    yield from _render(rates(subject, by, within_s), columns)


def _of_all(row: Row, count: int) -> str:
    """How many, and which share of the attempts."""
    return f"{count:,} ({count / row['attempted']:.0%})" if row["attempted"] and count else f"{count:,}"


def _secure(row: Row) -> str:
    """Whether the server supports it, and how often there was a renegotiation all the same without."""
    if not row["connections"]:
        return "?"
    word = "yes" if row["secure"] == row["connections"] else "no" if not row["secure"] else "sometimes"
    return f"{word}, {row['insecure']:,} without" if row["insecure"] else word


_LEDGER_COLUMNS: Columns = (
    ("time (UTC)", lambda row: instant(row["start_ns"], 3)),
    ("client", lambda row: address(row["client_ip"], row["client_port"])),
    ("server", lambda row: address(row["server_ip"], row["server_port"])),
    ("asked by", lambda row: row["initiator"]),
    ("kind", lambda row: "–" if row["kind"] == "unknown" else row["kind"]),
    ("outcome", lambda row: _outcome(row)),
    ("took", lambda row: duration(row["handshake_s"])),
    ("client cert", lambda row: (row["client_certificate"] or "–").replace("_", " ")),
    ("server cert", lambda row: _certificate(row)),
    ("data after", lambda row: {True: "yes", False: "no", None: "?"}[row["data_afterwards"]]),
    ("drop after", lambda row: duration(row["to_drop_s"])),
    ("sure", lambda row: f"{row['confidence']:.0%} {row['basis']}"),
    ("uid", lambda row: row["uid"]),
)


def _certificate(row: Row) -> str:
    """Encrypted certificates are compared by their lengths: another one is often as long."""
    if row["certificate_changed"] is None:
        return "–"
    same = "same length" if row["basis"] == "inferred" else "same"
    return "changed" if row["certificate_changed"] else same


def _outcome(row: Row) -> str:
    if row["stalled_at"]:
        return f"stalled before {row['stalled_at']}"
    by, alert = row["broken_off_by"], row["ended_by_alert"]
    if by == "alert" and alert not in (None, "encrypted"):
        by = alert
    return f"{row['outcome']} ({by})" if by else str(row["outcome"])


def _render(table: pyarrow.Table, columns: Columns) -> Iterator[str]:
    rows = [[title for title, _ in columns]]
    for batch in table.to_batches(max_chunksize=_BATCH):
        rows += [[printable(text(row)) for _, text in columns] for row in batch.to_pylist()]
    widths = [max(map(len, cells)) for cells in zip(*rows)]
    for cells in rows:
        yield (" " * _GAP).join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
