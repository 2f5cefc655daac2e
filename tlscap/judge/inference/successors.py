"""What TLS 1.3 has in place of renegotiation, told from lengths (RFC 8446 §4.6): tickets, KeyUpdate, authentication.

All of it looks like application data. What gives it away:

    post-handshake     S CertificateRequest · C Certificate, CertificateVerify, Finished, each in its record: the last
    authentication     two have lengths of their own; or C Certificate (8 bytes and the request's context), Finished
    NewSessionTicket   the server's first records behind its Finished, or behind the client's later one: two or more
                       of one length are tickets; a single one may be
    KeyUpdate          5 bytes, as data may be: who is asked to update as well answers at once with 5 bytes

Messages that share a record, or stand behind the records that are told apart (`MAX_SINGLE_DATA`), are not found.
"""

from __future__ import annotations

from typing import NamedTuple

from tlscap.engine.events import APPLICATION_DATA, CLIENT, SERVER
from tlscap.judge.flights import Flights
from tlscap.judge.inference import grammar as g
from tlscap.judge.landmarks import NEVER, Landmarks

KEY_UPDATE = 24
KEY_UPDATE_BYTES = 5

EMPTY_CERTIFICATE = range(9, 73)
"""Bytes of a Certificate without entries: 8, and a context of 1 to 64 bytes; stacks use 8 to 32."""

REQUEST = range(30, 4000)
"""Bytes of a CertificateRequest: a context, signature algorithms, names of authorities."""

SIGNATURES = (*range(72, 81), *range(104, 112), *range(139, 149), 136, 200, 264, 328, 392, 520)
"""Bytes of a CertificateVerify: ECDSA by P-256, P-384, P-521, Ed25519, RSA of 1024 to 4096 bits (RFC 8446 §4.4.3)."""

SMALLEST_CERTIFICATE = 150
TICKET = range(60, 4000)
MOST_TICKETS = 4
MOST_UPDATES = 16
"""Records of 5 bytes on a connection from which on they are data: nobody changes keys so often."""

SHOWN, EMPTY = 0.95, 0.8
ALIKE, ALONE = 0.95, 0.6
ANSWERED, UNANSWERED = 0.6, 0.3


class Successor(NamedTuple):
    """One record and what it most likely holds; under 0.5 it is more likely data."""

    event: int
    kind: int  # handshake type
    confidence: float


class _Record(NamedTuple):
    event: int
    side: int
    content: int  # bytes


def find_successors(marks: Landmarks, flights: Flights) -> list[Successor]:
    """What lengths tell behind a TLS 1.3 handshake, in the order of events; nothing of what was decrypted."""
    if flights.client_finished == NEVER:
        return []
    records = list(_records(marks, flights))
    found: dict[int, Successor] = {}
    for each in _authentications(records, flights) + _key_updates(records):
        found.setdefault(each.event, each)
    begins = [NEVER, *(each.event for each in found.values() if each.kind == g.FINISHED)]
    for begin in begins:
        for each in _tickets([record for record in records if record.event > begin], found):
            found.setdefault(each.event, each)
    return [found[event] for event in sorted(found)]


def _records(marks: Landmarks, flights: Flights) -> list[_Record]:
    """The records behind a side's Finished that are told apart, without alerts."""
    events, found = marks.events, []
    ends = (flights.client_finished, flights.server_finished if flights.server_finished != NEVER else 0)
    for i in range(events.count):
        side, length = events.side(i), events.length(i)
        if events.kind(i) != APPLICATION_DATA or events.detail(i) != 1 or events.decrypted(i) or i <= ends[side]:
            continue
        if not flights.is_alert(side, length):
            padding = flights.server_padding if side == SERVER else flights.client_padding
            found.append(_Record(i, side, length - flights.overhead - padding))
    return found


def _authentications(records: list[_Record], flights: Flights) -> list[Successor]:
    """Each flight of the client that ends with a record of Finished's length, and the request before it."""
    found: list[Successor] = []
    mine = [record for record in records if record.side == CLIENT]
    for n, record in enumerate(mine):
        if record.content != flights.finished_length - flights.overhead:
            continue
        before = [each.content for each in mine[:n]]
        if n > 1 and before[-1] in SIGNATURES and before[-2] >= SMALLEST_CERTIFICATE:
            flight = list(zip(mine[n - 2 : n + 1], (g.CERTIFICATE, g.CERTIFICATE_VERIFY, g.FINISHED), strict=True))
            sure = SHOWN
        elif n > 0 and before[-1] in EMPTY_CERTIFICATE:
            flight, sure = list(zip(mine[n - 1 : n + 1], (g.CERTIFICATE, g.FINISHED), strict=True)), EMPTY
        else:
            continue
        request = _last_of_server(records, flight[0][0].event)
        if request is not None:
            found.append(Successor(request.event, g.CERTIFICATE_REQUEST, sure))
            found += [Successor(each.event, kind, sure) for each, kind in flight]
    return found


def _last_of_server(records: list[_Record], event: int) -> _Record | None:
    """The record right before `event`, if it is the server's and may be a request."""
    before = [record for record in records if record.event < event]
    return before[-1] if before and before[-1].side == SERVER and before[-1].content in REQUEST else None


def _tickets(records: list[_Record], taken: dict[int, Successor]) -> list[Successor]:
    """The server's first records, as long as they are of one length."""
    theirs = [record for record in records if record.side == SERVER and record.event not in taken]
    if not theirs or theirs[0].content not in TICKET:
        return []
    alike = [record for record in theirs if record.content == theirs[0].content]
    run = [record for record, first in zip(alike, theirs, strict=False) if record == first]
    if len(run) > MOST_TICKETS:
        return []
    if len(run) > 1:
        return [Successor(record.event, g.NEW_SESSION_TICKET, ALIKE) for record in run]
    unasked = records[0].event == theirs[0].event
    return [Successor(theirs[0].event, g.NEW_SESSION_TICKET, ALONE)] if unasked else []


def _key_updates(records: list[_Record]) -> list[Successor]:
    """Records of 5 bytes; two that answer each other say more than one."""
    small = [record for record in records if record.content == KEY_UPDATE_BYTES]
    if len(small) > MOST_UPDATES:
        return []
    found = []
    for record in small:
        later = [each for each in records if each.event > record.event and each.side != record.side]
        earlier = [each for each in records if each.event < record.event and each.side != record.side]
        answered = (later and later[0].content == KEY_UPDATE_BYTES) or (
            earlier and earlier[-1].content == KEY_UPDATE_BYTES
        )
        found.append(Successor(record.event, KEY_UPDATE, ANSWERED if answered else UNANSWERED))
    return found
