"""Each distinct certificate is kept once, within limits."""

from __future__ import annotations

import zlib
from hashlib import sha256

from engine.test_certificate_compression import MESSAGE, compressed
from engine.test_certificates import CA, LEAF, listed, listed13
from tlscap.engine.certificate_store import MAX_BYTES, MAX_CERTIFICATES, MAX_CHAIN_BYTES, CertificateStore


def digest(certificate: bytes) -> bytes:
    return sha256(certificate).digest()


def test_gives_a_certificate_by_its_digest_and_where_it_was_first_seen() -> None:
    store = CertificateStore()
    message = store.read(memoryview(listed(LEAF, CA)), False, 7, 3)
    store.read(listed(CA), False, 8, 4)
    assert message.digests == (digest(LEAF), digest(CA))
    assert store.get(digest(CA)) == CA
    first = store.first_seen(digest(CA))
    assert first and (first.first_ns, first.first_frame) == (7, 3)
    assert len(store) == 2 and store.bytes == len(LEAF) + len(CA)
    assert store.get(bytes(32)) is None


def test_a_message_that_was_read_before_is_recognised() -> None:
    store = CertificateStore()
    assert store.read(listed(LEAF, CA), False, 1, 1) is store.read(listed(LEAF, CA), False, 2, 2)


def test_a_message_that_only_begins_like_another_is_read() -> None:
    store = CertificateStore()
    other = LEAF[:-1] + b"x"
    assert store.read(listed(LEAF), False, 1, 1).digests == (digest(LEAF),)
    assert store.read(listed(other), False, 2, 2).digests == (digest(other),)


def test_the_same_bytes_mean_something_else_in_tls_1_3() -> None:
    store = CertificateStore()
    body = listed13(LEAF)
    assert store.read(body, False, 1, 1).digests != store.read(body, True, 1, 1).digests == (digest(LEAF),)


def test_a_long_message_is_read_each_time() -> None:
    store = CertificateStore()
    body = listed(bytes(MAX_CHAIN_BYTES))
    assert store.read(body, False, 1, 1) is not store.read(body, False, 2, 2)
    assert len(store) == 1


def test_keeps_only_so_many_certificates_but_still_knows_their_digests() -> None:
    store = CertificateStore()
    for n in range(MAX_CERTIFICATES + 5):
        message = store.read(listed(b"x%d" % n), False, n, n)
        assert message.digests == (digest(b"x%d" % n),)
    assert len(store) == MAX_CERTIFICATES
    assert store.refused == 5


def test_keeps_only_so_many_bytes() -> None:
    store = CertificateStore()
    for n in range(MAX_BYTES // 120_000 + 2):
        store.read(listed(n.to_bytes(2) + bytes(119_998)), False, n, n)
    assert store.bytes <= MAX_BYTES
    assert store.refused == 2


def test_says_what_is_wrong_each_time() -> None:
    store = CertificateStore()
    for _ in range(2):
        assert store.read(listed(LEAF)[:-1], False, 1, 1).malformed


def test_keeps_compressed_certificates_unpacked() -> None:
    store = CertificateStore()
    message = store.read_compressed(compressed(1, zlib.compress(MESSAGE)), 1, 1)
    assert [store.get(one) for one in message.digests] == [b"\x30\x82leaf" * 50]
