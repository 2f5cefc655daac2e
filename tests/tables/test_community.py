from __future__ import annotations

from ipaddress import ip_address

import numpy as np
import pytest

from tlscap.tables.community import community_digest, community_text, community_texts

# From the baselines of the specification's own repository (corelight/community-id-spec).
KNOWN = [
    ("128.232.110.120", 34855, "66.35.250.204", 80, 6, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
    ("192.168.1.52", 54585, "8.8.8.8", 53, 17, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
]


@pytest.mark.parametrize(("a", "a_port", "b", "b_port", "protocol", "text"), KNOWN)
def test_is_what_the_specification_says_in_both_directions(a, a_port, b, b_port, protocol, text) -> None:
    a, b = ip_address(a).packed, ip_address(b).packed
    assert community_text(community_digest(a, a_port, b, b_port, protocol)) == text
    assert community_text(community_digest(b, b_port, a, a_port, protocol)) == text


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    digests = [community_digest(bytes(4), port, b"\x0a\0\0\1", 443, 6) for port in range(100)]
    matrix = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 20)
    assert community_texts(matrix).decode() == "".join(map(community_text, digests))
    assert community_texts(matrix[:0]) == b""
