"""Renegotiations that agree on another cipher suite, whose records have another overhead."""

from __future__ import annotations

from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.httpd import Httpd
from tlscap.lab.stacks.jsse import JsseClient, JsseServer
from tlscap.lab.stacks.python_ssl import TalkServer
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer

GCM, CHACHA, CCM, CBC = "AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES256-CCM", "AES128-SHA"
CHANGES = (
    (f"ECDHE-ECDSA-{GCM}", f"ECDHE-RSA-{CHACHA}"),
    (f"ECDHE-ECDSA-{CHACHA}", f"ECDHE-RSA-{CBC}"),
    (f"ECDHE-ECDSA-{CCM}", f"ECDHE-RSA-{GCM}"),
    (f"ECDHE-ECDSA-{CBC}", f"ECDHE-RSA-{GCM}"),
    (f"ECDHE-ECDSA-{CBC}", f"ECDHE-RSA-{CHACHA}", "-no_etm"),
    (f"ECDHE-ECDSA-{GCM}", CCM),
    (f"ECDHE-ECDSA-{GCM}", f"ECDHE-RSA-{CBC}", "-no_etm"),
)
"""The suite by the first certificate, the suite by the second, more options of s_client."""

STRONG = f"<Location /strong>\nSSLCipherSuite ECDHE-ECDSA-{CHACHA}\n</Location>"
IANA_CHACHA, IANA_CBC = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"


def changed(lab: Lab) -> None:
    """By a certificate with another kind of key, by a page of httpd that wants better, by Java's wish at either end."""
    server, web, java = TalkServer(lab, "renegotiation"), Httpd(lab, STRONG, port=8443), JsseServer(lab, port=8444)
    plain = SServer(lab, "-tls1_2", "-client_renegotiation", "-keylogfile", str(lab.keylog))
    rsa = lab.authority.issue("app.example", use_rsa=True)
    with lab.capturing():
        _from_ecdsa_to_rsa(lab, server, rsa)
        _better_page(lab, web)
        _asked_by_java(lab, java)
        _wanted_by_java(lab, plain)


SCENARIOS = (
    Scenario(
        "reneg-cipher-change",
        "Renegotiations in TLS 1.2 that agree on another cipher suite: a server's certificate is rotated from ECDSA to "
        "RSA (from and to GCM, ChaCha20, CCM and CBC with and without encrypt-then-MAC), a page of Apache httpd takes "
        "another suite than the rest, Java's server and client change their minds.",
        changed,
        needs=("openssl", "apache2", "java"),
        seconds=14,
    ),
)


def _from_ecdsa_to_rsa(lab: Lab, server: TalkServer, rsa: Identity) -> None:
    clients = []
    for first, second, *more in CHANGES:
        ciphers = ("-cipher", f"{first}:{second}")
        client = SClient(lab, server.address, "-tls1_2", "-servername", "app.example", *ciphers, *more).connected()
        client.say("say 100")
        assert client.renegotiate()
        clients.append(client)
    server.rotate(rsa)
    for client in clients:
        for size in (200, 300):
            client.say(f"say {size}")
            assert client.renegotiate()
        client.say("say 400")
        client.close()


def _better_page(lab: Lab, web: Httpd) -> None:
    for cipher in (f"ECDHE-ECDSA-{GCM}", f"ECDHE-ECDSA-{CBC}"):
        better = ("-cipher", f"{cipher}:ECDHE-ECDSA-{CHACHA}")
        client = SClient(lab, web.address, "-tls1_2", *better).connected()
        for path in ("/", "/strong/", "/"):
            client.get(path)
        client.close()


def _asked_by_java(lab: Lab, java: JsseServer) -> None:
    client = SClient(lab, java.address).connected()
    for cipher in (IANA_CHACHA, IANA_CBC):
        client.echo(f"only {cipher}")
        before = client.finished()
        client.echo("renegotiate")
        client.wait_for_handshake(before)
    client.echo("last line")
    client.close()


def _wanted_by_java(lab: Lab, server: SServer) -> None:
    client = JsseClient(lab, server.address).connected()
    for number, cipher in enumerate((IANA_CHACHA, IANA_CBC)):
        client.send(f"line {number}")
        server.program.expect(f"^line {number}")
        client.send(f"only {cipher}")
        assert client.renegotiate("anew")
    server.send("welcome\n")
    client.program.expect("^line welcome")
    client.close()
