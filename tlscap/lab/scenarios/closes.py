"""Sessions of TLS 1.2 and 1.3 that end in every way: by close_notify, FIN alone, reset, alert, silence, not at all."""

from __future__ import annotations

import time

from tlscap.lab.address import Address
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.python_ssl import ENDED, TalkServer, Visitor, client_context
from tlscap.lab.stacks.s_client import SClient

VERSIONS = ("TLSv1.2", "TLSv1.3")
FLAGS = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
SEEN = {"bye": "close_notify", "fin": "fin", "reset": "reset"}
"""What Python calls it when the talking server ends a connection so."""


def closes(lab: Lab) -> None:
    """Every way out, from either side, with and without a request pending, and without any data."""
    server = TalkServer(lab).address
    unwelcoming = TalkServer(lab, "unwelcome", port=444).address
    with lab.capturing():
        for version in VERSIONS:
            _ended_by_client(lab, server, version)
            _ended_by_server(lab, server, version)
            _without_data(lab, server, version)
            turned_away = _open(lab, unwelcoming, version, data=False)
            turned_away.tell(dropped=True)
            assert turned_away.wait_for_end() == "reset"


def silence(lab: Lab) -> None:
    """The path to one server is lost (its clients retransmit), and the path back to one client (a server does)."""
    lost_node, node = TalkServer(lab, host="node1").address, TalkServer(lab, host="node2").address
    lost_client, client = lab.client_host("client1"), lab.client_host("client2")
    with lab.capturing():
        recovering = _open(lab, lost_node, "TLSv1.2", at=lost_client)
        _recover(lab, recovering)
        recovering.tell(dropped=False)
        recovering.close_notify()
        lost = [_open(lab, lost_node, version, at=lost_client) for version in VERSIONS]
        pushed = [_open(lab, node, version, at=lost_client) for version in VERSIONS]
        healthy = [_open(lab, node, version, at=client) for version in VERSIONS]
        for visitor in pushed:
            visitor.ask("later 200")
        time.sleep(0.5)
        lab.cut(lab.network.sites[-1], to=lost_client)
        time.sleep(1)
        lab.cut(lab.network.sites[0], to=lost_node[0])
        for visitor in lost:
            visitor.ask("say 50")
        end = time.monotonic() + float(lab.settings["silence_s"])
        while time.monotonic() < end:
            time.sleep(1)
            for visitor in healthy:
                visitor.say("say 20")
        for visitor in healthy:
            visitor.tell(dropped=False)
            visitor.close_notify()
    for visitor in lost + pushed:
        visitor.tell(outcome="stalled", dropped=True)
        visitor.drop()


def edges(lab: Lab) -> None:
    """The capture begins in the middle of sessions, and ends in the middle of others."""
    server = TalkServer(lab).address
    before = [_open(lab, server, version) for version in VERSIONS]
    throughout = [_open(lab, server, version) for version in VERSIONS]
    with lab.capturing():
        during = [_open(lab, server, version) for version in VERSIONS]
        whole = [_open(lab, server, version) for version in VERSIONS]
        for visitor in before + throughout + during:
            visitor.say("say 30")
        for visitor in before + whole:
            visitor.close_notify()
            visitor.tell(dropped=False)
    for visitor in throughout + during:
        visitor.close_notify()
        visitor.tell(outcome="open", closed_by=None, dropped=False)
    for visitor in before + throughout:
        visitor.tell(handshake="unknown", handshake_outcome="unseen", version=None, cipher=None)


SCENARIOS = (
    Scenario(
        "closes",
        "Sessions ended by close_notify, by FIN alone, by RST and by a fatal alert, from either side, with and without "
        "a request pending, and without any data; TLS 1.2 and 1.3.",
        closes,
        seconds=10,
    ),
    Scenario(
        "silence",
        "Sessions that end in silence: the path to the server is gone (its client retransmits), or the path back (the "
        "server does). Healthy ones beside, and one that recovers from a loss of half a second in each direction.",
        silence,
        needs_namespaces=True,
        settings={"silence_s": 24},
        seconds=34,
    ),
    Scenario(
        "edges",
        "A capture that begins late and ends early: sessions under way at its start (closed in it, or not), sessions "
        "still open at its end, and two whole ones.",
        edges,
    ),
)


def _open(lab: Lab, server: Address, version: str, *, at: str | None = None, data: bool = True) -> Visitor:
    visitor = Visitor(lab, server, client_context(lab, version=version), at=at)
    if data:
        visitor.say("say 100")
    return visitor


def _ended_by_client(lab: Lab, server: Address, version: str) -> None:
    for end in (Visitor.close_notify, Visitor.notify_and_go, Visitor.fin, Visitor.reset):
        visitor = _open(lab, server, version)
        visitor.tell(dropped=False)
        end(visitor)
    impatient = _open(lab, server, version)
    impatient.ask("wait")
    time.sleep(0.3)
    impatient.tell(dropped=True)
    impatient.reset()
    broken = _open(lab, server, version)
    broken.garble()
    assert broken.wait_for_end() == "SSLV3_ALERT_BAD_RECORD_MAC"
    broken.tell(outcome="alert", closed_by="server", dropped=True)
    dying = SClient(lab, server, FLAGS[version]).connected()
    dying.say("say 70")
    dying.kill(outcome="truncated", closed_by="client", dropped=False)


def _ended_by_server(lab: Lab, server: Address, version: str) -> None:
    for how, seen in SEEN.items():
        answered, pending = _open(lab, server, version), _open(lab, server, version)
        answered.say(f"then {how}")
        pending.ask(how)
        for visitor, dropped in ((answered, how == "reset"), (pending, True)):
            assert visitor.wait_for_end() == seen
            visitor.tell(outcome=ENDED[seen], dropped=dropped, pending=visitor is pending)


def _without_data(lab: Lab, server: Address, version: str) -> None:
    for end in (Visitor.close_notify, Visitor.fin, Visitor.reset):
        probe = _open(lab, server, version, data=False)
        time.sleep(0.2)
        probe.tell(dropped=False, closed_phase="no_data")
        end(probe)


def _recover(lab: Lab, visitor: Visitor) -> None:
    """Loses what the client sends for half a second, and then what the server sends: two retransmissions each."""
    for at, to in ((lab.network.sites[0], visitor.server[0]), (lab.network.sites[-1], visitor.source[0])):
        lab.cut(at, to)
        visitor.ask("say 60")
        time.sleep(0.5)
        lab.cut(at, to, on=False)
        visitor.say("say 10")
        visitor.say("say 10")
