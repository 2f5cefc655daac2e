"""The firewall that forgets."""

from __future__ import annotations

from lab.hops.frames import ARP, CLIENT, SERVER, read, sent
from tlscap.lab.frame import ACK, RST, SYN
from tlscap.lab.hops.forget import OWN_TTL, Forget


def test_passes_on_what_belongs_to_a_flow_that_it_knows() -> None:
    hop = Forget(2.0)
    for now, data in ((0.0, sent(flags=SYN)), (1.5, sent(by_client=False)), (3.0, sent(payload=b"x"))):
        assert list(hop.passes(data, 0, now)) == [(0.0, 0, data)]


def test_loses_what_comes_too_late_and_goes_on_losing_it() -> None:
    hop = Forget(2.0)
    hop.passes(sent(flags=SYN), 0, 0.0)
    assert [list(hop.passes(sent(payload=b"x"), 0, now)) for now in (2.5, 2.7, 9.0)] == [[], [], []]


def test_a_new_connection_on_the_same_ports_is_a_flow_again() -> None:
    hop = Forget(2.0)
    hop.passes(sent(flags=SYN), 0, 0.0)
    hop.passes(sent(), 0, 3.0)
    assert list(hop.passes(sent(flags=SYN), 0, 4.0)) and list(hop.passes(sent(), 0, 5.0))


def test_resets_both_ends_with_numbers_that_they_take() -> None:
    hop = Forget(2.0, "reset")
    hop.passes(sent(flags=SYN), 0, 0.0)
    (_, way_back, back), (_, way_on, onward) = hop.passes(sent(payload=b"late"), 0, 3.0)
    to_client, to_server = read(back), read(onward)
    assert (way_back, way_on) == (1, 0)
    assert (to_client.source, to_client.target, to_client.sequence) == (SERVER, CLIENT, 5000)
    assert (to_server.source, to_server.target, to_server.sequence) == (CLIENT, SERVER, 1000)
    assert {segment.flags for segment in (to_client, to_server)} == {RST | ACK}
    assert {segment.ttl for segment in (to_client, to_server)} == {OWN_TTL}


def test_what_is_not_tcp_passes() -> None:
    assert list(Forget(2.0).passes(ARP, 1, 0.0)) == [(0.0, 1, ARP)]
