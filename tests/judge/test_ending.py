"""Who ended a connection, how, and whether a session was dropped: DESIGN's table, played through."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from engine import conversation, samples
from engine.conversation import TLS12, TLS13
from engine.playbook import ACK, CLIENT, FIN, SERVER, Play, Seen, watch
from tlscap.engine.limits import Limits

VERSIONS = [pytest.param(TLS12, id="TLS 1.2"), pytest.param(TLS13, id="TLS 1.3")]


def play(script: str, version: object = TLS12) -> Seen:
    """Plays what a script says after the handshake, a word each.

    `Cq` a request, `Sa` an answer, `Cn` `Sn` close_notify, `Cf` `Sf` FIN, `Cr` `Sr` RST, `w5` five seconds.
    """
    return watch(written(script, version).packets)


def written(script: str, version: object = TLS12) -> Play:
    parts = conversation.parts(version)
    play = Play().open().speak(parts.handshake)
    for word in script.split():
        side = SERVER if word[0] == "S" else CLIENT
        if word[0] == "w":
            play.wait(float(word[1:]))
        elif word[1] in "qa":
            play.send(side, parts.request if side == CLIENT else parts.response)
        elif word[1] == "n":
            play.send(side, parts.goodbye[side])
        elif word[1] == "f":
            play.fin(side)
        else:
            play.rst(side)
    return play


@dataclass(frozen=True)
class End:
    """An expectation: outcome, closed_by, closed_how, closed_phase."""

    outcome: str
    by: str | None
    how: str | None
    phase: str | None = "data"
    dropped: bool = False
    pending: bool | None = False
    idle: bool = False


ENDS = {
    # Orderly, with every order of what follows.
    "Cq Sa Cn Cf Sf": End("completed", "client", "close_notify_fin"),
    "Cq Sa Cn Cf Sn Sf": End("completed", "client", "close_notify_fin"),
    "Cq Sa Cn Sn Cf Sf": End("completed", "client", "close_notify_fin"),
    "Cq Sa Sn Sf Cn Cf": End("completed", "server", "close_notify_fin"),
    "Cq Sa Sn Sf Cf": End("completed", "server", "close_notify_fin"),
    # A RST after any FIN or close_notify is a kernel's answer to late bytes.
    "Cq Sa Cn Cf Sf Cr": End("completed", "client", "close_notify_reset"),
    "Cq Sa Cn Cf Sn Sf Cr Cr": End("completed", "client", "close_notify_reset"),
    "Cq Sa Cn Cr": End("completed", "client", "close_notify_reset"),
    "Cq Sa Cn Sr": End("completed", "client", "close_notify_reset"),
    "Cq Sa Sn Sf Cr": End("completed", "server", "close_notify_reset"),
    "Cq Sa Cn Cf Sf w60 Sr": End("completed", "client", "close_notify_reset"),
    "Cq Sa Cf Sr": End("truncated", "client", "fin_reset"),
    "Cq Sa Cf Sf Sr": End("truncated", "client", "fin_reset"),
    "Cq Sa Sf Cr": End("truncated", "server", "fin_reset"),
    # Behind a FIN that no close_notify announced OpenSSL's alert is a decode_error.
    "Cq Sa Sf Cn Cf Sr": End("truncated", "server", "fin_reset"),
    # FIN without a close_notify.
    "Cq Sa Cf Sf": End("truncated", "client", "fin"),
    "Cq Sa Sf Cf": End("truncated", "server", "fin"),
    # Resets; a client that hangs up rudely after its answer drops nothing.
    "Cq Sa Cr": End("reset", "client", "reset"),
    "Cq Sa Sr": End("reset", "server", "reset", dropped=True),
    "Cq Sa Cq Sr": End("reset", "server", "reset", dropped=True, pending=True),
    "Cq Sa Cq Cr": End("reset", "client", "reset", dropped=True, pending=True),
    # A request that was never answered.
    "Cq Sa Cq Sf Cf": End("truncated", "server", "fin", dropped=True, pending=True),
    "Cq Sa Cq Sn Sf Cf": End("completed", "server", "close_notify_fin", dropped=True, pending=True),
    "Cq Sa Cq Cn Cf Sf": End("completed", "client", "close_notify_fin", pending=True),
    "Cq Sa Cq Cf Sf": End("truncated", "client", "fin", pending=True),
    # After a silence with nothing pending it is idle, whoever ended it and how.
    "Cq Sa w30 Sf Cf": End("truncated", "server", "fin", idle=True),
    "Cq Sa w30 Sr": End("reset", "server", "reset", idle=True),
    "Cq Sa w30 Cr": End("reset", "client", "reset", idle=True),
    "Cq Sa w30 Cn Cf Sf": End("completed", "client", "close_notify_fin", idle=True),
    "Cq Sa w30 Sn Sf Cf": End("completed", "server", "close_notify_fin", idle=True),
    "Cq Sa Cq w30 Sr": End("reset", "server", "reset", dropped=True, pending=True),
    # Sessions without application data.
    "Cn Cf Sf": End("completed", "client", "close_notify_fin", "no_data", pending=None),
    "Cf Sf": End("truncated", "client", "fin", "no_data", pending=None),
    "Cr": End("reset", "client", "reset", "no_data", pending=None),
    "w20 Sf Cf": End("truncated", "server", "fin", "no_data", pending=None),
    "w20 Sn Sf Cf": End("completed", "server", "close_notify_fin", "no_data", pending=None),
    "w20 Sr": End("reset", "server", "reset", "no_data", dropped=True, pending=None),
    # The capture ended first.
    "": End("open", None, None, None, pending=None),
    "Cq Sa": End("open", None, None, None, pending=None),
    "Cq": End("open", None, None, None, pending=None),
    # Half closed, and the capture ended.
    "Cq Sa Cn Cf": End("completed", "client", "close_notify_fin"),
    "Cq Sa Cf": End("truncated", "client", "fin"),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("script", ENDS)
def test_tells_how_a_session_ended(script: str, version: object) -> None:
    verdict, expected = play(script, version).verdict, ENDS[script]
    assert (verdict.outcome, verdict.closed_by, verdict.closed_how) == (expected.outcome, expected.by, expected.how)
    assert verdict.closed_phase == expected.phase
    assert verdict.pending is expected.pending
    assert verdict.closed_idle is expected.idle
    assert verdict.dropped is expected.dropped
    assert (verdict.drop_confidence is not None) is verdict.dropped


@pytest.mark.parametrize("version", VERSIONS)
def test_is_less_sure_of_a_drop_that_only_an_unanswered_request_tells(version: object) -> None:
    assert play("Cq Sa Cq Sf Cf", version).verdict.drop_confidence < 0.7
    assert play("Cq Sa Cq Sr", version).verdict.drop_confidence > 0.7


@pytest.mark.parametrize("version", VERSIONS)
def test_measures_the_silence_before_the_end(version: object) -> None:
    verdict = play("Cq Sa w30 Sf Cf", version).verdict
    assert 29.9e9 < verdict.idle_before_close_ns < 30.1e9
    assert verdict.last_data_ns > 0


@pytest.mark.parametrize("version", VERSIONS)
def test_points_at_the_frames_that_prove_the_end(version: object) -> None:
    script = written("Cq Sa Cn Cf Sf", version)
    seen = watch(script.packets)
    closing = len(script.packets) - 3  # close_notify, its acknowledgment, FIN, FIN
    assert seen.verdict.evidence == [closing, closing + 2, closing + 3]


@pytest.mark.parametrize("version", VERSIONS)
def test_says_that_an_encrypted_close_is_inferred(version: object) -> None:
    verdict = play("Cq Sa Cn Cf Sf", version).verdict
    assert verdict.outcome_basis == "inferred"
    assert 0.7 < verdict.outcome_confidence < 1
    (alert,) = verdict.alerts
    assert (alert.sender, alert.level, alert.description) == ("client", "warning", "close_notify")
    assert alert.encrypted


@pytest.mark.parametrize(
    ("steps", "by"),
    [
        (lambda: conversation.distrusted(TLS12), "client"),
        (lambda: conversation.distrusted(TLS13), "client"),
        (lambda: conversation.no_common_version(), "server"),
        (lambda: conversation.tls13_certificate_required(), "server"),
    ],
    ids=["distrusted", "distrusted in TLS 1.3", "no common version", "certificate required"],
)
@pytest.mark.parametrize("closing", ["fin", "reset", "nothing"])
def test_a_refused_handshake_has_failed_whatever_follows(steps, by: str, closing: str) -> None:
    script = Play().open().speak(steps())
    side = CLIENT if by == "client" else SERVER
    if closing == "fin":
        script.close(side)
    elif closing == "reset":
        script.rst(side)
    verdict = watch(script.packets).verdict
    if closing == "nothing" and not any(alert.level == "fatal" for alert in verdict.alerts):
        assert verdict.outcome == "open"
        return
    assert verdict.outcome == "handshake_failed"
    assert verdict.handshake_outcome == "failed"
    assert verdict.closed_by == by
    assert verdict.closed_phase == "handshake"
    assert verdict.established is False
    assert not verdict.dropped


@pytest.mark.parametrize("messages", [1, 2, 3])
@pytest.mark.parametrize(
    ("end", "by", "how"), [("Cf", "client", "fin"), ("Sf", "server", "fin"), ("Sr", "server", "reset")]
)
def test_a_handshake_that_is_left_in_the_middle_has_failed(messages: int, end: str, by: str, how: str) -> None:
    script = Play().open().speak(conversation.tls12()[:messages])
    side = CLIENT if end[0] == "C" else SERVER
    script.fin(side) if end[1] == "f" else script.rst(side)
    verdict = watch(script.packets).verdict
    assert (verdict.outcome, verdict.closed_by, verdict.closed_how) == ("handshake_failed", by, how)
    assert not verdict.dropped


def test_a_refused_renegotiation_ends_a_session_only_if_no_data_follows() -> None:
    truth = samples.truths("renegotiation-refused")[0]
    steps = samples.conversation("renegotiation-refused", truth)
    script = Play().open().speak(steps).close(CLIENT)
    verdict = watch(script.packets).verdict
    assert (verdict.outcome, verdict.dropped, verdict.closed_phase) == ("renegotiation_failed", True, "renegotiation")
    # The client puts up with the server's warning: it goes on where it would have sent its own alert.
    data = [step for step in steps if step[1][0] == 23]
    script = Play().open().speak(steps[:-1]).speak(data).close(CLIENT)
    verdict = watch(script.packets).verdict
    assert verdict.outcome == "truncated"
    assert verdict.renegotiations_refused == 1
    assert not verdict.dropped


def stalled(resent: int, first_s: float = 0.2) -> Play:
    """A request that is sent again, ever later, and never answered."""
    script = written("Cq Sa Cq")
    script.packets.pop()  # the acknowledgment
    wait = first_s
    for _ in range(resent):
        script.wait(wait).again()
        wait *= 2
    return script


def test_a_session_is_stalled_when_retransmissions_go_unanswered() -> None:
    verdict = watch(stalled(3).packets).verdict
    assert (verdict.outcome, verdict.closed_by, verdict.closed_how) == ("stalled", "unknown", "silence")
    assert verdict.dropped
    assert verdict.pending
    assert watch(stalled(2).packets).verdict.outcome == "open"


def test_a_burst_of_retransmissions_at_the_end_of_the_capture_is_no_stall() -> None:
    """Recovery from loss sends many segments again at once."""
    script = written("Cq Sa Cq Sa")
    response = [packet for packet in script.packets if packet.sender == SERVER and packet.payload][-3:]
    for packet in response:
        script.again(script.packets.index(packet))
    assert watch(script.packets).verdict.outcome == "open"


def test_an_answer_ends_a_stall() -> None:
    script = stalled(4)
    script.send(SERVER, conversation.parts(TLS12).response).wait(1)
    assert watch(script.packets).verdict.outcome == "open"


MIDDLEBOX_TTL = 250


def test_a_middlebox_is_named_only_with_a_second_sign() -> None:
    lonely = written("Cq Sa").rst(SERVER, ttl=MIDDLEBOX_TTL)
    assert watch(lonely.packets).verdict.closed_by == "unknown"
    away = written("Cq Sa").rst(SERVER, ttl=MIDDLEBOX_TTL, ahead=1 << 30)
    assert watch(away.packets).verdict.closed_by == "middlebox"
    both = written("Cq Sa").rst(SERVER, ttl=MIDDLEBOX_TTL).rst(CLIENT, ttl=MIDDLEBOX_TTL)
    assert watch(both.packets).verdict.closed_by == "middlebox"
    after = written("Cq Sa").rst(SERVER, ttl=MIDDLEBOX_TTL)
    after.next_seq[SERVER] = after.packets[-1].seq
    after.packet(SERVER, 16)
    assert watch(after.packets).verdict.closed_by == "middlebox"


@pytest.mark.parametrize(("script", "side", "dropped"), [
    ("Cq Sa", SERVER, True), ("Cq Sa", CLIENT, False), ("Cq Sa Cq", SERVER, True), ("Cq Sa Cq", CLIENT, True),
])  # fmt: skip
def test_a_strange_ttl_alone_says_neither_that_the_client_left_nor_that_it_was_thrown_out(
    script: str, side: int, dropped: bool
) -> None:
    verdict = watch(written(script).rst(side, ttl=MIDDLEBOX_TTL).packets).verdict
    assert (verdict.outcome, verdict.closed_by, verdict.dropped) == ("reset", "unknown", dropped)


@pytest.mark.parametrize("version", VERSIONS)
def test_who_ended_it_cannot_be_told_where_the_other_s_last_bytes_are_lost(version: object) -> None:
    """The client's close_notify, which the server answers, is not in the capture."""
    script = written("Cq Sa Cn Sn Sf Cf", version)
    assert watch(script.packets).verdict.closed_by == "client"
    goodbye = [packet for packet in script.packets if packet.sender == CLIENT and packet.payload][-1]
    seen = watch([packet for packet in script.packets if packet is not goodbye])
    assert seen.verdict.closed_by == "unknown"
    assert not seen.verdict.dropped


