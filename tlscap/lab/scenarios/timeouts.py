"""Timers that end sessions."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.python_ssl import Visitor, client_context


def idle_timeout_server(lab: Lab) -> None:
    """Clients of nginx and HAProxy fall silent after an answer; the server ends the session."""
    idle = f"{lab.settings['idle_s']}s"
    web = Nginx(lab, idle=idle)
    proxy = HAProxy(lab, [Frontend("lb12", ONLY_12), Frontend("lb13", ONLY_13)], idle=idle)
    with lab.capturing():
        visitors = [
            Visitor(lab, server, client_context(lab, version=version), at=lab.client_host(f"client{number}"))
            for number in range(int(lab.settings["clients"]))
            for version, lb in zip(("TLSv1.2", "TLSv1.3"), proxy.addresses)
            for server in (web.address, lb)
        ]
        for visitor in visitors:
            visitor.get("/before-the-silence")
        for visitor in visitors:
            visitor.tell(closed_idle=True, pending=False, dropped=False)
            visitor.wait_for_end()


SCENARIOS = (
    Scenario(
        "idle-timeout-server",
        "Sessions that fall silent after an answer, and are ended by the server's timer: nginx's keepalive_timeout, "
        "HAProxy's timeout http-keep-alive. No drop, but a timer to be found.",
        idle_timeout_server,
        needs=("openssl", "haproxy", "nginx"),
        settings={"idle_s": 2, "clients": 3},
        seconds=6,
    ),
)
