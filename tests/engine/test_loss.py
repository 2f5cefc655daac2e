"""What the capture has lost, or never had: what is told must be true, and what cannot be told is unknown.

Packets that a capture lacks were still received: both ends went on as if nothing had happened.
"""

from __future__ import annotations

import pytest

from engine import conversation, samples
from engine.playbook import CLIENT, FIN, RST, SECOND, SERVER, SYN, Packet, Play, Seen, cut_to, only, watch, watch_all

DROPS = ("reset", "alert", "stalled", "handshake_failed", "renegotiation_failed")


def sample(name: str, number: int) -> conversation.Steps:
    return samples.conversation(name, samples.truths(name)[number])


CONVERSATIONS = {
    "TLS 1.2": conversation.tls12,
    "TLS 1.2 by ticket": lambda: conversation.tls12_resumed(True),
    "TLS 1.2 by session id": lambda: conversation.tls12_resumed(False),
    "TLS 1.2 mutual": lambda: conversation.tls12_mutual(True),
    "TLS 1.2 without a client certificate": lambda: conversation.tls12_mutual(False),
    "TLS 1.3": conversation.tls13,
    "TLS 1.3 without tickets": lambda: conversation.tls13(False),
    "TLS 1.3 resumed": conversation.tls13_resumed,
    "TLS 1.3 mutual": lambda: conversation.tls13_mutual(True),
    "TLS 1.3 without a client certificate": lambda: conversation.tls13_mutual(False),
    "TLS 1.3 hello retry": conversation.tls13_hello_retry,
    "TLS 1.3 refused": conversation.tls13_certificate_required,
    "TLS 1.2 distrusted": lambda: conversation.distrusted(conversation.TLS12),
    "TLS 1.3 distrusted": lambda: conversation.distrusted(conversation.TLS13),
    "renegotiation": lambda: sample("renegotiation-ok", 0),
    "renegotiation that the server asked for": lambda: sample("renegotiation-ok", 5),
    "renegotiation refused": lambda: sample("renegotiation-refused", 0),
    "renegotiation refused by the client": lambda: sample("renegotiation-refused", 5),
}


@pytest.fixture(params=CONVERSATIONS, scope="module")
def packets(request: pytest.FixtureRequest) -> list[Packet]:
    """A conversation in small segments, so that each message is in a packet of its own or in several."""
    steps = CONVERSATIONS[request.param]()
    play = Play(mss=400).open().speak(steps)
    return play.close(steps[-1][0]).packets


def contradictions(seen: Seen, true: Seen, *, cut_short: bool) -> list[str]:
    """What `seen` says although `true` says otherwise; with `cut_short` the capture ended too early."""
    said, whole = seen.verdict, true.verdict
    untold_psk = whole.external_psk is True and "external_psk" in said.unknown  # then it may be a ticket as well
    wrong = [
        f"{name} is {getattr(said, name)}, not {getattr(whole, name)}"
        for name, nothing in (
            ("version", None),
            ("handshake", "unknown"),
            ("resumption", None),
            ("client_certificate", "unknown"),
            ("external_psk", None),
            ("secure_renegotiation", None),
        )
        if getattr(said, name) not in (nothing, getattr(whole, name))
        and not (untold_psk and name in ("handshake", "resumption"))
    ]
    established = {None, whole.established, False if cut_short else None}
    if said.handshake_outcome == "unseen" and sum(kind >= 20 for _, kind, _, _ in seen.events) <= 1:
        established.add(True)  # a last record alone, of which nothing tells that it is an alert
    if said.handshake_outcome not in {"unseen", "unfinished", whole.handshake_outcome}:
        wrong.append(f"handshake_outcome is {said.handshake_outcome}")
    if said.established not in established:
        wrong.append(f"established is {said.established}")
    if said.dropped and not whole.dropped:
        wrong.append(f"dropped, with {said.drop_confidence}")
    if said.outcome in DROPS and said.outcome != whole.outcome:
        wrong.append(f"outcome is {said.outcome}")
    if said.hello_retry and not whole.hello_retry:
        wrong.append("hello_retry")
    wrong += [
        f"{name} is {getattr(said, name)}"
        for name in ("renegotiations", "renegotiations_completed", "renegotiations_refused")
        if getattr(said, name) > getattr(whole, name)
    ]
    if said.renegotiations_failed > whole.renegotiations_failed + whole.renegotiations_refused:
        wrong.append("a renegotiation failed")
    if seen.facts.server_hello and true.facts.server_hello:
        if seen.facts.server_hello.cipher != true.facts.server_hello.cipher:
            wrong.append("another cipher")
    named = {(alert.sender, alert.description) for alert in said.alerts if alert.description and alert.confidence > 0.7}
    wrong += [f"alert {name}" for name in sorted(named - {(it.sender, it.description) for it in whole.alerts})]
    return wrong