def test_fins_of_which_the_capture_has_only_the_acknowledgments_end_a_tls_1_3_session() -> None:
    """Both last records are as long as alerts, and both sides acknowledge a byte that nobody saw."""
    verdict = _without_fins("Cq Sa Cn Sn Sf Cf", TLS13).verdict
    assert (verdict.outcome, verdict.closed_by, verdict.closed_how) == ("completed", "client", "close_notify_fin")


@pytest.mark.parametrize("version", VERSIONS)
def test_says_why_it_cannot_tell_who_ended_what_must_have_ended(version: object) -> None:
    verdict = _without_fins("Cq Sa Sf Cf", version).verdict
    assert (verdict.outcome, verdict.closed_by, verdict.closed_how) == ("open", None, None)
    assert verdict.unknown["closed_by"] == verdict.unknown["closed_how"] == "not_captured"
    assert verdict.outcome_confidence < 0.9
    assert "closed_by" not in play("Cq Sa", version).verdict.unknown


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_that_lacks_packets_may_have_lost_its_end_with_them(version: object) -> None:
    script = written("Cq Sa Cq Sa", version)
    lost = [packet for packet in script.packets if packet.sender == SERVER and packet.payload][-2]
    verdict = watch([packet for packet in script.packets if packet is not lost]).verdict
    assert (verdict.outcome, verdict.unknown["closed_by"]) == ("open", "not_captured")


