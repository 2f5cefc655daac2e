"""Where clients keep their tickets: for each address of a server, or for a name; and whether several share them.

Browsers and most libraries keep tickets by server name, a balancer that speaks TLS to its servers keeps
them for each server. Who comes to another server of a name for the first time tells: with a ticket, or
without one although the client resumes sessions. Load generators and address translators may present from
one address what was issued to another: tickets that are presented twice tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tlscap.tables.stacks import Rows, grouped, mixed, numbered
from tlscap.tables.ticket_records import Identities, Records

MANY_MOVES = 3
"""Tickets presented again from another address from which on clients of that name count as one; a phone moves too."""

ONE_CLIENT = 0.8
"""Confidence that such clients are one."""


@dataclass(slots=True)
class Peers:
    """Who speaks to whom, one entry a connection; numbers from 0 on."""

    client: Rows  # a number for each client address
    name: Rows  # for each server name and port
    software: Rows  # for each list of cipher suites that clients offer
    server: Rows  # for each server address and port


@dataclass(slots=True)
class Caches:
    """Where each connection takes its ticket from and puts its tickets into."""

    number: Rows  # rows of one number share a cache
    client: Rows  # `Peers.client`, one number more for all clients that share their tickets
    confidence: NDArray[np.float64]


def find_caches(records: Records, identities: Identities, peers: Peers) -> Caches:
    """The cache of each row."""
    shared = _shared(identities, peers)[peers.name]
    client = np.where(shared, int(peers.client.max(initial=-1)) + 1, peers.client)
    caches = Caches(mixed(client, peers.name, peers.software), client, np.where(shared, ONE_CLIENT, 1.0))
    if numbered(mixed(peers.name, peers.server))[1] > int(peers.name.max(initial=-1)) + 1:
        _divide_by_server(caches, records, identities, peers)
    return caches


def _shared(identities: Identities, peers: Peers) -> NDArray[np.bool_]:
    """By number of the name, whether tickets that are presented again mostly come from another address."""
    order = np.flatnonzero(identities.key)
    order = order[grouped(identities.key[order])]
    key, row = identities.key[order], identities.row[order]
    again = np.flatnonzero(key[1:] == key[:-1])
    moved = again[peers.client[row[again]] != peers.client[row[again + 1]]]
    names = int(peers.name.max(initial=-1)) + 1
    repeats, moves = (np.bincount(peers.name[row[which + 1]], minlength=names) for which in (again, moved))
    shared: NDArray[np.bool_] = (moves >= MANY_MOVES) & (2 * moves > repeats)
    return shared


def _divide_by_server(caches: Caches, records: Records, identities: Identities, peers: Peers) -> None:
    """Divides the caches of the names whose clients come to their other servers without a ticket."""
    offers = np.zeros(len(peers.name), np.bool_)
    offers[identities.row] = True
    speaks = offers.copy()
    speaks[records.row] = True
    rows = np.flatnonzero(speaks)
    offers, name = offers[rows], peers.name[rows]
    by_server = mixed(caches.number, peers.server)
    owner, owners = numbered(caches.number[rows])
    elsewhere = _is_first(by_server[rows]) & ~_is_first(owner)
    tells = elsewhere & (np.bincount(owner[offers], minlength=owners) > 0)[owner]
    names = int(peers.name.max(initial=-1)) + 1
    by_name, divided = (np.bincount(name[tells & which], minlength=names) for which in (offers, ~offers))
    sure = (np.maximum(by_name, divided) + 1) / (by_name + divided + 2)
    moves = np.bincount(owner[elsewhere], minlength=owners) > 0
    caches.confidence[rows] *= np.where(moves[owner], sure[name], 1.0)
    caches.number = np.where((divided >= by_name)[peers.name], by_server, caches.number)


def _is_first(keys: Rows) -> NDArray[np.bool_]:
    """Whether each is the first of its kind."""
    number, count = numbered(keys)
    first = np.empty(count, np.int64)
    first[number[::-1]] = np.arange(len(keys) - 1, -1, -1)  # of several assignments the last one stays
    is_first = np.zeros(len(keys), np.bool_)
    is_first[first] = True
    return is_first
