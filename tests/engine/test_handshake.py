"""Handshake messages: read once, whatever their order, and never beyond their limits."""

from __future__ import annotations

import pytest

from engine import conversation, hellos
from engine.playbook import CLIENT, SERVER, Play, Seen, watch
from engine.test_record import record
from tlscap.engine.events import HANDSHAKE, HIDDEN
from tlscap.engine.facts import ROLES_HELLO
from tlscap.engine.fields import digest
from tlscap.engine.limits import Limits

CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET, CERTIFICATE, SERVER_KEY_EXCHANGE, FINISHED = 1, 2, 4, 11, 12, 20
HELLO_RETRY_REQUEST = 6
HELLO_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3) + body


def said(*messages: tuple[int, int, bytes], limits: Limits | None = None) -> Seen:
    """Messages in the clear, a record each: side, type, body."""
    play = Play().open()
    for side, kind, body in messages:
        play.send(side, record(HANDSHAKE, message(kind, body)))
    return watch(play.packets, limits)


ASKED = (CLIENT, CLIENT_HELLO, hellos.client_hello(session_id=b"a" * 32))
ANSWERED = (SERVER, SERVER_HELLO, hellos.server_hello())


def test_each_message_is_an_event_in_whatever_order() -> None:
    body = bytes(20)
    seen = said(ASKED, ANSWERED, (CLIENT, FINISHED, body), (SERVER, 14, b""), (SERVER, CERTIFICATE, bytes(3)))
    kinds = [(side, detail, length) for side, kind, detail, length in seen.events if kind == HANDSHAKE]
    asked, answered = len(ASKED[2]), len(ANSWERED[2])
    assert kinds == [
        (CLIENT, CLIENT_HELLO, asked),
        (SERVER, SERVER_HELLO, answered),
        (CLIENT, FINISHED, 20),
        (SERVER, 14, 0),
        (SERVER, CERTIFICATE, 3),
    ]


def test_a_message_of_no_known_type_is_taken_for_encrypted() -> None:
    seen = said(ASKED, ANSWERED, (SERVER, 99, bytes(30)))
    assert seen.events[-1] == (SERVER, HANDSHAKE, HIDDEN, 34)


def test_the_first_server_hello_counts() -> None:
    seen = said(ASKED, ANSWERED, (SERVER, SERVER_HELLO, hellos.server_hello(cipher=0x002F)))
    assert seen.facts.server_hello.cipher == 0xC02F


def test_the_last_client_hello_before_the_answer_counts() -> None:
    second = (CLIENT, CLIENT_HELLO, hellos.client_hello(session_id=b"b" * 32))
    third = (CLIENT, CLIENT_HELLO, hellos.client_hello(session_id=b"c" * 32))
    seen = said(ASKED, second, ANSWERED, third)
    assert seen.facts.client_hello.session_id == b"b" * 32
    assert seen.facts.hello_frame == 4


def test_a_hello_retry_request_is_no_server_hello() -> None:
    retry = hellos.server_hello([hellos.supported_versions(0x0304)[:4] + b"\x03\x04"], random=HELLO_RETRY_RANDOM)
    seen = said(ASKED, (SERVER, SERVER_HELLO, retry), ASKED)
    assert seen.facts.hello_retry is not None
    assert seen.facts.server_hello is None
    assert seen.events[1][2] == HELLO_RETRY_REQUEST


def test_turns_the_roles_when_a_hello_comes_from_the_other_side() -> None:
    play = Play().open().send(SERVER, b"junk").send(SERVER, record(HANDSHAKE, message(*ASKED[1:])))
    seen = watch(play.packets)
    assert seen.facts.roles == ROLES_HELLO
    assert seen.facts.client.port == 443
    assert seen.events[0][0] == CLIENT


def test_the_first_hello_decides_the_roles() -> None:
    seen = said(ASKED, (CLIENT, SERVER_HELLO, ANSWERED[2]))
    assert seen.facts.client.port == 40000
    assert [side for side, *_ in seen.events] == [CLIENT, CLIENT]


def ticket(lifetime: int, content: bytes) -> tuple[int, int, bytes]:
    return SERVER, NEW_SESSION_TICKET, lifetime.to_bytes(4) + len(content).to_bytes(2) + content


