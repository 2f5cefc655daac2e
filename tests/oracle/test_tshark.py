"""tshark is the oracle for what can be read in the clear: on the project's captures both must say the same."""

from __future__ import annotations

import shutil
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import tlscap
from oracle.dissect import Dissected, dissect

CAPTURES = sorted((Path(__file__).parent.parent.parent / "pcaps").glob("*.pcap*"))
KNOWN = tomllib.loads(Path(__file__).with_name("known_differences.toml").read_text(encoding="utf-8"))["difference"]
RESUMED_UP_TO = ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2")

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed: apt-get install tshark")


def connections_of(capture: Path) -> list[Dissected]:
    """tlscap's connections in the same form, in the order of their first packets."""
    analysis = tlscap.analyze([str(capture)])
    alerts: dict[str, list[tuple[str, str, str]]] = {}
    for alert in analysis.sql("select * from alerts where not encrypted order by time, frame.frame").to_pylist():
        alerts.setdefault(alert["uid"], []).append((alert["sender"], alert["level"], alert["description"]))
    rows = analysis.sql(
        "select uid, first_frame.frame as first, client_ip, client_port, server_ip, server_port, version, cipher,"
        " sni, ja3, ja3s, handshake from connections where transport = 'tcp' order by first"
    ).to_pylist()
    return [_connection(row, alerts.get(row["uid"], [])) for row in rows]


def _connection(row: dict[str, Any], alerts: list[tuple[str, str, str]]) -> Dissected:
    return Dissected(
        first_frame=row["first"],
        client=(row["client_ip"], row["client_port"]),
        server=(row["server_ip"], row["server_port"]),
        tls=True,
        **{name: row[name] for name in ("version", "cipher", "sni", "ja3", "ja3s")},
        resumed=row["handshake"] == "abbreviated",
        alerts=alerts,
    )


@pytest.fixture(scope="module", params=CAPTURES, ids=lambda path: path.name)
def both(request: pytest.FixtureRequest) -> tuple[Path, list[Dissected], list[Dissected]]:
    """A capture, tshark's connections and tlscap's."""
    return request.param, dissect(request.param), connections_of(request.param)


Both = tuple[Path, list[Dissected], list[Dissected]]


def by_ends(connections: list[Dissected], fact: str) -> dict[tuple[Any, int], Any]:
    """A fact of each connection, by its two ends and which connection between them it is."""
    met: Counter[Any] = Counter()
    facts = {}
    for connection in connections:
        met[connection.ends()] += 1
        facts[connection.ends(), met[connection.ends()]] = getattr(connection, fact)
    return facts


def skip_if_known(capture: Path, fact: str) -> None:
    for entry in KNOWN:
        if (capture.name, fact) == (entry["capture"], entry["fact"]):
            pytest.skip(entry["reason"])


def test_finds_the_same_connections_as_tshark(both: Both) -> None:
    _, theirs, ours = both
    assert by_ends(ours, "client") == by_ends(theirs, "client")


@pytest.mark.parametrize("fact", ["first_frame", "version", "cipher", "sni", "ja3", "ja3s", "alerts"])
def test_says_of_each_connection_what_tshark_says(both: Both, fact: str) -> None:
    capture, theirs, ours = both
    skip_if_known(capture, fact)
    assert by_ends(ours, fact) == by_ends(theirs, fact)


def test_calls_abbreviated_what_tshark_calls_resumed_up_to_tls_1_2(both: Both) -> None:
    capture, theirs, ours = both
    skip_if_known(capture, "resumed")
    comparable = {key for key, version in by_ends(theirs, "version").items() if version in RESUMED_UP_TO}
    said, says = by_ends(theirs, "resumed"), by_ends(ours, "resumed")
    assert {key: says[key] for key in comparable} == {key: said[key] for key in comparable}
