"""Renegotiations that took place although not both sides support RFC 5746.

Nothing then binds a renegotiation to the session it takes place in: whoever is in the middle can open a session,
send a request, and have the victim's first handshake taken for a renegotiation of it (CVE-2009-3555, RFC 5746 §1).
Who supports it says so in the hellos of the first handshake (§3.4, §3.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tlscap.findings.finding import Finding
from tlscap.findings.rule import EXAMPLES, Asked, Rule, ask, frames, many, period, server_name, servers, total

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "renegotiation_insecure"

_MEANT = """
with meant as (
    select connections.*, handshakes.number, handshakes.start as renegotiated_at, handshakes.confidence, messages
    from connections join handshakes using (uid)
    where number > 0 and handshakes.outcome = 'completed' and secure_renegotiation <> 'both'
)
"""

_QUERY = (
    _MEANT
    + """
select * exclude (messages) from meant qualify row_number() over (partition by uid order by number) = 1
order by renegotiated_at, uid
"""
)

_SERVERS = (
    _MEANT
    + """
select server_ip, server_port, count(*) as renegotiations, count(distinct uid) as sessions,
    count(*) filter (where secure_renegotiation = 'client') as lacking_server,
    count(*) filter (where secure_renegotiation = 'server') as lacking_client,
    count(*) filter (where confidence < 0.9) as unsure,
    epoch_ns(min(renegotiated_at)) as first_ns, epoch_ns(max(renegotiated_at)) as last_ns
from meant group by all order by renegotiations desc, server_ip, server_port
"""
)

_EXAMPLES = (
    _MEANT
    + f"""
select uid, [message.frame for message in messages] as frames
from meant order by confidence desc, renegotiated_at, uid, number limit {EXAMPLES}
"""
)


def find(tables: Asked) -> Finding | None:
    """The finding, if there is one such renegotiation."""
    found = ask(tables, _SERVERS)
    if not found:
        return None
    examples = ask(tables, _EXAMPLES)
    return Finding(
        rule=NAME,
        severity="warning",
        sentence=_sentence(found),
        detail=_detail(found),
        count=total(found, "sessions"),
        uids=tuple(dict.fromkeys(row["uid"] for row in examples)),
        evidence=frames(examples),
        sql=_QUERY.strip(),
    )


def _sentence(found: list[dict[str, Any]]) -> str:
    renegotiations, sessions = total(found, "renegotiations"), many(total(found, "sessions"), "session")
    when = period(min(row["first_ns"] for row in found), max(row["last_ns"] for row in found))
    named = servers([server_name(row["server_ip"], row["server_port"]) for row in found])
    return (
        f"{many(renegotiations, 'renegotiation')} in {sessions} with {named} took place without RFC 5746, which "
        f"{_who(renegotiations, total(found, 'lacking_server'), total(found, 'lacking_client'))} not support ({when})"
    )


def _who(renegotiations: int, lacking_server: int, lacking_client: int) -> str:
    if lacking_server == renegotiations:
        return "the server does"
    return "the client does" if lacking_client == renegotiations else "client, server or both do"


def _detail(found: list[dict[str, Any]]) -> str:
    each = "; ".join(
        f"{server_name(row['server_ip'], row['server_port'])}: {row['renegotiations']:,} in {row['sessions']:,} of its "
        "sessions"
        for row in found
    )
    unsure = total(found, "unsure")
    doubt = f" {unsure:,} of them are told with a confidence under 0.9." if unsure else ""
    return (
        f"By server: {each}. Whoever is between client and server can then put a request of their own in front of the "
        f"client's (CVE-2009-3555).{doubt}"
    )


def _applies(connections: pa.Table) -> bool:
    from tlscap.tables.counting import numbers, words

    secure = words(connections, "secure_renegotiation")
    lacks = (secure.codes >= 0) & ~secure.where("both")
    return bool(((numbers(connections, "renegotiations_completed") > 0) & lacks).any())


RULE = Rule(NAME, _applies, find)
