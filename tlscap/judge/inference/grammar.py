"""What may follow what in a handshake of TLS up to 1.2 (RFC 5246 §7.3, RFC 5077 §3.3, RFC 6066 §8).

The server may ask for a handshake by HelloRequest; the client begins it. The server's answer decides:

    full         C ClientHello
                 S ServerHello [Certificate] [CertificateStatus] [ServerKeyExchange] [CertificateRequest]
                   ServerHelloDone
                 C [Certificate] ClientKeyExchange [CertificateVerify] {ChangeCipherSpec} Finished
                 S [NewSessionTicket] {ChangeCipherSpec} Finished
    abbreviated  C ClientHello
                 S ServerHello [NewSessionTicket] {ChangeCipherSpec} Finished
                 C {ChangeCipherSpec} Finished

A renegotiation is the same, encrypted. ChangeCipherSpec is a record of its own content type, which no
encryption hides: which side sends it first tells full from abbreviated. A place is where a handshake
stands; `STEPS` gives the messages that may come next, where they lead, and how usual each is.
"""

from __future__ import annotations

from typing import NamedTuple

from tlscap.engine.events import CLIENT, SERVER

HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET = 0, 1, 2, 4
CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE = 11, 12, 13, 14
CERTIFICATE_VERIFY, CLIENT_KEY_EXCHANGE, FINISHED, CERTIFICATE_STATUS, NEXT_PROTOCOL = 15, 16, 20, 22, 67

EMPTY_CERTIFICATE = 0x100 | CERTIFICATE
"""A Certificate without a certificate; its own kind here, for what follows it is not the same."""

CHANGE_CIPHER_SPEC = 0x200
"""The other content type among a handshake's records; no handshake type has this number."""

IDLE = "idle"  # no handshake is under way
REQUESTED = "requested"  # the server has asked for one
GREETED = "greeted"  # the client has
ANSWERED = "answered"
CERTIFIED = "certified"
STAPLED = "stapled"
KEYED = "keyed"
ASKED = "asked"  # for a client certificate
DONE = "done"  # ServerHelloDone
DONE_ASKED = "done, asked"
SHOWN = "shown"  # a client certificate
SHOWN_KEYED = "shown, keyed"
EXCHANGED = "exchanged"  # all but the client's ChangeCipherSpec
CLIENT_CHANGED = "client changed"
CLIENT_READY = "client ready"  # its Finished was sent
TICKET = "ticket"
SERVER_CHANGED = "server changed"
SHORT_TICKET = "short, ticket"
SHORT_CHANGED = "short, server changed"
SHORT_READY = "short, server ready"
SHORT_CLIENT_CHANGED = "short, client changed"


class Step(NamedTuple):
    """One message that may come next."""

    side: int
    kind: int
    to: str
    weight: float  # how usual it is beside the others of its place; 1 is "as a rule"


