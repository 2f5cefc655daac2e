"""Sessions that were dropped because an end refused to renegotiate.

A side that does not want a renegotiation answers with the warning no_renegotiation (RFC 5246 §7.2.2,
RFC 5746 §4.5); whether the session lives on is up to the other one, and most clients give up. Long-lived
sessions meet this hours after they were set up, on those servers only that refuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tlscap.findings.finding import Finding
from tlscap.findings.rule import EXAMPLES, Asked, Rule, ask, frames, many, period, seconds, server_name, servers, total

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "renegotiation_refused"

WITHIN_S = 60
"""A drop this long after a refusal is taken for its consequence, even if data flowed in between."""

_MEANT = f"""
with refusals as (
    select uid, if(initiator = 'client', 'server', 'client') as refused_by, messages,
        coalesce(messages[-1].time, start) as refused_at
    from handshakes where number > 0 and outcome = 'refused'
), meant as (
    select connections.*, refused_by, refused_at, messages,
        greatest((epoch_ns("end") - epoch_ns(refused_at)) / 1e9, 0) as to_drop_s
    from connections join refusals using (uid)
    where dropped and (outcome = 'renegotiation_failed' or epoch_ns("end") - epoch_ns(refused_at) < {WITHIN_S} * 1e9)
    qualify row_number() over (partition by uid order by refused_at desc) = 1
)
"""

_QUERY = _MEANT + "select * exclude (messages) from meant order by refused_at, uid"

_SERVERS = (
    _MEANT
    + """, sessions as (
    select server_ip, server_port, count(*) as sessions from connections where established is not false group by all
)
select server_ip, server_port, count(*) as drops, greatest(any_value(sessions), count(*)) as sessions,
    count(*) filter (where refused_by = 'server') as by_server,
    count(*) filter (where outcome_confidence < 0.9) as unsure,
    median(to_drop_s) as to_drop_s, epoch_ns(min(refused_at)) as first_ns, epoch_ns(max(refused_at)) as last_ns
from meant left join sessions using (server_ip, server_port) group by all order by drops desc, server_ip, server_port
"""
)

_WORKING = """
select server_ip, server_port, sum(renegotiations_completed)::bigint as completed from connections
group by all having sum(renegotiations_completed) > 0 and sum(renegotiations_refused) = 0
order by completed desc, server_ip, server_port
"""

_MEDIAN = _MEANT + "select median(to_drop_s) as to_drop_s from meant"

_EXAMPLES = (
    _MEANT
    + f"""
select uid, list_concat([message.frame for message in messages], evidence) as frames
from meant order by outcome_confidence desc, refused_at, uid limit {EXAMPLES}
"""
)


def find(tables: Asked) -> Finding | None:
    """The finding, if there is one such connection."""
    found = ask(tables, _SERVERS)
    if not found:
        return None
    examples, working = ask(tables, _EXAMPLES), ask(tables, _WORKING)
    return Finding(
        rule=NAME,
        severity="critical",
        sentence=_sentence(found, ask(tables, _MEDIAN)[0]["to_drop_s"], working),
        detail=_detail(found, working),
        count=total(found, "drops"),
        uids=tuple(row["uid"] for row in examples),
        evidence=frames(examples),
        sql=_QUERY.strip(),
    )


def _sentence(found: list[dict[str, Any]], to_drop_s: float, working: list[dict[str, Any]]) -> str:
    drops, sessions = total(found, "drops"), many(total(found, "sessions"), "session")
    when = period(min(row["first_ns"] for row in found), max(row["last_ns"] for row in found))
    was, median = ("was", "") if drops == 1 else ("were", "a median of ")
    contrast = f"; renegotiation works on {_names(working)}" if working else ""
    return (
        f"{drops:,} of {sessions} with {_names(found)} {was} dropped after {_who(drops, total(found, 'by_server'))} "
        f"refused to renegotiate, {median}{seconds(to_drop_s)} after the refusal ({when}){contrast}"
    )


def _who(drops: int, by_server: int) -> str:
    if by_server in (0, drops):
        return "the server" if by_server else "the client"
    return f"one side (the server {by_server:,}, the client {drops - by_server:,} times)"


def _detail(found: list[dict[str, Any]], working: list[dict[str, Any]]) -> str:
    each = "; ".join(
        f"{_names([row])}: {row['drops']:,} of {row['sessions']:,}, a median of {seconds(row['to_drop_s'])} after the "
        "refusal"
        for row in found
    )
    if working:
        times = many(total(working, "completed"), "time")
        contrast = f"Renegotiation works on {_names(working)} ({times}, never refused)."
    else:
        contrast = "No server in this capture completed renegotiations without ever refusing one."
    unsure = total(found, "unsure")
    doubt = f", {unsure:,} of them with a confidence under 0.9" if unsure else ""
    return f"Drops by server: {each}. {contrast} What happened is told from encrypted records{doubt}."


def _names(rows: list[dict[str, Any]]) -> str:
    return servers([server_name(row["server_ip"], row["server_port"]) for row in rows])


def _applies(connections: pa.Table) -> bool:
    from tlscap.tables.counting import numbers, true

    return bool(((numbers(connections, "renegotiations_refused") > 0) & true(connections, "dropped")).any())


RULE = Rule(NAME, _applies, find)
