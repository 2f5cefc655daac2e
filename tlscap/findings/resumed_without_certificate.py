"""Resumed sessions show no client certificate, where full handshakes with the same server do.

An abbreviated handshake carries no certificate (RFC 5246 §7.3, RFC 8446 §2.2): the server knows the client
by the one of the session's first handshake. HAProxy's `ssl_fc_has_crt` is about the wire and is 0 then,
while `ssl_c_verify` is 0, which is its word for verified: whoever tests `ssl_fc_has_crt` turns good
clients away, the more of them the better resumption works. `ssl_c_used` is 1 for both.

Nearly every capture of mutual TLS has such sessions, so they are counted without SQL; `_QUERY` is for readers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlscap.findings.finding import Finding
from tlscap.findings.rule import EXAMPLES, Asked, Rule, frames, many, period, server_name, servers, total

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from tlscap.tables.arrow import Coded

NAME = "resumed_without_certificate"

_QUERY = """
with shown as (
    select distinct server_ip, server_port from connections
    where handshake = 'full' and handshake_outcome = 'completed' and client_certificate = 'sent'
)
select connections.* from connections join shown using (server_ip, server_port)
where handshake = 'abbreviated' and handshake_outcome = 'completed'
    and client_certificate in ('inherited', 'unknown') and external_psk is not true
order by start, uid
"""

_MECHANISMS = {"session_id": "by session id", "session_ticket": "by session ticket", "psk": "by TLS 1.3 PSK"}


@dataclass(frozen=True, slots=True)
class _Meant:
    """Which connections are meant, and what is told of them."""

    rows: NDArray[np.int64]
    server: Coded
    certificate: Coded
    full_with: dict[tuple[str, int], int]  # full handshakes that showed a certificate, by server


def find(tables: Asked) -> Finding | None:
    """The finding, if there is one such connection."""
    meant = _meant(tables.connections)
    if not len(meant.rows):
        return None
    found = _servers(tables.connections, meant)
    examples = _examples(tables.connections, meant)
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


def _meant(connections: pa.Table) -> _Meant:
    import numpy as np

    from tlscap.tables.counting import count, servers, true, words

    handshake, certificate = words(connections, "handshake"), words(connections, "client_certificate")
    completed = words(connections, "handshake_outcome").where("completed")
    server = servers(connections)
    full_with = count(completed & handshake.where("full") & certificate.where("sent"), server)
    shows = np.array([key in full_with for key in server.keys] + [False])[server.codes]
    untold = certificate.where("inherited") | certificate.where("unknown")
    resumed = completed & handshake.where("abbreviated") & untold & ~true(connections, "external_psk")
    return _Meant(np.flatnonzero(resumed & shows), server, certificate, full_with)


def _servers(connections: pa.Table, meant: _Meant) -> list[dict[str, Any]]:
    """What is told of each server, that with the most of them first."""
    import numpy as np

    from tlscap.tables.counting import numbers, words

    mechanism, rows = words(connections, "resumption"), meant.rows
    told = {"inherited": meant.certificate.where("inherited")} | {name: mechanism.where(name) for name in _MECHANISMS}
    server, start = meant.server.codes[rows], numbers(connections, "start")[rows]
    of_server = np.lexsort((start, server))
    ends = np.cumsum(np.bincount(server))
    found = []
    for each in np.flatnonzero(np.bincount(server)).tolist():
        (ip, port), those = meant.server.keys[each], of_server[ends[each - 1] if each else 0 : ends[each]]
        row = {"server_ip": ip, "server_port": port, "full_with": meant.full_with[ip, port], "resumed": len(those)}
        row |= {name: int(is_told[rows[those]].sum()) for name, is_told in told.items()}
        found.append(row | {"first_ns": int(start[those[0]]), "last_ns": int(start[those[-1]])})
    return sorted(found, key=lambda row: (-row["resumed"], row["server_ip"], row["server_port"]))


def _examples(connections: pa.Table, meant: _Meant) -> list[dict[str, Any]]:
    """The first few, those of which the certificate is known before the others."""
    import numpy as np

    from tlscap.tables.counting import numbers
    from tlscap.tables.reading import single

    start, is_unknown = numbers(connections, "start")[meant.rows], meant.certificate.where("unknown")[meant.rows]
    order = np.lexsort((start, is_unknown))
    last = order[:EXAMPLES][-1]
    later = (is_unknown > is_unknown[last]) | ((is_unknown == is_unknown[last]) & (start > start[last]))
    uid, frame = single(connections["uid"]), single(connections["first_frame"])
    few = order[: np.count_nonzero(~later)]  # EXAMPLES, and more where several came at one instant
    first = [(is_unknown[at], start[at], uid[meant.rows[at]].as_py(), meant.rows[at]) for at in few.tolist()]
    return [{"uid": name, "frames": [frame[row].as_py()]} for _, _, name, row in sorted(first)[:EXAMPLES]]


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


def _applies(connections: pa.Table) -> bool:
    from tlscap.tables.counting import words

    return bool(words(connections, "client_certificate").where("sent").any())


RULE = Rule(NAME, _applies, find)
