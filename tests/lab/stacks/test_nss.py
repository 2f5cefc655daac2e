"""What tstclnt and selfserv tell of their handshakes: excerpts as NSS 3.87 wrote them."""

from __future__ import annotations

from tlscap.lab.stacks.nss import facts, versions

DONE = """\
tstclnt: SSL version 3.3 using 256-bit AES-GCM with 128-bit AEAD MAC
tstclnt: Server Auth: 256-bit ECDSA, Key Exchange: 255-bit ECDHE
         Compression: NULL, Extended Master Secret: Yes
0 cache hits; 1 cache misses, 0 cache not reusable
tstclnt: Read from server -1 bytes
"""
SERVED = """\
selfserv: About to call accept.
selfserv: SSL version 3.4 using 128-bit AES-GCM with 128-bit AEAD MAC
selfserv: 0 cache hits; 0 cache misses, 0 cache not reusable
"""


def test_each_further_handshake_is_a_renegotiation() -> None:
    once = {"version": "TLSv1.2", "handshake_outcome": "completed", "renegotiations_completed": 0}
    assert facts(DONE) == once
    assert facts(DONE * 3) == once | {"renegotiations_completed": 2}


def test_tls_1_3_has_none() -> None:
    assert facts(DONE.replace("3.3", "3.4")) == {"version": "TLSv1.3", "handshake_outcome": "completed"}


def test_says_nothing_where_no_handshake_was_done() -> None:
    assert facts("tstclnt: connecting to 10.20.2.1:4433 (address=10.20.2.1)\ntstclnt: ready...\n") == {}


def test_names_the_versions_of_a_server_s_handshakes() -> None:
    assert versions(SERVED) == ["TLSv1.3"]
