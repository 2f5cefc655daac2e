"""Resumed sessions show no client certificate, where full handshakes with the same server do.

An abbreviated handshake carries no certificate (RFC 5246 §7.3, RFC 8446 §2.2): the server knows the client
by the one of the session's first handshake. HAProxy's `ssl_fc_has_crt` is about the wire and is 0 then,
while `ssl_c_verify` is 0, which is its word for verified: whoever tests `ssl_fc_has_crt` turns good
clients away, the more of them the better resumption works. `ssl_c_used` is 1 for both.
"""

from __future__ import annotations

from typing import Any

from tlscap.findings.finding import Finding
from tlscap.findings.rule import EXAMPLES, Rule, Sql, ask, frames, many, period, server_name, servers, total

NAME = "resumed_without_certificate"

_MEANT = """
with shown as (
    select server_ip, server_port, count(*) as full_with from connections
    where handshake = 'full' and handshake_outcome = 'completed' and client_certificate = 'sent' group by all
), meant as (
    select connections.* from connections join shown using (server_ip, server_port)
    where handshake = 'abbreviated' and handshake_outcome = 'completed'
        and client_certificate in ('inherited', 'unknown') and external_psk is not true
)
"""

_QUERY = _MEANT + "select * from meant order by start, uid"

_SERVERS = (
    _MEANT
    + """
select server_ip, server_port, any_value(full_with) as full_with, count(*) as resumed,
    count(*) filter (where client_certificate = 'inherited') as inherited,
    count(*) filter (where resumption = 'session_id') as session_id,
    count(*) filter (where resumption = 'session_ticket') as session_ticket,
    count(*) filter (where resumption = 'psk') as psk,
    epoch_ns(min(start)) as first_ns, epoch_ns(max(start)) as last_ns
from meant join shown using (server_ip, server_port) group by all order by resumed desc, server_ip, server_port
"""
)

_EXAMPLES = (
    _MEANT
    + f"""
select uid, [first_frame] as frames from meant order by client_certificate, start, uid limit {EXAMPLES}
"""
)

_MECHANISMS = {"session_id": "by session id", "session_ticket": "by session ticket", "psk": "by TLS 1.3 PSK"}


def find(sql: Sql) -> Finding | None:
    """The finding, if there is one such connection."""
    found = ask(sql, _SERVERS)
    if not found:
        return None
    examples = ask(sql, _EXAMPLES)
    return Finding(
        rule=NAME,
        severity="warning",
        sentence=_sentence(found),
        detail=_detail(found),
        count=total(found, "resumed"),
        uids=tuple(row["uid"] for row in examples),
        evidence=frames(examples),
        sql=_QUERY.strip(),
    )


def _sentence(found: list[dict[str, Any]]) -> str:
    names = servers([server_name(row["server_ip"], row["server_port"]) for row in found])
    when = period(min(row["first_ns"] for row in found), max(row["last_ns"] for row in found))
    return (
        f"{many(total(found, 'resumed'), 'resumed connection')} to {names} carried no client certificate on the wire, "
        f"while {many(total(found, 'full_with'), 'full handshake')} there did ({when}): HAProxy says ssl_fc_has_crt=0 "
        f"while ssl_c_verify=0 for them, so test ssl_c_used instead of ssl_fc_has_crt"
    )


def _detail(found: list[dict[str, Any]]) -> str:
    resumed, inherited = total(found, "resumed"), total(found, "inherited")
    how = ", ".join(f"{total(found, name):,} {words}" for name, words in _MECHANISMS.items() if total(found, name))
    if resumed == inherited:
        tied = "All are tied to an earlier handshake that sent a certificate."
    else:
        tied = (
            f"{inherited:,} of {resumed:,} are tied to an earlier handshake that sent a certificate; of the other "
            f"{resumed - inherited:,} that handshake is not known, and it may have had none."
        )
    return f"Resumed {how}. {tied} A resumed handshake carries none: the server has it from the session."


RULE = Rule(NAME, "bool_or(handshake = 'abbreviated') and bool_or(client_certificate = 'sent')", find)
