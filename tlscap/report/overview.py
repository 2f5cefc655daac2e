"""The numbers that the summary and the charts' headings are made of: a handful of aggregates over the tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tlscap.report.quantities import address

if TYPE_CHECKING:
    import pyarrow

Sql = Callable[[str], "pyarrow.Table"]

HOW_DROPPED = """case when outcome in ('reset', 'alert', 'renegotiation_failed', 'stalled') then outcome
    else 'unanswered' end"""
"""SQL over `connections`: a drop whose end looks orderly was one because the client still waited for an answer."""

DROP_WORDS = {
    "reset": "reset",
    "renegotiation_failed": "renegotiation failed",
    "alert": "fatal alert",
    "stalled": "stalled",
    "unanswered": "closed while unanswered",
}

_TOTALS = """
select count(*) as connections, count(distinct client_ip) as clients,
    count(distinct (server_ip, server_port)) as servers,
    count(*) filter (where dropped) as dropped,
    count(*) filter (where handshake_outcome = 'failed') as failed,
    count(*) filter (where handshake_outcome = 'unfinished') as unfinished,
    count(*) filter (where handshake_outcome = 'unseen') as unseen,
    count(*) filter (where outcome = 'open') as open,
    coalesce(sum(renegotiations), 0)::bigint as renegotiations,
    coalesce(sum(renegotiations_completed), 0)::bigint as renegotiations_completed,
    coalesce(sum(renegotiations_refused), 0)::bigint as renegotiations_refused,
    coalesce(sum(renegotiations_failed), 0)::bigint as renegotiations_failed
from connections
"""

_COUNTED = """
select case grouping(version, cipher, client_certificate, outcome)
        when 7 then 'version' when 11 then 'cipher' when 13 then 'client_certificate' else 'outcome' end as what,
    coalesce(version, cipher, client_certificate, outcome) as value, count(*) as n
from (
    select version, cipher, outcome,
        case when handshake_outcome = 'completed' then client_certificate end as client_certificate
    from connections
)
group by grouping sets ((version), (cipher), (client_certificate), (outcome))
having value is not null order by n desc, value
"""
"""In one pass; `grouping` has a bit for each column that is not grouped by, the first the highest."""

_COUNTED_WHAT = ("version", "cipher", "client_certificate", "outcome")

_KINDS = """
select handshake as kind, resumption as mechanism, count(*) as n, median(handshake_s) as median,
    quantile_cont(handshake_s, 0.95) as p95
from connections where handshake_outcome = 'completed'
group by grouping sets ((handshake), (handshake, resumption))
having grouping(resumption) = 1 or resumption is not null
order by grouping(resumption) desc, n desc, kind, mechanism
"""

_FAILED = """
select closed_by as who, count(*) as n,
    coalesce(description, case when closed_how like 'alert%' then 'encrypted alert'
        else replace(closed_how, '_', ' ') end) as why
from connections left join (
    select uid, arg_min(description, time) as description from alerts where level = 'fatal' group by uid
) using (uid)
where handshake_outcome = 'failed' group by all order by n desc, who, why
"""

_DROPS = f"""
select server_ip, server_port, {HOW_DROPPED} as how, closed_by as who, count(*) as n
from connections where dropped group by all order by n desc, server_ip, server_port, how, who
"""

_SERVERS = "select server_ip, server_port, count(*) as n from connections group by all"


@dataclass(frozen=True, slots=True)
class Durations:
    """Handshakes of one kind that completed: how many, and seconds from the first ClientHello to the end."""

    count: int
    median_s: float | None
    p95_s: float | None


@dataclass(slots=True)
class Server:
    """One server address: its connections, and its drops by how they ended."""

    name: str
    connections: int
    drops: dict[str, int] = field(default_factory=dict)

    @property
    def dropped(self) -> int:
        return sum(self.drops.values())


@dataclass(slots=True)
class Overview:
    """All of it; whatever is a dict goes from a word of the tables to a count, most frequent first."""

    totals: dict[str, int]
    versions: dict[str, int]
    ciphers: dict[str, int]
    client_certificates: dict[str, int]
    outcomes: dict[str, int]
    kinds: dict[str, Durations]
    mechanisms: dict[str, int]
    failed: dict[tuple[str, str], int]  # who ended it, the alert or how: connections
    drops: dict[str, dict[str, int]]  # how: who closed: connections
    servers: list[Server]  # most drops first


def overview(sql: Sql) -> Overview:
    """Asks the tables."""
    totals = sql(_TOTALS).to_pylist()[0]
    counted = _counted(sql)
    kinds = sql(_KINDS).to_pylist()
    failed = sql(_FAILED).to_pylist() if totals["failed"] else []
    drops = sql(_DROPS).to_pylist() if totals["dropped"] else []
    return Overview(
        totals=totals,
        versions=counted["version"],
        ciphers=counted["cipher"],
        client_certificates=counted["client_certificate"],
        outcomes=counted["outcome"],
        kinds={k["kind"]: Durations(k["n"], k["median"], k["p95"]) for k in kinds if k["mechanism"] is None},
        mechanisms={k["mechanism"]: k["n"] for k in kinds if k["mechanism"] is not None},
        failed={(r["who"] or "unknown", r["why"] or "unknown"): r["n"] for r in failed},
        drops=_drops_by_how(drops),
        servers=_servers(sql(_SERVERS).to_pylist(), drops),
    )


def _counted(sql: Sql) -> dict[str, dict[str, int]]:
    counted: dict[str, dict[str, int]] = {what: {} for what in _COUNTED_WHAT}
    for row in sql(_COUNTED).to_pylist():
        counted[row["what"]][row["value"]] = row["n"]
    return counted


def _drops_by_how(drops: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    totals: dict[str, dict[str, int]] = {}
    for row in drops:
        closers = totals.setdefault(row["how"], {})
        who = row["who"] or "unknown"
        closers[who] = closers.get(who, 0) + row["n"]
    by_count = sorted(totals, key=lambda how: (-sum(totals[how].values()), how))
    return {how: dict(sorted(totals[how].items(), key=lambda item: (-item[1], item[0]))) for how in by_count}


def _servers(rows: list[dict[str, Any]], drops: list[dict[str, Any]]) -> list[Server]:
    servers = {
        (row["server_ip"], row["server_port"]): Server(address(row["server_ip"], row["server_port"]), row["n"])
        for row in rows
    }
    for row in drops:
        server = servers[row["server_ip"], row["server_port"]]
        server.drops[row["how"]] = server.drops.get(row["how"], 0) + row["n"]
    return sorted(servers.values(), key=lambda server: (-server.dropped, -server.connections, server.name))
