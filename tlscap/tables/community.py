"""Community ID v1 (github.com/corelight/community-id-spec), the same for both directions of a flow."""

from __future__ import annotations

from binascii import b2a_base64
from hashlib import sha1
from itertools import product
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tlscap.tables.arrow import Coded

_SEED = b"\x00\x00"
_TAIL = Struct(">BxHH")
_PORTS = 4

DIGEST_BYTES = 20
TEXT_CHARACTERS = 30


def community_digest(a_ip: bytes, a_port: int, b_ip: bytes, b_port: int, protocol: int) -> bytes:
    """The SHA-1 that a community id is made of: seed, the smaller address and port first, protocol, ports."""
    if a_ip > b_ip or (a_ip == b_ip and a_port > b_port):
        a_ip, a_port, b_ip, b_port = b_ip, b_port, a_ip, a_port
    return sha1(_SEED + a_ip + b_ip + _TAIL.pack(protocol, a_port, b_port), usedforsecurity=False).digest()


def community_digests(
    a_ip: Coded, a_port: NDArray[np.int32], b_ip: Coded, b_port: NDArray[np.int32], protocol: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """The digests of many flows, one a row; addresses are as bytes."""
    import numpy as np

    from tlscap.tables.sha1 import sha1_of_each

    addresses = sorted({*a_ip.keys, *b_ip.keys})
    rank = {address: number for number, address in enumerate(addresses)}
    a, b = (np.array([rank[key] for key in ip.keys], np.int64)[ip.codes] for ip in (a_ip, b_ip))
    swapped = (a > b) | ((a == b) & (a_port > b_port))
    a, b = np.where(swapped, b, a), np.where(swapped, a, b)
    ports = np.stack([np.where(swapped, b_port, a_port), np.where(swapped, a_port, b_port)], axis=1)
    size = np.array([len(address) for address in addresses], np.int64)
    longest = int(size.max(initial=0))
    octets = np.frombuffer(b"".join(address.ljust(longest, b"\0") for address in addresses), np.uint8)
    octets = octets.reshape(len(addresses), longest)
    digests = np.empty((len(a), DIGEST_BYTES), np.uint8)
    for a_size, b_size in product({*size.tolist()}, repeat=2):  # one of 4, one of 16 bytes would be strange
        rows = np.flatnonzero((size[a] == a_size) & (size[b] == b_size))
        flows = np.zeros((len(rows), len(_SEED) + a_size + b_size + _TAIL.size), np.uint8)
        flows[:, 2 : 2 + a_size] = octets[a[rows], :a_size]
        flows[:, 2 + a_size : -_TAIL.size] = octets[b[rows], :b_size]
        flows[:, -_TAIL.size] = protocol[rows]
        flows[:, -_PORTS:] = ports[rows].astype(">u2").view(np.uint8)
        digests[rows] = sha1_of_each(flows)
    return digests


def community_text(digest: bytes) -> str:
    """The community id of a digest: `1:` and its base64."""
    return "1:" + b2a_base64(digest, newline=False).decode()


def community_texts(digests: NDArray[np.uint8]) -> bytes:
    """The community ids of many digests, one a row of the matrix, one after the other."""
    import numpy as np

    count = len(digests)
    padded = np.zeros((count, DIGEST_BYTES + 1), np.uint8)  # 21 bytes are 28 characters; the last pads
    padded[:, :DIGEST_BYTES] = digests
    text = np.empty((count, TEXT_CHARACTERS), np.uint8)
    text[:, :2] = np.frombuffer(b"1:", np.uint8)
    text[:, 2:] = np.frombuffer(b2a_base64(padded.tobytes(), newline=False), np.uint8).reshape(-1, TEXT_CHARACTERS - 2)
    text[:, -1] = ord("=")
    return text.tobytes()
