"""Two incidents in one capture, amid healthy traffic: what a postmortem has to tell apart.

The load balancer (.11 tickets, .12 session ids, .13 TLS 1.3) asks for client certificates and does not insist; the
more people come back, the more of them resume, and the application turns them away. Agents hold long sessions to two
nodes and renegotiate every half minute: .21 lets them, .22 refuses, and the session is gone. The web server (.31) is
healthy; somebody tries it with TLS 1.1, and one person's certificate has expired: handshakes that fail.
"""

from __future__ import annotations

import math
import random
import time
from functools import partial
from pathlib import Path

from certificates import Authority
from clients import SClient
from haproxy import client_certificate, log_counts, logged, mutual_frontend, start_haproxy
from haproxy_mtls import ONLY_12, ONLY_13
from nginx import start_nginx
from stage import Address, Stage
from truth import Row, Truth
from visits import ENDINGS, Crowd, Ending, Person, hasty, idle, polite, rude, told

SECONDS = 150
MECHANISMS = {11: "session_ticket", 12: "session_id", 13: "psk"}
OPTIONS = {11: ONLY_12, 12: f"{ONLY_12} no-tls-tickets", 13: ONLY_13}
AGENTS, GOOD_NODE, BAD_NODE = 6, 21, 22
RENEGOTIATE_EVERY_S = 28
TALKSERVER = str(Path(__file__).with_name("talkserver.py"))


def incidents(stage: Stage, capture: Path) -> Truth:
    """Both incidents, amid healthy traffic: HAProxy `verify optional` with ever more clients that resume and are turned
    away (403), and long sessions that drop whenever they renegotiate with 10.20.0.22, not with 10.20.0.21."""
    random.seed(1)
    authority, truth = Authority(stage.work), Truth()
    _start_servers(stage, authority)
    with stage.capture(capture):
        start = time.monotonic()
        crowd, agents = Crowd(truth), Crowd(truth)
        for number in range(AGENTS):
            for node in (GOOD_NODE, BAD_NODE):
                server = (stage.address(node), 8443)
                agents.send(partial(_agent, stage, truth, authority.root, server, 101 + number, start + SECONDS))
        crowd.send(partial(_fail_now_and_then, stage, authority, truth, start + SECONDS - 10))
        _play_crowd(stage, authority, crowd, start)
        agents.wait()
        crowd.wait()
    _add_what_haproxy_says(stage, truth)
    return truth


SAMPLES = {"incidents": incidents}


def _start_servers(stage: Stage, authority: Authority) -> None:
    frontends = [
        mutual_frontend(stage, authority, host, options, name=f"mutual{host}") for host, options in OPTIONS.items()
    ]
    start_haproxy(stage, "".join(frontends), idle="6s", listens=[(stage.address(host), 443) for host in OPTIONS])
    certificate = str(authority.issue("app.example"))
    start_nginx(stage, 31, certificate, idle="4s")
    for node, words in ((GOOD_NODE, ["renegotiation"]), (BAD_NODE, [])):
        address = (stage.address(node), 8443)
        argv = [*stage.python, TALKSERVER, address[0], "8443", certificate, *words]
        stage.serve(f"talk-{node}.log", *argv, listens=[address])


def _agent(stage: Stage, truth: Truth, ca: Path, server: Address, host: int, until: float) -> None:
    """One agent, which connects again whenever it is thrown out; all were started by one deployment, within seconds."""
    time.sleep(random.uniform(0, 5))
    while time.monotonic() < until - 5:
        client = SClient(stage, server, "-CAfile", str(ca), "-tls1_2", host=host).connected()
        alive = True
        while alive and time.monotonic() < until:
            alive = _hold_and_renegotiate(client, until)
        row = client.facts() if alive else client.ended().facts()
        truth.add(row, **({"outcome": "open", "dropped": False} if alive else _refused(row)))
        time.sleep(random.uniform(1, 4))


def _hold_and_renegotiate(client: SClient, until: float) -> bool:
    """Half a minute of small talk, then a renegotiation; False if that was the end of the session."""
    asks_at = min(time.monotonic() + RENEGOTIATE_EVERY_S + random.uniform(-2, 2), until)
    while time.monotonic() < asks_at:
        client.send("say 40\n")
        client.expect(r"^x+\n")
        time.sleep(random.uniform(2.5, 5))
    return asks_at >= until or client.renegotiate()


def _refused(row: Row) -> Row:
    assert row["renegotiations_refused"] == 1, row
    return {"outcome": "renegotiation_failed", "closed_by": "client", "dropped": True}


def _fail_now_and_then(stage: Stage, authority: Authority, truth: Truth, until: float) -> None:
    expired, ca = str(authority.issue("carol", expired=True)), str(authority.root)
    scanner = (31, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"])
    carol = (11, ["-CAfile", ca, "-tls1_2", "-cert", expired, "-key", expired, "-cert_chain", expired])
    while time.monotonic() < until:
        host, options = random.choice([scanner, carol])
        client = SClient(stage, (stage.address(host), 443), *options, host=130).ended()
        truth.add(
            client.facts(), handshake_outcome="failed", outcome="handshake_failed", closed_by="server", dropped=False
        )
        time.sleep(random.uniform(8, 16))


def _play_crowd(stage: Stage, authority: Authority, crowd: Crowd, start: float) -> None:
    """Visitors come, ever more of them until two thirds of the time are over, then fewer."""
    people = [
        Person(stage, 107 + number, authority.root, authority.issue(f"user{number:02}"), version)
        for number, version in enumerate(["TLSv1.2"] * 8 + ["TLSv1.3"] * 4)
    ]
    guests = [
        Person(stage, 121 + number, authority.root, None, version)
        for number, version in enumerate(["TLSv1.2", "TLSv1.3"] * 2)
    ]
    while (elapsed := time.monotonic() - start) < SECONDS - 8:
        person = random.choice(people)
        secure = person.version == "TLSv1.3"
        lb = (stage.address(13 if secure else random.choice([11, 12])), 443)
        ending: Ending = random.choice([polite, hasty, rude, told, told, idle])
        back = random.random() < 0.3 + 0.7 * elapsed / SECONDS
        crowd.send(partial(person.visit, lb, random.randint(1, 2), ending, resume=back))
        if random.random() < 0.5:
            guest, ending = random.choice(guests), random.choices(list(ENDINGS), list(ENDINGS.values()))[0]
            web = (stage.address(31), 443)
            crowd.send(partial(guest.visit, web, random.randint(1, 3), ending))
        load = 0.35 + 1.3 * math.sin(math.pi * min(elapsed / SECONDS, 1)) ** 2 * (1.3 if elapsed > SECONDS / 2 else 0.9)
        time.sleep(random.expovariate(load))


def _add_what_haproxy_says(stage: Stage, truth: Truth) -> None:
    lines, balancers = logged(stage), {stage.address(host): mechanism for host, mechanism in MECHANISMS.items()}
    for row in truth.rows:
        mechanism = balancers.get(row["server_ip"])
        if mechanism and row["client_port"] in lines:
            line = lines[row["client_port"]][0]
            assert (row["handshake"] == "abbreviated") == (line["resumed"] == "1"), (row, line)
            row |= {
                "client_certificate": client_certificate(line),
                "resumption": mechanism if line["resumed"] == "1" else None,
            }
    truth.said = log_counts(lines)
