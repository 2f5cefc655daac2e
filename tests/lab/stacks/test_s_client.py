"""What s_client says of its session: excerpts as OpenSSL 3.0 wrote them."""

from __future__ import annotations

from tlscap.lab.stacks import openssl_trace as trace
from tlscap.lab.stacks.s_client import facts

NEW = """\
New, TLSv1.2, Cipher is ECDHE-ECDSA-AES256-GCM-SHA384
Server public key is 256 bit
Secure Renegotiation IS supported
Compression: NONE
SSL-Session:
    Protocol  : TLSv1.2
    Cipher    : ECDHE-ECDSA-AES256-GCM-SHA384
    TLS session ticket lifetime hint: 7200 (seconds)
    TLS session ticket:
    0000 - f2 d2 71 36 57 6f 59 65-99 db 59 c6 77 be ac f0   ..q6WoYe..Y.w...
"""
NEW13 = """\
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
Server public key is 256 bit
Secure Renegotiation IS NOT supported
Early data was not sent
"""
FAILED = """\
New, (NONE), Cipher is (NONE)
Secure Renegotiation IS NOT supported
"""
SHORT = """\
>>> TLS 1.2, Handshake [length 018d], ClientHello
<<< TLS 1.2, Handshake [length 0065], ServerHello
<<< TLS 1.2, Handshake [length 0010], Finished
>>> TLS 1.2, Handshake [length 0010], Finished
"""
RETRY = """\
>>> TLS 1.3, Handshake [length 00d0], ClientHello
<<< TLS 1.3, Handshake [length 0058], ServerHello
>>> TLS 1.3, Handshake [length 00f1], ClientHello
<<< TLS 1.3, Handshake [length 009b], ServerHello
<<< TLS 1.3, Handshake [length 0034], Finished
>>> TLS 1.3, Handshake [length 0034], Finished
"""


def told(said: str, messages: str = "") -> dict[str, object]:
    return facts(said, trace.messages(messages, "client"))


def test_tells_a_full_handshake() -> None:
    row = told(NEW)
    assert (row["version"], row["cipher"]) == ("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    assert (row["handshake"], row["handshake_outcome"], row["resumption"]) == ("full", "completed", None)


def test_tells_by_what_a_session_was_resumed() -> None:
    reused = NEW.replace("New, TLSv1.2", "Reused, TLSv1.2")
    without = reused[: reused.index("    TLS session ticket")]
    assert (told(reused)["handshake"], told(reused)["resumption"]) == ("abbreviated", "session_ticket")
    assert told(without)["resumption"] == "session_id"
    assert told(NEW13.replace("New", "Reused"))["resumption"] == "psk"


def test_says_nothing_of_the_certificate_of_a_resumed_session() -> None:
    assert "client_certificate" not in told(NEW.replace("New", "Reused"), SHORT)
    assert told(NEW, SHORT)["client_certificate"] == "not_requested"


def test_tells_whether_the_server_knows_secure_renegotiation() -> None:
    assert told(NEW)["secure_renegotiation"] == "both"
    assert told(NEW.replace("IS supported", "IS NOT supported"))["secure_renegotiation"] == "client"
    assert "secure_renegotiation" not in told(NEW13) | told(FAILED)


def test_tells_a_retry_and_what_became_of_early_data() -> None:
    assert (told(NEW13)["hello_retry"], told(NEW13)["early_data"]) == (False, None)
    assert told(NEW13, RETRY)["hello_retry"]
    for said in ("accepted", "rejected"):
        assert told(NEW13.replace("not sent", said))["early_data"] == said


def test_claims_no_session_where_the_handshake_failed() -> None:
    assert "version" not in told(FAILED) and "handshake_outcome" not in told(FAILED)
