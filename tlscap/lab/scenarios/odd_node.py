"""Four nodes behind one balancer, one of which was set up otherwise."""

from __future__ import annotations

import time
from functools import partial

from tlscap.lab.crowd import Crowd
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.balancer import Balancer
from tlscap.lab.stacks.python_ssl import TalkServer
from tlscap.lab.stacks.s_client import SClient

NODES, ODD = 4, "node3"


def play(lab: Lab) -> None:
    """Agents hold long sessions and renegotiate; those that came to the odd node are thrown out, and come again."""
    names = [f"node{number}" for number in range(1, NODES + 1)]
    nodes = [TalkServer(lab, *([] if name == ODD else ["renegotiation"]), host=name, port=8443) for name in names]
    balancer = Balancer(lab, [node.address for node in nodes])
    with lab.capturing(), Crowd() as crowd:
        for number in range(int(lab.settings["agents"])):
            crowd.send(partial(_agent, lab, balancer, lab.client_host(f"agent{number + 1}")))


SCENARIOS = (
    Scenario(
        "odd-node",
        "Long sessions of TLS 1.2 through a balancer in TCP mode to four nodes, one of which refuses to renegotiate: "
        "what looks like a fault that comes and goes on the clients' side is one node on the servers'.",
        play,
        line=("clients", "balancer", "servers"),
        points=("balancer-to-clients", "servers"),
        needs=("openssl", "haproxy"),
        needs_namespaces=True,
        settings={"agents": 8, "rounds": 4},
        seconds=9,
    ),
)


def _agent(lab: Lab, balancer: Balancer, host: str) -> None:
    left = int(lab.settings["rounds"])
    while left:
        client = SClient(lab, balancer.address, "-tls1_2", at=host).connected()
        alive = True
        while alive and left:
            client.say("say 40")
            time.sleep(lab.random.uniform(0.1, 0.4))
            alive, left = client.renegotiate(), left - 1
        if alive:
            client.say("say 40")
            client.close()
        else:
            client.tell(outcome="renegotiation_failed", closed_by="client", dropped=True)
