"""Handshakes that take long, and some that somebody has enough of."""

from __future__ import annotations

import time
from functools import partial

from tlscap.lab.crowd import Crowd
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.half_client import HalfClient, Stop
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.python_ssl import TalkServer, Visitor, client_context

VERSIONS = ("TLSv1.2", "TLSv1.3")
STOPS: tuple[Stop, ...] = ("hello", "flight", "half a hello")


def slow_handshake(lab: Lab) -> None:
    """A server that thinks, a path that is long, and one that is both quick and near."""
    thinks_s, path_s = float(lab.settings["thinks_s"]), float(lab.settings["path_s"])
    wire = lab.start_hop("wire", "tlscap.lab.hops.loss:Loss", lost=0.0)
    quick, slow = TalkServer(lab), TalkServer(lab, f"thinks={thinks_s:g}", port=444)
    with lab.capturing():
        _visit_all(lab, [quick, slow])
        lab.note("path_longer", f"{path_s:g} s each way")
        wire.send(f"late 1 {path_s:g}\n")
        time.sleep(0.2)
        _visit_all(lab, [quick, slow])


def handshake_timeout(lab: Lab) -> None:
    """Clients that stop in mid-handshake, whom nginx and HAProxy send away; and a server that never answers."""
    timeout_s = float(lab.settings["timeout_s"])
    web = Nginx(lab, options=f"client_header_timeout {timeout_s:g}s;")
    proxy = HAProxy(lab, [Frontend("lb12", ONLY_12), Frontend("lb13", ONLY_13)], idle=f"{timeout_s:g}s")
    mute = TalkServer(lab, "thinks=60", port=444).address
    with lab.capturing():
        ends = list(zip(VERSIONS, proxy.addresses))
        stuck = [
            HalfClient(lab, server, version, stop)
            for version, balancer in ends
            for server in (web.address, balancer)
            for stop in STOPS
        ]
        patient = [HalfClient(lab, mute, version, "flight") for version in VERSIONS]
        healthy = [Visitor(lab, server, client_context(lab, version=version)) for version, server in ends]
        with Crowd() as crowd:
            for client in stuck:
                crowd.send(client.wait_for_end)
        for one in patient:
            one.give_up()
        for visitor in healthy:
            visitor.tell(dropped=False)
            visitor.wait_for_end()


def _visit_all(lab: Lab, servers: list[TalkServer]) -> None:
    with Crowd() as crowd:
        for server in servers:
            for version in VERSIONS:
                crowd.send(partial(_visit, lab, server, version))


def _visit(lab: Lab, server: TalkServer, version: str) -> None:
    visitor = Visitor(lab, server.address, client_context(lab, version=version))
    visitor.say("say 100")
    visitor.tell(dropped=False)
    visitor.close_notify()


SCENARIOS = (
    Scenario(
        "slow-handshake",
        "Handshakes that take long and end well: the server thinks about a ClientHello, or the path is long, or both. "
        "TCP's own handshake tells which.",
        slow_handshake,
        line=("clients", "wire", "servers"),
        transparent=("wire",),
        points=("clients",),
        needs_namespaces=True,
        settings={"thinks_s": 1.0, "path_s": 0.3},
        seconds=7,
    ),
    Scenario(
        "handshake-timeout",
        "Clients that stop behind half a ClientHello, a whole one, or the server's flight, until nginx's "
        "client_header_timeout or HAProxy's timeout client ends it; and clients that give up on a server that never "
        "answers.",
        handshake_timeout,
        needs=("openssl", "haproxy", "nginx"),
        settings={"timeout_s": 2.0},
        seconds=6,
    ),
)