@pytest.mark.parametrize("lifetime", [0, 300, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_reads_a_ticket(lifetime: int) -> None:
    facts = said(ASKED, ANSWERED, ticket(lifetime, b"t" * 192)).facts
    assert facts.ticket_lifetime_s == lifetime
    assert facts.ticket_length == 192
    assert facts.ticket_issued == digest(b"t" * 192, 0, 192)


def test_an_empty_ticket_is_none_to_come_back_with() -> None:
    facts = said(ASKED, ANSWERED, ticket(300, b"")).facts
    assert (facts.ticket_length, facts.ticket_issued) == (0, b"")


@pytest.mark.parametrize("cut", range(1, 8))
def test_notes_a_ticket_that_ends_too_early(cut: int) -> None:
    side, kind, body = ticket(300, b"tt")
    seen = said(ASKED, ANSWERED, (side, kind, body[:-cut]))
    assert "malformed_new_session_ticket" in seen.anomalies
    assert seen.facts.ticket_length == -1


@pytest.mark.parametrize(
    ("body", "group"),
    [
        (b"\x03\x00\x1d\x20" + bytes(32), 29),
        (b"\x03\x00\x17\x41" + bytes(65), 23),
        (b"\x03\x00\x17\x20" + bytes(32), 0),  # not the length of that group's values
        (b"\x03\x00\x1d\x20" + bytes(31), 0),
        (b"\x01\x00\x1d\x20" + bytes(32), 0),  # an explicit curve
        (b"\x00\x80" + bytes(200), 0),  # DHE begins with the length of its prime
        (b"", 0),
    ],
)
def test_names_the_group_of_an_ecdhe_key_exchange(body: bytes, group: int) -> None:
    assert said(ASKED, ANSWERED, (SERVER, SERVER_KEY_EXCHANGE, body)).facts.key_exchange_group == group


@pytest.mark.parametrize("mss", [1460, 3])
def test_reads_no_message_beyond_the_limit_and_goes_on_behind_it(mss: int) -> None:
    for size, read in ((1000, True), (1001, False)):
        play = Play(mss=mss).open()
        for side, kind, body in (ASKED, ANSWERED, (SERVER, CERTIFICATE, bytes(size)), ticket(7, b"ticket")):
            play.send(side, record(HANDSHAKE, message(kind, body)))
        seen = watch(play.packets, Limits(message_bytes=1000))
        assert (seen.facts.server.certificate_length == size) is read
        assert ("message_too_large" in seen.anomalies) is not read
        assert seen.facts.ticket_length == 6
        assert [detail for _, _, detail, _ in seen.events][2:] == [CERTIFICATE, NEW_SESSION_TICKET]


def test_a_message_that_never_ends_costs_the_limit_and_no_more() -> None:
    play = (
        Play().open().speak(conversation.tls12()[:1]).send(SERVER, record(HANDSHAKE, b"\x0b\xff\xff\xff" + bytes(1000)))
    )
    for _ in range(5):
        play.send(SERVER, record(HANDSHAKE, bytes(16_000)))
    seen = watch(play.packets)
    assert seen.anomalies == ["message_too_large"]
    assert seen.events[1:] == [(SERVER, HANDSHAKE, CERTIFICATE, 0xFFFFFF)]


def test_reads_a_client_hello_in_sslv2_s_format() -> None:
    """RFC 5246 §E.2: what offers TLS 1.2 to a server that may know no more than SSLv2."""
    ciphers = b"\x00\x00\x2f\x07\x00\xc0"
    body = b"\x01\x03\x03" + b"\x00\x06\x00\x00\x00\x10" + ciphers + b"r" * 16
    hello = (0x8000 | len(body)).to_bytes(2) + body
    for mss in (1, 3, 1460):
        play = Play(mss=mss).open().send(CLIENT, hello).speak(conversation.tls12()[1:])
        seen = watch(play.packets)
        assert seen.facts.client_hello.sslv2
        assert seen.facts.client_hello.client_version == 0x0303
        assert seen.events[0] == (CLIENT, HANDSHAKE, CLIENT_HELLO, len(body))
        assert seen.verdict.handshake == "full"
        assert seen.facts.hello_frame > 0


def test_notes_what_is_wrong_with_a_hello() -> None:
    seen = said((CLIENT, CLIENT_HELLO, ASKED[2][:60]))
    assert "malformed_client_hello" in seen.anomalies
    seen = said(ASKED, (SERVER, SERVER_HELLO, ANSWERED[2][:36]))
    assert "malformed_server_hello" in seen.anomalies
