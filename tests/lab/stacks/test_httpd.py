"""What httpd's two logs tell: lines as Apache 2.4 wrote them."""

from __future__ import annotations

from tlscap.lab.stacks.httpd import facts, parse_log

LINE = "ci=10.20.1.1 cp=40001 v={version} cipher={cipher} resumed={resumed} status=200\n"
FIRST = LINE.format(version="TLSv1.2", cipher="ECDHE-ECDSA-AES256-GCM-SHA384", resumed="Initial")
LATER = LINE.format(version="TLSv1.2", cipher="ECDHE-ECDSA-CHACHA20-POLY1305", resumed="Initial")
NEW = LINE.format(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", resumed="Resumed")
LOST = "ci=10.20.1.1 cp=40001 v=- cipher=- resumed=- status=403\n"
SOURCE = "[Sun Nov 22 22:28:43.426368 2026] [ssl:info] [pid 30:tid 33] [client 10.20.1.1:{port}] "
ASKS = f"{SOURCE}AH02221: Requesting connection re-negotiation\n{SOURCE}AH02226: Awaiting re-negotiation handshake\n"
FAILS = SOURCE.replace("info", "error") + "AH02261: Re-negotiation handshake failed\n"


def told(access: str, errors: str = "") -> dict[str, object]:
    [said] = parse_log(access).values()
    return facts(said, errors)


def test_tells_the_cipher_of_a_client_s_first_request() -> None:
    row = told(FIRST + LATER)
    assert (row["version"], row["cipher"]) == ("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    assert row["handshake"] == "full"


def test_counts_the_renegotiations_of_this_client_that_did_not_fail() -> None:
    errors = ASKS.format(port=40001) * 2 + FAILS.format(port=40001) + ASKS.format(port=40002)
    assert told(FIRST, errors)["renegotiations_completed"] == 1


def test_tls_1_3_has_no_renegotiations_but_resumes() -> None:
    row = told(NEW)
    assert (row["handshake"], row["cipher"]) == ("abbreviated", "TLS_AES_256_GCM_SHA384")
    assert "renegotiations_completed" not in row


def test_claims_nothing_of_a_connection_that_ended_in_a_renegotiation() -> None:
    assert told(LOST, ASKS.format(port=40001) + FAILS.format(port=40001)) == {}
