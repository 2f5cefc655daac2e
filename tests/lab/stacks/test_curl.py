"""What `curl -v` tells: as curl 7.88 wrote it."""

from __future__ import annotations

import pytest

from tlscap.lab.stacks.curl import facts

SAID = """\
*   Trying 10.20.2.1:443...
* Local port: 40002
* Connected to app.example (10.20.2.1) port 443 (#0)
* ALPN: offers h2,http/1.1
* TLSv1.2 (OUT), TLS handshake, Client hello (1):
* TLSv1.2 (IN), TLS handshake, Server hello (2):
* TLSv1.2 (IN), TLS handshake, Finished (20):
* SSL connection using TLSv1.2 / ECDHE-ECDSA-AES256-GCM-SHA384
* ALPN: server accepted h2
* Server certificate:
*  subject: O=Example; CN=app.example
*  SSL certificate verify ok.
* using HTTP/2
> GET /item/0 HTTP/2
< HTTP/2 200 
* Connection #0 to host app.example left intact
"""  # noqa: W291
NEW = SAID.replace("TLSv1.2 / ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.3 / TLS_AES_256_GCM_SHA384")
GOODBYE = "* TLSv1.2 (OUT), TLS alert, close notify (256):\n"
REFUSED = """\
*   Trying 10.20.2.1:443...
* TLSv1.2 (OUT), TLS handshake, Client hello (1):
* TLSv1.2 (IN), TLS alert, handshake failure (552):
* OpenSSL/3.0.19: error:0A000410:SSL routines::sslv3 alert handshake failure
"""


def test_tells_the_session_in_tlscap_s_words() -> None:
    row = facts(SAID)
    assert (row["version"], row["cipher"]) == ("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    assert (row["handshake"], row["handshake_outcome"], row["resumption"]) == ("full", "completed", None)
    assert row["alpn"] == "h2"


def test_what_tls_1_3_encrypts_is_not_told() -> None:
    row = facts(NEW)
    assert (row["version"], row["cipher"]) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    assert "alpn" not in row


@pytest.mark.parametrize(("more", "outcome"), [("", "truncated"), (GOODBYE, "completed")])
def test_tells_whether_it_said_goodbye(more: str, outcome: str) -> None:
    assert facts(SAID + more)["outcome"] == outcome


def test_tells_nothing_of_a_handshake_that_failed() -> None:
    assert facts(REFUSED) == {}
