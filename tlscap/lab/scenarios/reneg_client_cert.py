"""Servers that ask for a client certificate in mid-session, by a renegotiation in TLS 1.2."""

from __future__ import annotations

from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.scenarios.renegotiation import CIPHERS
from tlscap.lab.stacks.gnutls import GnutlsCli, GnutlsServ
from tlscap.lab.stacks.httpd import Httpd
from tlscap.lab.stacks.jsse import NO_TICKETS, JsseClient, JsseServer
from tlscap.lab.stacks.nss import LATER, TOOLS, Selfserv
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer


def play(lab: Lab) -> None:
    """Clients with a certificate of each kind of key, and without one; every server that can ask."""
    people = (lab.authority.issue("alice"), lab.authority.issue("bob", use_rsa=True), None)
    # Asked with `R` for a certificate, OpenSSL's client would only resume, and send none, if it could.
    full = ("-no_ticket", "-no_cache", "-CAfile", str(lab.authority.root), "-keylogfile", str(lab.keylog))
    servers = [
        SServer(lab, "-tls1_2", *full, "-cipher", *cipher, port=4433 + number) for number, cipher in enumerate(CIPHERS)
    ]
    web, java = Httpd(lab, port=8443, verify="optional"), JsseServer(lab, NO_TICKETS, port=8444)
    nss, gnutls = Selfserv(lab, *LATER, port=8445), GnutlsServ(lab, "--require-client-cert")
    others = SServer(lab, "-tls1_2", *full, port=4450)
    with lab.capturing():
        for cipher, server in zip(CIPHERS, servers):
            for person in people:
                _at_openssl(SClient(lab, server.address, "-cipher", *cipher, certificate=person), server)
        for person in people:
            _at_httpd(SClient(lab, web.address, "-tls1_2", certificate=person))
            _at_java(SClient(lab, java.address, certificate=person))
            _at_nss(SClient(lab, nss.address, "-tls1_2", certificate=person))
            _by_gnutls(GnutlsCli(lab, others.address, certificate=person), others)
        _by_java(lab, others, people[0])
        _twice_by_gnutls(lab, gnutls, people[0])


SCENARIOS = (
    Scenario(
        "reneg-client-cert",
        "Servers that ask for a client certificate in mid-session by a renegotiation in TLS 1.2: OpenSSL (by GCM, "
        "ChaCha20, CCM and CBC), Apache httpd, Java and NSS, with clients that send one or have none.",
        play,
        needs=("openssl", "apache2", "java", "gnutls-serv", "gnutls-cli", "selfserv", *TOOLS),
        needs_namespaces=True,
        seconds=14,
    ),
)


def _at_openssl(client: SClient, server: SServer) -> None:
    client.connected()
    server.talk(client)
    server.renegotiate(client, "R")
    server.talk(client)
    client.close()


def _at_httpd(client: SClient) -> None:
    client.connected()
    for path in ("/", "/private/", "/private/"):
        assert client.get(path) == 200, path
    client.close()


def _at_java(client: SClient) -> None:
    client.connected()
    before = client.finished()
    client.echo("authenticate")
    client.wait_for_handshake(before)
    client.echo("last line")
    client.close()


def _at_nss(client: SClient) -> None:
    assert client.connected().get() == 200
    client.tell(dropped=False)


def _by_gnutls(client: GnutlsCli, server: SServer) -> None:
    client.connected()
    client.program.send("hello server\n")
    server.program.expect("^hello server")
    server.send("R\n")
    client.wait_for_handshake(2)
    server.send("welcome\n")
    client.program.expect("^welcome")
    client.close()


def _by_java(lab: Lab, server: SServer, person: Identity | None) -> None:
    client = JsseClient(lab, server.address, certificate=person).connected()
    client.send("hello server")
    server.program.expect("^hello server")
    server.send("R\n")
    client.wait_for_handshake()
    server.send("welcome\n")
    client.program.expect("^line welcome")
    client.close()


def _twice_by_gnutls(lab: Lab, server: GnutlsServ, person: Identity | None) -> None:
    """Its own server asks for the certificate in both handshakes."""
    client = GnutlsCli(lab, server.address, certificate=person).connected()
    client.say("hello")
    assert client.renegotiate()
    client.say("still there")
    client.close()
