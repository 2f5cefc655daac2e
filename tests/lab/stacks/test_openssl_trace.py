"""What follows from the message trace of s_client and s_server."""

from __future__ import annotations

from tlscap.lab.stacks import openssl_trace as trace

FULL = """\
>>> TLS 1.2, Handshake [length 00c8], ClientHello
    01 00 00 c4 03 03
<<< TLS 1.2, Handshake [length 0041], ServerHello
<<< TLS 1.2, Handshake [length 0315], Certificate
<<< TLS 1.2, Handshake [length 012c], ServerKeyExchange
{request}<<< TLS 1.2, Handshake [length 0004], ServerHelloDone
{certificate}>>> TLS 1.2, Handshake [length 0025], ClientKeyExchange
>>> TLS 1.2, ChangeCipherSpec [length 0001]
>>> TLS 1.2, Handshake [length 0010], Finished
<<< TLS 1.2, ChangeCipherSpec [length 0001]
<<< TLS 1.2, Handshake [length 0010], Finished
"""
REQUEST = "<<< TLS 1.2, Handshake [length 00b4], CertificateRequest\n"
SENT = ">>> TLS 1.2, Handshake [length 0315], Certificate\n"
EMPTY = ">>> TLS 1.2, Handshake [length 0007], Certificate\n"
HELLO = ">>> TLS 1.2, Handshake [length 00e0], ClientHello\n"
ASKED = "<<< TLS 1.2, Handshake [length 0004], HelloRequest\n"
REFUSAL = "<<< TLS 1.2, Alert [length 0002], warning no_renegotiation\n"


def full(request: str = "", certificate: str = "") -> str:
    return FULL.format(request=request, certificate=certificate)


def test_tells_who_sent_each_message_and_how_long_it_was() -> None:
    first = trace.messages(full(), "client")[0]
    assert first == ("client", "TLSv1.2", "Handshake", 0xC8, "ClientHello")
    assert trace.messages(full(), "server")[0].sender == "server"
    assert trace.finished(trace.messages(full(), "client")) == 2


def test_knows_a_client_certificate_that_was_sent_empty_or_not_asked_for() -> None:
    for text, said in (
        (full(), "not_requested"), (full(REQUEST, SENT), "sent"), (full(REQUEST, EMPTY), "empty"),
    ):  # fmt: skip
        assert trace.client_certificate(trace.messages(text, "client"), False) == {"client_certificate": said}


def test_says_nothing_of_the_certificate_of_a_resumed_session_or_of_half_a_handshake() -> None:
    assert trace.client_certificate(trace.messages(full(), "client"), True) == {}
    assert trace.client_certificate(trace.messages(full()[:200], "client"), False) == {}


def test_takes_a_certificate_of_a_renegotiation_for_none_of_the_first_handshake() -> None:
    told = trace.messages(full() + full(REQUEST, SENT), "client")
    assert trace.client_certificate(told, False) == {"client_certificate": "not_requested"}


def test_counts_renegotiations_by_how_they_went() -> None:
    told = trace.messages(full() + full() + ASKED + full() + HELLO + REFUSAL + HELLO, "client")
    assert trace.renegotiations(told) == {
        "renegotiations": 4, "renegotiations_completed": 2, "renegotiations_refused": 1, "renegotiations_failed": 1,
    }  # fmt: skip


def test_names_an_alert_that_the_trace_does_not_by_the_error_that_follows() -> None:
    text = "<<< TLS 1.3, Alert [length 0002], fatal ???\n"
    error = "40:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../ssl/record.c:1586:\n"
    alert = {"sender": "server", "level": "fatal", "description": "certificate_required"}
    assert trace.alerts(trace.messages(text, "client"), error) == [alert]


def test_counts_key_updates_of_both_sides() -> None:
    text = ">>> TLS 1.3, Handshake [length 0005], KeyUpdate\n<<< TLS 1.3, Handshake [length 0005], KeyUpdate\n"
    told = trace.messages(full() + text + text, "client")
    assert trace.later(told, "TLSv1.3") == {"key_updates": {"client": 2, "server": 2}}
    assert trace.later(told, "TLSv1.2") == {"ledger": []} and trace.later(told, None) == {}


def test_tells_each_renegotiation_of_itself() -> None:
    asked = full(REQUEST, EMPTY)
    told = trace.ledger(trace.messages(full() + full() + ASKED + asked + HELLO + REFUSAL + HELLO, "client"))
    assert told == [
        {"initiator": "client", "completed": True, "kind": "full", "client_certificate": "not_requested"},
        {"initiator": "server", "completed": True, "kind": "full", "client_certificate": "empty"},
        {"initiator": "client", "completed": False},
        {"initiator": "client", "completed": False},
    ]
    assert trace.ledger(trace.messages(full(), "client")) == []
