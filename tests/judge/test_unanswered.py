"""A ClientHello that no ServerHello answers: what was never negotiated is not there, and not unknown either."""

from __future__ import annotations

from engine.conversation import no_common_version, tls12
from engine.playbook import CLIENT, SERVER, Play, only, watch

NEGOTIATED = {"version", "handshake", "client_certificate"}


def test_an_alert_in_place_of_a_server_hello_leaves_nothing_unknown() -> None:
    seen = watch(Play().open().speak(no_common_version()).close(SERVER).packets)
    assert seen.verdict.history == "Cl"
    assert seen.verdict.version is None
    assert not NEGOTIATED & seen.verdict.unknown.keys()


def test_a_reset_in_place_of_a_server_hello_leaves_nothing_unknown() -> None:
    seen = watch(Play().open().speak(tls12()[:1]).rst(SERVER).packets)
    assert not NEGOTIATED & seen.verdict.unknown.keys()


def test_without_the_servers_packets_nobody_knows_what_it_answered() -> None:
    packets = Play().open().speak(tls12()).close(CLIENT).packets
    seen = watch([packet for packet in packets if only(CLIENT)(packet)])
    assert seen.verdict.unknown.keys() >= {"version"}


def test_without_a_hello_nobody_knows_of_a_retry() -> None:
    packets = Play().open().speak(tls12()).close(CLIENT).packets
    data = next(i for i, packet in enumerate(packets) if packet.payload[:1] == b"\x17")
    assert watch(packets).verdict.hello_retry is False
    assert watch(packets[data:]).verdict.hello_retry is None
