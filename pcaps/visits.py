"""Healthy visits to a web server over TLS, and the many ways in which they end."""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path

from clients import Visitor, python_context
from stage import Address, Stage
from truth import Row, Truth

Ending = Callable[[Visitor], Row]


def polite(visitor: Visitor) -> Row:
    """close_notify from both sides, then FIN."""
    visitor.get("/last")
    visitor.close_notify()
    return {"outcome": "completed", "closed_by": "client"}


def hasty(visitor: Visitor) -> Row:
    """close_notify and FIN at once; the server's own close_notify meets a closed socket: a stray reset."""
    visitor.get("/last")
    visitor.notify_and_go()
    return {"outcome": "completed", "closed_by": "client"}


def rude(visitor: Visitor) -> Row:
    """FIN without close_notify, after the answer; often a stray reset follows."""
    visitor.get("/last")
    visitor.fin()
    return {"outcome": "truncated", "closed_by": "client"}


def told(visitor: Visitor) -> Row:
    """`Connection: close`: the server ends it."""
    visitor.get("/last", "Connection: close")
    return _ended_by_server(visitor)


def told_but_rude(visitor: Visitor) -> Row:
    """`Connection: close`, and the client is gone while the server closes: who is first is not known."""
    visitor.get("/last", "Connection: close")
    visitor.vanish()
    return {}


def idle(visitor: Visitor) -> Row:
    """Nothing more is asked until the server's keep-alive timeout ends it."""
    visitor.get("/last")
    return _ended_by_server(visitor)


def probe(visitor: Visitor) -> Row:
    """A handshake and nothing else, ended in one of three ways."""
    time.sleep(0.1)
    end = random.choice([visitor.close_notify, visitor.fin, visitor.reset])
    end()
    outcome = {"close_notify": "completed", "fin": "truncated", "reset": "reset"}[end.__name__]
    return {"outcome": outcome, "closed_by": "client"}


ENDINGS: dict[Ending, float] = {polite: 4, hasty: 3, rude: 3, told: 3, told_but_rude: 2, idle: 1, probe: 1}
"""How often each ending is met."""


class Person:
    """A client that keeps its sessions, as browsers do, and resumes them."""

    def __init__(self, stage: Stage, host: int, ca: Path, certificate: Path | None, version: str) -> None:
        self.version = version
        self._address = stage.address(host)
        self._stage = stage
        self._context = python_context(stage, ca, certificate, version=version)
        self._sessions: dict[Address, tuple[ssl.SSLSession, int]] = {}

    def visit(
        self, server: Address, requests: int, ending: Ending, pause_s: float = 0.1, *, resume: bool = True
    ) -> Row:
        """One connection with some requests, healthy from the first packet to the last."""
        session, parent = self._sessions.get(server, (None, None)) if resume else (None, None)
        visitor = Visitor(server, (self._address, self._stage.new_port()), self._context, session)
        row = visitor.facts() | {"handshake_outcome": "completed", "dropped": False}
        if row["handshake"] == "abbreviated":
            row["resumed_from_port"] = parent
        for number in range(requests if ending is not probe else 0):
            visitor.get(f"/item/{number}")
            time.sleep(random.uniform(0.5, 1.5) * pause_s)
        if requests and ending is not probe and visitor.tls.session and visitor.tls.session != session:
            self._sessions[server] = (visitor.tls.session, row["client_port"])
        return row | ending(visitor)


class Crowd:
    """Visits that run beside each other, each in a thread; their rows go into the truth."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self._threads: list[threading.Thread] = []
        self._errors: list[BaseException] = []

    def send(self, act: Callable[[], Row | None]) -> None:
        thread = threading.Thread(target=self._run, args=(act,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Waits for all; a visit that went wrong ends the scene, since its row would be missing."""
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _run(self, act: Callable[[], Row | None]) -> None:
        try:
            if row := act():
                self._truth.add(row)
        except BaseException as error:
            self._errors.append(error)


def _ended_by_server(visitor: Visitor) -> Row:
    outcomes = {"close_notify": "completed", "fin": "truncated"}
    return {"outcome": outcomes[visitor.wait_for_end()], "closed_by": "server"}
