"""The ladder of one connection: every event a line, with what is known, decrypted or told from where it stands."""

from __future__ import annotations

import pytest

from engine.conversation import tls12, tls13
from engine.playbook import CLIENT, SERVER, Play, Seen, watch
from judge.flights import FINISHED, tls13_play
from tlscap.engine.decryption.keys import Keys
from tlscap.report.ladder import display_filter, render_ladder


def ladder(seen: Seen, *, frames: bool = False, files: tuple[str, ...] = ("it.pcap",)) -> list[str]:
    return list(render_ladder(seen.facts, seen.verdict, files, frames=frames))


def messages(lines: list[str]) -> list[str]:
    """The arrow and the message of each line."""
    return [" ".join(line.split()[1:3]) for line in lines[1:]]


def test_clear_messages_stand_as_they_are_and_encrypted_ones_in_brackets() -> None:
    seen = watch(Play().open().speak(tls12()).close(CLIENT).packets)
    told = messages(ladder(seen))
    assert told[:4] == ["--> SYN", "<-- SYN", "--> client_hello", "<-- server_hello"]
    assert "--> [finished]" in told
    assert "--> data" in told
    assert told[-2:] == ["--> FIN", "<-- FIN"]


def test_the_encrypted_flights_of_tls13_are_told_with_a_confidence() -> None:
    lines = ladder(watch(Play().open().speak(tls13()).close(CLIENT).packets))
    told = [line for line in lines if "[certificate_verify]" in line]
    assert len(told) == 1
    assert "0.95" in told[0]


def test_successors_of_renegotiation_stand_in_brackets_or_as_a_note() -> None:
    late = [(SERVER, 148), (CLIENT, 57), (CLIENT, FINISHED), (CLIENT, 30), (SERVER, 31), (CLIENT, 22), (SERVER, 40)]
    lines = ladder(watch(tls13_play(after=[(SERVER, 282), (SERVER, 282), (CLIENT, 30), (SERVER, 31), *late]).packets))
    told = messages(lines)
    assert told.count("<-- [new_session_ticket]") == 2
    assert told.index("<-- [certificate_request]") + 2 == len(told) - told[::-1].index("--> [finished]") - 1
    assert [line.split()[-3:] for line in lines if "key_update" in line] == [["or", "key_update", "(0.30)"]]


def test_gaps_have_their_length() -> None:
    packets = Play().open().speak(tls12()).close(CLIENT).packets
    lost = next(i for i, packet in enumerate(packets) if packet.sender == SERVER and packet.payload)
    lines = ladder(watch(packets[:lost] + packets[lost + 1 :]))
    gap = next(line for line in lines if "(gap)" in line)
    assert str(len(packets[lost].payload)) in gap.replace(",", "")


def test_a_capture_that_ends_first_says_so() -> None:
    lines = ladder(watch(Play().open().speak(tls12()).packets))
    assert lines[-1].endswith("the capture ends")


def test_frames_stand_in_front_with_their_file_if_there_are_several() -> None:
    seen = watch(Play().open().speak(tls12()).close(CLIENT).packets)
    assert [line.split()[0] for line in ladder(seen, frames=True)[:3]] == ["frame", "1", "2"]
    assert ladder(seen, frames=True, files=("a.pcap", "b.pcap"))[1].split()[0] == "a.pcap:1"


def test_the_filter_names_both_ends_and_the_frames() -> None:
    seen = watch(Play().open().speak(tls12()).close(CLIENT).packets)
    told = display_filter(seen.facts)
    assert told.startswith("ip.addr == 10.0.0.1 && ip.addr == 192.0.2.10 && tcp.port == 40000 && tcp.port == 443")
    assert told.endswith(f"frame.number >= 1 && frame.number <= {seen.facts.last_frame}")


def test_no_line_ends_in_spaces() -> None:
    for line in ladder(watch(Play().open().speak(tls13()).close(CLIENT).packets), frames=True):
        assert line == line.rstrip()


@pytest.mark.parametrize("keyed", [False, True])
def test_decrypted_messages_say_so(keyed: bool) -> None:
    from engine.decryption.test_gaps import connections, facts_of, keys_of
    from tlscap.judge import judge

    frames = connections("renegotiation-refused")[0]
    facts = facts_of(frames, keys_of("renegotiation-refused") if keyed else Keys())
    lines = ladder(Seen(facts, judge(facts)))
    refusal = next(line for line in lines if "no_renegotiation" in line)
    assert refusal.endswith("decrypted" if keyed else "encrypted")
    assert ("[" in refusal) is not keyed
