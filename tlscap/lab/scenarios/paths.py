"""Bad paths between client and server, and a capture that misses packets: what is the network's, and what is not."""

from __future__ import annotations

import time
from functools import partial

from tlscap.lab.address import Address
from tlscap.lab.crowd import Crowd
from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.python_ssl import TalkServer, Visitor, client_context
from tlscap.lab.stacks.s_client import SClient

VERSIONS = ("TLSv1.2", "TLSv1.3")
WIDE = 1500
"""An Ethernet's MTU."""


def packet_loss(lab: Lab) -> None:
    """Sessions of small and large answers through a line that loses and reorders; TCP mends all of it."""
    lab.start_hop(
        "wire", "tlscap.lab.hops.loss:Loss", lost=float(lab.settings["lost"]), late=float(lab.settings["late"]),
        seed=int(lab.settings["seed"]),
    )  # fmt: skip
    server = TalkServer(lab).address
    with lab.capturing():
        _converse(lab, server)


def capture_loss(lab: Lab) -> None:
    """The same conversation over a good line, by a capture that lacks packets afterwards."""
    server = TalkServer(lab).address
    with lab.capturing():
        _converse(lab, server)
    lab.lose_from_captures(float(lab.settings["lost"]))


def mtu_blackhole(lab: Lab) -> None:
    """Sessions begin; the path becomes narrow; large answers and full handshakes vanish, small ones do not."""
    wire = lab.start_hop("wire", "tlscap.lab.hops.narrow:Narrow", mtu=WIDE)
    server = TalkServer(lab, certificate=lab.authority.issue("app.example", use_rsa=True)).address
    contexts = {version: client_context(lab, version=version) for version in VERSIONS}
    with lab.capturing():
        before = [Visitor(lab, server, contexts[version]) for version in VERSIONS for _ in range(3)]
        for visitor in before:
            visitor.say("say 100")
        wire.send(f"{lab.settings['mtu']}\n")
        lab.note(
            "path_mtu_lowered", f"packets over {lab.settings['mtu']} bytes are lost on the way, and nobody is told"
        )
        time.sleep(0.2)
        _talk_small(before[::3])
        for visitor in before[1::3]:
            visitor.ask("say 20000")
        again = [
            Visitor(lab, server, contexts[version], session=visitor.saved())
            for version, visitor in zip(VERSIONS, before[2::3])
        ]
        _talk_small(again)
        new = [SClient(lab, server, flag, "-CAfile", str(lab.authority.root)) for flag in ("-tls1_2", "-tls1_3")]
        time.sleep(float(lab.settings["patience_s"]))
        for client in new:
            client.kill(handshake_outcome="failed", outcome="handshake_failed", closed_by="client", dropped=False)
        for visitor in [*before[::3], *before[2::3], *again]:
            visitor.tell(dropped=False)
            visitor.close_notify()
    for visitor in before[1::3]:
        visitor.tell(outcome="stalled", dropped=True)
        # The retransmissions are as long, and get no further either; the client itself has nothing to send.
        visitor.tell_at("clients", outcome="open", closed_by=None, dropped=False)
        visitor.drop()


def _converse(lab: Lab, server: Address) -> None:
    """All clients beside each other: they ask for much and little, and leave politely."""
    with Crowd() as crowd:
        for number in range(int(lab.settings["clients"])):
            crowd.send(partial(_ask, lab, server, VERSIONS[number % 2], lab.client_host(f"client{number + 1}")))
            time.sleep(0.05)


def _ask(lab: Lab, server: Address, version: str, at: str) -> None:
    context = client_context(lab, version=version)
    first = Visitor(lab, server, context, at=at)
    for size in (100, 20000, 300, 5000):
        first.say(f"say {size}")
    session = first.saved()
    first.tell(dropped=False)
    first.close_notify()
    again = Visitor(lab, server, context, at=at, session=session)
    again.say("say 8000")
    again.tell(dropped=False)
    again.close_notify()


def _talk_small(visitors: list[Visitor]) -> None:
    for visitor in visitors:
        visitor.say("say 200")


SCENARIOS = (
    Scenario(
        "packet-loss",
        "A line that loses and reorders packets, captured before and behind it: retransmissions, and sessions that all "
        "end well.",
        packet_loss,
        line=("clients", "wire", "servers"),
        transparent=("wire",),
        points=("clients", "servers"),
        needs_namespaces=True,
        settings={"lost": 0.03, "late": 0.05, "clients": 8},
        may_be_zero=("lost", "late"),
        seconds=10,
    ),
    Scenario(
        "capture-loss",
        "A good line, and a capture that lacks packets, as from a tap that was too slow: nothing went wrong on the "
        "network.",
        capture_loss,
        settings={"lost": 0.03, "clients": 8},
        may_be_zero=("lost",),
        seconds=5,
    ),
    Scenario(
        "mtu-blackhole",
        "A path that loses large packets and tells nobody: full handshakes and large answers vanish, resumed "
        "handshakes and small answers do not.",
        mtu_blackhole,
        line=("clients", "wire", "servers"),
        transparent=("wire",),
        points=("clients", "servers"),
        needs_namespaces=True,
        settings={"mtu": 1400, "patience_s": 5.0},
        seconds=8,
    ),
)
