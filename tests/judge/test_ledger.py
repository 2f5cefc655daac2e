"""The list of handshakes where the capture begins in the middle of the first."""

from __future__ import annotations

from engine.conversation import tls12
from engine.playbook import CLIENT, Play, watch


def test_a_handshake_seen_from_its_middle_has_the_messages_that_were_seen() -> None:
    packets = Play().open().speak(tls12()).close(CLIENT).packets
    flights = [i for i, packet in enumerate(packets) if packet.payload]
    answer = next(i for i in flights if packets[i].sender == CLIENT and i > flights[0])
    verdict = watch(packets[answer:]).verdict
    assert verdict.handshake_outcome == "unseen"
    first = verdict.handshakes[0]
    assert (first.number, first.initiator) == (0, "client")
    assert first.messages[0].type == "client_key_exchange"


def test_a_connection_under_way_has_no_first_handshake() -> None:
    packets = Play().open().speak(tls12()).close(CLIENT).packets
    data = next(i for i, packet in enumerate(packets) if packet.payload[:1] == b"\x17")
    assert watch(packets[data:]).verdict.handshakes == []
