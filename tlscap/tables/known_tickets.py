"""Ties by tickets that were decrypted when they were issued: then nothing about the parent is inferred.

A connection may get several tickets, in TLS 1.3 and by renegotiations, and any of them may be presented.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tlscap.tables.lineage import Rows, Sessions, Ties, tie_keys


def tie_known(columns: dict[str, Any], sessions: Sessions) -> tuple[Ties, Ties]:
    """By decrypted tickets: the parent of each PSK identity, and of the ticket that each row offers."""
    rows = np.arange(len(sessions.server))
    issuer = np.repeat(rows, columns["ticket_count"])
    bearer = np.concatenate([np.repeat(rows, columns["identity_count"]), rows])
    presented = np.concatenate([columns["identity_key"], sessions.offered_ticket])
    row = np.concatenate([issuer, bearer])
    nothing, no_keys = np.zeros(len(issuer), np.int64), np.zeros(len(bearer), np.int64)
    both = Sessions(
        issued_at=np.concatenate([columns["ticket_at"], no_keys]),
        presented_at=sessions.presented_at[row],
        server=sessions.server[row],
        issued_session_id=np.zeros(len(row), np.int64),
        offered_session_id=np.zeros(len(row), np.int64),
        issued_ticket=np.concatenate([columns["ticket_key"], no_keys]),
        offered_ticket=np.concatenate([nothing, presented]),
    )
    found = tie_keys(both, both.issued_ticket, both.offered_ticket)
    parent: Rows = np.where(found.parent >= 0, row[found.parent], -1)[len(issuer) :]
    is_other = (parent >= 0) & (parent != bearer)
    ties = Ties(np.where(is_other, parent, -1), np.where(is_other, found.confidence[len(issuer) :], 0.0))
    count = len(bearer) - len(rows)
    return (
        Ties(ties.parent[:count], ties.confidence[:count]),
        Ties(ties.parent[count:], ties.confidence[count:]),
    )
