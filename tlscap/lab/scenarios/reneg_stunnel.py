"""Renegotiation with stunnel, at either end."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.stacks.s_server import SServer
from tlscap.lab.stacks.stunnel import RENEGOTIATION, Stunnel, StunnelClient
from tlscap.lab.waiting import wait_until

GCM, CHACHA, CBC = "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA"


def ok(lab: Lab) -> None:
    """Asked for by s_client at stunnel, and by s_server of stunnel."""
    server = Stunnel(lab, RENEGOTIATION)
    asking = SServer(lab, "-tls1_2", "-keylogfile", str(lab.keylog), port=4440)
    with lab.capturing():
        for cipher in ([GCM], [CHACHA], [CBC], [CBC, "-no_etm"]):
            client = SClient(lab, server.address, "-cipher", *cipher).connected()
            for number in range(int(lab.settings["rounds"])):
                client.echo(f"line {number}")
                assert client.renegotiate()
            client.echo("last line")
            client.close()
        tunnel = StunnelClient(lab, asking.address)
        tunnel.say("hello")
        asking.program.expect("^hello")
        asking.send("r\n")
        wait_until(lambda: tunnel.handshakes() == 2, "stunnel's renegotiation")
        asking.send("welcome\n")
        tunnel.heard("welcome")
        tunnel.close()


def refused(lab: Lab) -> None:
    """By OpenSSL below stunnel as by default, and by stunnel's `renegotiation = no`, which resets."""
    servers = [Stunnel(lab), Stunnel(lab, "renegotiation = no", port=4434)]
    severe = Stunnel(lab, RENEGOTIATION, "renegotiation = no", port=4435)
    with lab.capturing():
        for server in servers:
            client = SClient(lab, server.address).connected()
            client.echo("hello")
            assert not client.renegotiate()
            client.tell(outcome="renegotiation_failed", dropped=True)
        client = SClient(lab, severe.address).connected()
        client.echo("hello")
        client.send("R\n")
        client.tell(outcome="renegotiation_failed", dropped=True)


SCENARIOS = (
    Scenario(
        "reneg-stunnel-ok",
        "stunnel renegotiates well, as a server by GCM, ChaCha20 and CBC with and without encrypt-then-MAC, and as a "
        "client.",
        ok,
        needs=("openssl", "stunnel"),
        settings={"rounds": 2},
    ),
    Scenario(
        "reneg-stunnel-refused",
        "stunnel refuses to renegotiate: by OpenSSL's default, or by its own setting, which ends the connection.",
        refused,
        needs=("openssl", "stunnel"),
    ),
)
