"""Renegotiation with NSS, at either end."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.nss import LATER, TOOLS, Selfserv, Tstclnt
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer
from tlscap.lab.waiting import wait_until


def ok(lab: Lab) -> None:
    """NSS's client by its own will and asked by s_server; NSS's server, which wants a certificate."""
    alice = lab.authority.issue("alice")
    ciphers = ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA")
    keys = ("-tls1_2", "-client_renegotiation", "-keylogfile", str(lab.keylog))
    servers = [SServer(lab, *keys, "-cipher", cipher, port=4433 + number) for number, cipher in enumerate(ciphers)]
    asking = Selfserv(lab, *LATER)
    rounds = int(lab.settings["rounds"])
    with lab.capturing():
        for server in servers:
            client = Tstclnt(lab, server.address, renegotiations=rounds)
            client.wait_for_handshake(1 + rounds)
            client.say("hello")
            server.program.expect("^hello")
            server.send("r\n")
            client.wait_for_handshake(2 + rounds)
            server.send("welcome\n")
            client.program.expect("welcome")
            server.send("Q\n")
            server.program.wait()
            client.tell(outcome="truncated", closed_by="server", dropped=False)  # s_server's Q is a FIN alone
        visitor = SClient(lab, asking.address, "-tls1_2", certificate=alice).connected()
        assert visitor.get() == 200
        visitor.tell(dropped=False)


def refused(lab: Lab) -> None:
    """By OpenSSL 3's server, as by default, to NSS's client, which goes on; and to NSS's server."""
    server = SServer(lab, "-tls1_2", "-keylogfile", str(lab.keylog))
    asking = Selfserv(lab, *LATER)
    with lab.capturing():
        client = Tstclnt(lab, server.address, renegotiations=1)
        server.program.expect("no_renegotiation")
        client.say("hello")
        server.program.expect("^hello")
        server.send("welcome\n")
        client.program.expect("welcome")
        server.send("Q\n")
        server.program.wait()
        client.tell(outcome="truncated", closed_by="server", dropped=False)  # s_server's Q is a FIN alone
        visitor = SClient(lab, asking.address, "-tls1_2", "-no_renegotiation").connected()
        visitor.send("GET / HTTP/1.0\r\n\r\n")
        wait_until(lambda: visitor.facts()["renegotiations_refused"] == 1, "the client's refusal")
        visitor.close(outcome="renegotiation_failed", dropped=True)  # selfserv would wait on for the handshake


NEEDS = ("openssl", "tstclnt", "selfserv", *TOOLS)

SCENARIOS = (
    Scenario(
        "reneg-nss-ok",
        "NSS renegotiates well: its client by its own will and the server's, by GCM, ChaCha20 and CBC, and its server "
        "for a client certificate.",
        ok,
        needs=NEEDS,
        needs_namespaces=True,
        settings={"rounds": 1},
    ),
    Scenario(
        "reneg-nss-refused",
        "NSS's client meets a server that refuses to renegotiate, and goes on; NSS's server a client that refuses.",
        refused,
        needs=NEEDS,
        needs_namespaces=True,
    ),
)