def test_says_nothing_wrong_where_any_one_packet_is_lost(packets: list[Packet]) -> None:
    true = watch(packets)
    wrong = {}
    for i in range(len(packets)):
        for seen in watch_all(packets[:i] + packets[i + 1 :]):
            if found := contradictions(seen, true, cut_short=False):
                wrong[i] = (packets[i].sender, packets[i].flags, len(packets[i].payload), found, seen.verdict.history)
    assert not wrong


def test_says_nothing_wrong_where_any_two_neighbours_are_lost(packets: list[Packet]) -> None:
    true = watch(packets)
    wrong = {}
    for i in range(len(packets) - 1):
        for seen in watch_all(packets[:i] + packets[i + 2 :]):
            if found := contradictions(seen, true, cut_short=False):
                wrong[i] = (found, seen.verdict.history)
    assert not wrong


def test_says_nothing_wrong_where_the_capture_begins_late(packets: list[Packet]) -> None:
    true = watch(packets)
    wrong = {}
    for i in range(1, len(packets)):
        for seen in watch_all(packets[i:]):
            if found := contradictions(seen, true, cut_short=False):
                wrong[i] = (found, seen.verdict.history)
    assert not wrong


def test_says_nothing_wrong_where_the_capture_ends_early(packets: list[Packet]) -> None:
    """Ended, that is, behind any packet; a connection that is still open was not ended by anybody."""
    true = watch(packets)
    closing = min(i for i, packet in enumerate(packets) if packet.flags & (FIN | RST))
    wrong = {}
    for i in range(1, len(packets)):
        for seen in watch_all(packets[:i]):
            found = contradictions(seen, true, cut_short=True)
            if seen.verdict.outcome not in ("open", true.verdict.outcome) and i <= closing:
                found.append(f"outcome is {seen.verdict.outcome}")
            if found:
                wrong[i] = (found, seen.verdict.history)
    assert not wrong


@pytest.mark.parametrize("sender", [CLIENT, SERVER])
def test_says_nothing_wrong_where_one_direction_was_captured(packets: list[Packet], sender: int) -> None:
    true = watch(packets)
    for seen in watch_all(list(filter(only(sender), packets))):
        assert not contradictions(seen, true, cut_short=False)
        assert seen.verdict.outcome_confidence < 1


@pytest.mark.parametrize("sender", [CLIENT, SERVER])
def test_says_nothing_wrong_where_one_direction_s_data_was_not_captured(packets: list[Packet], sender: int) -> None:
    true = watch(packets)
    seen = watch([packet for packet in packets if packet.sender == sender or not packet.payload])
    assert not contradictions(seen, true, cut_short=False)
    lost = sum(len(packet.payload) for packet in packets if packet.sender != sender)
    other = seen.facts.client if sender == SERVER else seen.facts.server
    assert other.missing_bytes == lost


@pytest.mark.parametrize("snaplen", [68, 96, 128, 200, 256, 300, 400, 453])
def test_says_nothing_wrong_where_packets_were_cut(packets: list[Packet], snaplen: int) -> None:
    true = watch(packets)
    for seen in watch_all(cut_to(packets, snaplen)):
        assert not contradictions(seen, true, cut_short=False)


