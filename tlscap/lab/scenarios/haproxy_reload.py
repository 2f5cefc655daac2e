"""A reload of HAProxy: what the old process still does for its clients, and for how long."""

from __future__ import annotations

import time
from functools import partial

from tlscap.lab.crowd import Crowd
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.stacks.python_ssl import ENDED, Session, Visitor, client_context

VERSIONS = {"TLSv1.2": ONLY_12, "TLSv1.3": ONLY_13}


def play(lab: Lab) -> None:
    """At the reload some sessions are idle, others wait for an answer; afterwards people come back with old tickets."""
    hard_stop = float(lab.settings["hard_stop_s"])
    frontends = [Frontend(f"lb{number}", options) for number, options in enumerate(VERSIONS.values())]
    proxy = HAProxy(lab, frontends, tuning=f"hard-stop-after {hard_stop:g}s")
    with lab.capturing():
        people = [Person(lab, proxy, number, version) for number, version in enumerate(VERSIONS)]
        before = [person.come_and_go() for person in people]
        with Crowd() as crowd:
            for person in people:
                crowd.send(partial(_wait, person.arrive()))
                crowd.send(partial(_get_answer, person.arrive(), hard_stop / 2))
                crowd.send(partial(_lose_answer, person.arrive(), hard_stop + 2))
            time.sleep(0.5)
            proxy.reload()
            for person, old in zip(people, before):
                assert not person.is_known(old), "the new process took a ticket of the old one's"
                assert person.is_known(person.come_and_go())
            lab.note("hard_stop", f"due {hard_stop:g} s after the reload")


class Person:
    """Who comes to one of the frontends."""

    def __init__(self, lab: Lab, proxy: HAProxy, number: int, version: str) -> None:
        self._lab, self._server = lab, proxy.addresses[number]
        self._context = client_context(lab, version=version)
        self._at = lab.client_host(f"client{number + 1}")

    def arrive(self, session: Session | None = None) -> Visitor:
        visitor = Visitor(self._lab, self._server, self._context, at=self._at, session=session)
        visitor.get("/open")
        return visitor

    def come_and_go(self) -> Session:
        """A short visit; gives the session to come back with."""
        visitor = self.arrive()
        session = visitor.saved()
        assert session
        visitor.tell(dropped=False)
        visitor.close_notify()
        return session

    def is_known(self, session: Session) -> bool:
        """Comes back with a session; says whether it was resumed."""
        visitor = self.arrive(session)
        resumed = visitor.resumed
        visitor.tell(dropped=False)
        visitor.close_notify()
        return resumed


def _wait(visitor: Visitor) -> None:
    """Nothing under way: the old process ends it at once."""
    assert visitor.wait_for_end() == "close_notify"
    visitor.tell(dropped=False, pending=False)


def _get_answer(visitor: Visitor, seconds: float) -> None:
    """The old process stays for an answer, and then ends it."""
    assert visitor.get(f"/open/{seconds:g}") == 200
    assert visitor.wait_for_end() == "close_notify"
    visitor.tell(dropped=False, pending=False)


def _lose_answer(visitor: Visitor, seconds: float) -> None:
    """An answer that takes longer than the old process may live."""
    visitor.ask(f"GET /open/{seconds:g} HTTP/1.1\r\nHost: app.example\r\n\r")
    assert visitor.wait_for_end() in ENDED  # a FIN alone mostly; where its tasks still ran, a close_notify before it
    visitor.tell(dropped=True, pending=True)


SCENARIOS = (
    Scenario(
        "haproxy-reload",
        "HAProxy reads its configuration again: the old process ends idle sessions, answers what it was asked, and is "
        "stopped by hard-stop-after in the middle of what takes longer. The new one has other ticket keys: who comes "
        "back shakes hands in full.",
        play,
        needs=("openssl", "haproxy"),
        settings={"hard_stop_s": 4.0},
        seconds=8,
    ),
)
