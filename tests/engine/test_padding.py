"""Middleboxes that count an Ethernet frame's padding as payload: zeros where no byte of the stream is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.conversation import tls12, tls13
from engine.playbook import CLIENT, PSH, SERVER, Packet, Play, essence, watch


def padded(packet: Packet, size: int) -> Packet:
    return replace(packet, payload=bytes(size)) if not packet.payload else packet


@pytest.mark.parametrize("size", [2, 6])
@pytest.mark.parametrize("steps", [tls12, tls13])
def test_padding_behind_any_packet_without_data_changes_nothing(steps, size: int) -> None:
    packets = Play().open().speak(steps()).close(CLIENT).packets
    plain, strange = watch(packets), watch([padded(packet, size) for packet in packets])
    assert essence(strange.verdict) == essence(plain.verdict)
    assert strange.facts.client.bytes == plain.facts.client.bytes
    assert strange.facts.server.missing_bytes == 0


def test_zeros_that_are_pushed_are_bytes_of_the_stream() -> None:
    play = Play().open().packet(CLIENT, PSH | 16, bytes(4)).speak(tls12()).close(SERVER)
    assert watch(play.packets).facts.preamble == "other"
