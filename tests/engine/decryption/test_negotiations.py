"""Which ClientHello belongs to which ServerHello, whichever direction is read first."""

from __future__ import annotations

from tlscap.engine.decryption.keys import Keys
from tlscap.engine.decryption.negotiations import MAX_NEGOTIATIONS, Negotiations
from tlscap.engine.hello import ServerHello


def test_hellos_in_order_are_pairs() -> None:
    all_of_them = Negotiations(Keys())
    for ns in (10, 30, 50):
        asked = all_of_them.ask(ns, b"r", b"")
        assert not asked.is_complete
        assert all_of_them.answer(ns + 1, ServerHello()) is asked
        assert asked.is_complete


def test_a_server_that_is_read_later_answers_each_in_turn() -> None:
    all_of_them = Negotiations(Keys())
    asked = [all_of_them.ask(ns, b"r", b"") for ns in (10, 30, 50)]
    assert [all_of_them.answer(ns, ServerHello()) for ns in (11, 31, 51)] == asked


def test_a_server_that_is_read_first_is_asked_in_turn() -> None:
    all_of_them = Negotiations(Keys())
    answered = [all_of_them.answer(ns, ServerHello()) for ns in (11, 31, 51)]
    assert not any(each.is_complete for each in answered)
    assert [all_of_them.ask(ns, b"r", b"") for ns in (10, 30, 50)] == answered


def test_a_hello_that_was_refused_is_answered_by_nobody() -> None:
    all_of_them = Negotiations(Keys())
    refused = all_of_them.ask(10, b"r", b"")
    asked = all_of_them.ask(20, b"r", b"")
    assert all_of_them.answer(21, ServerHello()) is asked
    assert not refused.is_complete


def test_of_two_hellos_before_an_answer_that_was_read_first_the_last_counts() -> None:
    all_of_them = Negotiations(Keys())
    answered = all_of_them.answer(31, ServerHello())
    assert all_of_them.ask(10, b"a", b"") is answered
    assert all_of_them.ask(30, b"b", b"") is answered
    assert all_of_them.ask(40, b"c", b"") is not answered


def test_no_more_are_kept_than_a_peer_can_need() -> None:
    all_of_them = Negotiations(Keys())
    asked = [all_of_them.ask(ns, b"r", b"") for ns in range(10, 10 + 2 * MAX_NEGOTIATIONS)]
    assert all_of_them.answer(10 + MAX_NEGOTIATIONS - 1, ServerHello()) not in asked
