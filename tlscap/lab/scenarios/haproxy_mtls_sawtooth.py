"""Load that rises and falls, and the application's refusals with it.

Sessions can be resumed for `lifetime_s`. When little goes on everybody comes back later than that and shakes hands in
full, with a certificate; when much goes on most come back sooner, resume, and are turned away: see haproxy_mtls.py.
"""

from __future__ import annotations

import math
import time
from functools import partial

from tlscap.lab.address import Address
from tlscap.lab.crowd import Crowd
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.haproxy import ONLY_12, ONLY_13, Frontend, HAProxy
from tlscap.lab.visits import Person, hasty, polite, rude, told

BALANCERS = {"lb1": ONLY_12, "lb2": f"{ONLY_12} no-tls-tickets", "lb3": ONLY_13}
"""Tickets, session ids, and TLS 1.3."""

ENDINGS = (polite, hasty, rude, told)
PEOPLE = 12
LEAST = 1.0
"""Visits a second when nothing goes on."""


def play(lab: Lab) -> None:
    """People with certificates who always come back with the session that they have."""
    tuning = f"tune.ssl.lifetime {lab.settings['lifetime_s']}"
    proxy = HAProxy(lab, [Frontend(host, options, mutual=True) for host, options in BALANCERS.items()], tuning=tuning)
    people = [_person(lab, number, proxy.addresses) for number in range(PEOPLE)]
    with lab.capturing(), Crowd() as crowd:
        wave_s, peak = float(lab.settings["wave_s"]), float(lab.settings["peak"])
        for wave in range(int(lab.settings["waves"])):
            begin = time.monotonic()
            lab.note("load_trough", f"wave {wave + 1} begins at {LEAST:g} visits a second")
            _visits(lab, crowd, people, begin, begin + wave_s / 2, wave_s)
            lab.note("load_peak", f"{peak:g} visits a second")
            _visits(lab, crowd, people, begin, begin + wave_s, wave_s)
        lab.note("load_trough", "the last wave is over")


def _person(lab: Lab, number: int, addresses: list[Address]) -> tuple[Person, Address]:
    name, place = f"user{number:02}", number % len(addresses)
    version = "TLSv1.3" if place == len(addresses) - 1 else "TLSv1.2"
    return Person(lab, name, version, lab.identity(name)), addresses[place]


def _visits(
    lab: Lab, crowd: Crowd, people: list[tuple[Person, Address]], begin: float, until: float, wave_s: float
) -> None:
    while (now := time.monotonic()) < until:
        person, address = lab.random.choice(people)
        crowd.send(partial(person.visit, address, lab.random.randint(0, 1), lab.random.choice(ENDINGS), pause_s=0.02))
        share = math.sin(math.pi * (now - begin) / wave_s) ** 2
        time.sleep(lab.random.expovariate(LEAST + (float(lab.settings["peak"]) - LEAST) * share))


SCENARIOS = (
    Scenario(
        "haproxy-mtls-sawtooth",
        "HAProxy `verify optional`, load that rises and falls (see annotations.csv), and the application's 403s with "
        "it: the more often people come, the more of them resume.",
        play,
        needs=("openssl", "haproxy"),
        settings={"waves": 2, "wave_s": 8.0, "peak": 15.0, "lifetime_s": 2},
        seconds=18,
    ),
)
