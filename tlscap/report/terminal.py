"""The summary that `analyze` and `live` print: one screen, findings first.

It is made as lines of styled spans; whoever prints them may paint the styles or leave them out, for
no meaning rests on them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tlscap.report.losses import Covered
from tlscap.report.overview import DROP_WORDS, Overview, Server
from tlscap.report.printable import printable
from tlscap.report.quantities import count, duration
from tlscap.report.subject import Subject

if TYPE_CHECKING:
    from tlscap.findings.finding import Finding

MAX_WIDTH = 100
"""Longer lines are hard to read."""

MAX_FINDING_LINES, MIN_FINDINGS = 11, 2
MAX_CIPHERS, MAX_FAILURES, MAX_SERVERS, MAX_LOSSES = 3, 5, 5, 3
"""With these the summary fits a screen; the rest is counted, and is in the tables."""

_LABEL = 16

_NO_BREAK = "\N{NO-BREAK SPACE}"
"""textwrap leaves it alone; it is a plain space again once lines are made."""

_Key = TypeVar("_Key")
_SEVERITY_STYLE = {"critical": "bold red", "warning": "yellow", "info": "cyan"}


class Span(NamedTuple):
    """A piece of a line; `style` is empty or a style of rich."""

    text: str
    style: str = ""


Line = list[Span]


def render_summary(analysis: Subject, width: int = 80) -> list[Line]:
    """The summary in lines of at most `width` characters."""
    width = min(width, MAX_WIDTH)
    numbers, covered = analysis.overview, Covered(analysis.coverage)
    sections = [
        _findings(analysis.findings, width),
        _capture(covered, width),
        _connections(numbers, width),
        _handshakes(numbers, width),
        _drops(numbers, width),
    ]
    lines: list[Line] = []
    for section in sections:
        lines += [*section, []]
    return lines[:-1]


def plain(line: Line) -> str:
    """The text of a line."""
    return "".join(span.text for span in line)


def _findings(findings: Sequence[Finding], width: int) -> list[Line]:
    lines = [_heading("FINDINGS", "" if findings else "none")]
    for n, finding in enumerate(findings):
        told = _labelled(finding.severity, printable(finding.sentence), width, _SEVERITY_STYLE[finding.severity])
        if n >= MIN_FINDINGS and len(lines) + len(told) > MAX_FINDING_LINES + 1:
            return lines + _labelled("", f"and {len(findings) - n} more", width)
        lines += told
    return lines


def _capture(covered: Covered, width: int) -> list[Line]:
    lines = [_heading("CAPTURE", covered.name())]
    lines += _labelled("covers", covered.span(), width)
    sums = covered.sums
    tcp = f"{count(sums['tcp_connections'], 'TCP connection')}, {sums['tls_connections']:,} with TLS"
    lines += _labelled("", "; ".join(filter(None, (covered.volume(), tcp, covered.edges()))), width)
    losses = covered.losses()
    if len(losses) > MAX_LOSSES:
        losses = losses[:MAX_LOSSES] + [f"and {len(losses) - MAX_LOSSES:,} more"]
    lines += _labelled(
        "lost", "; ".join(losses) or "nothing that the capture tells of", width, "yellow" if losses else ""
    )
    if remarks := covered.remarks():
        lines += _labelled("note", "; ".join(remarks), width)
    return lines


def _connections(numbers: Overview, width: int) -> list[Line]:
    totals = numbers.totals
    head = f"{totals['connections']:,}"
    if totals["connections"]:
        head += f" from {count(totals['clients'], 'client')} to {count(totals['servers'], 'server')}"
    lines = [_heading("CONNECTIONS", head)]
    if not totals["connections"]:
        return lines
    lines += _labelled("version", _shares(numbers.versions, totals["connections"]), width)
    lines += _labelled("cipher", _shares(_top(numbers.ciphers, MAX_CIPHERS), totals["connections"]), width)
    lines += _labelled("client cert", _counts(numbers.client_certificates) or "no handshake was completed", width)
    lines += _labelled("renegotiated", _renegotiations(totals), width)
    return lines


def _handshakes(numbers: Overview, width: int) -> list[Line]:
    totals = numbers.totals
    if not totals["connections"]:
        return []
    lines = [_heading("HANDSHAKES", f"{'count':>9}{'median':>11}{'p95':>11}")]
    for kind in ("full", "abbreviated", "unknown"):
        if kind in numbers.kinds:
            told = numbers.kinds[kind]
            text = f"{told.count:>9,}{duration(told.median_s):>11}{duration(told.p95_s):>11}"
            mechanisms = _counts(numbers.mechanisms) if kind == "abbreviated" else ""
            lines += _labelled(kind, f"{text}   {mechanisms}".rstrip(), width, indent=_LABEL + 34)
    if totals["failed"]:
        shown = _top(numbers.failed, MAX_FAILURES)
        why = _list(f"{printable(what)} by {who} {n:,}" for (who, what), n in shown.items())
        why += ", …" if len(shown) < len(numbers.failed) else ""
        lines += _labelled("failed", f"{totals['failed']:>9,}   {why}", width, "red", indent=_LABEL + 12)
    for word, means in (("unfinished", "neither completed nor failed"), ("unseen", "before the capture began")):
        if totals[word]:
            lines += _labelled(word, f"{totals[word]:>9,}   {means}", width)
    return lines


def _drops(numbers: Overview, width: int) -> list[Line]:
    totals = numbers.totals
    if not totals["connections"]:
        return []
    if not totals["dropped"]:
        return [_heading("DROPS", f"none of {count(totals['connections'], 'connection')}")]
    lines = [_heading("DROPS", f"{totals['dropped']:,} of {count(totals['connections'], 'connection')}")]
    lines += _labelled("how", _list(_drop(how, closers) for how, closers in numbers.drops.items()), width)
    with_drops = [server for server in numbers.servers if server.drops]
    for n, server in enumerate(with_drops[:MAX_SERVERS]):
        lines += _labelled("" if n else "server", _server(server), width)
    if rest := with_drops[MAX_SERVERS:]:
        lines += _labelled("", f"{count(len(rest), 'other server')}: {sum(s.dropped for s in rest):,} dropped", width)
    if clean := len(numbers.servers) - len(with_drops):
        lines += _labelled("", f"{count(clean, 'server')} without a drop", width)
    return lines


def _drop(how: str, closers: Mapping[str, int]) -> str:
    text = f"{DROP_WORDS[how]} {sum(closers.values()):,}"
    known = {who: n for who, n in closers.items() if who != "unknown"}
    return f"{text} (closed by {_counts(known)})" if known else text


def _server(server: Server) -> str:
    share = f"{100 * server.dropped / server.connections:.0f} %"
    how, most = max(server.drops.items(), key=lambda item: item[1])
    other = ", …" if len(server.drops) > 1 else ""
    return f"{server.name}  {server.dropped:,} of {server.connections:,} ({share}): {DROP_WORDS[how]} {most:,}{other}"


def _renegotiations(totals: Mapping[str, int]) -> str:
    asked = totals["renegotiations"]
    if not asked:
        return "never"
    known = {word: totals[f"renegotiations_{word}"] for word in ("completed", "refused", "failed")}
    known["unfinished"] = asked - sum(known.values())
    return f"{count(asked, 'time')}: {_counts({word: n for word, n in known.items() if n > 0})}"


def _heading(title: str, text: str) -> Line:
    return [Span(f"{title:<{_LABEL}}", "bold"), Span(text)]


def _labelled(label: str, text: str, width: int, style: str = "", indent: int = _LABEL) -> list[Line]:
    """A label and its text, wrapped under itself."""
    hang = " " * (indent - _LABEL)
    rows = textwrap.wrap(
        text,
        max(width - _LABEL, 20),
        subsequent_indent=hang,
        drop_whitespace=True,
        break_on_hyphens=False,
        initial_indent="",
    ) or [""]
    if text.startswith(" "):  # textwrap drops what a column starts with
        rows[0] = text[: len(text) - len(text.lstrip())] + rows[0].lstrip()
    rows = [row.replace(_NO_BREAK, " ") for row in rows]
    first: Line = [Span(f"  {label:<{_LABEL - 2}}", style), Span(rows[0])]
    return [first, *([Span(" " * _LABEL), Span(row)] for row in rows[1:])]


def _top(counts: Mapping[_Key, int], most: int) -> dict[_Key, int]:
    return dict(list(counts.items())[:most])


def _shares(counts: Mapping[str, int], total: int) -> str:
    return _list(f"{printable(what)} {n:,} ({100 * n / total:.0f} %)" for what, n in counts.items()) or "unknown"


def _counts(counts: Mapping[str, int]) -> str:
    return _list(f"{_word(what)} {n:,}" for what, n in counts.items())


def _list(items: Iterable[str]) -> str:
    """Items that a line break never splits."""
    return ", ".join(item.replace(" ", _NO_BREAK) for item in items)


def _word(value: str) -> str:
    return printable(value.replace("_", " "))


def text_of(lines: Iterable[Line]) -> Iterator[str]:
    """The lines as plain text."""
    return (plain(line) for line in lines)
