"""Renegotiation with Java's JSSE, at either end."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.jsse import REFUSES, JsseClient, JsseServer
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer

GCM, CHACHA, CBC = "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA"


def ok(lab: Lab) -> None:
    """JSSE's server asked by s_client and asking it; JSSE's client, in full and resuming, and asked by s_server."""
    alice = lab.authority.issue("alice")
    java = JsseServer(lab)
    server = SServer(lab, "-tls1_2", "-client_renegotiation", "-keylogfile", str(lab.keylog))
    with lab.capturing():
        for cipher in (GCM, CHACHA, CBC):
            client = SClient(lab, java.address, "-cipher", cipher, certificate=alice).connected()
            client.echo("hello")
            assert client.renegotiate()
            for words in ("renegotiate", "authenticate"):
                before = client.finished()
                client.echo(words)
                client.wait_for_handshake(before)
            client.echo("last line")
            client.close()
        asking = JsseClient(lab, server.address).connected()
        for number, command in enumerate(("renegotiate", "anew")):
            asking.send(f"line {number}")
            server.program.expect(f"^line {number}")
            assert asking.renegotiate(command)
        server.send("r\n")
        asking.wait_for_handshake()
        server.send("welcome\n")
        asking.program.expect("^line welcome")
        asking.close()


def refused(lab: Lab) -> None:
    """By JSSE's server when told to, and by OpenSSL 3's, as by default, to JSSE's client."""
    java = JsseServer(lab, REFUSES)
    server = SServer(lab, "-tls1_2", "-keylogfile", str(lab.keylog))
    with lab.capturing():
        client = SClient(lab, java.address).connected()
        client.echo("hello")
        assert not client.renegotiate()
        # JSSE refuses by a fatal handshake_failure, which s_client takes for any failure.
        client.tell(outcome="renegotiation_failed", dropped=True, renegotiations_refused=1, renegotiations_failed=0)
        asking = JsseClient(lab, server.address).connected()
        asking.send("hello")
        server.program.expect("^hello")
        assert not asking.renegotiate()
        asking.tell(outcome="renegotiation_failed", closed_by="client", dropped=True)


SCENARIOS = (
    Scenario(
        "reneg-jsse-ok",
        "Java renegotiates well, in full and by resumption: as a server asked by the client and asking it, for a "
        "certificate too, and as a client.",
        ok,
        needs=("openssl", "java"),
        seconds=10,
    ),
    Scenario(
        "reneg-jsse-refused",
        "Java's server, told to, ends the connection of a client that asks for a renegotiation; its client meets an "
        "OpenSSL server that refuses.",
        refused,
        needs=("openssl", "java"),
        seconds=10,
    ),
)
