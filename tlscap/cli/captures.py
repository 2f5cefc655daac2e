"""Which arguments are captures, and which the filter that may follow them.

An argument that exists, or is `-`, is a capture. The first one that does not exist and begins as filters
do begins the filter, which goes to the end. Whatever else does not exist is a capture with a wrong name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from tlscap.cli.failure import Failure
from tlscap.cli.filter import begins_filter, filter_of, filter_options

_CAPTURE_NAME = re.compile(r"\.(pcap|pcapng|cap|dmp)[0-9]*(\.(gz|zst|xz|lz4|bz2))?$", re.IGNORECASE)

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Captures:
    """What to read: paths, directories or `-`, the filter, None if there is none, and key logs."""

    paths: list[str]
    filter: str | None
    keylog: tuple[str, ...] = ()


CAPTURE_OPTIONS = ("arguments", "lists", "expression", "filter_file")
"""The keywords that `capture_options` gives to a command."""


def capture_options(command: _Command) -> _Command:
    """Adds captures, lists of them, and filters; the command gives them to `captures_of`."""
    command = filter_options(command)
    listed = click.option("-V", "--list", "lists", multiple=True, metavar="FILE", help="Captures, one a line in FILE.")
    return click.argument("arguments", nargs=-1, metavar="CAPTURE... [BPF FILTER]")(listed(command))


def captures_of(
    arguments: Sequence[str], lists: Sequence[str], expression: str | None, filter_file: str | None
) -> Captures:
    """Tells captures and filter apart. UsageError or Failure where that makes no sense."""
    named, words = _split(arguments, bool(lists))
    if [*named, *lists, filter_file].count("-") > 1:
        raise click.UsageError("Standard input can be read only once.")
    paths = [path for each in lists for path in _listed(each)] + named
    if not paths:
        raise click.UsageError("Missing argument 'CAPTURE...'.")
    return Captures(paths, filter_of(words, expression, filter_file))


def _split(arguments: Sequence[str], has_captures: bool) -> tuple[list[str], list[str]]:
    """The captures, and the words of the filter."""
    for number, argument in enumerate(arguments):
        if argument == "-" or os.path.lexists(argument) or not (number or has_captures):
            continue
        if begins_filter(argument):
            _check_order(arguments[number:])
            return list(arguments[:number]), list(arguments[number:])
        if not _looks_like_path(argument):
            raise Failure(
                f"{argument}: no such file; check the name (a filter begins with a word such as tcp, "
                "host or port, or comes after -f)"
            )
    return list(arguments), []


def _check_order(words: Sequence[str]) -> None:
    """libpcap would ask the name service for a host of that name."""
    for word in words:
        if _CAPTURE_NAME.search(word):
            raise Failure(f"{word}: comes after the filter; name all captures first")


def _looks_like_path(argument: str) -> bool:
    return "/" in argument or _CAPTURE_NAME.search(argument) is not None


def _listed(path: str) -> list[str]:
    from tlscap.capture import CaptureError
    from tlscap.capture.fileset import read_list

    try:
        return read_list(path)
    except CaptureError as error:
        raise Failure(str(error)) from None
