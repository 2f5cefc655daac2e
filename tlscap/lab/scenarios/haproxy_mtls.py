"""HAProxy with `verify optional`, and clients that resume: where do the client certificates go?

A resumed connection carries no certificate, so `ssl_fc_has_crt` is 0, the header that depends on it is not set, and
the application turns away a client whose certificate was accepted a moment before.
"""

from __future__ import annotations

from functools import partial

from tlscap.lab.certificates import Identity
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.stacks.s_client import SClient


def play(lab: Lab, options: str, tuning: str = "") -> None:
    """Two people with certificates and one without come, come back and come back again."""
    people = [lab.authority.issue("alice"), lab.authority.issue("bob", use_rsa=True), None]
    proxy = HAProxy(lab, [Frontend("lb", options, mutual=True)], tuning=tuning)
    with lab.capturing():
        for person in people:
            for _ in range(int(lab.settings["rounds"])):
                _come_and_return(lab, proxy, person)


def _come_and_return(lab: Lab, proxy: HAProxy, person: Identity | None) -> None:
    """A first visit, two that resume its session, one that resumes the second's, and a stranger with many requests."""
    first = _visit(lab, proxy, person, 2)
    _visit(lab, proxy, person, 1, first)
    third = _visit(lab, proxy, person, 3, first)
    # Only TLS 1.3 gives a resumed session a ticket of its own.
    _visit(lab, proxy, person, 1, third if lab.scenario.name.endswith("tls13") else first)
    _visit(lab, proxy, person, 6)


def _visit(lab: Lab, proxy: HAProxy, person: Identity | None, requests: int, resumes: SClient | None = None) -> SClient:
    options = ["-CAfile", str(lab.authority.root), "-servername", "app.example"]
    client = SClient(lab, proxy.address, *options, certificate=person, resumes=resumes).connected()
    for number in range(requests):
        client.get(f"/item/{number}")
    client.close()
    return client


_KINDS = {
    "tickets": ("TLS 1.2 with session tickets: resumed connections get 403.", ONLY_12, ""),
    "session-ids": (
        "TLS 1.2 with session ids (no-tls-tickets): resumed connections get 403.",
        f"{ONLY_12} no-tls-tickets",
        "",
    ),
    "tls13": ("TLS 1.3 with PSK resumption: resumed connections get 403.", ONLY_13, ""),
    "resumption-off": (
        "resumption off (tune.ssl.cachesize 0, no-tls-tickets): every handshake is full, and nobody with a certificate "
        "is turned away.",
        f"{ONLY_12} no-tls-tickets",
        "tune.ssl.cachesize 0",
    ),
}

SCENARIOS = tuple(
    Scenario(
        f"haproxy-mtls-{name}",
        f"HAProxy `verify optional`, {shows}",
        partial(play, options=options, tuning=tuning),
        needs=("openssl", "haproxy"),
        settings={"rounds": 1},
    )
    for name, (shows, options, tuning) in _KINDS.items()
)
