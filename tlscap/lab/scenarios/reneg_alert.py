"""Renegotiations that begin well and end in a fatal alert, of either side."""

from __future__ import annotations

from tlscap.lab.address import Address
from tlscap.lab.certificates import Authority, Identity
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.scenarios.renegotiation import CHACHA, CIPHERS, GCM
from tlscap.lab.stacks.httpd import Httpd
from tlscap.lab.stacks.jsse import JsseServer
from tlscap.lab.stacks.nss import INSISTING, TOOLS, Selfserv
from tlscap.lab.stacks.python_ssl import TalkServer
from tlscap.lab.stacks.s_client import SClient

FAILED = {"outcome": "renegotiation_failed", "dropped": True, "renegotiations": 1, "renegotiations_failed": 1}


def play(lab: Lab) -> None:
    """Servers turn away the client's certificate, clients the server's; and no cipher in common."""
    stranger = Authority(lab.files, "stranger")
    web, java, nss = Httpd(lab, port=8443), JsseServer(lab, port=8444), Selfserv(lab, *INSISTING, port=8445)
    server, trusting = TalkServer(lab, "renegotiation"), ("-CAfile", str(lab.authority.root), "-verify_return_error")
    unwanted = (None, stranger.issue("mallory"), lab.authority.issue("bob", expired=True))
    with lab.capturing():
        for cipher in (GCM, CHACHA):
            for certificate in unwanted:
                _turned_away(lab, web.address, certificate, "-cipher", cipher)
        _turned_away(lab, nss.address, None)
        _nothing_in_common(lab, java)
        named = ("-tls1_2", "-servername", "app.example", *trusting)
        clients = [SClient(lab, server.address, *named, "-cipher", *cipher).connected() for cipher in CIPHERS]
        for client in clients:
            client.say("say 100")
        server.rotate(stranger.issue("app.example"))
        for client in clients:
            client.say("say 200")
            assert not client.renegotiate()
            client.tell(**FAILED, closed_by="client")


SCENARIOS = (
    Scenario(
        "reneg-fatal-alert",
        "Renegotiations that fail by an alert: the client has no certificate for httpd or NSS, or an expired one, or "
        "one of an unknown authority; it does not trust the certificate that the server has now; Java's server has no "
        "cipher in common with it any more.",
        play,
        needs=("openssl", "apache2", "java", "selfserv", *TOOLS),
        seconds=10,
    ),
)


def _turned_away(lab: Lab, server: Address, certificate: Identity | None, *options: str) -> None:
    client = SClient(lab, server, "-tls1_2", *options, certificate=certificate).connected()
    client.send("GET /private/ HTTP/1.1\r\nHost: app.example\r\n\r\n")
    client.tell(**FAILED, closed_by="server")


def _nothing_in_common(lab: Lab, java: JsseServer) -> None:
    client = SClient(lab, java.address, "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384").connected()
    client.echo("hello")
    client.echo("only TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256")
    client.echo("renegotiate")
    client.tell(**FAILED, closed_by="server")
