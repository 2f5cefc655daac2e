"""Apache httpd with a page for clients with a certificate only."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.httpd import Httpd
from tlscap.lab.stacks.s_client import SClient

GCM, CHACHA, CBC = "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA"


def client_cert(lab: Lab) -> None:
    """With a certificate, by three ciphers and in TLS 1.3; without one; and a client that does not renegotiate."""
    alice = lab.authority.issue("alice")
    server = Httpd(lab)
    lenient = Httpd(lab, port=8443, verify="optional")
    with lab.capturing():
        for options in (["-tls1_2", "-cipher", GCM], ["-tls1_2", "-cipher", CHACHA], ["-tls1_2", "-cipher", CBC]):
            client = SClient(lab, server.address, *options, certificate=alice).connected()
            _visit(client)
            client.close()
        client = SClient(lab, server.address, "-tls1_3", "-enable_pha", certificate=alice).connected()
        _visit(client)
        client.close()
        client = SClient(lab, lenient.address, "-tls1_2").connected()
        _visit(client)
        client.close()


def refused(lab: Lab) -> None:
    """By a client, whom httpd then turns away, and by httpd, as OpenSSL 3 does by default."""
    server = Httpd(lab)
    with lab.capturing():
        client = SClient(lab, server.address, "-tls1_2", "-no_renegotiation").connected()
        assert client.get() == 200
        client.send("GET /private/ HTTP/1.1\r\nHost: app.example\r\n\r\n")
        client.tell(renegotiations_refused=1, renegotiations_failed=0)
        client = SClient(lab, server.address, "-tls1_2").connected()
        assert client.get() == 200
        assert not client.renegotiate()
        client.tell(outcome="renegotiation_failed", dropped=True)


SCENARIOS = (
    Scenario(
        "reneg-httpd-client-cert",
        "Apache httpd asks for a client certificate in mid-session: in TLS 1.2 by a renegotiation, in TLS 1.3 after "
        "the handshake.",
        client_cert,
        needs=("openssl", "apache2"),
    ),
    Scenario(
        "reneg-httpd-refused",
        "A client that does not renegotiate asks Apache httpd for a page that takes a certificate; another wants to "
        "renegotiate and may not.",
        refused,
        needs=("openssl", "apache2"),
    ),
)


def _visit(client: SClient) -> None:
    for path in ("/", "/private/", "/private/"):
        assert client.get(path) == 200, path
