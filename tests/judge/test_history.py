"""The handshake as a word, and the rows of its messages."""

from __future__ import annotations

import pytest

from engine import conversation, samples
from engine.conversation import TLS12, TLS13
from engine.playbook import CLIENT, SERVER, Play, watch
from judge.flights import FINISHED, hidden, tls13, tls13_play
from judge.test_ending import written
from tlscap.judge.history import LETTERS, MAX_LETTERS
from tlscap.judge.verdict import MAX_MESSAGES


def word(steps: conversation.Steps, closed_by: int = CLIENT) -> str:
    return watch(Play().open().speak(steps).close(closed_by).packets).verdict.history


WORDS = {
    "CsxknGI[F]ti[f]Dd[L]": conversation.tls12,
    "CsxkrnXGYI[F]ti[f]Dd[L]": lambda: conversation.tls12_mutual(True),
    "CsxkrnXGI[F]ti[f]Dd[L]": lambda: conversation.tls12_mutual(False),
    "Csi[f]I[F]Dd[L]": lambda: conversation.tls12_resumed(False),
    "CsxknL": lambda: conversation.distrusted(TLS12),
    "Cl": conversation.no_common_version,
    "Csi[oxyf]I[F]dDd[L]": conversation.tls13,
    "Csi[of]I[F]dDd[L]": conversation.tls13_resumed,
    "Csi[orxyf]I[XYF]dDd[L]": lambda: conversation.tls13_mutual(True),
    "Csi[orxyf]I[XF]dDd[L]": lambda: conversation.tls13_mutual(False),
    "Csi[orxyf]I[XFl]": conversation.tls13_certificate_required,
    "CjiICs[oxyfF]dDd[L]": conversation.tls13_hello_retry,
    "Csi[oxyf]L": lambda: conversation.distrusted(TLS13),
}


@pytest.mark.parametrize("expected", WORDS)
def test_spells_a_conversation(expected: str) -> None:
    assert word(WORDS[expected]()) == expected


def test_spells_a_renegotiation_in_brackets() -> None:
    def said(name: str, number: int) -> str:
        return word(samples.conversation(name, samples.truths(name)[number]))

    assert said("renegotiation-refused", 0) == "CsxknGI[F]ti[f]Dd[ClL]"
    assert said("renegotiation-refused", 5) == "CsxknGI[F]ti[f]Dd[hLl]"
    assert said("renegotiation-ok", 0) == "CsxknGI[F]ti[f]Dd[CsxknGIFtif]Dd[CsxknGIFtif]Dd[Ll]"
    assert said("renegotiation-ok", 5) == "CsxknGI[F]ti[f]Dd[hCsifIF]Dd[Ll]"
    assert said("renegotiation-ok", 7) == "CsxknGI[F]i[f]Dd[hCsxkrnXGYIFif]Dd[Ll]"


def test_a_run_of_data_is_one_letter_until_something_else_comes() -> None:
    assert watch(written("Cq Cq Cq Sa Sa Cq").packets).verdict.history.endswith("i[f]DdD")


def test_a_flight_of_another_shape_is_left_as_data() -> None:
    assert tls13(client=[700 + FINISHED], after=[(SERVER, 250)]).verdict.history.startswith("Cs[oxyf]D")


def test_stops_after_a_number_of_letters() -> None:
    for letters, more in ((MAX_LETTERS, ""), (MAX_LETTERS + 1, "…")):
        play = tls13_play(after=[])
        known = len("CsoxyfF")
        for i in range(letters - known):
            play.send(i % 2, hidden(100))
        history = watch(play.packets).verdict.history
        assert len(history.replace("[", "").replace("]", "").rstrip("…")) == MAX_LETTERS
        assert history.endswith("…") is bool(more)


def test_brackets_stand_in_pairs_also_where_the_word_is_cut() -> None:
    for extra in range(8):
        play = written("Cq Sa " * (90 + extra) + "Cn Sn Cf Sf")
        history = watch(play.packets).verdict.history
        assert history.count("[") == history.count("]")


def test_every_letter_stands_for_one_kind_of_message() -> None:
    doubled = {"x"}  # a compressed certificate is one
    letters = [letter for letter in LETTERS.values() if letter not in doubled]
    assert len(letters) == len(set(letters))
    assert not set(letters) & {"i", "l", "d", "b", "z"}


def test_lists_the_messages_of_the_first_handshake() -> None:
    seen = watch(Play().open().speak(conversation.tls12()).close(CLIENT).packets)
    (handshake,) = seen.verdict.handshakes
    assert [(row.sender, row.type) for row in handshake.messages] == [
        ("client", "client_hello"),
        ("server", "server_hello"),
        ("server", "certificate"),
        ("server", "server_key_exchange"),
        ("server", "server_hello_done"),
        ("client", "client_key_exchange"),
        ("client", "change_cipher_spec"),
        ("client", "encrypted"),
        ("server", "new_session_ticket"),
        ("server", "change_cipher_spec"),
        ("server", "encrypted"),
    ]
    assert [row.frame for row in handshake.messages] == sorted(row.frame for row in handshake.messages)
    assert handshake.messages[0].length == len(conversation.tls12()[0][1]) - 9
    assert handshake.data_afterwards
    assert handshake.duration_ns == seen.verdict.handshake_ns


def test_lists_no_more_messages_than_the_limit() -> None:
    play = Play().open().speak(conversation.tls12()[:1])
    for _ in range(MAX_MESSAGES + 10):
        play.send(SERVER, b"\x15\x03\x03\x00\x02\x01\x70")
    (handshake,) = watch(play.packets).verdict.handshakes
    assert len(handshake.messages) == MAX_MESSAGES


def test_a_failed_handshake_names_the_alert_that_ended_it() -> None:
    seen = watch(Play().open().speak(conversation.distrusted(TLS12)).close(CLIENT).packets)
    (handshake,) = seen.verdict.handshakes
    assert (handshake.outcome, handshake.ended_by_alert) == ("failed", "unknown_ca")


def test_a_connection_under_way_has_no_first_handshake() -> None:
    seen = watch(Play().speak(conversation.tls12()[4:]).packets)
    assert seen.verdict.handshakes == []
