"""Sessions of TLS 1.2 and 1.3 that end in every way: by close_notify, FIN alone, reset, alert, silence, not at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from certificates import Authority
from clients import SClient, Visitor, python_context
from stage import Stage
from truth import Row, Truth

TALKSERVER = str(Path(__file__).with_name("talkserver.py"))
VERSIONS = ("TLSv1.2", "TLSv1.3")
OUTCOMES = {"bye": "completed", "fin": "truncated", "reset": "reset"}


class Talks:
    """A talking server on port 443 of two hosts, one that is not welcoming on port 444, and clients for them."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.truth = stage, Truth()
        authority = Authority(stage.work)
        self.ca, certificate = authority.root, str(authority.issue("app.example"))
        for host, port, *words in ((11, 443), (12, 443), (11, 444, "unwelcome")):
            address = (stage.address(host), port)
            argv = [*stage.python, TALKSERVER, address[0], str(port), certificate, *map(str, words)]
            stage.serve(f"talk-{host}-{port}.log", *argv, listens=[address])

    def open(self, version: str, *, server: int = 11, client: int = 101, port: int = 443, data: bool = True) -> Visitor:
        source = (self.stage.address(client), self.stage.new_port())
        context = python_context(self.stage, self.ca, version=version)
        visitor = Visitor((self.stage.address(server), port), source, context)
        if data:
            visitor.say("say 100")
        return visitor

    def add(self, visitor: Visitor, end: Callable[[], object], **more: object) -> None:
        """The row of a connection that `end` ends."""
        row: Row = visitor.facts()
        end()
        self.truth.add(row, **{"handshake_outcome": "completed", **more})


def closes(stage: Stage, capture: Path) -> Truth:
    """Sessions ended by close_notify, by FIN alone, by RST and by a fatal alert, from either side, with and without a
    request pending, and without any data; TLS 1.2 and 1.3."""
    talks = Talks(stage)
    with stage.capture(capture):
        for version in VERSIONS:
            _ended_by_client(talks, version)
            _ended_by_server(talks, version)
            _without_data(talks, version)
        time.sleep(0.5)
    return talks.truth


def silence(stage: Stage, capture: Path) -> Truth:
    """Sessions that end in silence: the path to the server is gone (its client retransmits), or the path back (the
    server does). Healthy ones beside, and one that recovers from a loss of a second in each direction."""
    talks = Talks(stage)
    with stage.capture(capture):
        recovering = talks.open("TLSv1.2")
        _recover(stage, recovering)
        talks.add(recovering, recovering.close_notify, outcome="completed", closed_by="client", dropped=False)
        lost = [talks.open(version) for version in VERSIONS]
        pushed = [talks.open(version, server=12) for version in VERSIONS]
        healthy = [talks.open(version, server=12, client=102) for version in VERSIONS]
        for visitor in pushed:
            visitor.ask("later 200")
        time.sleep(0.5)
        stage.cut("client")
        time.sleep(1)
        stage.cut("server")
        for visitor in lost:
            visitor.ask("say 50")
        for _ in range(12):
            time.sleep(2)
            for visitor in healthy:
                visitor.say("say 20")
        for visitor in healthy:
            talks.add(visitor, visitor.close_notify, outcome="completed", closed_by="client", dropped=False)
    for visitor in lost + pushed:
        talks.add(visitor, visitor.reset, outcome="stalled", dropped=True)
    return talks.truth


def edges(stage: Stage, capture: Path) -> Truth:
    """A capture that begins late and ends early: sessions under way at its start (closed in it, or not), sessions still
    open at its end, and two whole ones."""
    talks = Talks(stage)
    unseen = {"handshake": "unknown", "handshake_outcome": "unseen", "version": None, "cipher": None, "dropped": False}
    before = [talks.open(version) for version in VERSIONS]
    throughout = [talks.open(version) for version in VERSIONS]
    with stage.capture(capture):
        during = [talks.open(version) for version in VERSIONS]
        whole = [talks.open(version) for version in VERSIONS]
        for visitor in before + throughout + during:
            visitor.say("say 30")
        for visitor in before:
            talks.add(visitor, visitor.close_notify, **unseen, outcome="completed", closed_by="client")
        for visitor in whole:
            talks.add(visitor, visitor.close_notify, outcome="completed", closed_by="client", dropped=False)
        time.sleep(0.5)
    for visitor in throughout:
        talks.add(visitor, visitor.close_notify, **unseen, outcome="open")
    for visitor in during:
        talks.add(visitor, visitor.close_notify, outcome="open", dropped=False)
    return talks.truth


SAMPLES = {"closes": closes, "silence": silence, "edges": edges}


def _ended_by_client(talks: Talks, version: str) -> None:
    for name, outcome, dropped in (
        ("close_notify", "completed", False), ("notify_and_go", "completed", False),
        ("fin", "truncated", False), ("reset", "reset", False),
    ):  # fmt: skip
        visitor = talks.open(version)
        talks.add(visitor, getattr(visitor, name), outcome=outcome, closed_by="client", dropped=dropped)
    impatient, broken = talks.open(version), talks.open(version)
    impatient.ask("wait")
    time.sleep(0.3)
    talks.add(impatient, impatient.reset, outcome="reset", closed_by="client", dropped=True)
    broken.garble()
    told: list[str] = []
    talks.add(broken, lambda: told.append(broken.wait_for_end()), outcome="alert", closed_by="server", dropped=True)
    assert told == ["SSLV3_ALERT_BAD_RECORD_MAC"], told
    _killed(talks, version)


def _killed(talks: Talks, version: str) -> None:
    """A client that dies: the kernel sends its FIN."""
    flag = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}[version]
    client = SClient(talks.stage, (talks.stage.address(11), 443), flag).connected()
    client.send("say 70\n")
    client.expect(r"^x+\n")
    client.process.kill()
    talks.truth.add(client.ended().facts(), outcome="truncated", closed_by="client", dropped=False)


def _ended_by_server(talks: Talks, version: str) -> None:
    seen = {"bye": "close_notify", "fin": "fin", "reset": "reset"}
    for how, outcome in OUTCOMES.items():
        answered, pending = talks.open(version), talks.open(version)
        answered.say(f"then {how}")
        pending.ask(how)
        for visitor, dropped in ((answered, how == "reset"), (pending, True)):
            told: list[str] = []
            end = _told(visitor, told)
            talks.add(visitor, end, outcome=outcome, closed_by="server", dropped=dropped, pending=visitor is pending)
            assert told == [seen[how]], (told, how)


def _told(visitor: Visitor, told: list[str]) -> Callable[[], None]:
    return lambda: told.append(visitor.wait_for_end())


def _without_data(talks: Talks, version: str) -> None:
    for name, outcome in (("close_notify", "completed"), ("fin", "truncated"), ("reset", "reset")):
        probe = talks.open(version, data=False)
        time.sleep(0.2)
        end = getattr(probe, name)
        talks.add(probe, end, outcome=outcome, closed_by="client", dropped=False, closed_phase="no_data")
    turned_away = talks.open(version, port=444, data=False)
    talks.add(turned_away, turned_away.wait_for_end, outcome="reset", closed_by="server", dropped=True)


def _recover(stage: Stage, visitor: Visitor) -> None:
    """Loses what the client sends for a second, and then what the server sends."""
    for direction in ("server", "client"):
        stage.cut(direction)
        visitor.ask("say 60")
        time.sleep(1)
        stage.cut(direction, on=False)
        visitor.say("say 10")
        visitor.say("say 10")
