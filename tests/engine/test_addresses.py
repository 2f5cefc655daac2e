from __future__ import annotations

import random

from tlscap import octets
from tlscap.engine.addresses import REMEMBERED, Addresses


def test_addresses_of_both_sizes_are_as_they_are_made() -> None:
    addresses = Addresses()
    assert addresses.get(0, 0x0A000001, 4) == bytes([10, 0, 0, 1])
    assert addresses.get(0, 0x0A000001, 16) == bytes(12) + bytes([10, 0, 0, 1])
    assert addresses.get(0, 0, 4) == bytes(4)
    assert addresses.get(0x20010DB8 << 32, 1, 16).hex() == "20010db8" + "0" * 23 + "1"


def test_an_address_that_is_asked_for_again_is_the_same_object() -> None:
    addresses = Addresses()
    assert addresses.get(0, 0x0A000001, 4) is addresses.get(0, 0x0A000001, 4)


def test_more_addresses_than_are_kept_drive_others_out_and_stay_right() -> None:
    addresses, rng = Addresses(), random.Random(7)
    every = [(rng.getrandbits(64), rng.getrandbits(64), 16) for _ in range(REMEMBERED + 1)]
    every += [(0, rng.getrandbits(32), 4) for _ in range(REMEMBERED + 1)]
    for _ in range(2):
        assert all(addresses.get(*each) == octets.address(*each) for each in every)
