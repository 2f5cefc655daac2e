"""One connection as a ladder: a line for each record, message, gap and close, in the order of time.

       seconds       message            bytes  sure
     +0.001213  <--  server_hello          61
     +5.034880  -->  [client_hello]       170  0.95  encrypted

What was decrypted says so; what was told from where a record stands is in brackets, with how sure that is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tlscap.capture.batch import FRAME_BITS, FRAME_MASK
from tlscap.engine.events import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    FIN,
    GAP,
    HANDSHAKE,
    HEARTBEAT,
    HIDDEN,
    RST,
)
from tlscap.engine.facts import END_OPEN, Facts
from tlscap.judge.flights import Flights
from tlscap.judge.history import LETTERS, guess_letters
from tlscap.judge.inference.allowance import Allowance
from tlscap.judge.inference.successors import find_successors
from tlscap.judge.landmarks import Landmarks
from tlscap.judge.renegotiation import find_attempts
from tlscap.judge.thresholds import FROM_LENGTHS
from tlscap.judge.verdict import SIDES, Verdict
from tlscap.registry import alert_description_name, alert_level_name, handshake_type_name
from tlscap.report.quantities import NS, count

_ARROWS = ("-->", "<--")
_RECORDS = {HANDSHAKE: "handshake", ALERT: "alert", CHANGE_CIPHER_SPEC: "change_cipher_spec", HEARTBEAT: "heartbeat"}
_TYPES = {letter: kind for kind, letter in reversed(LETTERS.items())}
_TICKET = "new_session_ticket"
_LIKELY = 0.5  # what is less likely than that is a note beside what it looks like
_NAMES = {"i": "change_cipher_spec", "l": "alert", "d": "data", "b": "heartbeat"}


@dataclass(frozen=True, slots=True)
class Rung:
    """One line; `length` -1 where there is none, `sure` 1.0 for what is known."""

    ns: int
    frame: int
    side: int
    message: str
    length: int = -1
    note: str = ""
    sure: float = 1.0


def render_ladder(facts: Facts, verdict: Verdict, files: Sequence[str], *, frames: bool = False) -> Iterator[str]:
    """The lines; with `frames` each has its frame, by file if there are several in `files`."""
    rungs = sorted(_rungs(facts, verdict), key=lambda rung: rung.ns)
    start = facts.start_ns
    width = max((len(_told(rung)) for rung in rungs), default=0)
    places = [_place(rung.frame, files) if frames else "" for rung in rungs]
    place_width = max(map(len, [*places, "frame"]))
    yield _line(["frame".rjust(place_width)] if frames else [], "seconds", "   ", "message", width, "bytes", "sure", "")
    for rung, place in zip(rungs, places, strict=True):
        at = f"{(rung.ns - start) / NS:+.6f}"
        length = f"{rung.length:,}" if rung.length >= 0 else ""
        sure = "" if rung.sure >= 1.0 else f"{rung.sure:.2f}"
        cells = [place.rjust(place_width)] if frames else []
        yield _line(cells, at, _ARROWS[rung.side], _told(rung), width, length, sure, rung.note)
    if facts.end == END_OPEN and not (facts.client.fin_ns or facts.server.fin_ns):
        yield f"{'':>{place_width + 2 if frames else 0}}{'':>14}  ...  the capture ends"


def _line(before: list[str], at: str, way: str, told: str, width: int, length: str, sure: str, note: str) -> str:
    return "  ".join([*before, f"{at:>14}", way, f"{told:<{width}}", f"{length:>9}", f"{sure:<4}", note]).rstrip()


def display_filter(facts: Facts) -> str:
    """Wireshark's display filter for the packets of the connection, in the file of its first one."""
    from ipaddress import ip_address

    client, server = facts.client, facts.server
    ip, port = "ip" if len(client.ip) == 4 else "ipv6", "udp" if facts.transport == 17 else "tcp"
    ends = f"{ip}.addr == {ip_address(client.ip)} && {ip}.addr == {ip_address(server.ip)}"
    ports = f"{port}.port == {client.port} && {port}.port == {server.port}"
    first, last = facts.first_frame & FRAME_MASK, facts.last_frame & FRAME_MASK
    same_file = facts.first_frame >> FRAME_BITS == facts.last_frame >> FRAME_BITS
    reach = f" && frame.number <= {last}" if same_file else ""
    return f"{ends} && {ports} && frame.number >= {first}{reach}"


def _told(rung: Rung) -> str:
    return rung.message if rung.sure >= 1.0 else f"[{rung.message}]"


def _place(frame: int, files: Sequence[str]) -> str:
    number, file = frame & FRAME_MASK, frame >> FRAME_BITS
    return f"{files[file]}:{number}" if len(files) > 1 and file < len(files) else str(number)


def _rungs(facts: Facts, verdict: Verdict) -> Iterator[Rung]:
    for side, ends in enumerate((facts.client, facts.server)):
        if ends.syn_ns:
            yield Rung(ends.syn_ns, ends.syn_frame, side, ("SYN", "SYN ACK")[side])
    marks = Landmarks(facts)
    guesses = _guesses(marks, verdict)
    for i in range(facts.events.count):
        yield _rung(facts, verdict, i, guesses.get(i))


