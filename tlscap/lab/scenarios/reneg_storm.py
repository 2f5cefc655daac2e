"""Clients that renegotiate without end: each time costs the server a key exchange, and them nothing."""

from __future__ import annotations

from functools import partial

from tlscap.lab.crowd import Crowd
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.scenarios.renegotiation import CIPHERS
from tlscap.lab.stacks.gnutls import GnutlsCli, GnutlsServ
from tlscap.lab.stacks.nss import TOOLS, Tstclnt
from tlscap.lab.stacks.python_ssl import TalkServer, Visitor, client_context
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer
from tlscap.lab.stacks.stunnel import RENEGOTIATION, Stunnel


def play(lab: Lab) -> None:
    """Some with data between and some with none, beside somebody who only wants to talk; a server that refuses."""
    server, tunnel, gnutls = TalkServer(lab, "renegotiation"), Stunnel(lab, RENEGOTIATION), GnutlsServ(lab)
    wary = TalkServer(lab, host="node2")
    keys = ("-client_renegotiation", "-keylogfile", str(lab.keylog))
    nss = SServer(lab, "-tls1_2", *keys, port=4440)
    with lab.capturing():
        lab.note("storm_begins")
        with Crowd() as crowd:
            for cipher in CIPHERS:
                crowd.send(partial(_storm, lab, server, cipher))
            crowd.send(partial(_echoing, lab, tunnel))
            crowd.send(partial(_gnutls, lab, gnutls))
            crowd.send(partial(_nss, lab, nss))
            crowd.send(partial(_bystander, lab, server))
        lab.note("storm_ends")
        for _ in range(5):
            client = SClient(lab, wary.address, "-tls1_2").connected()
            assert not client.renegotiate()
            client.tell(outcome="renegotiation_failed", closed_by="client")


SCENARIOS = (
    Scenario(
        "reneg-storm",
        "Clients that renegotiate without end (OpenSSL, GnuTLS, NSS; GCM, ChaCha20, CCM, CBC), some with data between "
        "and some with none, beside one that only talks. A server that refuses sees them come back again and again.",
        play,
        needs=("openssl", "stunnel", "gnutls-serv", "gnutls-cli", "tstclnt", *TOOLS),
        needs_namespaces=True,
        settings={"renegotiations": 40},
        seconds=12,
    ),
)


def _storm(lab: Lab, server: TalkServer, cipher: list[str]) -> None:
    """At most one line of data in four renegotiations."""
    client = SClient(lab, server.address, "-tls1_2", "-cipher", *cipher).connected()
    client.say("say 10")
    for number in range(int(lab.settings["renegotiations"])):
        assert client.renegotiate()
        if number % 4 == 3 and cipher is not CIPHERS[0]:
            client.say("say 40")
    client.close()


def _echoing(lab: Lab, tunnel: Stunnel) -> None:
    client = SClient(lab, tunnel.address).connected()
    for number in range(int(lab.settings["renegotiations"])):
        client.echo(f"line {number}")
        assert client.renegotiate()
    client.close()


def _gnutls(lab: Lab, server: GnutlsServ) -> None:
    client = GnutlsCli(lab, server.address).connected()
    client.say("hello")
    for _ in range(int(lab.settings["renegotiations"])):
        assert client.renegotiate()
    client.close()


def _nss(lab: Lab, server: SServer) -> None:
    """Its client renegotiates as soon as it is there, by resuming the first handshake's session."""
    rounds = int(lab.settings["renegotiations"])
    client = Tstclnt(lab, server.address, renegotiations=rounds)
    client.wait_for_handshake(1 + rounds)
    client.say("hello")
    server.program.expect("^hello")
    server.send("welcome\n")
    client.program.expect("welcome")
    server.send("Q\n")
    server.program.wait()
    client.tell(outcome="truncated", closed_by="server", dropped=False)  # s_server's Q is a FIN alone


def _bystander(lab: Lab, server: TalkServer) -> None:
    visitor = Visitor(lab, server.address, client_context(lab))
    for number in range(int(lab.settings["renegotiations"])):
        visitor.say(f"say {20 + number}")
    visitor.tell(dropped=False)
    visitor.close_notify()