STEPS: dict[str, tuple[Step, ...]] = {
    IDLE: (Step(SERVER, HELLO_REQUEST, REQUESTED, 0.5), Step(CLIENT, CLIENT_HELLO, GREETED, 0.5)),
    REQUESTED: (Step(CLIENT, CLIENT_HELLO, GREETED, 1), Step(SERVER, HELLO_REQUEST, REQUESTED, 0.02)),
    GREETED: (Step(SERVER, SERVER_HELLO, ANSWERED, 1), Step(SERVER, HELLO_REQUEST, GREETED, 0.01)),
    ANSWERED: (
        Step(SERVER, CERTIFICATE, CERTIFIED, 0.6),
        Step(SERVER, SERVER_KEY_EXCHANGE, KEYED, 0.04),
        Step(SERVER, SERVER_HELLO_DONE, DONE, 0.01),
        Step(SERVER, NEW_SESSION_TICKET, SHORT_TICKET, 0.1),
        Step(SERVER, CHANGE_CIPHER_SPEC, SHORT_CHANGED, 0.25),
    ),
    CERTIFIED: (
        Step(SERVER, SERVER_KEY_EXCHANGE, KEYED, 0.7),
        Step(SERVER, CERTIFICATE_STATUS, STAPLED, 0.05),
        Step(SERVER, CERTIFICATE_REQUEST, ASKED, 0.1),
        Step(SERVER, SERVER_HELLO_DONE, DONE, 0.2),
    ),
    STAPLED: (
        Step(SERVER, SERVER_KEY_EXCHANGE, KEYED, 0.7),
        Step(SERVER, CERTIFICATE_REQUEST, ASKED, 0.1),
        Step(SERVER, SERVER_HELLO_DONE, DONE, 0.2),
    ),
    KEYED: (Step(SERVER, SERVER_HELLO_DONE, DONE, 0.6), Step(SERVER, CERTIFICATE_REQUEST, ASKED, 0.4)),
    ASKED: (Step(SERVER, SERVER_HELLO_DONE, DONE_ASKED, 1),),
    DONE: (Step(CLIENT, CLIENT_KEY_EXCHANGE, EXCHANGED, 1),),
    DONE_ASKED: (
        Step(CLIENT, CERTIFICATE, SHOWN, 0.6),
        Step(CLIENT, EMPTY_CERTIFICATE, DONE, 0.38),
        Step(CLIENT, CLIENT_KEY_EXCHANGE, EXCHANGED, 0.02),  # SSL 3.0: an alert in place of the Certificate
    ),
    SHOWN: (Step(CLIENT, CLIENT_KEY_EXCHANGE, SHOWN_KEYED, 1),),
    SHOWN_KEYED: (
        Step(CLIENT, CERTIFICATE_VERIFY, EXCHANGED, 0.99),
        Step(CLIENT, CHANGE_CIPHER_SPEC, CLIENT_CHANGED, 0.01),  # a certificate that cannot sign
    ),
    EXCHANGED: (Step(CLIENT, CHANGE_CIPHER_SPEC, CLIENT_CHANGED, 1),),
    CLIENT_CHANGED: (
        Step(CLIENT, FINISHED, CLIENT_READY, 0.99),
        Step(CLIENT, NEXT_PROTOCOL, CLIENT_CHANGED, 0.01),
    ),
    CLIENT_READY: (
        Step(SERVER, CHANGE_CIPHER_SPEC, SERVER_CHANGED, 0.5),
        Step(SERVER, NEW_SESSION_TICKET, TICKET, 0.5),
    ),
    TICKET: (Step(SERVER, CHANGE_CIPHER_SPEC, SERVER_CHANGED, 1),),
    SERVER_CHANGED: (Step(SERVER, FINISHED, IDLE, 1),),
    SHORT_TICKET: (Step(SERVER, CHANGE_CIPHER_SPEC, SHORT_CHANGED, 1),),
    SHORT_CHANGED: (Step(SERVER, FINISHED, SHORT_READY, 1),),
    SHORT_READY: (Step(CLIENT, CHANGE_CIPHER_SPEC, SHORT_CLIENT_CHANGED, 1),),
    SHORT_CLIENT_CHANGED: (Step(CLIENT, FINISHED, IDLE, 1),),
}
"""The first step of a place is the one that is waited for when nothing comes."""

ABBREVIATED = (SHORT_TICKET, SHORT_CHANGED, SHORT_READY, SHORT_CLIENT_CHANGED)
FULL = (
    *(CERTIFIED, STAPLED, KEYED, ASKED, DONE, DONE_ASKED, SHOWN, SHOWN_KEYED, EXCHANGED),
    *(CLIENT_CHANGED, CLIENT_READY, TICKET, SERVER_CHANGED),
)
"""Places that only a handshake of this kind comes to."""


def kind_at(place: str) -> str:
    """The kind of a handshake that has come to this place: full, abbreviated, or unknown."""
    if place in FULL:
        return "full"
    return "abbreviated" if place in ABBREVIATED else "unknown"
