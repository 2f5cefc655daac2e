"""The handshake as a word, in Zeek's letters: client in capitals, server in small letters.

Letters inferred from encrypted records stand in brackets, those of decrypted ones do not. A run of data is
one letter a side until something else comes; after MAX_LETTERS letters comes an ellipsis.
"""

from __future__ import annotations

from tlscap.engine.events import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    CLIENT,
    HANDSHAKE,
    HEARTBEAT,
    HIDDEN,
    SERVER,
    Events,
)
from tlscap.judge.attempt import Attempt
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.judge.verdict import Alert, Verdict

MAX_LETTERS = 200
"""Letters of a history; a peer could make it grow without end, and beyond it stands an ellipsis."""

LETTERS = {
    0: "h",  # hello_request
    1: "c",  # client_hello
    2: "s",  # server_hello
    3: "v",  # hello_verify_request
    4: "t",  # new_session_ticket
    5: "e",  # end_of_early_data
    6: "j",  # hello_retry_request
    8: "o",  # encrypted_extensions
    11: "x",  # certificate
    12: "k",  # server_key_exchange
    13: "r",  # certificate_request
    14: "n",  # server_hello_done
    15: "y",  # certificate_verify
    16: "g",  # client_key_exchange
    20: "f",  # finished
    22: "u",  # certificate_status
    24: "p",  # key_update
    25: "x",  # compressed_certificate
}
"""By handshake type (RFC 8446 §B.3); Zeek's letters. Other types are `z`."""

_SERVER_FLIGHTS = {2: ("[o]", "[f]"), 4: ("[o]", "[x]", "[y]", "[f]"), 5: ("[o]", "[r]", "[x]", "[y]", "[f]")}
_CLIENT_FLIGHTS = {1: ("[F]",), 2: ("[X]", "[F]"), 3: ("[X]", "[Y]", "[F]")}
"""Messages of a TLS 1.3 flight by their number, if each has its own record."""

_INFERRED = {0x200: "i"}  # the grammar's ChangeCipherSpec, which is no handshake type

_MAX_KEY_ALERTS, _KEY_BITS = 2, 12  # an event's index has fewer bits, see MAX_EVENTS
_NO_FLIGHT: tuple[str, ...] = ()
_MAX_LETTERS = MAX_LETTERS
_CLEAR = [LETTERS.get(kind, "z").upper() for kind in range(256)] + [LETTERS.get(kind, "z") for kind in range(256)]
"""By side and handshake type."""

_RECORDS = {CHANGE_CIPHER_SPEC: "i", ALERT: "l", APPLICATION_DATA: "d", HEARTBEAT: "b"}
_CLEAR_RECORDS = [
    [_RECORDS.get(kind, "").upper() for kind in range(25)],
    [_RECORDS.get(kind, "") for kind in range(25)],
]
_HIDDEN_RECORDS = [[letter and f"[{letter}]" for letter in letters] for letters in _CLEAR_RECORDS]
"""By side and kind of event."""


def render_history(marks: Landmarks, flights: Flights | None, attempts: list[Attempt], verdict: Verdict) -> str:
    """The history of a connection."""
    hidden = _hidden(marks, flights, verdict)
    if attempts:
        return _spell(marks, hidden, _renegotiated(marks, attempts))
    if flights is not None and flights.later_finished != NEVER:
        late = _late_authentication(marks, flights)
        if late:
            return _spell(marks, hidden, late)
    key = 0 if hidden is None else hidden.key()
    known = marks.course.history(key)
    if known is None:
        known = _spell(marks, hidden, None)
        if key != NEVER:
            marks.course.remember(key, known)
    return known


def guess_letters(
    marks: Landmarks, flights: Flights | None, attempts: list[Attempt], verdict: Verdict
) -> dict[int, str]:
    """By event index the letters, in brackets, of records whose message was told from where they stand."""
    guesses = _renegotiated(marks, attempts)
    hidden = _hidden(marks, flights, verdict)
    for i in range(marks.events.count):
        letter = hidden.letter(marks.events, i) if hidden is not None else ""
        if letter:
            guesses[i] = letter
    return guesses


def _late_authentication(marks: Landmarks, flights: Flights) -> dict[int, str]:
    """The letters of TLS 1.3's post-handshake authentication, where lengths tell it."""
    from tlscap.judge.inference.successors import find_successors  # few connections have one

    letters: dict[int, str] = {}
    for each in find_successors(marks, flights):
        letter = LETTERS.get(each.kind, "z")
        if letter not in "tp":  # a ticket or a KeyUpdate may be anywhere, and is not worth a search
            letters[each.event] = f"[{letter.upper() if marks.events.side(each.event) == CLIENT else letter}]"
    return letters


def _renegotiated(marks: Landmarks, attempts: list[Attempt]) -> dict[int, str]:
    guesses: dict[int, str] = {}
    for attempt in attempts:
        _spell_renegotiation(attempt, guesses)
    for i in [i for i in guesses if marks.events.decrypted(i)]:
        del guesses[i]
    return guesses


def _hidden(marks: Landmarks, flights: Flights | None, verdict: Verdict) -> Hidden | None:
    if flights is None or marks.facts.server_hello is None:
        return None
    hidden = Hidden(flights, marks.server_hello)
    hidden.name_alerts(marks, verdict)
    return hidden


