"""Whose session each connection resumes, and what it takes over from it: the client's certificate.

In a resumed handshake no certificate crosses the wire, and yet the server knows the client by the one
that the session's first handshake had: `inherited`. Without that handshake nothing can be told.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlscap.tables.arrow import Coded
from tlscap.tables.lineage import Rows, Sessions, Ties, either, only, origins, tie

_COLUMN = "client_certificate"
_CARRIED = {"sent": "inherited", "not_requested": "not_requested", "empty": "empty", "inherited": "inherited"}
_PARENT_UNKNOWN = "not_captured"


def lineage(columns: dict[str, Any]) -> tuple[Ties, Ties]:
    """Whose session each row resumes, and whose it offered to resume."""
    by_ticket, by_id = tie(_sessions(columns))
    resumption = columns["resumption"]
    # A TLS 1.3 parent (`psk`) is not told by keys: tickets are encrypted when they are issued.
    resumed = either(
        only(by_ticket, resumption.where("session_ticket")),
        only(by_id, resumption.where("session_id")),
    )
    return resumed, either(by_ticket, by_id)


def carry_client_certificates(columns: dict[str, Any], parent: Rows, sure: NDArray[np.float64]) -> None:
    """Fills `client_certificate`, its confidence, `client_leaf` and `unknown` of resumed rows in `columns`.

    `parent` is the row that each row's session comes from, -1 where that is not known, and `sure` how sure
    that is. Rows of which the judge could tell by themselves stay as they are.
    """
    certificate, confidence = columns[_COLUMN], columns["client_certificate_confidence"]
    resumed = (columns["resumption"].codes >= 0) & (columns["external_psk"] != 1) & certificate.where("unknown")
    chain = origins(np.where(resumed, parent, -1), sure)
    origin = chain.parent
    told = resumed & (origin >= 0) & ~certificate.where("unknown")[origin]
    carried = np.full(len(certificate.keys) + len(_CARRIED), -1, np.int32)
    for word, becomes in _CARRIED.items():
        carried[certificate.code(word)] = certificate.code(becomes)
    certificate.codes = np.where(told, carried[certificate.codes[origin]], certificate.codes)
    columns["client_certificate_confidence"] = np.where(told, confidence[origin] * chain.confidence, confidence)
    leaf = columns["client_leaf"]
    leaf.codes = np.where(told, leaf.codes[origin], leaf.codes)
    _say_unknown(columns["unknown"], resumed, told)


def _say_unknown(unknown: Coded, resumed: NDArray[np.bool_], told: NDArray[np.bool_]) -> None:
    """Of the `resumed` rows those that are `told` lose their reason, the others get one if they have none."""
    known, still = [], []
    for key in list(unknown.keys):
        reasons = dict(key)
        still.append(unknown.code(tuple({_COLUMN: _PARENT_UNKNOWN, **reasons}.items())))
        reasons.pop(_COLUMN, None)
        known.append(unknown.code(tuple(reasons.items())))
    if known:
        told_codes = np.array(known, np.int32)[unknown.codes]
        still_codes = np.array(still, np.int32)[unknown.codes]
        unknown.codes = np.where(told, told_codes, np.where(resumed, still_codes, unknown.codes))


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
