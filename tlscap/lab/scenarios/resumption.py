"""Sessions that clients offer to resume, and servers that will not, or cannot."""

from __future__ import annotations

import time

from tlscap.lab.address import Address
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.balancer import Balancer
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.python_ssl import Session, Visitor, client_context

VERSIONS = ("TLSv1.2", "TLSv1.3")


def keys_not_shared(lab: Lab) -> None:
    """Two sets of nodes behind a balancer each: with ticket keys of their own, and with the same ones."""
    count = int(lab.settings["nodes"])
    key = lab.files / "ticket.key"
    key.write_bytes(lab.random.randbytes(80))
    apart = [Nginx(lab, host=f"node{number}") for number in range(1, count + 1)]
    shared = f"ssl_session_ticket_key {key};"
    alike = [Nginx(lab, host=f"twin{number}", options=shared) for number in range(1, count + 1)]
    odd, even = (
        Balancer(lab, [node.address for node in nodes], host=host) for nodes, host in ((apart, "lb1"), (alike, "lb2"))
    )
    with lab.capturing():
        for version in VERSIONS:
            for balancer, resumes in ((odd, False), (even, True)):
                person = Guest(lab, balancer.address, version)
                assert not person.visit()
                for _ in range(int(lab.settings["returns"])):
                    assert person.visit() == resumes


def lifetime(lab: Lab) -> None:
    """Clients that come back in time, and too late."""
    web = Nginx(lab, options=f"ssl_session_timeout {lab.settings['lifetime_s']}s;")
    people = [Guest(lab, web.address, version) for version in VERSIONS]
    with lab.capturing():
        for person in people:
            assert not person.visit()
            assert person.visit(keep=False)
        time.sleep(float(lab.settings["lifetime_s"]) + 1.5)
        for person in people:
            assert not person.visit()


def cache_too_small(lab: Lab) -> None:
    """More clients than sessions that the server keeps: the oldest come back in vain."""
    room, clients = int(lab.settings["cached"]), int(lab.settings["clients"])
    web = Nginx(lab, options=f"ssl_session_tickets off; ssl_session_cache builtin:{room};")
    with lab.capturing():
        for version in VERSIONS:
            people = [Guest(lab, web.address, version) for _ in range(clients)]
            for person in people:
                assert not person.visit()
            back = [person.visit() for person in reversed(people)]
            assert back[:2] == [True, True] and not all(back)


NEEDS = ("openssl", "nginx")

SCENARIOS = (
    Scenario(
        "ticket-keys-not-shared",
        "Nodes behind a balancer that cannot read each other's session tickets: clients offer one, and get a full "
        "handshake; nodes with the same keys beside them resume.",
        keys_not_shared,
        line=("clients", "balancer", "servers"),
        points=("balancer-to-clients", "servers"),
        needs=(*NEEDS, "haproxy"),
        needs_namespaces=True,
        settings={"nodes": 3, "returns": 3},
    ),
    Scenario(
        "ticket-lifetime",
        "Tickets that are good for a moment only: clients who come back in time resume, and those who come too late do "
        "not.",
        lifetime,
        needs=NEEDS,
        settings={"lifetime_s": 3},
        seconds=7,
    ),
    Scenario(
        "session-cache-too-small",
        "A server that keeps fewer sessions than it has clients, without tickets: the latest to leave are resumed when "
        "they come back, the others offer their session in vain.",
        cache_too_small,
        needs=NEEDS,
        settings={"cached": 6, "clients": 10},
    ),
)


class Guest:
    """A client that keeps the session of its last visit, as long as it thinks that it is good."""

    def __init__(self, lab: Lab, server: Address, version: str) -> None:
        self._lab, self._server = lab, server
        self._context = client_context(lab, version=version)
        self._session: Session | None = None

    def visit(self, keep: bool = True) -> bool:
        """One request; says whether the session was resumed. Without `keep` it will offer the same one again."""
        visitor = Visitor(self._lab, self._server, self._context, session=self._session)
        visitor.tell(dropped=False)
        visitor.get("/")
        new = visitor.saved()
        if keep and new and not (self._session and new.ssl == self._session.ssl):
            self._session = new
        resumed = visitor.resumed
        visitor.close_notify()
        return resumed
