"""Busy and healthy: visitors of nginx and HAProxy who leave in every usual way, probes, health checks. No drop."""

from __future__ import annotations

import random
import subprocess
import time
from functools import partial
from pathlib import Path

from certificates import Authority
from haproxy import FRONTEND, start_haproxy
from haproxy_mtls import ONLY_12, ONLY_13
from nginx import start_nginx
from stage import Stage
from truth import Row, Truth, iana_name, version_name
from visits import ENDINGS, Crowd, Person

SECONDS, VISITS = 40, 300
NGINX, BALANCERS = 31, {11: ONLY_12, 12: ONLY_13}
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
  bind 127.0.0.1:8081
  option httpchk GET /check
  server web {address}:443 source {source}:{low}-{high} check check-ssl verify none inter 1500
"""
CHECK_PORTS = (60001, 60900)


def healthy_busy(stage: Stage, capture: Path) -> Truth:
    """Healthy traffic of nginx and HAProxy: keep-alive, resumption, probes, an HAProxy that checks nginx's health,
    clients that hang up rudely after they have their answer, stray resets after FIN or close_notify. Not one drop."""
    random.seed(2)
    authority, truth = Authority(stage.work), Truth()
    certificate = str(authority.issue("app.example"))
    frontends = [
        FRONTEND.format(name=f"web{host}", bind=f"{stage.address(host)}:443", certificate=certificate, options=options)
        for host, options in BALANCERS.items()
    ]
    start_nginx(stage, NGINX, certificate, idle="3s")
    start_haproxy(stage, "".join(frontends), idle="3s", listens=[(stage.address(host), 443) for host in BALANCERS])
    with stage.capture(capture):
        checker = _start_checks(stage)
        _play_crowd(stage, authority, Crowd(truth))
        checker.terminate()
        checker.wait()
    for row in _checks(stage):
        # nginx answers HTTP/1.0 and closes, HAProxy resets when it has the answer: who is first is not known.
        truth.add(row, handshake_outcome="completed", dropped=False)
    return truth


SAMPLES = {"healthy-busy": healthy_busy}


def _play_crowd(stage: Stage, authority: Authority, crowd: Crowd) -> None:
    people = [
        Person(stage, 101 + number, authority.root, None, ("TLSv1.2", "TLSv1.3")[number % 2]) for number in range(20)
    ]
    for _ in range(VISITS):
        person = random.choice(people)
        host = random.choice([NGINX, 11 if person.version == "TLSv1.2" else 12])
        ending = random.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        server, requests = (stage.address(host), 443), random.choice([1, 1, 2, 3])
        crowd.send(partial(person.visit, server, requests, ending, resume=random.random() < 0.7))
        time.sleep(random.expovariate(VISITS / SECONDS))
    crowd.wait()


def _start_checks(stage: Stage) -> subprocess.Popen[bytes]:
    """An HAProxy on the clients' side that looks every one and a half seconds whether nginx is well."""
    low, high = CHECK_PORTS
    config = stage.work / "checks.cfg"
    source = stage.address(130)
    config.write_text(CHECKS.format(address=stage.address(NGINX), source=source, low=low, high=high))
    process = subprocess.Popen(["haproxy", "-db", "-f", str(config)], stderr=subprocess.DEVNULL)
    stage.adopt(process)
    return process


def _checks(stage: Stage) -> list[Row]:
    """The health checks, from nginx's log."""
    rows = []
    for line in stage.log("nginx-access.log").splitlines():
        said = dict(word.split("=") for word in line.split())
        if int(said["cp"]) >= CHECK_PORTS[0]:
            rows.append({
                "client_ip": stage.address(130), "client_port": int(said["cp"]),
                "server_ip": stage.address(NGINX), "server_port": 443, "program": "HAProxy check",
                "version": version_name(said["v"]), "cipher": iana_name(said["cipher"]),
                "handshake": "abbreviated" if said["reused"] == "r" else "full",
            })  # fmt: skip
    return rows
