"""A hop that changes ClientHellos on their way; both sides of it tell what it did."""

from __future__ import annotations

from tlscap.lab.lab import Lab
from tlscap.lab.scenario import Scenario
from tlscap.lab.stacks.python_ssl import TalkServer
from tlscap.lab.stacks.s_client import SClient

FAILED = {"handshake_outcome": "failed", "outcome": "handshake_failed", "dropped": False}
ONLY_12: tuple[str, ...] = ("-tls1_2",)
OFFERS: tuple[tuple[str, ...], ...] = (ONLY_12, ())
CHANGE = r"(none|split|cap-1\.2|strip-\d{1,5})"
UNSEEN = ("none", "split")
"""Changes that are in no transcript."""


def play(lab: Lab) -> None:
    """For each change one client of TLS 1.2 and one that offers TLS 1.3 too; the first and the last meet no change."""
    server = TalkServer(lab).address
    hop = lab.start_hop("hop", "tlscap.lab.hops.rewrite:Rewrite", what="none")
    changes = str(lab.settings["changes"]).split(",")
    with lab.capturing():
        for change in ["none", *changes, "none"]:
            lab.note("hop_changes", f"every ClientHello from now on: {change}")
            hop.send(f"{change}\n")
            hop.expect(f"^changes: {change}$")
            for offers in OFFERS:
                client = SClient(lab, server, *offers, "-CAfile", str(lab.authority.root))
                if change in UNSEEN or (change == "cap-1.2" and offers == ONLY_12):
                    client.connected().say("say 100")
                    client.close()
                else:
                    _fails(lab, client)


def _fails(lab: Lab, client: SClient) -> None:
    """Whoever first finds that the transcripts differ says so with an alert."""
    client.tell(**FAILED)
    [refuser] = {alert["sender"] for alert in lab.truth.open(client.source, client.server).alerts}
    client.tell(closed_by=refuser)


SCENARIOS = (
    Scenario(
        "middlebox-rewrites",
        "A transparent hop changes ClientHellos: it strips extended_master_secret (23), session_ticket (35), "
        "supported_versions (43: the version is capped at TLS 1.2), or splits the hello into two records. What the "
        "transcript shows breaks the handshake; captured on both sides of the hop.",
        play,
        line=("clients", "hop", "servers"),
        transparent=("hop",),
        points=("clients", "servers"),
        needs_namespaces=True,
        settings={"changes": "strip-23,strip-35,cap-1.2,split"},
        patterns={"changes": f"{CHANGE}(,{CHANGE})*"},
        seconds=6,
    ),
)
