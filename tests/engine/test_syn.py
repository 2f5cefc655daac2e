"""SYNs that come twice with different numbers, as from a middlebox that answers for a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.conversation import tls12
from engine.playbook import CLIENT, Packet, Play, essence, watch

PACKETS = Play().open().speak(tls12()).close(CLIENT).packets
SYN, SYN_ACK, REST = PACKETS[0], PACKETS[1], PACKETS[2:]
FOREIGN = replace(SYN_ACK, seq=SYN_ACK.seq + 123_456_789)


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([FOREIGN, SYN_ACK], id="before"),
        pytest.param([SYN_ACK, FOREIGN], id="behind"),
        pytest.param([FOREIGN, SYN_ACK, SYN_ACK, FOREIGN], id="around"),
    ],
)
def test_of_two_answers_the_one_counts_that_the_client_acknowledges(answers: list[Packet]) -> None:
    plain, strange = watch(PACKETS), watch([SYN, *answers, *REST])
    assert essence(strange.verdict) == essence(plain.verdict)
    assert strange.facts.server.missing_bytes == 0


def test_a_foreign_answer_in_mid_stream_changes_nothing() -> None:
    late = replace(FOREIGN, ns=PACKETS[12].ns)
    plain, strange = watch(PACKETS), watch([*PACKETS[:12], late, *PACKETS[12:]])
    assert essence(strange.verdict) == essence(plain.verdict)
