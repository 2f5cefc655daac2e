"""`tlscap show`: one connection, message by message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tlscap.cli.failure import BROKEN_PIPE, INTERRUPTED, Failure, hush
from tlscap.cli.interrupt import Interrupt
from tlscap.cli.keylog import keylog_option
from tlscap.cli.progress import ProgressBar
from tlscap.cli.screen import talk

if TYPE_CHECKING:
    from tlscap.analysis import Analysis
    from tlscap.engine.facts import Facts
    from tlscap.judge.verdict import Verdict

    Found = dict[str, tuple[Facts, Verdict]]

MAX_FOUND = 10
"""Connections whose names begin as was asked for that are kept; whoever types one letter means none of them."""


@click.command()
@click.argument("captures", nargs=-1, required=True, metavar="CAPTURE...")
@click.argument("uid")
@keylog_option
@click.option("--frames", is_flag=True, help="Give the number of each frame, and a display filter for Wireshark.")
def show(captures: tuple[str, ...], uid: str, keylog: tuple[str, ...], frames: bool) -> int:
    """Shows one connection as a ladder: every message, record, gap and alert, and the close.

    UID is what the other commands call the connection; its first letters do, if no other begins so.
    --> is what the client sends. Messages that were told from encrypted records stand in brackets, with
    how sure that is; with --keylog they are decrypted, as handshakes and alerts can be.

    \b
    Examples:
      tlscap show lb1.pcap C4JdAXaLm2q
      tlscap show lb1.pcap C4Jd --frames
      tlscap show lb1.pcap C4Jd --keylog keys.txt
    """
    found: Found = {}
    with Interrupt() as interrupt:
        analysis = _read(captures, uid, keylog, found, interrupt)
    for sentence in analysis.warnings:
        talk(f"tlscap: warning: {sentence}")
    if interrupt.wanted:
        return INTERRUPTED
    name = _only(uid, found)
    try:
        for line in _lines(name, *found[name], analysis, frames):
            print(line)
    except BrokenPipeError:
        hush()
        return BROKEN_PIPE
    return 0


def _read(captures: tuple[str, ...], uid: str, keylog: tuple[str, ...], found: Found, interrupt: Interrupt) -> Analysis:
    """Reads all, and keeps what begins with `uid`."""
    from tlscap.capture import CaptureError
    from tlscap.context.errors import KeylogError
    from tlscap.offline import analyze
    from tlscap.report.identity import uid_of

    def keep(facts: Facts, verdict: Verdict) -> None:
        name = uid_of(facts)
        if name.startswith(uid) and (len(found) < MAX_FOUND or name in found or name == uid):
            found[name] = facts, verdict

    try:
        with ProgressBar() as bar:
            stop = interrupt.is_wanted
            return analyze(captures, keylog=keylog, on_verdict=keep, retake=True, stop=stop, progress=bar)
    except (CaptureError, KeylogError) as error:
        raise Failure(str(error)) from None


def _only(uid: str, found: Found) -> str:
    if uid in found:
        return uid
    if not found:
        raise Failure(f"{uid}: no connection with TLS has this name; `tlscap analyze -v` lists them")
    if len(found) > 1:
        raise Failure(f"{uid}: is the beginning of several names: {', '.join(sorted(found))}")
    return next(iter(found))


def _lines(name: str, facts: Facts, verdict: Verdict, analysis: Analysis, frames: bool) -> Iterator[str]:
    from tlscap.report.ladder import display_filter, render_ladder
    from tlscap.report.ladder_head import render_head

    row = analysis.sql(f"select * from connections where uid = '{name}'").to_pylist()[0]
    yield from render_head(row)
    yield ""
    yield from render_ladder(facts, verdict, analysis.coverage["capture"].to_pylist(), frames=frames)
    if frames:
        yield ""
        yield f"Wireshark: {display_filter(facts)}"
