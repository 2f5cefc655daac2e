"""A BPF filter on the command line: the last arguments, as tcpdump has it, or the options -f and -F."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from tlscap.cli.failure import Failure

MAX_FILTER = 1 << 20
"""Characters read of a filter file, which somebody may have confused with a capture."""

_FIRST_WORDS = """
aarp action addr1 addr2 addr3 addr4 address1 address2 address3 address4 ah arp atalk broadcast byte carp clnp csnp
decnet dir direction dst es-is esis esp ether fddi gateway geneve greater host icmp icmp6 ifindex ifname igmp igrp
iih inbound ip ip6 ipx is-is isis iso l1 l2 lat len less link llc lsp mopdl moprc mpls multicast net netbeui not
on outbound pim port portrange ppp pppoed pppoes proto protochain psnp ra radio rarp reason rnr rset rulenum
ruleset sca sctp slip snp src srnr stp subrulenum subtype ta tcp tr type udp vlan vrrp vxlan wlan
"""
"""With which an expression may begin (pcap-filter(7)): one that begins with a bare name or address has no meaning."""

_WORDS = frozenset(_FIRST_WORDS.split())

_BEGINNING = re.compile(r"[\s(!]*([a-z][a-z0-9-]*)(?=$|[\s()\[!=<>&|*+])")

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("-f", "--filter", "expression", metavar="EXPR", help="Only packets that match this BPF filter."),
    click.option(
        "-F", "--filter-file", metavar="FILE", help="The filter is in FILE, where # begins a comment; - is stdin."
    ),
)


def filter_options(command: _Command) -> _Command:
    """Adds the options; the command takes them as `expression` and `filter_file`, for `filter_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def filter_of(words: Sequence[str], expression: str | None, filter_file: str | None) -> str | None:
    """The filter that was given in one of the three ways; `words` are the last arguments. None if there is none."""
    if bool(words) + (expression is not None) + (filter_file is not None) > 1:
        raise click.UsageError("A filter is given as the last arguments, or after -f, or by -F: once.")
    if filter_file is not None:
        return _read(filter_file)
    return (" ".join(words) if words else expression) or None


def begins_filter(argument: str) -> bool:
    """Whether a filter may begin with this argument, be it a word of it or all of it in quotes."""
    if not argument.strip(" \t\n(!"):
        return bool(argument)
    beginning = _BEGINNING.match(argument)
    return beginning is not None and beginning[1] in _WORDS


def _read(path: str) -> str:
    try:
        with open(0 if path == "-" else path, encoding="utf-8", errors="replace", closefd=path != "-") as file:
            text = file.read(MAX_FILTER)
    except OSError as error:
        raise Failure(f"{path}: the filter cannot be read: {error.strerror}") from None
    filter = " ".join(" ".join(line.partition("#")[0] for line in text.splitlines()).split())
    if not filter:
        raise Failure(f"{path}: there is no filter in it")
    return filter
