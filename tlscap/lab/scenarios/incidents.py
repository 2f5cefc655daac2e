"""Two incidents in one capture, amid healthy traffic: what a postmortem has to tell apart.

The load balancer (lb1 tickets, lb2 session ids, lb3 TLS 1.3) asks for client certificates and does not insist; the more
people come back, the more of them resume, and the application turns them away. Agents hold long sessions to two nodes
and renegotiate every half minute: node1 lets them, node2 refuses, and the session is gone. The web server is healthy;
somebody tries it with TLS 1.1, and one person's certificate has expired: handshakes that fail.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial

from tlscap.lab.address import Address
from tlscap.lab.crowd import Crowd
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.python_ssl import TalkServer
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.visits import ENDINGS, Ending, Person, hasty, idle, polite, rude, told

BALANCERS = {"lb1": ONLY_12, "lb2": f"{ONLY_12} no-tls-tickets", "lb3": ONLY_13}
AGENTS, VISITORS, GUESTS = 6, ["TLSv1.2"] * 8 + ["TLSv1.3"] * 4, ["TLSv1.2", "TLSv1.3"] * 2
LAST_VISIT_S = 8
"""Before the end nobody comes any more, so that all are seen to leave."""


@dataclass
class Site:
    """What was started, and how long the load goes on."""

    balancers: list[Address]
    web: Address
    nodes: list[Address]
    start: float
    seconds: float

    @property
    def share(self) -> float:
        """How much of the time is over."""
        return (time.monotonic() - self.start) / self.seconds

    def left(self, before_end: float = 0) -> bool:
        return time.monotonic() < self.start + self.seconds - before_end


def incidents(lab: Lab) -> None:
    """Visitors, agents and failures beside each other until the time is over."""
    proxy = HAProxy(lab, [Frontend(host, options, mutual=True) for host, options in BALANCERS.items()], idle="6s")
    web = Nginx(lab, idle="4s")
    nodes = [TalkServer(lab, "renegotiation", host="node1", port=8443), TalkServer(lab, host="node2", port=8443)]
    addresses = [node.address for node in nodes]
    with lab.capturing():
        site = Site(proxy.addresses, web.address, addresses, time.monotonic(), float(lab.settings["load_s"]))
        with Crowd() as crowd, Crowd() as agents:
            for number in range(AGENTS):
                for node in site.nodes:
                    agents.send(partial(_agent, lab, site, node, lab.client_host(f"agent{number + 1}")))
            crowd.send(partial(_fail_now_and_then, lab, site))
            _send_visitors(lab, site, crowd)


SCENARIOS = (
    Scenario(
        "incidents",
        "Both incidents, amid healthy traffic: HAProxy `verify optional` with ever more clients that resume and are "
        "turned away (403), and long sessions that drop whenever they renegotiate with node2, not with node1.",
        incidents,
        needs=("openssl", "haproxy", "nginx"),
        settings={"load_s": 150, "renegotiate_s": 28},
        seconds=160,
    ),
)


def _agent(lab: Lab, site: Site, node: Address, host: str) -> None:
    """One agent, which connects again whenever it is thrown out; all were started by one deployment, within seconds."""
    time.sleep(lab.random.uniform(0, 5))
    while site.left(5):
        client = SClient(lab, node, "-CAfile", str(lab.authority.root), "-tls1_2", at=host).connected()
        alive = True
        while alive and site.left():
            alive = _hold_and_renegotiate(lab, site, client)
        if alive:
            client.tell_so_far(outcome="open", dropped=False)
        else:
            facts = client.tell(outcome="renegotiation_failed", closed_by="client", dropped=True)
            assert facts["renegotiations_refused"] == 1, facts
        time.sleep(lab.random.uniform(1, 4))


def _hold_and_renegotiate(lab: Lab, site: Site, client: SClient) -> bool:
    """Half a minute of small talk, then a renegotiation; False if that was the end of the session."""
    asks_at = time.monotonic() + float(lab.settings["renegotiate_s"]) + lab.random.uniform(-2, 2)
    while time.monotonic() < asks_at and site.left():
        client.say("say 40")
        time.sleep(lab.random.uniform(2.5, 5))
    return not site.left() or client.renegotiate()


def _fail_now_and_then(lab: Lab, site: Site) -> None:
    expired, host = lab.authority.issue("carol", expired=True), lab.client_host("scanner")
    while site.left(10):
        if lab.random.random() < 0.5:
            scanner = ("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
            client = SClient(lab, site.web, *scanner, at=host)
        else:
            carol = ("-CAfile", str(lab.authority.root), "-tls1_2")
            client = SClient(lab, site.balancers[0], *carol, at=host, certificate=expired)
        client.tell(handshake_outcome="failed", outcome="handshake_failed", closed_by="server", dropped=False)
        time.sleep(lab.random.uniform(8, 16))


def _send_visitors(lab: Lab, site: Site, crowd: Crowd) -> None:
    """They come, ever more of them until two thirds of the time are over, then fewer."""
    people = [
        Person(lab, f"user{number:02}", version, lab.identity(f"user{number:02}"))
        for number, version in enumerate(VISITORS)
    ]
    guests = [Person(lab, f"guest{number}", version) for number, version in enumerate(GUESTS)]
    while site.left(LAST_VISIT_S):
        person = lab.random.choice(people)
        balancer = site.balancers[2] if person.version == "TLSv1.3" else lab.random.choice(site.balancers[:2])
        ending: Ending = lab.random.choice([polite, hasty, rude, told, told, idle])
        back, requests = lab.random.random() < 0.3 + 0.7 * site.share, lab.random.randint(1, 2)
        crowd.send(partial(person.visit, balancer, requests, ending, resume=back))
        if lab.random.random() < 0.5:
            guest, ending = lab.random.choice(guests), lab.random.choices(list(ENDINGS), list(ENDINGS.values()))[0]
            crowd.send(partial(guest.visit, site.web, lab.random.randint(1, 3), ending))
        load = 0.35 + 1.3 * math.sin(math.pi * min(site.share, 1)) ** 2 * (1.3 if site.share > 0.5 else 0.9)
        time.sleep(lab.random.expovariate(load))
