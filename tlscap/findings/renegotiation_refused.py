"""Sessions that were dropped because an end refused to renegotiate.

A side that does not want a renegotiation answers with the warning no_renegotiation (RFC 5246 §7.2.2,
RFC 5746 §4.5); whether the session lives on is up to the other one, and most clients give up. Long-lived
sessions meet this hours after they were set up, on those servers only that refuse.
"""

from __future__ import annotations

from typing import Any

from tlscap.findings.finding import Finding
from tlscap.findings.rule import EXAMPLES, Rule, Sql, ask, frames, many, period, seconds, server_name, servers

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
    + """
select server_ip, server_port, count(*) as drops,
    count(*) filter (where refused_by = 'server') as by_server,
    count(*) filter (where outcome_confidence < 0.9) as unsure,
    median(to_drop_s) as to_drop_s, epoch_ns(min(refused_at)) as first_ns, epoch_ns(max(refused_at)) as last_ns
from meant group by all order by drops desc, server_ip, server_port
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


def find(sql: Sql) -> Finding | None:
    """The finding, if there is one such connection."""
    found = ask(sql, _SERVERS)
    if not found:
        return None
    examples = ask(sql, _EXAMPLES)
    return Finding(
        rule=NAME,
        severity="critical",
        sentence=_sentence(found, ask(sql, _MEDIAN)[0]["to_drop_s"]),
        detail=_detail(found, ask(sql, _WORKING)),
        count=_sum(found, "drops"),
        uids=tuple(row["uid"] for row in examples),
        evidence=frames(examples),
        sql=_QUERY.strip(),
    )


def _sentence(found: list[dict[str, Any]], to_drop_s: float) -> str:
    drops, by_server = _sum(found, "drops"), _sum(found, "by_server")
    names = servers([server_name(row["server_ip"], row["server_port"]) for row in found])
    when = period(min(row["first_ns"] for row in found), max(row["last_ns"] for row in found))
    who = {drops: "the server", 0: "the client"}.get(
        by_server, f"one side (the server {by_server:,}, the client {drops - by_server:,} times)"
    )
    was = "was" if drops == 1 else "were"
    return (
        f"{many(drops, 'session')} with {names} {was} dropped after {who} refused to renegotiate, "
        f"{'' if drops == 1 else 'a median of '}{seconds(to_drop_s)} after the refusal ({when})"
    )


def _detail(found: list[dict[str, Any]], working: list[dict[str, Any]]) -> str:
    each = "; ".join(
        f"{server_name(row['server_ip'], row['server_port'])}: {row['drops']:,}, a median of "
        f"{seconds(row['to_drop_s'])} after the refusal"
        for row in found
    )
    if working:
        names = servers([server_name(row["server_ip"], row["server_port"]) for row in working])
        times = many(sum(row["completed"] for row in working), "time")
        contrast = f"Renegotiation works on {names} ({times}, never refused)."
    else:
        contrast = "No server in this capture completed a renegotiation without ever refusing one."
    unsure = _sum(found, "unsure")
    told = "That they ended so is told from encrypted records"
    sure = f"{told}, {unsure:,} of them with a confidence under 0.9." if unsure else f"{told}, with confidence."
    return f"Drops by server: {each}. {contrast} {sure}"


def _sum(found: list[dict[str, Any]], column: str) -> int:
    return sum(row[column] for row in found)


RULE = Rule(NAME, "bool_or(renegotiations_refused > 0 and dropped)", find)
