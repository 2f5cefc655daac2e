"""The table behind the timeline: what happened when, as one row a bar segment or mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlscap.report.charts.time_axis import TimeAxis
from tlscap.report.overview import HOW_DROPPED, Sql

if TYPE_CHECKING:
    import pyarrow
_SERVER = """case when server_ip like '%:%' then '[' || server_ip || ']:' || server_port
    else server_ip || ':' || server_port end"""

_QUERY = """
with happened as (
    select 'handshakes' as lane, null as sender, null as detail, epoch_ns(coalesce(hello_at, start)) as ns,
        case when handshake_outcome = 'completed' then handshake else handshake_outcome end as what
    from connections where handshake_outcome <> 'unseen'
    union all
    select 'renegotiations', initiator, null, epoch_ns(start), outcome from handshakes where number > 0
    union all
    select 'alerts', sender, coalesce(description, 'encrypted'), epoch_ns(time),
        case when description = 'close_notify' then 'close_notify' else coalesce(level, 'encrypted') end
    from alerts
)
select lane, what, sender, detail, null as server, null as uid,
    ns // {step} * {step} as ns, {step} / 1e9 as interval_s, count(*) as count
from happened where ns is not null group by all
union all
select 'connections', null, null, null, {server}, null, min(epoch_ns(start)), null, count(*)
from connections group by {server}
union all
select 'drops', {how},
    closed_by, closed_how, {server}, uid, epoch_ns("end"), null, 1
from connections where dropped
order by lane, ns, what, server, uid
"""


def time_axis(sql: Sql) -> TimeAxis | None:
    """The range from the first to the last instant of all connections, None if there are none."""
    row = sql('select min(epoch_ns(start)) as first, max(epoch_ns("end")) as last from connections').to_pylist()[0]
    return None if row["first"] is None else TimeAxis(row["first"], max(row["first"], row["last"]))


def timeline_table(sql: Sql, axis: TimeAxis) -> pyarrow.Table:
    """Rows by `lane` and time.

    `handshakes`, `renegotiations`, `alerts`: `count` of `what` in the `interval_s` seconds from `time`
    (null: at that instant), by `sender`; `drops`: one row each, `what` says how, `sender` who closed;
    `connections`: all of a `server`. `time` is timestamp[ns, UTC].
    """
    import pyarrow

    table = sql(_QUERY.format(step=axis.bar_ns, server=_SERVER, how=HOW_DROPPED))
    time = table["ns"].cast(pyarrow.int64()).cast(pyarrow.timestamp("ns", "UTC"))
    return table.set_column(table.schema.get_field_index("ns"), "time", time)
