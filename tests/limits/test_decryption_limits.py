"""What peers may make the decryption keep and try: each limit, and one beyond."""

from __future__ import annotations

import zlib

from tlscap.engine.decryption.backlog import MAX_BACKLOG, Backlog
from tlscap.engine.decryption.keys import MAX_SESSIONS, Keys
from tlscap.engine.decryption.lane12 import MAX_INFLATED, Lane12
from tlscap.engine.decryption.negotiation import MAX_TRANSCRIPT, Negotiation
from tlscap.engine.decryption.search import MAX_FAILURES, MAX_SPAN, Search
from tlscap.engine.held import SEGMENT_OVERHEAD, Held


def test_as_many_sessions_are_remembered_as_the_limit_and_the_first_is_forgotten() -> None:
    keys = Keys()
    for number in range(MAX_SESSIONS):
        keys.add_session(number.to_bytes(4), b"m")
    assert keys.session((0).to_bytes(4)) == b"m"
    keys.add_session(MAX_SESSIONS.to_bytes(4), b"m")
    assert keys.session((0).to_bytes(4)) is None
    assert len(keys) == MAX_SESSIONS


def test_as_many_bytes_of_records_wait_as_the_limit_and_empty_ones_are_not_free() -> None:
    held = Held()
    backlog = Backlog(held)
    most = MAX_BACKLOG // SEGMENT_OVERHEAD
    kept = [backlog.keeps(True, (22, 0x0303, b"", 1, 1)) for _ in range(most + 1)]
    assert kept == [True] * most + [False]
    assert backlog.bytes == held.bytes == MAX_BACKLOG
    backlog.take()
    assert held.bytes == MAX_BACKLOG - SEGMENT_OVERHEAD
    backlog.forget()
    assert held.bytes == 0


def test_a_transcript_is_as_long_as_the_limit_and_headers_count() -> None:
    held = Held()
    negotiation = Negotiation(Keys(), held)
    negotiation.message(0, 1, bytes(MAX_TRANSCRIPT - 8))
    negotiation.message(0, 14, b"")
    assert held.bytes == negotiation.held_bytes() == MAX_TRANSCRIPT
    negotiation.message(0, 14, b"")
    assert held.bytes == 0
    negotiation.message(0, 14, b"")
    assert held.bytes == 0


def test_as_many_numbers_are_tried_for_a_record_as_the_limit() -> None:
    search = Search()
    search.gap(22 * 100)
    assert 100 < search.span < MAX_SPAN
    search.gap(1 << 40)
    assert search.span == MAX_SPAN


def test_a_direction_is_given_up_after_as_many_failures_as_the_limit() -> None:
    search = Search()
    for _ in range(MAX_FAILURES - 1):
        search.failed()
    assert not search.is_over
    search.failed()
    assert search.is_over


def test_a_compressed_record_holds_as_much_as_the_limit() -> None:
    for size in (MAX_INFLATED, MAX_INFLATED + 1):
        lane = Lane12(0)
        lane._inflate = zlib.decompressobj()
        opened = lane._inflated((22, zlib.compress(bytes(size)), 0))
        assert opened == (22, bytes(MAX_INFLATED))
