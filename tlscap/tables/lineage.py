"""Ties connections to those whose session they resume, from columns, when the run is over.

Up to TLS 1.2 both ends of the tie are in the clear. A session id is issued by the ServerHello of a
handshake that is not itself resumed, a ticket by a NewSessionTicket, in a resumed handshake too: so a
chain of session ids hangs on the one full handshake that issued the id, and a chain of tickets goes from
link to link. A key that two connections issued is tied to the latest before the hello that presents it,
to one on the same server address and port before one on another node behind the same balancer.

TLS 1.3 tickets are encrypted when they are issued: `ticket_lineage` infers their parents from lengths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tlscap.tables.stacks import grouped, mixed

SAME_NODE = 1.0
"""Confidence: one connection issued the key, on the server address and port that it is presented to."""

OTHER_NODE = 0.9
"""It was issued under another address or port: nodes that share their session cache or ticket keys."""

SEVERAL_ISSUERS = 0.8
"""Factor: more than one connection issued the same key, as servers with poor session ids do."""

MAX_CHAIN_DOUBLINGS = 32
"""Resumptions of resumptions that are followed: 2 to the power of this, more than a table has rows."""

Rows = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(slots=True)
class Ties:
    """For each row the row that it is tied to, -1 for none, and how sure that is."""

    parent: Rows
    confidence: NDArray[np.float64]

    def at(self, rows: Rows) -> Ties:
        """The ties of these rows, in their order; that of row -1 is none."""
        return Ties(np.append(self.parent, -1)[rows], np.append(self.confidence, 0.0)[rows])


@dataclass(slots=True)
class Sessions:
    """What lineage looks at, one entry a connection; keys are 0 where there is none."""

    issued_at: Rows  # ns: when the handshake was over
    presented_at: Rows  # ns: the ClientHello
    server: Rows  # a number for each server address and port
    issued_session_id: Rows
    offered_session_id: Rows
    issued_ticket: Rows
    offered_ticket: Rows


def tie(sessions: Sessions) -> tuple[Ties, Ties]:
    """By ticket and by session id: to whom what each ClientHello offers belongs, whether or not it was accepted."""
    return (
        tie_keys(sessions, sessions.issued_ticket, sessions.offered_ticket),
        tie_keys(sessions, sessions.issued_session_id, sessions.offered_session_id),
    )


def either(first: Ties, second: Ties) -> Ties:
    """`first` where it has a parent, else `second`."""
    has = first.parent >= 0
    return Ties(np.where(has, first.parent, second.parent), np.where(has, first.confidence, second.confidence))


def only(ties: Ties, rows: Booleans) -> Ties:
    """`ties` of those `rows`, none of the others."""
    return Ties(np.where(rows, ties.parent, -1), np.where(rows, ties.confidence, 0.0))


def tie_keys(sessions: Sessions, issued: Rows, offered: Rows) -> Ties:
    """Ties each row with an `offered` key to the latest earlier row that `issued` it."""
    server = sessions.server
    latest, issuers = _latest_issuer(sessions, issued, offered)
    away = (latest >= 0) & (server[latest] != server)
    parent = latest.copy()
    if (several := away & (issuers > 1)).any():  # one of them may be of the same node
        keys = offered[several]
        issued_here, offered_here = mixed(issued, server), mixed(offered, server)
        near, _ = _latest_issuer(
            sessions, np.where(np.isin(issued, keys), issued_here, 0), np.where(several, offered_here, 0)
        )
        parent = np.where(near >= 0, near, latest)
        away &= near < 0
    confidence = np.where(away, OTHER_NODE, SAME_NODE) * np.where(issuers > 1, SEVERAL_ISSUERS, 1.0)
    return Ties(parent, np.where(parent >= 0, confidence, 0.0))


def origins(parent: Rows, confidence: NDArray[np.float64]) -> Ties:
    """For each row the first of its chain, itself if it has no parent, and how sure the whole chain is.

    A chain that leads back into itself, which clocks that disagree can make, has no first: -1.
    """
    rows = np.arange(len(parent))
    root = np.where(parent >= 0, parent, rows)
    sure = np.where(parent >= 0, confidence, 1.0)
    for _ in range(MAX_CHAIN_DOUBLINGS):
        further = root[root]
        if np.array_equal(further, root):
            break
        sure, root = sure * sure[root], further
    ends = parent[root] < 0 if len(root) else np.zeros(0, np.bool_)
    return Ties(np.where(ends, root, -1), np.where(ends, sure, 0.0))


def _latest_issuer(sessions: Sessions, issued: Rows, offered: Rows) -> tuple[Rows, Rows]:
    """For each row the latest row before it that issued its key, and how many did in all.

    All that was issued and all that was presented is sorted by key and time; then the issuer of what is presented
    is the last one before it in its group.
    """
    issuers, bearers = np.flatnonzero(issued), np.flatnonzero(offered)
    parent, count = np.full(len(issued), -1, np.int64), np.zeros(len(issued), np.int64)
    if len(issuers) == 0 or len(bearers) == 0:
        return parent, count
    row = np.concatenate([issuers, bearers])
    key = np.concatenate([issued[issuers], offered[bearers]])
    time = np.concatenate([sessions.issued_at[issuers], sessions.presented_at[bearers]])
    order = np.argsort(time, kind="stable")  # issuers stand before bearers
    order = order[grouped(key[order])]
    row, key, is_bearer = row[order], key[order], order >= len(issuers)
    place = np.arange(len(row))
    begins = np.diff(key, prepend=key[0]) != 0
    first = np.maximum.accumulate(np.where(begins, place, 0))
    last = np.maximum.accumulate(np.where(is_bearer, -1, place))
    so_far = np.cumsum(~is_bearer)
    before_group: Rows = so_far[first] - ~is_bearer[first]
    found = is_bearer & (last >= first)
    parent[row[found]] = row[last[found]]
    count[row[found]] = (so_far - before_group)[found]
    itself = parent == np.arange(len(parent))
    parent[itself] = -1
    return parent, count
