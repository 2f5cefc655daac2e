"""Captures that see one direction: what that direction says is told."""

from __future__ import annotations

import pytest

from engine.conversation import no_common_version, tls12
from engine.playbook import CLIENT, SERVER, Play, only, watch, watch_all

UNRECOGNIZED_NAME = b"\x15\x03\x03\x00\x02\x01\x70"


def test_a_refusal_alone_is_tls() -> None:
    packets = Play().open().speak(no_common_version()).close(SERVER).packets
    seen = watch([packet for packet in packets if only(SERVER)(packet)])
    assert seen.verdict.history == "l"
    assert [(alert.sender, alert.level) for alert in seen.verdict.alerts] == [("server", "fatal")]


@pytest.mark.parametrize("apart", [False, True])
def test_a_warning_in_front_of_the_server_hello_does_not_hide_it(apart: bool) -> None:
    steps = list(tls12())
    sender, answer = steps[1]
    first = [(sender, UNRECOGNIZED_NAME), (sender, answer)] if apart else [(sender, UNRECOGNIZED_NAME + answer)]
    packets = Play().open().speak([steps[0], *first, *steps[2:]]).close(CLIENT).packets
    seen = watch([packet for packet in packets if only(SERVER)(packet)])
    assert seen.verdict.history.startswith("lsxkn")
    assert seen.verdict.version == "TLSv1.2"


@pytest.mark.parametrize(
    "start", [b"\x15\x03\x03\x00\x02\x03\x28", b"\x15\x03\x03\x00\x02\x02\x28\x00", b"\x15\x03\x03\x00\x1a" + bytes(26)]
)
def test_what_is_no_clear_alert_begins_nothing(start: bytes) -> None:
    assert watch_all(Play().open().send(SERVER, start).close(SERVER).packets) == []