def _guesses(marks: Landmarks, verdict: Verdict) -> dict[int, tuple[str, float]]:
    """By event index what a record that could not be read is taken for, and how sure that is."""
    flights = Flights(marks) if marks.tls13 else None
    letters = guess_letters(marks, flights, find_attempts(marks, Allowance()), verdict)
    found = _late(marks, flights, verdict) if flights is not None else {}
    found |= {i: (_name(letter.strip("[]").lower()), FROM_LENGTHS) for i, letter in letters.items() if "[" in letter}
    events = marks.events
    hidden: dict[tuple[int, str], list[int]] = {}
    for i in range(events.count):
        if events.kind(i) in (HANDSHAKE, CHANGE_CIPHER_SPEC) and events.detail(i) == HIDDEN:
            hidden.setdefault((events.frame(i), SIDES[events.side(i)]), []).append(i)
            found.setdefault(i, _usual(marks, i))
    for handshake in verdict.handshakes:
        for message in handshake.told or ():  # what the ledger has told of it
            places = hidden.get((message.frame, message.sender))
            if places and message.type not in ("encrypted", "alert"):
                found[places.pop(0)] = (message.type, min(message.confidence, FROM_LENGTHS))
    return found


def _late(marks: Landmarks, flights: Flights, verdict: Verdict) -> dict[int, tuple[str, float]]:
    """What TLS 1.3 may send in place of a renegotiation; 0.0 for what can only be called possible."""
    told = {each.event: (handshake_type_name(each.kind), each.confidence) for each in find_successors(marks, flights)}
    if not any(kind == _TICKET for kind, _ in told.values()):
        for i in verdict.ticket_candidates:
            told.setdefault(i, (_TICKET, 0.0))
    return told


def _usual(marks: Landmarks, i: int) -> tuple[str, float]:
    """What is certain of an encrypted record: a ChangeCipherSpec, and Finished right behind the first one."""
    if marks.events.kind(i) == CHANGE_CIPHER_SPEC:
        return "change_cipher_spec", 1.0
    if i in (marks.client.hidden, marks.server.hidden):
        return "finished", FROM_LENGTHS
    return "encrypted", 1.0


def _rung(facts: Facts, verdict: Verdict, i: int, guess: tuple[str, float] | None) -> Rung:
    events = facts.events
    ns, frame, side, kind = events.ns(i), events.frame(i), events.side(i), events.kind(i)
    detail, length = events.detail(i), events.length(i)
    note = "decrypted" if events.decrypted(i) else ""
    if kind == GAP:
        return Rung(ns, frame, side, "(gap)", length, "bytes that were not captured")
    if kind in (FIN, RST):
        return Rung(ns, frame, side, "FIN" if kind == FIN else "RST")
    if kind == ALERT or (guess is not None and guess[0] == "alert"):
        return _alert(verdict, Rung(ns, frame, side, "alert", length, note), detail if kind == ALERT else HIDDEN)
    if guess is not None and guess[1] < _LIKELY:
        sure = f" ({guess[1]:.2f})" if guess[1] else ""
        return Rung(ns, frame, side, "data", length, f"or {guess[0]}{sure}")
    if guess is not None:
        return Rung(ns, frame, side, guess[0], length, _encrypted(kind), guess[1])
    if kind == APPLICATION_DATA:
        records = f"{count(detail, 'record')}" if detail > 1 else ""
        return Rung(ns, frame, side, "data", length, " ".join(filter(None, (records, note))))
    if kind == HANDSHAKE:
        return Rung(ns, frame, side, "encrypted" if detail == HIDDEN else handshake_type_name(detail), length, note)
    return Rung(ns, frame, side, _RECORDS.get(kind, f"record type {kind}"), length, note)


def _encrypted(kind: int) -> str:
    return "encrypted" if kind == HANDSHAKE else f"encrypted {_RECORDS.get(kind, 'data')} record"


def _alert(verdict: Verdict, rung: Rung, detail: int) -> Rung:
    """The alert with what the verdict takes it for."""
    if detail != HIDDEN:
        name = f"{alert_description_name(detail & 0xFF)} ({alert_level_name(detail >> 8)} alert)"
        return Rung(rung.ns, rung.frame, rung.side, name, rung.length, rung.note)
    for alert in verdict.alerts:
        if alert.frame == rung.frame and alert.sender == SIDES[rung.side] and alert.basis == "inferred":
            name = f"{alert.description or 'unknown'} ({alert.level or 'unknown'} alert)"
            return Rung(rung.ns, rung.frame, rung.side, name, rung.length, "encrypted", min(alert.confidence, 0.99))
    return Rung(rung.ns, rung.frame, rung.side, "alert", rung.length, "encrypted")


def _name(letter: str) -> str:
    kind = _TYPES.get(letter)
    return handshake_type_name(kind) if kind is not None else _NAMES.get(letter, "encrypted")
