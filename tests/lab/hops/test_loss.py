"""The bad line, and the narrow path."""

from __future__ import annotations

from lab.hops.frames import ARP, sent
from tlscap.lab.hops.loss import Loss
from tlscap.lab.hops.narrow import Narrow


def test_loses_and_delays_about_the_shares_that_it_is_told() -> None:
    hop = Loss(0.1, 0.2, late_s=0.5, seed=3)
    fates = [list(hop.passes(sent(payload=b"x"), 0, 0.0)) for _ in range(5000)]
    assert 0.08 < sum(not fate for fate in fates) / 5000 < 0.12
    assert 0.18 < sum(bool(fate) and fate[0][0] == 0.5 for fate in fates) / 5000 < 0.22


def test_the_same_seed_loses_the_same() -> None:
    one, other = ([bool(list(hop.passes(sent(), 0, 0.0))) for _ in range(200)] for hop in (Loss(0.3), Loss(0.3)))
    assert one == other


def test_what_is_not_tcp_is_never_lost() -> None:
    assert all(list(Loss(1.0).passes(ARP, 0, 0.0)) for _ in range(20))


def test_a_narrow_path_loses_what_is_longer_than_its_mtu() -> None:
    hop = Narrow(100)
    assert list(hop.passes(sent(payload=bytes(60)), 0, 0.0))
    assert not list(hop.passes(sent(payload=bytes(61)), 0, 0.0))
    hop.command(["101"])
    assert list(hop.passes(sent(payload=bytes(61)), 0, 0.0))


def test_may_be_told_otherwise_on_the_way() -> None:
    hop = Loss(1.0)
    assert not list(hop.passes(sent(), 0, 0.0))
    hop.command(["lost", "0"])
    hop.command(["late", "1", "0.3"])
    assert list(hop.passes(sent(), 1, 0.0)) == [(0.3, 1, sent())]
