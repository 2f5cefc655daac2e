"""What a NewSessionTicket record of TLS 1.3 has besides the ticket, learnt from the resumptions at each server.

The record is encrypted (RFC 8446 §4.6.1), the ticket comes back in the clear as a PSK identity:

    record = overhead + messages * (identity + 17 + nonce + extensions)

17 is 4 for the handshake header, 4 ticket_lifetime, 4 ticket_age_add and 5 for the three length fields.
Stacks differ in their nonces, in extensions (8 bytes for early_data, 4 for one of GREASE), and in how many
such messages they put into one record. Whatever a server's stack does, it does always: the layout that
explains most of its resumptions by records that the same client got before is the server's.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tlscap.tables.stacks import Rows, grouped, numbered

KNOWN = (
    (1, 25),  # OpenSSL 3 (HAProxy, nginx, Apache, Node.js, Python): a nonce of 8 bytes
    (1, 33),  # and with early_data
    (1, 17),  # Go: no nonce
    (2, 22),  # BoringSSL (Google, Cloudflare, Envoy): a nonce of 1 byte, GREASE
    (2, 30),
    (2, 49),  # rustls: a nonce of 32 bytes
    (4, 49),
    (2, 57),
    (1, 34),  # JSSE of OpenJDK 17: a nonce of 1 byte, and 16 bytes of padding
    (1, 21),  # GnuTLS: a nonce of 4 bytes
    (1, 29),
    (1, 19),  # NSS: a nonce of 2 bytes
    (1, 27),
    (1, 22),
    (1, 30),
    (1, 18),  # a nonce of 1 byte
    (1, 49),
    (1, 57),
)
"""Messages in a record, and bytes of each that are not the ticket: layouts seen on the wire, or such a stack's with
early_data or another number of tickets; the likeliest first."""

MAX_MESSAGES = 4
LEAST_BESIDES, MOST_BESIDES = 17, 65
"""What else is thought possible: up to 4 tickets in a record, nonces and extensions of up to 48 bytes."""

BELIEVED_FROM = 3
"""Resumptions that must speak for a layout that no known stack has: lengths of data can fit by chance."""

FEW = (0.0, 0.75, 0.85)
"""Confidence in a layout by how many resumptions speak for it; more than these, and it is 1."""

MAX_ASKED = 64
"""Resumptions at one place that are looked at; layouts do not change, more would only take time."""

MAX_ASKED_IN_ALL = 8192

WINDOW = 16
"""Records that a client got before, among which the ticket is looked for: of its last few connections."""

LEARNT_FROM = 3
"""Records of a connection from which layouts are learnt: tickets come first, what comes later is data."""

_SHIFT, _BESIDES = 8, 0xFF  # a layout as one number: messages << 8 | bytes besides
_BALLOT_SHIFT, _LAYOUT = 16, 0xFFFF


@dataclass(slots=True)
class Records:
    """Records that may hold tickets, one entry each; of a connection in their order, one after the other."""

    row: Rows
    at: Rows  # ns
    number: Rows  # 0 for the first of its connection
    body: Rows  # length less what encryption adds
    hash: Rows  # bytes of the hash of the cipher suite


@dataclass(slots=True)
class Identities:
    """PSK identities, one entry each."""

    row: Rows
    at: Rows  # ns: the ClientHello
    key: Rows  # hash of the identity
    length: Rows
    hash: Rows  # that of the ticket's cipher suite, told by the binder (RFC 8446 §4.2.11.2)

    def picked(self, entries: Rows) -> Identities:
        """Only these entries."""
        return Identities(*(getattr(self, field.name)[entries] for field in fields(self)))


@dataclass(slots=True)
class Layouts:
    """What records hold, by the number of a place."""

    messages: Rows  # at least 1
    besides: Rows
    confidence: NDArray[np.float64]  # 0 where nothing is known

    def where_unknown(self, other: Layouts) -> Layouts:
        """`other` at the places where nothing is known."""
        known = self.confidence > 0
        return Layouts(*(np.where(known, getattr(self, f.name), getattr(other, f.name)) for f in fields(self)))

    def at(self, places: Rows) -> Layouts:
        """The layouts at these places, in their order."""
        return Layouts(self.messages[places], self.besides[places], self.confidence[places])


def learn(records: Records, identities: Identities, client: Rows, place: Rows) -> Layouts:
    """The layouts at each place, none at those where nothing explains the resumptions.

    `client` and `place` are numbers by row; what counts as a place is the caller's to say. Equal identities
    are to be given once.
    """
    asked = _sample(place[identities.row])
    before = _records_before(records, identities, asked, client, place)
    at, layout, support = _votes(place[identities.row[asked]], _fitting(records, identities, asked, before))
    rank, known = _ranks(layout)
    believed = known | (support >= BELIEVED_FROM)
    at, layout, support, rank = at[believed], layout[believed], support[believed], rank[believed]
    best = np.lexsort((rank, -support, at))
    best = best[np.diff(at[best], prepend=-1) != 0]
    learnt = np.full(int(place.max(initial=-1)) + 1, 1 << _SHIFT, np.int64)
    confidence = np.zeros(len(learnt))
    learnt[at[best]] = layout[best]
    confidence[at[best]] = np.array([*FEW, 1.0])[np.minimum(support[best], len(FEW))]
    return Layouts(learnt >> _SHIFT, learnt & _BESIDES, confidence)


def _sample(place: Rows) -> Rows:
    """Of the entries at each place the first few."""
    order = grouped(place)
    number = np.arange(len(order))
    begins = np.diff(place[order], prepend=-1) != 0
    rank = number - np.maximum.accumulate(np.where(begins, number, 0)) if len(order) else number
    few = np.argsort(rank, kind="stable")[:MAX_ASKED_IN_ALL]
    sample: Rows = order[few[rank[few] < MAX_ASKED]]
    return sample


def _fitting(records: Records, identities: Identities, asked: Rows, before: Rows) -> Rows:
    """For each identity that is `asked` the layouts by which a record `before` it could hold it, each once, else -1."""
    body = np.append(records.body, 0)[before]
    same_hash = np.append(records.hash, 0)[before] == identities.hash[asked][:, None]
    layouts = []
    for messages in range(1, MAX_MESSAGES + 1):
        besides = body // messages - identities.length[asked][:, None]
        fits = same_hash & (body % messages == 0) & (besides >= LEAST_BESIDES) & (besides <= MOST_BESIDES)
        layouts.append(np.where(fits, messages << _SHIFT | besides, -1))
    each = np.sort(np.concatenate(layouts, axis=1), axis=1)
    each[:, 1:][each[:, 1:] == each[:, :-1]] = -1
    return each


def _records_before(records: Records, identities: Identities, asked: Rows, client: Rows, place: Rows) -> Rows:
    """For each identity that is `asked` the last records before it of its client at its place, -1 for none."""
    is_asking = np.zeros(int(client.max(initial=-1)) + 1, np.bool_)
    is_asking[client[identities.row[asked]]] = True
    until = np.full(int(place.max(initial=-1)) + 1, -1, np.int64)
    np.maximum.at(until, place[identities.row[asked]], identities.at[asked])
    is_early = (records.number < LEARNT_FROM) & (records.at <= until[place[records.row]])
    early = np.flatnonzero(is_early & is_asking[client[records.row]])
    row = np.concatenate([records.row[early], identities.row[asked]])
    order = np.argsort(np.concatenate([records.at[early], identities.at[asked]]), kind="stable")
    order = order[grouped((place * (int(client.max(initial=-1)) + 1) + client)[row[order]])]
    row, asks = row[order], order >= len(early)
    so_far = np.cumsum(~asks)
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (client[row[1:]] != client[row[:-1]]) | (place[row[1:]] != place[row[:-1]])
    first = np.maximum.accumulate(np.where(begins, so_far - ~asks, 0)) if len(order) else so_far
    window = so_far[asks][:, None] - np.arange(1, WINDOW + 1)
    inside = window >= first[asks][:, None]
    found = np.append(early[order[~asks]], -1)[np.where(inside, window, -1)]
    before = np.empty((len(asked), WINDOW), np.int64)
    before[order[asks] - len(early)] = found
    return before


def _votes(place: Rows, layouts: Rows) -> tuple[Rows, Rows, Rows]:
    """Places, layouts, and for how many identities there that layout fits."""
    voter, _ = np.nonzero(layouts >= 0)
    ballot = place[voter] << _BALLOT_SHIFT | layouts[layouts >= 0]
    number, count = numbered(ballot)
    distinct = np.empty(count, np.int64)
    distinct[number] = ballot
    return distinct >> _BALLOT_SHIFT, distinct & _LAYOUT, np.bincount(number, minlength=count)


def _ranks(layouts: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """The place of each in `KNOWN`, those with fewer messages first among the others, and which are known."""
    known = np.array([messages << _SHIFT | besides for messages, besides in KNOWN])
    same = layouts[:, None] == known
    is_known = same.any(axis=1)
    return np.where(is_known, same.argmax(axis=1), len(KNOWN) + layouts), is_known
