"""Clients that want to renegotiate with what stands in front of applications: nginx and HAProxy."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.scenarios.renegotiation import CBC, CHACHA, GCM
from tlscap.lab.stacks.haproxy import ONLY_12, Frontend, HAProxy
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.s_client import SClient


def play(lab: Lab) -> None:
    """After an answer, by three ciphers; and clients that do not try."""
    web, proxy = Nginx(lab), HAProxy(lab, [Frontend("lb", ONLY_12)])
    with lab.capturing():
        for server in (web.address, proxy.address):
            for cipher in (GCM, CHACHA, CBC):
                client = SClient(lab, server, "-tls1_2", "-cipher", cipher).connected()
                client.get("/open")
                assert not client.renegotiate()
                client.tell(outcome="renegotiation_failed", dropped=True)
            client = SClient(lab, server, "-tls1_2").connected()
            client.get("/open")
            client.close()


SCENARIOS = (
    Scenario(
        "reneg-proxies-refused",
        "nginx and HAProxy refuse to renegotiate, and the session is lost; clients beside that do not ask for it.",
        play,
        needs=("openssl", "nginx", "haproxy"),
    ),
)
