"""Nothing is wrong here: what a busy, healthy site looks like. Not one drop."""

from __future__ import annotations

import time
from functools import partial

from tlscap.lab.address import Address
from tlscap.lab.crowd import Crowd
from tlscap.lab.lab import Lab
from tlscap.lab.program import Program
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.curl import Curl
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.stacks.nginx import Nginx
from tlscap.lab.visits import ENDINGS, Person

PEOPLE = 12
IDLE = "2s"

CHECKS = """
global
  maxconn 20
defaults
  mode http
  timeout connect 2s
  timeout client 2s
  timeout server 2s
  timeout check 2s
listen web
  bind {here}:8081
  option httpchk GET /check
  server web {web} source {here} check check-ssl verify none inter 1000
"""


def play(lab: Lab) -> None:
    """Visitors of nginx and HAProxy who leave in every usual way, while a balancer checks nginx's health."""
    web = Nginx(lab, idle=IDLE)
    proxy = HAProxy(lab, [Frontend("lb12", ONLY_12), Frontend("lb13", ONLY_13)], idle=IDLE)
    with lab.capturing():
        checker = _start_checks(lab, web.address)
        people = [Person(lab, f"person{number}", ("TLSv1.2", "TLSv1.3")[number % 2]) for number in range(PEOPLE)]
        with Crowd() as crowd:
            for number in range(int(lab.settings["http2"])):
                crowd.send(partial(_ask_by_http2, lab, web.address, number))
            _send(lab, crowd, people, web.address, proxy.addresses)
        checker.stop()


def _send(lab: Lab, crowd: Crowd, people: list[Person], web: Address, balancers: list[Address]) -> None:
    visits, seconds = int(lab.settings["visits"]), float(lab.settings["load_s"])
    for _ in range(visits):
        person = lab.random.choice(people)
        server = lab.random.choice([web, balancers[0 if person.version == "TLSv1.2" else 1]])
        ending = lab.random.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        resume, requests = lab.random.random() < 0.7, lab.random.choice([1, 1, 2, 3])
        crowd.send(partial(person.visit, server, requests, ending, resume=resume))
        time.sleep(lab.random.expovariate(visits / seconds))


def _ask_by_http2(lab: Lab, web: Address, number: int) -> None:
    version = "1.2" if number % 2 else "1.3"
    options = ("--tlsv1.2", "--tls-max", version)
    Curl(lab, web, *options, requests=1 + number % 4, at=lab.client_host(f"curl{number}")).done()


def _start_checks(lab: Lab, web: Address) -> Program:
    """An HAProxy on the clients' side that looks every second whether nginx is well."""
    config, here = lab.files / "checks.cfg", lab.client_host("checker")
    config.write_text(CHECKS.format(web=f"{web[0]}:{web[1]}", here=here))
    return lab.start("checks", "haproxy", "-db", "-f", str(config), at=here)


SCENARIOS = (
    Scenario(
        "healthy",
        "Busy and healthy: visitors of nginx and HAProxy that resume or not and leave in every usual way, rude ones "
        "among them, HTTP/2 by curl, probes without a request, a balancer's health checks. No drop.",
        play,
        needs=("openssl", "haproxy", "nginx", "curl"),
        settings={"visits": 40, "load_s": 3.0, "http2": 6},
        may_be_zero=("http2",),
        seconds=9,
    ),
)
