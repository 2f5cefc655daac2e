"""Renegotiation in TLS 1.2: long sessions with data between, granted or refused."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer

GCM, CHACHA, CBC = "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA"
CCM = "ECDHE-ECDSA-AES256-CCM"
CIPHERS = ([GCM], [CHACHA], [CCM], [CBC], [CBC, "-no_etm"])
"""OpenSSL's names; `-no_etm` is CBC without encrypt-then-MAC."""


def ok(lab: Lab) -> None:
    """By the client, by the server, and by the server that wants a certificate; a server a cipher."""
    alice = lab.authority.issue("alice")
    by_client = [
        (cipher, _server(lab, number, "-client_renegotiation", "-cipher", *cipher))
        for number, cipher in enumerate(CIPHERS)
    ]
    # Asked with `R` for a certificate, OpenSSL's client would only resume, and send none, if it could.
    full = ["-no_ticket", "-no_cache", "-CAfile", str(lab.authority.root)]
    asking = [
        (command, suite, _server(lab, 10 + number, *more))
        for number, (command, suite, more) in enumerate(
            [("r", GCM, []), ("r", CHACHA, []), ("R", GCM, full), ("R", CHACHA, full)]
        )
    ]
    with lab.capturing():
        for cipher, server in by_client:
            client = SClient(lab, server.address, "-cipher", *cipher).connected()
            for _ in range(int(lab.settings["rounds"])):
                server.talk(client)
                assert client.renegotiate()
            server.talk(client)
            client.close()
        for command, suite, server in asking:
            client = SClient(lab, server.address, "-cipher", suite, certificate=alice).connected()
            server.talk(client)
            server.renegotiate(client, command)
            server.talk(client)
            client.close()


def refused(lab: Lab) -> None:
    """By OpenSSL 3's server, as by default (the client then ends the session), and by a client."""
    ccm = ("-cipher", "ALL:AESCCM")  # which is not among OpenSSL's defaults
    servers = iter([_server(lab, number, *ccm) for number in range(2 * len(CIPHERS) + 2)])
    with lab.capturing():
        for cipher, server in zip(CIPHERS, servers):
            client = SClient(lab, server.address, "-cipher", *cipher).connected()
            server.talk(client)
            assert not client.renegotiate()
            client.tell(outcome="renegotiation_failed", closed_by="client", dropped=True)
        for cipher, server in zip(CIPHERS, servers):
            client = SClient(lab, server.address, "-cipher", *cipher, "-no_renegotiation").connected()
            server.talk(client)
            server.send("r\n")
            client.tell(outcome="renegotiation_failed", closed_by="server", dropped=True)
        for cipher, server in zip(([GCM], [CBC]), servers):
            client = SClient(lab, server.address, "-cipher", *cipher).connected()
            server.talk(client)
            client.close()


SCENARIOS = (
    Scenario(
        "reneg-ok",
        "TLS 1.2 sessions that renegotiate well, by GCM, ChaCha20, CCM and CBC with and without encrypt-then-MAC: "
        "asked for by the client, by the server, and by the server that wants a client certificate.",
        ok,
        settings={"rounds": 2},
    ),
    Scenario(
        "reneg-refused",
        "TLS 1.2 sessions that end because a renegotiation is refused: by OpenSSL 3's server, as by default, or by the "
        "client; two healthy ones beside.",
        refused,
    ),
)


def _server(lab: Lab, number: int, *options: str) -> SServer:
    return SServer(lab, "-tls1_2", *options, port=4433 + number)
