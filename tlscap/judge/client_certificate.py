"""Whether the client was asked for a certificate and sent one, from this connection alone.

Up to TLS 1.2 the messages are in the clear, in TLS 1.3 with a key log. Without, the client's flight tells by its
lengths: only Finished, an empty Certificate before it, or a Certificate and a CertificateVerify. It is about the first
handshake: what is shown later, in a renegotiation or by TLS 1.3's post-handshake authentication, is not. An abbreviated
handshake carries none, and what its session inherited is known only from the handshake that made it:
here it is `unknown`, the tables join it (see `tlscap.tables.lineage`).
"""

from __future__ import annotations

from tlscap.engine.events import CLIENT, HIDDEN, SERVER
from tlscap.judge.flights import Flights
from tlscap.judge.landmarks import NEVER, Landmarks
from tlscap.judge.thresholds import (
    CERTAIN,
    EMPTY_CERTIFICATE_BYTES,
    FROM_LENGTHS,
    FROM_MERGED_LENGTHS,
    SMALLEST_CERTIFICATE_BYTES,
)
from tlscap.judge.verdict import Verdict

_NO_CERTIFICATE = 41  # the alert that SSLv3 sends in place of an empty Certificate (RFC 6101 §5.6.6)


def judge_client_certificate(marks: Landmarks, flights: Flights | None, verdict: Verdict) -> None:
    """Fills `client_certificate` and its confidence."""
    if marks.is_unanswered():
        return
    if verdict.handshake == "abbreviated":
        _cannot_tell(verdict, "not_captured")
    elif flights is not None and marks.facts.server_hello is not None:
        _tls13(marks, flights, verdict)
    elif marks.dtls13 or verdict.version == "SSLv2":
        _cannot_tell(verdict, "encrypted")
    else:
        _tls12(marks, verdict)


def _cannot_tell(verdict: Verdict, why: str) -> None:
    verdict.client_certificate = "unknown"
    verdict.client_certificate_confidence = 0.0
    verdict.unknown["client_certificate"] = why


def _say(verdict: Verdict, what: str, confidence: float) -> None:
    verdict.client_certificate = what
    verdict.client_certificate_confidence = confidence


def _tls12(marks: Landmarks, verdict: Verdict) -> None:
    chain = marks.facts.client.certificates
    if chain is not None:
        _say(verdict, "sent" if chain else "empty", CERTAIN)
    elif marks.client.certificate != NEVER:
        _say(verdict, "sent", CERTAIN)
    elif _says_no_certificate(marks):
        _say(verdict, "empty", CERTAIN)
    elif marks.certificate_request == NEVER and _server_flight_whole(marks):
        _say(verdict, "not_requested", CERTAIN)
    else:
        _cannot_tell(verdict, marks.why_missing())


def _says_no_certificate(marks: Landmarks) -> bool:
    events = marks.events
    for i in marks.alerts:
        if events.side(i) == CLIENT and events.detail(i) & 0xFF == _NO_CERTIFICATE and events.detail(i) != HIDDEN:
            return True
    return False


def _server_flight_whole(marks: Landmarks) -> bool:
    """Whether ServerHello to ServerHelloDone was captured without a gap, so that a request would show."""
    return (
        marks.server_hello != NEVER
        and marks.server_hello_done != NEVER
        and not marks.gap_before(SERVER, marks.server_hello_done)
    )


def _tls13(marks: Landmarks, flights: Flights, verdict: Verdict) -> None:
    server_said = marks.server.finished != NEVER and not marks.gap_before(SERVER, marks.server.finished)
    if server_said and not NEVER < marks.certificate_request < marks.server.finished:  # a later one is not of it
        _say(verdict, "not_requested", CERTAIN)
    elif flights.client_finished == NEVER or marks.gap_before(CLIENT, flights.client_finished):
        _cannot_tell(verdict, "encrypted" if marks.both_captured() else "one_sided")
    elif flights.is_known:
        _tls13_decrypted(marks, flights, verdict)
    elif marks.facts.early_data_offered and len(flights.client_lengths) > 1:
        _cannot_tell(verdict, "encrypted")  # what was rejected may have come behind the ServerHello
    elif flights.merged:
        _tls13_merged(flights, verdict)
    else:
        _tls13_separate(flights, verdict)


def _tls13_decrypted(marks: Landmarks, flights: Flights, verdict: Verdict) -> None:
    """The client's flight was decrypted, and has no gap."""
    chain = marks.facts.client.certificates
    later = marks.client.certificate > flights.client_finished
    if later or (chain is None and marks.client.certificate == NEVER):
        _say(verdict, "not_requested", CERTAIN)
    else:
        _say(verdict, "empty" if chain == () else "sent", CERTAIN)


def _tls13_separate(flights: Flights, verdict: Verdict) -> None:
    """Each message has its own record; the last is Finished."""
    before = flights.client_lengths[:-1]
    if not before:
        _say(verdict, "not_requested", FROM_LENGTHS)
    elif before == [EMPTY_CERTIFICATE_BYTES + flights.overhead + flights.client_padding]:
        _say(verdict, "empty", FROM_LENGTHS)
    elif sum(before) >= SMALLEST_CERTIFICATE_BYTES:
        _say(verdict, "sent", FROM_LENGTHS if len(before) >= 2 else FROM_MERGED_LENGTHS)
    else:
        _cannot_tell(verdict, "encrypted")


def _tls13_merged(flights: Flights, verdict: Verdict) -> None:
    """One record holds the flight: what is more than Finished is the Certificate, and may be data."""
    more = flights.client_lengths[0] - flights.finished_length
    if more == EMPTY_CERTIFICATE_BYTES:
        _say(verdict, "empty", FROM_MERGED_LENGTHS)
    elif more >= SMALLEST_CERTIFICATE_BYTES:
        _say(verdict, "sent", FROM_MERGED_LENGTHS)
    else:
        _cannot_tell(verdict, "encrypted")
