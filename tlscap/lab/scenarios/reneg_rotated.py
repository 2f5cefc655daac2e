"""A server's certificate changes while sessions are open: their renegotiations show the new one."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.scenarios.renegotiation import CIPHERS
from tlscap.lab.stacks.jsse import JsseServer
from tlscap.lab.stacks.nss import TOOLS, Tstclnt
from tlscap.lab.stacks.python_ssl import TalkServer
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer

NAME = ("-servername", "app.example")


def rotated(lab: Lab) -> None:
    """Long sessions before and after the rotation; by NSS a client that asks for another name's certificate."""
    server, java = TalkServer(lab, "renegotiation"), JsseServer(lab)
    new, other = lab.authority.issue("app.example"), lab.authority.issue("another.example")
    by_name = ("-servername", "another.example", "-cert2", str(other), "-key2", str(other))
    keys = ("-client_renegotiation", "-keylogfile", str(lab.keylog))
    names = SServer(lab, "-tls1_2", *keys, *by_name, port=4440)
    with lab.capturing():
        clients = [SClient(lab, server.address, "-tls1_2", *NAME, "-cipher", *one).connected() for one in CIPHERS]
        for client in clients:
            client.say("say 100")
            assert client.renegotiate()
        javas = SClient(lab, java.address, *NAME).connected()
        javas.echo("hello")
        server.rotate(new)
        java.rotate(new)
        for client in clients:
            client.say("say 200")
            assert client.renegotiate()
            client.say("say 300")
        javas.echo("hello again")
        assert javas.renegotiate()
        javas.echo("last line")
        late = SClient(lab, server.address, "-tls1_2", *NAME).connected()
        late.say("say 100")
        assert late.renegotiate()
        for client in (*clients, javas, late):
            client.close()
        _ask_for_another(lab, names)


SCENARIOS = (
    Scenario(
        "reneg-cert-rotated",
        "A server's certificate is rotated while sessions of TLS 1.2 are open (Python and Java; GCM, ChaCha20, CCM and "
        "CBC with and without encrypt-then-MAC): renegotiations before show the old one, those after the new one. NSS "
        "asks for another name in its renegotiation, and gets that one's certificate.",
        rotated,
        needs=("openssl", "java", "tstclnt", *TOOLS),
        needs_namespaces=True,
        seconds=9,
    ),
)


def _ask_for_another(lab: Lab, server: SServer) -> None:
    client = Tstclnt(lab, server.address, "-a", "another.example", renegotiations=1)
    client.wait_for_handshake(2)
    client.say("hello")
    server.program.expect("^hello")
    server.send("welcome\n")
    client.program.expect("welcome")
    server.send("Q\n")
    server.program.wait()
    client.tell(outcome="truncated", closed_by="server", dropped=False)  # s_server's Q is a FIN alone