def _spell(marks: Landmarks, hidden: Hidden | None, guesses: dict[int, str] | None) -> str:
    events = marks.events
    letters: list[str] = []
    last = ""
    for i in range(events.count):
        kind = events.kind(i)
        letter = ""
        if hidden is not None and kind == APPLICATION_DATA:
            letter = hidden.letter(events, i)
        if not letter and guesses is not None:
            letter = guesses.get(i, "")
        if not letter:
            letter = _letter(marks, i, kind)
        if not letter or (kind == APPLICATION_DATA and letter == last and letter in ("d", "D")):
            continue
        if len(letters) == _MAX_LETTERS:
            letters.append("…")
            break
        letters.append(letter)
        last = letter
    return "".join(letters).replace("][", "")  # brackets that close and open again are one pair


def _letter(marks: Landmarks, i: int, kind: int) -> str:
    events = marks.events
    side, detail = events.side(i), events.detail(i)
    if kind < CHANGE_CIPHER_SPEC or kind > HEARTBEAT:
        return ""
    if kind != HANDSHAKE:
        is_hidden = detail == HIDDEN and kind != APPLICATION_DATA and kind != HEARTBEAT
        table = _HIDDEN_RECORDS if is_hidden else _CLEAR_RECORDS
        letters = table[side]
        return letters[kind]
    if detail != HIDDEN:
        return _CLEAR[side << 8 | detail] if detail < 256 else "z"
    return "" if marks.dtls13 else _hidden_handshake(marks, i, side)  # fragments, of which nothing tells the message


def _hidden_handshake(marks: Landmarks, i: int, side: int) -> str:
    """An encrypted handshake record: Finished behind a ChangeCipherSpec, else the start of a renegotiation."""
    events = marks.events
    for k in range(i - 1, -1, -1):
        if events.side(k) != side or events.kind(k) == APPLICATION_DATA:
            continue
        if events.kind(k) == CHANGE_CIPHER_SPEC:
            return "[F]" if side == CLIENT else "[f]"
        if events.kind(k) == HANDSHAKE:
            break
    return "[C]" if side == CLIENT else "[s]"


def _spell_renegotiation(attempt: Attempt, letters: dict[int, str]) -> None:
    """Gives the encrypted records of a renegotiation the letters of the messages that are inferred in them."""
    found: dict[int, list[str]] = {}
    for sent in attempt.messages:
        letter = "z" if sent.kind is None else _INFERRED.get(sent.kind) or LETTERS.get(sent.kind & 0xFF, "z")
        found.setdefault(sent.event, []).append(letter.upper() if sent.side == CLIENT else letter)
    for event, word in found.items():
        letters[event] = f"[{''.join(word)}]"


class Hidden:
    """What application data records of a TLS 1.3 handshake hold: the two flights, and alerts."""

    __slots__ = ("_alerts", "_client", "_client_first", "_client_taken", "_server", "_server_hello", "_server_taken")

    def __init__(self, flights: Flights, server_hello: int) -> None:
        self._server = _NO_FLIGHT
        self._client = _NO_FLIGHT
        self._server_hello = server_hello
        self._client_first = NEVER
        self._server_taken = 0
        self._client_taken = 0
        self._alerts: list[int] = []  # events that were told from the length of a side's last record
        self._read(flights)

    def key(self) -> int:
        """A number for all that the letters hang on besides the course, NEVER where there is none."""
        if len(self._alerts) > _MAX_KEY_ALERTS:
            return NEVER
        key = len(self._server) | len(self._client) << 4 | (self._client_first + 1) << 8
        for place, i in enumerate(self._alerts, 1):
            key |= (i + 1) << (8 + _KEY_BITS * place)
        return key

    def letter(self, events: Events, i: int) -> str:
        """The letter of event `i`, "" if nothing has to be guessed; to be asked of all data records, in order."""
        if events.kind(i) != APPLICATION_DATA:
            return ""
        side = events.side(i)
        letter = self._next_letter(side, i)
        if events.decrypted(i):
            return ""
        if i in self._alerts:
            return "[L]" if side == CLIENT else "[l]"
        return letter

    def _next_letter(self, side: int, i: int) -> str:
        letter = ""
        if side == CLIENT:
            if i >= self._client_first and self._client_taken < len(self._client):
                letter = self._client[self._client_taken]
                self._client_taken += 1
        elif i > self._server_hello and self._server_taken < len(self._server):
            letter = self._server[self._server_taken]
            self._server_taken += 1
        return letter

    def name_alerts(self, marks: Landmarks, verdict: Verdict) -> None:
        """Finds the events of the alerts that were inferred."""
        for alert in verdict.alerts:
            if alert.basis == "inferred":
                self._name(marks.events, alert)

    def _name(self, events: Events, alert: Alert) -> None:
        side = CLIENT if alert.sender == "client" else SERVER
        for i in range(events.count - 1, -1, -1):
            is_single = events.kind(i) == APPLICATION_DATA and events.detail(i) == 1
            if is_single and events.frame(i) == alert.frame and events.side(i) == side:
                self._alerts.append(i)
                return

    def _read(self, flights: Flights) -> None:
        if flights.server_finished != NEVER:
            self._server = _SERVER_FLIGHTS.get(flights.server_records, _NO_FLIGHT)
        if flights.client_first != NEVER and not flights.merged:
            self._client_first = flights.client_first
            self._client = _CLIENT_FLIGHTS.get(len(flights.client_lengths), _NO_FLIGHT)
