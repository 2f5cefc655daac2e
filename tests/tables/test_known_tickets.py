"""With keys TLS 1.3 tickets are read when they are issued, and what presents them has its parent for certain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tlscap

PCAPS = Path(__file__).parent.parent.parent / "pcaps"


def rows(name: str, *, keyed: bool) -> list[dict[str, Any]]:
    capture = PCAPS / f"{name}.pcap"
    analysis = tlscap.analyze(capture, keylog=capture.with_suffix(".keys") if keyed else None)
    return [json.loads(line) for line in analysis.json_lines()]


@pytest.mark.parametrize("name", ["versions", "haproxy-mtls-tls13"])
def test_every_resumption_has_its_parent_without_doubt(name: str) -> None:
    keyed = [row for row in rows(name, keyed=True) if row["resumption"] == "psk"]
    inferred = [row for row in rows(name, keyed=False) if row["resumption"] == "psk"]
    assert keyed
    assert [row["uid"] for row in keyed] == [row["uid"] for row in inferred]
    assert all(row["resumed_from"] for row in keyed)
    assert {row["resumed_from_confidence"] for row in keyed} == {1.0}
    assert all((row["resumed_from_confidence"] or 0) < 1 for row in inferred)


def test_a_parent_came_before_and_has_the_same_name() -> None:
    told = {row["uid"]: row for row in rows("haproxy-mtls-tls13", keyed=True)}
    for row in told.values():
        if row["resumption"] == "psk":
            parent = told[row["resumed_from"]]
            assert parent["start"] < row["start"]
            assert parent["sni"] == row["sni"]


def test_what_is_inherited_from_a_known_parent_is_certain() -> None:
    inherited = [row for row in rows("haproxy-mtls-tls13", keyed=True) if row["client_certificate"] == "inherited"]
    assert inherited
    assert {row["client_certificate_confidence"] for row in inherited} == {1.0}


def test_the_lifetime_of_a_ticket_is_told_where_it_could_be_read() -> None:
    lifetimes = {row["ticket_lifetime_s"] for row in rows("versions", keyed=True) if row["version"] == "TLSv1.3"}
    assert None not in lifetimes
    assert 7200.0 in lifetimes
