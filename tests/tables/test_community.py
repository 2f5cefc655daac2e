from __future__ import annotations

from ipaddress import ip_address

import numpy as np
import pytest

from tlscap.tables.arrow import coded
from tlscap.tables.community import community_digest, community_digests, community_text, community_texts

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
    addresses = [bytes(4), b"\x0a\0\0\1", bytes(15) + b"\1", bytes(range(16))]
    flows = [
        (addresses[2 * six + a], a_port, addresses[2 * six + b], b_port, protocol)
        for six in (0, 1)
        for a in (0, 1)
        for b in (0, 1)
        for a_port, b_port in ((443, 40000), (40000, 443), (0, 65535))
        for protocol in (6, 17)
    ]
    digests = [community_digest(*flow) for flow in flows]
    a, a_port, b, b_port, protocol = zip(*flows)
    matrix = community_digests(coded(a), np.array(a_port), coded(b), np.array(b_port), np.array(protocol, np.uint8))
    assert [row.tobytes() for row in matrix] == digests
    assert community_texts(matrix).decode() == "".join(map(community_text, digests))


def test_no_connections_have_no_ids() -> None:
    none, nowhere = np.zeros(0, np.int32), coded([])
    matrix = community_digests(nowhere, none, nowhere, none, none.astype(np.uint8))
    assert matrix.shape == (0, 20)
    assert community_texts(matrix) == b""
