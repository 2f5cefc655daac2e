"""A busy balancer's day in some seconds: everything at once, in shares that are known."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tlscap.lab.address import Address
from tlscap.lab.certificates import Identity
from tlscap.lab.crowd import Crowd
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.curl import Curl
from tlscap.lab.stacks.half_client import HalfClient
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.stacks.python_ssl import ENDED, TalkServer, Visitor, client_context
from tlscap.lab.stacks.s_client import SClient
from tlscap.lab.truth import acting
from tlscap.lab.visits import Person, hasty, idle, polite, probe, rude, told

VERSIONS = ("TLSv1.2", "TLSv1.3")
IDLE = "2s"
HEALTHY = (polite, polite, hasty, rude, told)
PEOPLE = 8


@dataclass
class Site:
    """Who serves, and who comes."""

    lab: Lab
    web: Address
    mutual: list[Address]
    """By version."""
    willing: Address
    """Renegotiates; the next does not."""
    unwilling: Address
    guests: list[Person]
    people: list[Person]
    expired: Identity

    def version(self) -> str:
        return self.lab.random.choice(VERSIONS)


def play(lab: Lab) -> None:
    """Acts begin at random instants, each in its share; the truth says which act a connection belongs to."""
    shares = read_shares(str(lab.settings["shares"]))
    site = _build(lab)
    with lab.capturing(), Crowd() as crowd:
        end = time.monotonic() + float(lab.settings["seconds"])
        while time.monotonic() < end:
            name = lab.random.choices(list(shares), list(shares.values()))[0]
            crowd.send(partial(_play, name, site))
            time.sleep(lab.random.expovariate(float(lab.settings["rate"])))


def read_shares(text: str) -> dict[str, float]:
    """`healthy=60,mtls=20` as numbers."""
    return {name: float(share) for name, _, share in (part.partition("=") for part in text.split(","))}


def _build(lab: Lab) -> Site:
    web = Nginx(lab, idle=IDLE, options="client_header_timeout 2s;")
    proxy = HAProxy(lab, [Frontend("lb12", ONLY_12, mutual=True), Frontend("lb13", ONLY_13, mutual=True)], idle=IDLE)
    willing, unwilling = TalkServer(lab, "renegotiation", host="node1"), TalkServer(lab, host="node2")
    guests = [Person(lab, f"guest{number}", VERSIONS[number % 2]) for number in range(PEOPLE)]
    names = [f"user{number}" for number in range(PEOPLE)]
    people = [Person(lab, name, VERSIONS[number % 2], lab.identity(name)) for number, name in enumerate(names)]
    expired = lab.authority.issue("carol", expired=True)
    return Site(lab, web.address, proxy.addresses, willing.address, unwilling.address, guests, people, expired)


def _play(name: str, site: Site) -> None:
    with acting(name):
        ACTS[name](site)


def _healthy(site: Site) -> None:
    guest, ending = site.lab.random.choice(site.guests), site.lab.random.choice(HEALTHY)
    guest.visit(site.web, site.lab.random.randint(1, 4), ending)


def _mtls(site: Site) -> None:
    """Who comes back resumes, and is turned away."""
    person = site.lab.random.choice(site.people)
    person.visit(site.mutual[VERSIONS.index(person.version)], site.lab.random.randint(1, 3), polite)


def _idle(site: Site) -> None:
    site.lab.random.choice(site.guests).visit(site.web, 1, idle)


def _probe(site: Site) -> None:
    site.lab.random.choice(site.guests).visit(site.web, 0, probe, resume=False)


def _http2(site: Site) -> None:
    options = ("--tlsv1.2", "--tls-max", site.version().removeprefix("TLSv"))
    Curl(site.lab, site.web, *options, requests=site.lab.random.randint(1, 5)).done()


def _reneg_ok(site: Site) -> None:
    client = _agent(site, site.willing)
    assert client.renegotiate()
    client.say("say 300")
    client.close()


def _reneg_refused(site: Site) -> None:
    client = _agent(site, site.unwilling)
    assert not client.renegotiate()
    client.tell(outcome="renegotiation_failed", closed_by="client", dropped=True)


def _reset(site: Site) -> None:
    """The server breaks off with a request pending."""
    visitor = Visitor(site.lab, site.unwilling, client_context(site.lab, version=site.version()))
    visitor.say("say 500")
    visitor.ask("reset")
    visitor.tell(dropped=True, pending=True)
    assert visitor.wait_for_end() in ENDED


def _refused_handshake(site: Site) -> None:
    """A scanner with TLS 1.1, or a client certificate that has expired."""
    if site.lab.random.random() < 0.5:
        client = SClient(site.lab, site.web, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
    else:
        client = SClient(site.lab, site.mutual[0], "-tls1_2", certificate=site.expired)
    client.tell(handshake_outcome="failed", outcome="handshake_failed", closed_by="server", dropped=False)


def _stuck_handshake(site: Site) -> None:
    HalfClient(site.lab, site.web, site.version(), "flight").wait_for_end()


def _agent(site: Site, node: Address) -> SClient:
    client = SClient(site.lab, node, "-CAfile", str(site.lab.authority.root), "-tls1_2").connected()
    for _ in range(site.lab.random.randint(1, 4)):
        client.say("say 100")
        time.sleep(0.2)
    return client


ACTS: dict[str, Callable[[Site], None]] = {
    "healthy": _healthy, "mtls": _mtls, "idle": _idle, "probe": _probe, "http2": _http2, "reneg-ok": _reneg_ok,
    "reneg-refused": _reneg_refused, "reset": _reset, "refused-handshake": _refused_handshake,
    "stuck-handshake": _stuck_handshake,
}  # fmt: skip

SHARE = rf"({'|'.join(ACTS)})=[1-9]\d{{0,5}}"
SHARES = (
    "healthy=50,mtls=20,idle=6,probe=5,http2=5,reneg-ok=4,reneg-refused=4,reset=2,refused-handshake=3,stuck-handshake=1"
)

SCENARIOS = (
    Scenario(
        "mix",
        "A busy balancer: healthy visitors, client certificates and who loses them by resuming, HTTP/2, probes, idle "
        "sessions, renegotiations done and refused, resets, handshakes refused and stuck. Each connection's `act` "
        "tells what it belongs to, run.json how many there are.",
        play,
        needs=("openssl", "haproxy", "nginx", "curl"),
        settings={"seconds": 12.0, "rate": 8.0, "shares": SHARES},
        patterns={"shares": f"{SHARE}(,{SHARE})*"},
        seconds=18,
    ),
)