def test_a_reset_with_its_side_s_ttl_is_that_side_s() -> None:
    for ttl in (56, 57, 58):
        script = written("Cq Sa").rst(SERVER, ttl=ttl, ahead=1 << 30)
        assert watch(script.packets).verdict.closed_by == "server"


def test_a_middlebox_s_reset_is_less_sure() -> None:
    both = written("Cq Sa Cq").rst(SERVER, ttl=MIDDLEBOX_TTL).rst(CLIENT, ttl=MIDDLEBOX_TTL)
    verdict = watch(both.packets).verdict
    assert verdict.dropped
    assert verdict.drop_confidence < 0.9


def test_a_reset_that_nobody_believed_ends_nothing() -> None:
    parts = conversation.parts(TLS12)
    script = written("Cq Sa").rst(SERVER, ttl=MIDDLEBOX_TTL, ahead=1 << 30)
    script.next_seq[SERVER] = (script.packets[-1].seq - (1 << 30)) % (1 << 32)
    script.wait(5).send(CLIENT, parts.request).send(SERVER, parts.response)
    script.wait(5).send(CLIENT, parts.goodbye[CLIENT]).close(CLIENT)
    seen = watch(script.packets, Limits(linger_ns=1))
    assert seen.verdict.outcome == "completed"
    assert seen.verdict.closed_how == "close_notify_fin"
    assert not seen.verdict.dropped
    assert "data_after_reset" in seen.anomalies


