"""Ties TLS 1.3 connections to those whose tickets they present, without keys, by the lengths of tickets.

A ticket is encrypted when it is issued and in the clear when it comes back. So the parent is inferred: a
connection of the same client to the same server name that got a record as long as the ticket would make
it (`ticket_records`), under a cipher suite with the hash that the binder tells. Clients present what they
got last, and once they have resumed a session they present what they got then: of the connections that
fit, the latest is taken of whose tickets none was presented yet, and `RIVALS` tells how sure that is
when others fit too, or when tickets came before whose connections were not captured. A ticket that is
presented again is the same ticket.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tlscap.tables.lineage import Ties
from tlscap.tables.stacks import Rows, Taken, mixed, numbered, take
from tlscap.tables.ticket_caches import Peers, find_caches
from tlscap.tables.ticket_records import Identities, Layouts, Records, learn

ONE_FITS = 0.95
"""Confidence when one connection fits: the true one may not have been captured."""

RIVALS = -0.75
"""With n that fit, `ONE_FITS` times n to the power of this. The latest of n is right once in n times for clients that
share an address and come in no order, and nearly always for one client that now and then does not resume."""

SECOND_TICKET = 0.6
"""Factor: of that connection a ticket was presented before, this is another, as browsers keep several."""

_MAX_RECORD = 1 << 15  # more than a record's length can be


@dataclass(slots=True)
class TicketTies:
    """For each identity the row that issued it, and what else could have been."""

    ties: Ties
    group: Rows  # a number for each cache and length of ticket; -1 where there is no parent
    issuers: Rows  # rows that got tickets of such a group,
    issued: Rows  # and the group of each


@dataclass(slots=True)
class _Tickets:
    """What the records are if they hold tickets: one entry for each connection and length."""

    row: Rows
    at: Rows
    length: Rows
    hash: Rows
    confidence: NDArray[np.float64]


def tie_tickets(records: Records, identities: Identities, peers: Peers) -> TicketTies:
    """Ties each identity to the connection that most likely issued it."""
    asked, which = _first_presentations(identities.key)
    once = identities.picked(asked)
    caches = find_caches(records, identities, peers)
    tickets = _tickets(records, _layouts(records, once, caches.client, peers), once)
    given, wanted = (mixed(caches.number[of.row], of.length, of.hash) for of in (tickets, once))
    giver, confidence = _chosen(take(given, tickets.at, wanted, once.at))
    parent = np.append(tickets.row, -1)[giver]
    confidence *= caches.confidence[once.row] * np.append(tickets.confidence, 0.0)[giver]
    numbers, _ = numbered(np.concatenate([given, wanted]))
    group = np.where(parent >= 0, numbers[len(given) :], -1)
    return TicketTies(
        Ties(parent, confidence).at(which), np.append(group, -1)[which], tickets.row, numbers[: len(given)]
    )


def _first_presentations(key: Rows) -> tuple[Rows, Rows]:
    """The first entry of each key that is not 0, and for each entry which of these it is, -1 for the key 0."""
    number, count = numbered(key)
    first = np.empty(count, np.int64)
    first[number[::-1]] = np.arange(len(key) - 1, -1, -1)  # of several assignments the last one stays
    real = key[first] != 0
    place = np.where(real, np.cumsum(real) - 1, -1)
    return first[real], place[number]


def _layouts(records: Records, once: Identities, client: Rows, peers: Peers) -> Layouts:
    """What the server of each row puts into its records, as resumptions tell: there, else at its name."""
    here = learn(records, once, client, peers.server).at(peers.server)
    if (here.confidence[records.row] > 0).all():
        return here
    return here.where_unknown(learn(records, once, client, peers.name).at(peers.name))


def _tickets(records: Records, layouts: Layouts, once: Identities) -> _Tickets:
    """The tickets that `records` hold by the `layouts` of their rows; of several of one length one.

    Lengths that nobody presents are left out: most of them are data.
    """
    asked = np.zeros(_MAX_RECORD + 1, np.bool_)
    asked[np.minimum(once.length, _MAX_RECORD)] = True
    messages = layouts.messages[records.row]
    length = records.body // messages - layouts.besides[records.row]
    fits = (records.body % messages == 0) & (length > 0) & asked[np.clip(length, 0, _MAX_RECORD)]
    fits &= layouts.confidence[records.row] > 0
    again = np.zeros(len(length), np.bool_)
    again[1:] = (records.row[1:] == records.row[:-1]) & (records.body[1:] == records.body[:-1])
    kept = np.flatnonzero(fits & ~again)
    row = records.row[kept]
    return _Tickets(row, records.at[kept], length[kept], records.hash[kept], layouts.confidence[row])


def _chosen(taken: Taken) -> tuple[Rows, NDArray[np.float64]]:
    """The ticket that each identity is, -1 for none, and how sure that is by what else fits."""
    alone = taken.giver >= 0
    confidence = ONE_FITS * np.maximum(taken.choices, 1) ** RIVALS * np.where(alone, 1.0, SECOND_TICKET)
    return np.where(alone, taken.giver, taken.latest), confidence
