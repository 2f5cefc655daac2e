"""Timers that end sessions, or make a hop forget them."""

from __future__ import annotations

import time

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.python_ssl import TalkServer, Visitor, client_context

VERSIONS = ("TLSv1.2", "TLSv1.3")


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


def idle_timeout_middlebox(lab: Lab) -> None:
    """Sessions that are quiet for longer than a stateful hop remembers them, and others that never are."""
    how, idle_s = str(lab.settings["how"]), float(lab.settings["idle_s"])
    lab.start_hop("firewall", "tlscap.lab.hops.forget:Forget", idle_s=idle_s, how=how)
    server = TalkServer(lab).address
    contexts = [client_context(lab, version=version) for version in VERSIONS]
    with lab.capturing():
        busy, quiet, left = ([Visitor(lab, server, context) for context in contexts] for _ in range(3))
        for visitor in [*busy, *quiet, *left]:
            visitor.say("say 100")
        lab.note("silence_begins", f"the hop forgets flows after {idle_s:g} s: {how}")
        _chat(busy, idle_s + 1)
        for visitor in quiet:
            visitor.ask("say 100")
        if how == "reset":
            for visitor in quiet:
                assert visitor.wait_for_end() == "reset"
        _chat(busy, float(lab.settings["patience_s"]))
        for visitor in busy:
            visitor.tell(dropped=False)
            visitor.close_notify()
    for visitor in quiet:
        visitor.tell(dropped=True, **_FORGOTTEN[how])
        visitor.tell_at("servers", dropped=False, **_BEHIND[how])
    for visitor in left:
        visitor.tell(dropped=False, outcome="open", closed_by=None)
    for visitor in [*quiet, *left]:
        visitor.vanish()


_FORGOTTEN: dict[str, dict[str, object]] = {
    "silent": {"outcome": "stalled", "closed_by": "unknown"},
    "reset": {"outcome": "reset", "closed_by": "middlebox", "closed_how": "reset"},
}
_BEHIND: dict[str, dict[str, object]] = {
    "silent": {"outcome": "open", "closed_by": None},
    "reset": {"closed_idle": True, "pending": False},
}
"""What the server's side sees: the request never comes, and in one case a reset does."""


def _chat(visitors: list[Visitor], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for visitor in visitors:
            visitor.say("say 40")
        time.sleep(0.5)


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
    Scenario(
        "idle-timeout-middlebox",
        "A firewall between clients and server forgets quiet flows, and loses what comes then (how=silent: "
        "retransmissions until the client gives up) or resets both ends in each other's name (how=reset). Captured on "
        "both sides of it; busy sessions beside, and some that say nothing more.",
        idle_timeout_middlebox,
        line=("clients", "firewall", "servers"),
        transparent=("firewall",),
        points=("clients", "servers"),
        needs_namespaces=True,
        settings={"how": "silent", "idle_s": 2.0, "patience_s": 4.0},
        patterns={"how": "silent|reset"},
        seconds=10,
    ),
)
