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
)
from tlscap.judge.attempt import Attempt
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.judge.verdict import Verdict

MAX_LETTERS = 200

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

_SERVER_FLIGHTS = {2: "of", 4: "oxyf", 5: "orxyf"}
_CLIENT_FLIGHTS = {1: "f", 2: "xf", 3: "xyf"}
"""Messages of a TLS 1.3 flight by their number, if each has its own record."""


_INFERRED = {0x200: "i"}  # the grammar's ChangeCipherSpec, which is no handshake type


def render_history(marks: Landmarks, flights: Flights | None, attempts: list[Attempt], verdict: Verdict) -> str:
    """The history of a connection."""
    guesses = guess_letters(marks, flights, attempts, verdict)
    events = marks.events
    word: list[str] = []
    previous = ""
    for i in range(events.count):
        letter = guesses.get(i, "") or _letter(marks, i)
        if not letter:
            continue
        if letter == previous and letter in ("d", "D"):
            continue
        if len(word) == MAX_LETTERS:
            word.append("…")
            break
        previous = letter
        word.append(letter)
    return "".join(word).replace("][", "")


def guess_letters(
    marks: Landmarks, flights: Flights | None, attempts: list[Attempt], verdict: Verdict
) -> dict[int, str]:
    """By event index the letters, in brackets, of records whose message was told from where they stand."""
    guesses = _flight_letters(marks, flights, verdict)
    for attempt in attempts:
        _spell_renegotiation(attempt, guesses)
    for i in [i for i in guesses if marks.events.decrypted(i)]:
        del guesses[i]
    return guesses


def _letter(marks: Landmarks, i: int) -> str:
    events = marks.events
    kind, detail = events.kind(i), events.detail(i)
    hidden = False
    if kind == HANDSHAKE:
        hidden = detail == HIDDEN
        if hidden and marks.dtls13:
            return ""  # fragments, of which nothing tells the message
        letter = _hidden_handshake(marks, i) if hidden else LETTERS.get(detail, "z")
    elif kind == CHANGE_CIPHER_SPEC:
        letter, hidden = "i", detail == HIDDEN
    elif kind == ALERT:
        letter, hidden = "l", detail == HIDDEN
    elif kind == APPLICATION_DATA:
        letter = "d"
    elif kind == HEARTBEAT:
        letter = "b"
    else:
        return ""
    letter = letter.upper() if events.side(i) == CLIENT else letter
    return f"[{letter}]" if hidden else letter


def _hidden_handshake(marks: Landmarks, i: int) -> str:
    """An encrypted handshake record: Finished behind a ChangeCipherSpec, else the start of a renegotiation."""
    events = marks.events
    side = events.side(i)
    for k in range(i - 1, -1, -1):
        if events.side(k) != side or events.kind(k) == APPLICATION_DATA:
            continue
        if events.kind(k) == CHANGE_CIPHER_SPEC:
            return "f"
        if events.kind(k) == HANDSHAKE:
            break
    return "c" if side == CLIENT else "s"


def _spell_renegotiation(attempt: Attempt, letters: dict[int, str]) -> None:
    """Gives the encrypted records of a renegotiation the letters of the messages that are inferred in them."""
    found: dict[int, list[str]] = {}
    for sent in attempt.messages:
        letter = "z" if sent.kind is None else _INFERRED.get(sent.kind) or LETTERS.get(sent.kind & 0xFF, "z")
        found.setdefault(sent.event, []).append(letter.upper() if sent.side == CLIENT else letter)
    for event, word in found.items():
        letters[event] = f"[{''.join(word)}]"


def _flight_letters(marks: Landmarks, flights: Flights | None, verdict: Verdict) -> dict[int, str]:
    """Letters for the encrypted flights of TLS 1.3, by event index."""
    letters: dict[int, str] = {}
    if flights is None or marks.facts.server_hello is None:
        return letters
    server = _SERVER_FLIGHTS.get(len(flights.server_lengths), "") if flights.server_finished != NEVER else ""
    client = _CLIENT_FLIGHTS.get(len(flights.client_lengths), "") if not flights.merged else ""
    _spell(marks, letters, server, marks.server_hello, 1, len(flights.server_lengths))
    if flights.client_first != NEVER:
        _spell(marks, letters, client.upper(), flights.client_first - 1, CLIENT, len(flights.client_lengths))
    _name_alerts(marks, letters, verdict)
    return letters


def _spell(marks: Landmarks, letters: dict[int, str], word: str, after: int, side: int, count: int) -> None:
    """Gives the `count` data records of `side` behind event `after` the letters of `word`."""
    events = marks.events
    taken = 0
    for i in range(after + 1, events.count):
        if taken >= min(count, len(word)):
            return
        if events.kind(i) == APPLICATION_DATA and events.side(i) == side:
            letters[i] = f"[{word[taken]}]"
            taken += 1


def _name_alerts(marks: Landmarks, letters: dict[int, str], verdict: Verdict) -> None:
    """The alerts that were told from the length of a side's last record."""
    events = marks.events
    hidden = {(alert.frame, alert.sender) for alert in verdict.alerts if alert.basis == "inferred"}
    seen: set[tuple[int, str]] = set()
    for i in range(events.count - 1, -1, -1):
        key = (events.frame(i), "client" if events.side(i) == CLIENT else "server")
        if events.kind(i) == APPLICATION_DATA and key in hidden and key not in seen and events.detail(i) == 1:
            seen.add(key)
            letters[i] = "[L]" if events.side(i) == CLIENT else "[l]"
