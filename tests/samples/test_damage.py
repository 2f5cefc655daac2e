"""A part of what `make damage` does: what is left of a damaged capture never contradicts the whole one."""

from __future__ import annotations

import os

import pytest

from samples.damage import NAMES, connections, run, truncations

IS_PLAIN = os.environ.get("TLSCAP_EXPECT_BUILD") == "plain"
"""Whether the slow build runs, which tests/build holds to what the compiled one says."""

EVERY = 31 if IS_PLAIN else 11
"""One connection of so many is damaged, by every kind of damage."""

STRIDE = 271 if IS_PLAIN else 89
"""Bytes from one truncation to the next; no divisor of anything."""


@pytest.mark.parametrize("name", NAMES)
def test_damaged_connections_contradict_nothing_that_was_on_the_wire(name: str) -> None:
    numbers = range(len(connections(name)) % EVERY // 2, len(connections(name)), EVERY)
    wrong = {(number, kind): found for number in numbers for kind, found in run(name, number, 1) if found}
    assert not wrong


@pytest.mark.parametrize("name", NAMES)
def test_a_capture_cut_behind_any_byte_contradicts_nothing(name: str) -> None:
    assert not {end: found for end, found in truncations(name, 0, STRIDE) if found}


@pytest.mark.parametrize(("number", "seed"), [(2, 1), (3, 5)])
def test_an_answer_before_its_request_and_a_reset_before_the_silence_make_no_sure_drop(number: int, seed: int) -> None:
    assert not dict(run("idle-timeout-reset-servers", number, seed))["shuffled"]


def test_a_finished_that_an_overtaking_packet_acknowledges_fails_no_handshake() -> None:
    assert not dict(run("closes", 31, 0))["shuffled"]


def test_a_psk_without_its_client_hello_may_be_an_external_one() -> None:
    assert not dict(run("versions", 24, 101))["dropped"]


@pytest.mark.parametrize(
    ("name", "number", "seed"), [("handshake-failures", 16, 106), ("renegotiation-refused", 6, 109)]
)
def test_an_alert_in_front_of_what_it_acknowledges_is_only_a_guess(name: str, number: int, seed: int) -> None:
    assert not dict(run(name, number, seed))["shuffled"]