def test_a_reset_with_data_is_noted() -> None:
    script = written("Cq Sa")
    script.packet(SERVER, 4 | 16, b"closed by policy")
    seen = watch(script.packets)
    assert seen.verdict.outcome == "reset"
    assert "reset_with_data" in seen.anomalies


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("reset", [False, True])
def test_an_answer_that_shares_its_packet_with_the_goodbye_is_one(version: object, reset: bool) -> None:
    """Servers that close behind their answer send both at once."""
    parts = conversation.parts(version)
    script = written("Cq", version)
    script.mss = 65_000
    script.send(SERVER, parts.response + parts.goodbye[SERVER]).fin(SERVER)
    script.rst(CLIENT) if reset else script.fin(CLIENT)
    verdict = watch(script.packets).verdict
    assert (verdict.outcome, verdict.closed_by) == ("completed", "server")
    assert verdict.pending is False
    assert not verdict.dropped


@pytest.mark.parametrize("version", VERSIONS)
def test_a_goodbye_that_was_never_acknowledged_is_no_request(version: object) -> None:
    """The server has hung up; what its kernel says to late bytes may be a RST, or nothing."""
    parts = conversation.parts(version)
    script = written("Cq Sa Sn Sf", version).send(CLIENT, parts.goodbye[CLIENT], acknowledged=False).fin(CLIENT)
    verdict = watch(script.packets).verdict
    assert verdict.pending is False
    assert not verdict.dropped
    script = written("Cq Sa Sn Sf", version).send(CLIENT, parts.request + parts.goodbye[CLIENT], acknowledged=False)
    assert watch(script.packets).verdict.pending


def _without_fins(script: str, version: object) -> Seen:
    """What a capture tells that lacks both FINs and has what acknowledges them."""
    play = written(script, version).packet(SERVER, ACK)
    return watch([packet for packet in play.packets if not packet.flags & FIN])
