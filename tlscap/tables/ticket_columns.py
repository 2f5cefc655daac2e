"""The columns of connections as the lineage of TLS 1.3 needs them: peers, records that may hold tickets, identities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlscap.judge.thresholds import TLS13_OVERHEAD, TLS13_OVERHEAD_CCM_8
from tlscap.tables.arrow import Coded
from tlscap.tables.stacks import Rows, numbered
from tlscap.tables.ticket_caches import Peers
from tlscap.tables.ticket_records import Identities, Records

_CCM_8 = 0x1305  # TLS_AES_128_CCM_8_SHA256
_SHA384 = 0x1302  # TLS_AES_256_GCM_SHA384; the others of TLS 1.3 have SHA-256
_PORT_BITS = 16


def peers_of(columns: dict[str, Any]) -> Peers:
    """Who speaks to whom; a client that a PROXY header names is the client."""
    proxied, client = columns["proxied_client_ip"], columns["client_ip"]
    port = columns["server_port"]
    server = _long(columns["server_ip"]) << _PORT_BITS | port
    sni = _long(columns["sni"])
    named = (sni + len(columns["server_ip"].keys)) << _PORT_BITS | port
    return Peers(
        client=np.where(proxied.codes >= 0, _long(proxied) + len(client.keys), _long(client)),
        name=numbered(np.where(sni >= 0, named, server))[0],
        software=_software(columns["ja4"]),
        server=numbered(server)[0],
    )


def records_of(columns: dict[str, Any]) -> Records:
    """The records that may hold tickets."""
    counts = columns["candidate_count"].astype(np.int64)
    row = np.repeat(np.arange(len(counts)), counts)
    cipher = columns["cipher"]
    overhead = _by_key(cipher, {_CCM_8: TLS13_OVERHEAD_CCM_8}, TLS13_OVERHEAD)
    return Records(
        row=row,
        at=columns["candidate_at"],
        number=np.arange(len(row)) - (np.cumsum(counts) - counts)[row],
        body=columns["candidate_length"] - overhead[row],
        hash=_by_key(cipher, {_SHA384: 48}, 32)[row],
    )


def identities_of(columns: dict[str, Any], hello_at: Rows) -> Identities:
    """The PSK identities; `hello_at` is when each row's ClientHello came."""
    row = np.repeat(np.arange(len(hello_at)), columns["identity_count"])
    return Identities(
        row=row,
        at=hello_at[row],
        key=columns["identity_key"],
        length=columns["identity_length"].astype(np.int64),
        hash=columns["identity_binder"].astype(np.int64),
    )


def first_and_selected(columns: dict[str, Any]) -> tuple[Rows, Rows]:
    """For each row the entries of the first identity and of the one that the server selected, -1 for none."""
    counts, selected = columns["identity_count"].astype(np.int64), columns["identity_selected"]
    starts = np.cumsum(counts) - counts
    is_known = (selected >= 0) & (selected < counts)
    return np.where(counts > 0, starts, -1), np.where(is_known, starts + selected, -1)


def _software(ja4: Coded) -> Rows:
    """A number for each list of cipher suites: the second part of JA4, which resuming does not change."""
    parts: dict[str, int] = {}
    numbers = [parts.setdefault(key.split("_")[1] if key.count("_") == 2 else "", len(parts)) for key in ja4.keys]
    software: Rows = np.array([*numbers, -1], np.int64)[ja4.codes]  # the last is for the code -1
    return software


def _by_key(coded: Coded, special: dict[int, int], usual: int) -> Rows:
    """For each row the number of its key."""
    numbers: Rows = np.array([*(special.get(key, usual) for key in coded.keys), usual], np.int64)[coded.codes]
    return numbers


def _long(coded: Coded) -> NDArray[np.int64]:
    return coded.codes.astype(np.int64)
