"""Which of several hellos the columns of `connections` tell of."""

from __future__ import annotations

import pytest

from engine import hellos
from tables.build import client_hello, facts, server_hello, tables, verdict
from tlscap.engine.facts import Facts
from tlscap.engine.hello import parse_client_hello, parse_server_hello

HELLO_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def row_of(of: Facts) -> dict[str, object]:
    made = tables([(of, verdict(of))]).connections
    return {name: made[name][0].as_py() for name in ("ja3", "ja4", "sni", "cipher", "ja3s", "session_id_offered")}


def test_fingerprints_are_of_the_hello_before_the_server_asked_for_another() -> None:
    first, second = client_hello(alpn=()), client_hello(sni=b"second.example")
    row = row_of(facts(client_hello=second, first_profile=first.profile))
    assert (row["ja3"], row["ja4"]) == (first.profile.ja3, first.profile.ja4)
    assert row["sni"] == "second.example"


def test_a_hello_retry_without_a_server_hello_tells_the_chosen_suite() -> None:
    versions = b"\x00\x2b\x00\x02\x03\x04"
    body = b"\x03\x03" + HELLO_RETRY_RANDOM + b"\x00\x13\x02\x00" + len(versions).to_bytes(2, "big") + versions
    retry = parse_server_hello(memoryview(body))
    assert retry.hello_retry
    row = row_of(facts(client_hello=client_hello(session_id=b"\x01" * 32), server_hello=None, hello_retry=retry))
    assert (row["cipher"], row["ja3s"]) == ("TLS_AES_256_GCM_SHA384", retry.ja3s)
    assert row["session_id_offered"] is None  # TLS 1.3: the client made it up for middleboxes


def test_a_server_hello_outweighs_the_hello_retry_before_it() -> None:
    answer = server_hello(cipher=0x1301, version=b"\x03\x04")
    row = row_of(facts(server_hello=answer, hello_retry=server_hello(cipher=0x1302)))
    assert (row["cipher"], row["ja3s"]) == ("TLS_AES_128_GCM_SHA256", answer.ja3s)


ENCRYPT_THEN_MAC, NEXT_PROTOCOL, RECORD_SIZE_LIMIT = 22, 0x3374, 28


@pytest.mark.parametrize("answered", [True, False])
def test_what_changes_the_records_is_told_when_both_hellos_have_it(answered: bool) -> None:
    asked = hellos.client_hello(
        extensions=[
            hellos.extension(ENCRYPT_THEN_MAC),
            hellos.extension(NEXT_PROTOCOL),
            hellos.extension(RECORD_SIZE_LIMIT, hellos.u16(1200)),
        ]
    )
    answer = [hellos.extension(ENCRYPT_THEN_MAC), hellos.extension(NEXT_PROTOCOL, b"\x02h2")] if answered else []
    of = facts(
        client_hello=parse_client_hello(memoryview(asked)),
        server_hello=parse_server_hello(memoryview(hellos.server_hello(answer))),
    )
    row = tables([(of, verdict(of))]).connections.to_pylist()[0]
    assert (row["encrypt_then_mac"], row["npn"], row["record_size_limit"]) == (answered, answered, 1200)


def test_without_hellos_nothing_is_told_of_the_records() -> None:
    of = facts(client_hello=None, server_hello=None)
    row = tables([(of, verdict(of))]).connections.to_pylist()[0]
    assert [row[name] for name in ("encrypt_then_mac", "npn", "record_size_limit")] == [None] * 3
