"""Connections under way when the capture begins, with records that are longer than packets."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise

import pytest

from engine import conversation
from engine.conversation import REQUEST, TLS12, TLS13, Conversation, client_context, server_context
from engine.playbook import ACK, CLIENT, PSH, SERVER, Packet, Play, watch, watch_all

VERSIONS = [pytest.param(TLS12, id="TLS 1.2"), pytest.param(TLS13, id="TLS 1.3")]


@cache
def download(version: object) -> tuple[Packet, ...]:
    """The packets of a server that sends half a megabyte in the largest records that there are."""
    talk = Conversation(client_context(version), server_context(version)).handshake().say(CLIENT, REQUEST)
    for _ in range(32):
        talk.say(SERVER, bytes(16384))
    play = Play().open().speak(talk.steps).close(CLIENT)
    return tuple(play.packets)


def from_the_middle(version: object, part: float) -> list[Packet]:
    packets = download(version)
    return list(packets[int(len(packets) * part) :])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("part", [0.3, 0.5, 0.7])
def test_records_longer_than_packets_are_found_in_mid_stream(version: object, part: float) -> None:
    packets = from_the_middle(version, part)
    seen = watch(packets)
    assert seen.verdict.handshake_outcome == "unseen"
    assert seen.facts.server.data_bytes > 0.8 * seen.facts.server.bytes
    assert seen.facts.preamble == ""


def test_one_direction_is_enough() -> None:
    packets = [packet for packet in from_the_middle(TLS12, 0.5) if packet.sender == SERVER]
    assert watch(packets).facts.server.records > 5


def test_a_long_certificate_alone_is_found() -> None:
    server = conversation.tls12()[1][1]
    at = server.index(b"\x0b", 5 + int.from_bytes(server[3:5]))  # the Certificate, behind the ServerHello's record
    size = 4 + int.from_bytes(server[at + 1 : at + 4])
    record = b"\x16\x03\x03" + size.to_bytes(2) + server[at : at + size]
    play = Play(mss=200)
    play.send(SERVER, record)
    seen = watch([packet for packet in play.packets if packet.sender == SERVER])
    assert seen.verdict.handshakes[0].messages[0].type == "certificate"
    assert seen.verdict.handshake == "full"


def test_noise_in_mid_stream_is_no_tls() -> None:
    chance = random.Random(7)
    play = Play()
    for _ in range(60):
        play.packet(SERVER, PSH | ACK, b"\x17\x03\x03\x40\x18" + chance.randbytes(1400))
    assert watch_all(play.packets) == []


@pytest.mark.parametrize("offset", range(1, 5))
def test_a_header_split_over_packets_costs_a_record(offset: int) -> None:
    record = b"\x17\x03\x03" + (3000).to_bytes(2) + bytes(3000)
    stream = record * 8
    play = Play()
    cuts = [0, 1000, 3005 + offset, 5000, 7000, 9000, 11000, 13000, 15000, 17000, 19000, 21000, len(stream)]
    for start, stop in pairwise(cuts):
        play.packet(SERVER, PSH | ACK, stream[start + 7 * (start == 0) : stop])
    assert watch(play.packets).facts.server.records >= 3


def test_what_is_left_behind_a_lost_server_hello_is_no_preamble() -> None:
    packets = Play(mss=300).open().speak(conversation.tls12()).close(CLIENT).packets
    answer = next(i for i, packet in enumerate(packets) if packet.sender == SERVER and packet.payload)
    seen = watch(packets[:answer] + packets[answer + 1 :])
    assert seen.facts.client_hello is not None
    assert seen.facts.server_hello is None
    assert seen.facts.preamble == ""


def test_what_a_server_answers_to_a_hello_is_no_preamble() -> None:
    play = Play().open().speak(conversation.tls12()[:1]).send(SERVER, b"HTTP/1.1 400 Bad Request\r\n\r\n").close(SERVER)
    assert watch(play.packets).facts.preamble == ""
