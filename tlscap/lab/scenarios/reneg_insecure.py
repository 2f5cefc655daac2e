"""Renegotiation where an end does not know RFC 5746, so that nothing ties the new handshake to the old one."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.scenarios.renegotiation import CIPHERS
from tlscap.lab.stacks.gnutls import ONLY_12, GnutlsCli, GnutlsServ
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer

WITHOUT = f"{ONLY_12}:%DISABLE_SAFE_RENEGOTIATION"
"""GnuTLS's way not to know of it."""

UNSAFE = ("-legacy_server_connect", "-legacy_renegotiation")
"""OpenSSL's client then connects to such servers, and renegotiates with them."""


def play(lab: Lab) -> None:
    """Clients without it at servers that let them, or do not; a server without it and clients that mind, or do not."""
    lax, strict = (
        SServer(lab, "-tls1_2", "-client_renegotiation", *more, port=4433 + number)
        for number, more in enumerate((["-legacy_renegotiation"], []))
    )
    old, shunned = GnutlsServ(lab, priority=WITHOUT), GnutlsServ(lab, priority=WITHOUT, port=5557)
    with lab.capturing():
        client = _talking(lab, lax, WITHOUT)
        assert client.renegotiate()
        _talk(lax, client)
        client.close()
        client = _talking(lab, strict, WITHOUT)
        assert not client.renegotiate()
        client.tell(outcome="renegotiation_failed", dropped=True)
        asked = _talking(lab, lax, WITHOUT)
        lax.send("r\n")
        asked.wait_for_handshake(2)
        _talk(lax, asked)
        asked.close()
        for cipher in CIPHERS:
            visitor = SClient(lab, old.address, "-tls1_2", *UNSAFE, "-cipher", *cipher).connected()
            visitor.echo("hello")
            assert visitor.renegotiate()
            visitor.echo("hello again")
            visitor.close()
        careful = SClient(lab, old.address, "-tls1_2", "-legacy_server_connect").connected()
        careful.echo("hello")
        careful.close()
        SClient(lab, shunned.address, "-tls1_2").tell(outcome="handshake_failed", closed_by="client", dropped=False)
        client = GnutlsCli(lab, old.address, priority=WITHOUT).connected()
        client.say("hello")
        assert client.renegotiate()
        client.say("hello again")
        client.close()


SCENARIOS = (
    Scenario(
        "reneg-insecure",
        "TLS 1.2 with an end that does not know RFC 5746: renegotiations that are granted all the same (OpenSSL, "
        "GnuTLS), or refused for it, and a client that does not even connect.",
        play,
        needs=("openssl", "gnutls-serv", "gnutls-cli"),
        needs_namespaces=True,
        seconds=8,
    ),
)


def _talking(lab: Lab, server: SServer, priority: str) -> GnutlsCli:
    client = GnutlsCli(lab, server.address, priority=priority).connected()
    _talk(server, client)
    return client


def _talk(server: SServer, client: GnutlsCli) -> None:
    client.program.send("hello server\n")
    server.program.expect("^hello server")
    server.send("hello client\n")
    client.program.expect("^hello client")
