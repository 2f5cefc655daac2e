"""Whose session each connection resumes, and what it takes over from it: the client's certificate.

In a resumed handshake no certificate crosses the wire, and yet the server knows the client by the one
that the session's first handshake had: `inherited`. Without that handshake nothing can be told. Where
several connections may be the parent (TLS 1.3) and all of them had a certificate, the one that is named
may be wrong, and what is inherited right all the same: tickets that hold a certificate are longer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlscap.tables.arrow import Coded
from tlscap.tables.known_tickets import tie_known
from tlscap.tables.lineage import Booleans, Rows, Sessions, Ties, either, only, origins, tie
from tlscap.tables.stacks import mixed, numbered
from tlscap.tables.ticket_columns import first_and_selected, identities_of, peers_of, records_of
from tlscap.tables.ticket_lineage import tie_tickets

DISSENT = 0.25
"""How many of a client's handshakes are expected, before any is seen, to do otherwise than the rest: one that has a
certificate for a server seldom goes there without it."""

_COLUMN = "client_certificate"
_PARENT = "resumed_from"
_CARRIED = {"sent": "inherited", "not_requested": "not_requested", "empty": "empty", "inherited": "inherited"}
_NOT_CAPTURED, _ENCRYPTED = "not_captured", "encrypted"


@dataclass(slots=True)
class Alike:
    """Groups of rows of which one may be the parent as well as another."""

    group: Rows  # for each row the group to which its parent belongs, -1 for none
    rows: Rows  # rows that belong to groups,
    groups: Rows  # and the group of each


@dataclass(slots=True)
class Lineage:
    """Whose session each row resumes, whose it offered to resume, and where several could be, which are alike."""

    resumed: Ties
    offered: Ties
    alike: tuple[Alike, ...] = ()  # the first is the narrowest


def lineage(columns: dict[str, Any]) -> Lineage:
    """Whose session each row resumes, and whose it offered to resume."""
    sessions = _sessions(columns)
    by_ticket, by_id = tie(sessions)
    known = None
    if columns["ticket_count"].any():
        known, by_known_ticket = tie_known(columns, sessions)
        by_ticket = either(by_known_ticket, by_ticket)
    resumption = columns["resumption"]
    resumed = either(
        only(by_ticket, resumption.where("session_ticket")),
        only(by_id, resumption.where("session_id")),
    )
    offered = either(by_ticket, by_id)
    if not columns["identity_count"].any():
        return Lineage(resumed, offered)
    peers = peers_of(columns)
    found = tie_tickets(records_of(columns), identities_of(columns, sessions.presented_at), peers)
    ties = found.ties if known is None else either(known, found.ties)
    first, selected = first_and_selected(columns)
    is_psk = resumption.where("psk")
    group = np.where(is_psk, np.append(found.group, -1)[selected], -1)
    client, _ = numbered(mixed(peers.client, peers.name, peers.software))
    alike = (
        Alike(group, found.issuers, found.issued),
        Alike(np.where(group >= 0, client, -1), np.arange(len(client)), client),
    )
    by_psk = only(ties.at(selected), is_psk)
    return Lineage(either(resumed, by_psk), either(offered, ties.at(first)), alike)


def carry_client_certificates(columns: dict[str, Any], found: Lineage) -> None:
    """Fills `client_certificate`, its confidence, `client_leaf` and `unknown` of resumed rows in `columns`.

    Rows of which the judge could tell by themselves stay as they are.
    """
    certificate, confidence = columns[_COLUMN], columns["client_certificate_confidence"]
    is_resumed = (columns["resumption"].codes >= 0) & (columns["external_psk"] != 1)
    asks = is_resumed & certificate.where("unknown")
    chain = origins(np.where(asks, found.resumed.parent, -1), found.resumed.confidence)
    origin = chain.parent
    told = asks & (origin >= 0) & ~certificate.where("unknown")[origin]
    sure = confidence[origin] * np.maximum(chain.confidence, _agreement(columns, found, certificate.codes[origin]))
    carried = np.full(len(certificate.keys) + len(_CARRIED), -1, np.int32)
    for word, becomes in _CARRIED.items():
        carried[certificate.code(word)] = certificate.code(becomes)
    certificate.codes = np.where(told, carried[certificate.codes[origin]], certificate.codes)
    columns["client_certificate_confidence"] = np.where(told, sure, confidence)
    leaf = columns["client_leaf"]
    leaf.codes = np.where(told, leaf.codes[origin], leaf.codes)
    _say_unknown(columns, asks & ~told, told, is_resumed & (found.resumed.parent < 0))


def _agreement(columns: dict[str, Any], found: Lineage, words: NDArray[np.int32]) -> NDArray[np.float64]:
    """How sure each row's word is by what full handshakes had that could be its parent, 0 where there is none.

    In the narrowest group that has any: (those with this word + 1) / (all + 1 + DISSENT).
    """
    certificate = columns[_COLUMN]
    tells = (columns["resumption"].codes < 0) & ~certificate.where("unknown")
    sure = np.zeros(len(words))
    for alike in reversed(found.alike):
        count, kinds = int(alike.group.max(initial=-1)) + 1, len(certificate.keys)
        counted = tells[alike.rows] & (alike.groups < count)
        group, word = alike.groups[counted], certificate.codes[alike.rows[counted]]
        each = np.bincount(group * kinds + word, minlength=count * kinds)
        every = np.append(np.bincount(group, minlength=count), 0)[alike.group]
        same = np.append(each, 0)[np.where(alike.group >= 0, alike.group * kinds + words, -1)]
        sure = np.where(every > 0, (same + 1) / (every + 1 + DISSENT), sure)
    return sure


def _say_unknown(columns: dict[str, Any], untold: Booleans, told: Booleans, parentless: Booleans) -> None:
    """Gives the reasons why rows have no certificate told, or no parent; those that are `told` lose theirs."""
    unknown, is_psk = columns["unknown"], columns["resumption"].where("psk")
    _change(unknown, told, lambda reasons: {name: why for name, why in reasons.items() if name != _COLUMN})
    _change(unknown, untold & ~is_psk, lambda reasons: {_COLUMN: _NOT_CAPTURED, **reasons})
    _change(unknown, untold & is_psk, lambda reasons: {**reasons, _COLUMN: _ENCRYPTED})
    _change(unknown, parentless & ~is_psk, lambda reasons: {_PARENT: _NOT_CAPTURED, **reasons})
    _change(unknown, parentless & is_psk, lambda reasons: {_PARENT: _ENCRYPTED, **reasons})


def _change(unknown: Coded, rows: Booleans, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """Puts `change` to the reasons of the `rows`."""
    if rows.any():
        codes = [unknown.code(tuple(change(dict(key)).items())) for key in list(unknown.keys)]
        unknown.codes = np.where(rows, np.array(codes, np.int32)[unknown.codes], unknown.codes)


def _sessions(columns: dict[str, Any]) -> Sessions:
    hello, established, start = columns["hello_at"], columns["established_at"], columns["start"]
    presented_at = np.where(hello > 0, hello, start)
    echoed = columns["session_id_issued"] == columns["session_id_offered"]  # so it was issued before
    full = columns["handshake"].where("full")
    issues = (columns["resumption"].codes < 0) & (full | ~echoed)
    return Sessions(
        issued_at=np.where(established > 0, established, presented_at),
        presented_at=presented_at,
        server=columns["server_ip"].codes.astype(np.int64) << 16 | columns["server_port"],
        issued_session_id=np.where(issues, columns["session_id_issued"], 0),
        offered_session_id=columns["session_id_offered"],
        issued_ticket=columns["ticket_issued"],
        offered_ticket=columns["ticket_offered"],
    )
