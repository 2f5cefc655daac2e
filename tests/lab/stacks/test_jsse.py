"""What Jsse.java prints at either end, with Java 17."""

from __future__ import annotations

from tlscap.lab.stacks.jsse import facts, handshakes, lines_of

CLIENT = """\
handshake TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 CN=app.example,O=Example
asks
handshake TLSv1.2 TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 CN=app.example,O=Example
line welcome
closes
end
"""
SERVER = """\
10.20.1.1 40001 handshake TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 none
10.20.1.1 40001 asks
10.20.1.1 40002 handshake TLSv1.3 TLS_AES_256_GCM_SHA384 CN=alice,O=Example
10.20.1.1 40001 end
"""


def test_tells_the_first_handshake_s_cipher_and_counts_the_others() -> None:
    row = facts(CLIENT.splitlines())
    assert (row["version"], row["cipher"]) == ("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
    assert row["renegotiations_completed"] == 1


def test_tells_clients_of_a_server_apart() -> None:
    first, second = (lines_of(SERVER, ("10.20.1.1", port)) for port in (40001, 40002))
    assert first[1:] == ["asks", "end"]
    assert [peer for _, _, peer in handshakes(first) + handshakes(second)] == ["none", "CN=alice,O=Example"]
    assert "renegotiations_completed" not in facts(second)


def test_says_nothing_where_no_handshake_was_done() -> None:
    assert facts(["error Received fatal alert: handshake_failure"]) == {}
