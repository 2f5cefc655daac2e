"""Records of TLS 1.3 that may hold a NewSessionTicket (RFC 8446 §4.6.1), told by where they stand.

Most servers send tickets behind the client's Finished, before any answer; Go, GnuTLS and BoringSSL may
send them right behind their own, when they need no word of the client for it (RFC 8446 §4.6.1). Which of
the records there are tickets cannot be told from one connection, so all are named with their lengths and
the lineage finds the one that fits an identity which a later connection presents. With a key log the tickets
themselves are in the facts.
"""

from __future__ import annotations

from tlscap.engine.events import APPLICATION_DATA, SERVER
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import NEVER, Landmarks

MAX_CANDIDATES = 8
"""Records named for one connection; servers send one to four tickets."""

_MAX_CANDIDATES = MAX_CANDIDATES


def ticket_candidates(marks: Landmarks, flights: Flights | None) -> list[int]:
    """The events of the server's first records behind its Finished, else the client's."""
    if flights is None or flights.client_finished == NEVER:
        return []
    events = marks.events
    finished = flights.client_finished if flights.server_finished == NEVER else flights.server_finished
    found: list[int] = []
    for i in range(finished + 1, events.count):
        if events.kind(i) != APPLICATION_DATA or events.side(i) != SERVER or events.detail(i) != 1:
            continue
        if events.decrypted(i):
            continue
        if not flights.is_alert(SERVER, events.length(i)):
            found.append(i)
        if len(found) >= _MAX_CANDIDATES:
            break
    return found
