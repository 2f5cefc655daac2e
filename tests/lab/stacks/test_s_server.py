"""What s_server says of its clients: excerpts as OpenSSL 3.0 wrote them."""

from __future__ import annotations

from tlscap.lab.stacks import openssl_trace as trace
from tlscap.lab.stacks.s_server import connections, facts

HANDSHAKE = """\
<<< TLS 1.3, Handshake [length 00f0], ClientHello
>>> TLS 1.2, Handshake [length 0041], ServerHello
>>> TLS 1.2, Handshake [length 0497], Certificate
>>> TLS 1.2, Handshake [length 0074], ServerKeyExchange
>>> TLS 1.2, Handshake [length 0004], ServerHelloDone
<<< TLS 1.2, Handshake [length 0025], ClientKeyExchange
<<< TLS 1.2, Handshake [length 0010], Finished
>>> TLS 1.2, Handshake [length 00ba], NewSessionTicket
>>> TLS 1.2, Handshake [length 0010], Finished
"""
SESSION = """\
-----BEGIN SSL SESSION PARAMETERS-----
-----END SSL SESSION PARAMETERS-----
CIPHER is ECDHE-ECDSA-AES256-GCM-SHA384
Secure Renegotiation IS supported
"""
GOODBYE = """\
<<< TLS 1.2, Alert [length 0002], warning close_notify
DONE
shutting down SSL
>>> TLS 1.2, Alert [length 0002], warning close_notify
CONNECTION CLOSED
"""
LOG = f"Using default temp DH parameters\nACCEPT\n{HANDSHAKE}{SESSION}hello server\n{HANDSHAKE}Read BLOCK\n{GOODBYE}"


def test_tells_its_clients_apart_and_leaves_out_who_said_nothing() -> None:
    parts = connections(LOG + "ACCEPT\nCONNECTION CLOSED\n" + LOG + "ACCEPT\n")
    assert len(parts) == 2 and all("hello server" in part for part in parts)


def test_tells_session_and_renegotiations() -> None:
    [said] = connections(LOG)
    row = facts(said, trace.messages(said, "server"))
    assert (row["version"], row["cipher"]) == ("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    assert (row["handshake"], row["client_certificate"]) == ("full", "not_requested")
    assert (row["renegotiations"], row["renegotiations_completed"], row["renegotiations_failed"]) == (1, 1, 0)


def test_a_reused_session_id_is_a_resumption() -> None:
    said = HANDSHAKE + "Reused session-id\n" + SESSION
    row = facts(said, trace.messages(said, "server"))
    assert row["handshake"] == "abbreviated" and "client_certificate" not in row


def test_claims_nothing_of_a_handshake_that_failed() -> None:
    said = "\n".join(HANDSHAKE.splitlines()[:5]) + "\n>>> TLS 1.2, Alert [length 0002], fatal handshake_failure\n"
    messages = trace.messages(said, "server")
    assert facts(said, messages) == {}
    assert trace.alerts(messages, said) == [{"sender": "server", "level": "fatal", "description": "handshake_failure"}]
