"""Healthy visits to a web server over TLS, and the many ways in which they end."""

from __future__ import annotations

import time
from collections.abc import Callable

from tlscap.lab.address import Address
from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.stacks.python_ssl import Session, Visitor, client_context

Ending = Callable[[Lab, Visitor], None]


def polite(lab: Lab, visitor: Visitor) -> None:
    """close_notify from both sides, then FIN."""
    visitor.get("/last")
    visitor.close_notify()


def hasty(lab: Lab, visitor: Visitor) -> None:
    """close_notify and FIN at once; the server's own close_notify meets a closed socket: a stray reset."""
    visitor.get("/last")
    visitor.notify_and_go()


def rude(lab: Lab, visitor: Visitor) -> None:
    """FIN without close_notify, after the answer; often a stray reset follows."""
    visitor.get("/last")
    visitor.fin()


def told(lab: Lab, visitor: Visitor) -> None:
    """`Connection: close`: the server ends it."""
    visitor.get("/last", "Connection: close")
    visitor.wait_for_end()


def told_but_rude(lab: Lab, visitor: Visitor) -> None:
    """`Connection: close`, and the client is gone while the server closes: who is first is not known."""
    visitor.get("/last", "Connection: close")
    visitor.vanish()


def idle(lab: Lab, visitor: Visitor) -> None:
    """Nothing more is asked until the server's keep-alive timeout ends it."""
    visitor.get("/last")
    visitor.wait_for_end()


def probe(lab: Lab, visitor: Visitor) -> None:
    """A handshake and nothing else, ended in one of three ways."""
    time.sleep(0.1)
    lab.random.choice([visitor.close_notify, visitor.fin, visitor.reset])()


ENDINGS: dict[Ending, float] = {polite: 4, hasty: 3, rude: 3, told: 3, told_but_rude: 2, idle: 1, probe: 1}
"""How often each ending is met."""


class Person:
    """A client that keeps its sessions, as browsers do, and resumes them."""

    def __init__(self, lab: Lab, name: str, version: str, certificate: Identity | None = None) -> None:
        self.version = version
        self._lab, self._address = lab, lab.client_host(name)
        self._context = client_context(lab, certificate, version=version)
        self._sessions: dict[Address, Session] = {}

    def visit(
        self, server: Address, requests: int, ending: Ending, pause_s: float = 0.1, *, resume: bool = True
    ) -> None:
        """One connection with some requests, healthy from the first packet to the last."""
        session = self._sessions.get(server) if resume else None
        visitor = Visitor(self._lab, server, self._context, at=self._address, session=session)
        visitor.tell(dropped=False)
        for number in range(requests if ending is not probe else 0):
            visitor.get(f"/item/{number}")
            time.sleep(self._lab.random.uniform(0.5, 1.5) * pause_s)
        if requests and ending is not probe and (new := visitor.saved()) and not (session and new.ssl == session.ssl):
            self._sessions[server] = new
        ending(self._lab, visitor)
