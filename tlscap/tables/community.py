"""Community ID v1 (github.com/corelight/community-id-spec), the same for both directions of a flow."""

from __future__ import annotations

from binascii import b2a_base64
from hashlib import sha1
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEED = b"\x00\x00"
_TAIL = Struct(">BxHH")

DIGEST_BYTES = 20
TEXT_CHARACTERS = 30


def community_digest(a_ip: bytes, a_port: int, b_ip: bytes, b_port: int, protocol: int) -> bytes:
    """The SHA-1 that a community id is made of: seed, the smaller address and port first, protocol, ports."""
    if a_ip > b_ip or (a_ip == b_ip and a_port > b_port):
        a_ip, a_port, b_ip, b_port = b_ip, b_port, a_ip, a_port
    return sha1(_SEED + a_ip + b_ip + _TAIL.pack(protocol, a_port, b_port), usedforsecurity=False).digest()


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