def test_a_lost_handshake_message_does_not_make_a_rude_close_a_drop() -> None:
    packets = Play(mss=400).open().speak(conversation.tls12()).rst(CLIENT).packets
    assert watch(packets).verdict.dropped is False
    hello = next(i for i, packet in enumerate(packets) if packet.payload)
    seen = watch(packets[:hello] + packets[hello + 1 :])
    assert seen.facts.client.missing_bytes > 0
    assert (seen.verdict.pending, seen.verdict.dropped) == (False, False)


def test_a_finished_of_the_server_proves_that_of_the_client() -> None:
    """The client's second flight is lost, and the client resets when it is connected."""
    steps = conversation.tls12()
    data = next(i for i, (_, sent) in enumerate(steps) if sent[0] == 23)
    packets = Play(mss=4000).open().speak(steps[:data]).rst(CLIENT).packets
    last = max(i for i, packet in enumerate(packets) if packet.payload and packet.sender == CLIENT)
    seen = watch(packets[:last] + packets[last + 1 :])
    assert seen.facts.client.missing_bytes == len(packets[last].payload)
    assert (seen.verdict.handshake_outcome, seen.verdict.established) == ("completed", True)


@pytest.mark.parametrize("steps", [conversation.tls12, conversation.tls13], ids=["TLS 1.2", "TLS 1.3"])
def test_says_why_something_cannot_be_told(steps) -> None:
    whole = Play().open().speak(steps()).close(CLIENT).packets
    lost = [packet for packet in whole if len(packet.payload) != 1460]
    for packets, reason in (
        (cut_to(whole, 300), "cut"),
        (lost, "not_captured"),
        (list(filter(only(CLIENT), whole)), "one_sided"),
    ):
        reasons = set(watch(packets).verdict.unknown.values())
        assert reason in reasons
        assert reasons <= {reason, "encrypted"}


def test_never_raises_however_short_packets_are_cut() -> None:
    play = Play().open().speak(conversation.tls12_mutual(True)).close(CLIENT)
    true = watch(play.packets)
    for snaplen in range(1, 1515, 3):
        for seen in watch_all(cut_to(play.packets, snaplen)):
            assert not contradictions(seen, true, cut_short=False)


def test_knows_each_byte_that_was_not_captured(packets: list[Packet]) -> None:
    for i, packet in enumerate(packets):
        if not packet.payload or i < 3:
            continue
        seen = watch(packets[:i] + packets[i + 1 :])
        side = seen.facts.client if packet.sender == CLIENT else seen.facts.server
        other = seen.facts.server if packet.sender == CLIENT else seen.facts.client
        assert (side.missing_bytes, other.missing_bytes) == (len(packet.payload), 0)


def test_finds_the_records_again_behind_a_gap() -> None:
    """The ClientHello's record says TLS 1.0; those behind the gap are TLS 1.2's."""
    steps = conversation.tls12()
    play = Play().open().speak(steps[:2])
    play.next_seq[CLIENT] += len(steps[2][1])
    play.speak(steps[3:]).close(CLIENT)
    seen = watch(play.packets)
    assert seen.facts.client.missing_bytes == len(steps[2][1])
    assert seen.facts.client.data_records == 1
    assert seen.verdict.outcome == "completed"
    assert not seen.verdict.dropped


def test_finds_the_records_again_behind_bytes_that_are_none() -> None:
    steps = conversation.tls12()
    play = Play().open().speak(steps[:4]).send(SERVER, b"\xff\xfe" * 40).speak(steps[4:]).close(CLIENT)
    seen = watch(play.packets)
    assert "not_a_record" in seen.anomalies
    assert "record_boundary_found" in seen.anomalies
    assert seen.facts.server.data_records == watch(Play().open().speak(steps).packets).facts.server.data_records


def test_tells_a_connection_under_way_from_its_records_alone() -> None:
    steps = conversation.tls12()
    play = Play(step_ns=SECOND // 100).speak(steps[4:]).close(CLIENT)
    seen = watch(play.packets)
    assert not any(packet.flags & SYN for packet in play.packets)
    assert seen.verdict.established
    assert seen.verdict.handshake == "unknown"
    assert seen.verdict.unknown["handshake"] == "not_captured"
    assert seen.facts.client.port == 40000
    assert seen.verdict.outcome == "completed"
