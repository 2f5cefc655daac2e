"""What nginx's access log tells: lines as nginx 1.22 wrote them."""

from __future__ import annotations

import pytest

from tlscap.lab.stacks.nginx import facts, parse_log

FULL = (
    "ci=10.20.1.15 cp=40002 si=10.20.2.1 sp=443 v=TLSv1.2 cipher=ECDHE-ECDSA-AES256-GCM-SHA384 resumed=. verify=NONE "
    "early=- status=200\n"
)
NEW = (
    "ci=10.20.1.1 cp=24056 si=10.20.2.1 sp=443 v=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 resumed=. verify=NONE early=- "
    "status=200\n"
)
PLAIN = "ci=10.20.1.1 cp=24057 si=10.20.2.1 sp=443 v= cipher= resumed= verify=NONE early= status=400\n"
SERVER = ("10.20.2.1", 443)


def test_a_connection_is_told_once_and_one_without_tls_never() -> None:
    logged = parse_log(FULL + FULL + NEW + PLAIN)
    assert list(logged) == [(("10.20.1.15", 40002), SERVER), (("10.20.1.1", 24056), SERVER)]


@pytest.mark.parametrize(
    ("line", "version", "cipher"),
    [(FULL, "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"), (NEW, "TLSv1.3", "TLS_AES_256_GCM_SHA384")],
)
def test_tells_version_and_cipher_in_iana_s_words(line: str, version: str, cipher: str) -> None:
    [said] = parse_log(line).values()
    row = facts(said, mutual=False)
    assert (row["version"], row["cipher"], row["handshake_outcome"]) == (version, cipher, "completed")


@pytest.mark.parametrize(
    ("resumed", "verify", "handshake", "certificate"),
    [(".", "NONE", "full", "empty"), (".", "SUCCESS", "full", "sent"), ("r", "SUCCESS", "abbreviated", None)],
)
def test_tells_kind_and_certificate(resumed: str, verify: str, handshake: str, certificate: str | None) -> None:
    text = FULL.replace("resumed=.", f"resumed={resumed}").replace("verify=NONE", f"verify={verify}")
    [said] = parse_log(text).values()
    row = facts(said, mutual=True)
    assert (row["handshake"], row.get("client_certificate")) == (handshake, certificate)
    assert facts(said, mutual=False)["client_certificate"] == "not_requested"
