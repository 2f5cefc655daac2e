"""The version that was negotiated: what the ServerHello says, else what the records do."""

from __future__ import annotations

from tlscap.engine.events import ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN, Events
from tlscap.judge.landmarks import Landmarks
from tlscap.judge.verdict import Verdict
from tlscap.registry import exact_version_name, version_name

_SSL_3, _TLS_1_0, _TLS_1_3 = 0x0300, 0x0301, 0x0304
_USUAL = [exact_version_name(version) for version in range(_SSL_3, _TLS_1_3 + 1)]
_known: dict[int, str] = {}  # versions have 16 bits


def judge_version(marks: Landmarks, verdict: Verdict) -> None:
    """The ServerHello's choice, else the records' version where they are older than TLS 1.2.

    Where neither tells, the cipher suite is unknown too.

    Up to draft 21 TLS 1.3 has TLS 1.0 in its records, but encrypts all into application data.
    """
    facts = marks.facts
    answer = facts.server_hello if facts.server_hello is not None else facts.hello_retry
    if answer is not None:
        verdict.version = _exact_name(answer.raw_version)
    elif (
        0x0300 <= facts.record_version < 0x0303
        and facts.client_hello is None
        and (facts.record_version != _TLS_1_0 or _is_before_tls13(facts.events))
    ):
        verdict.version = version_name(facts.record_version)
    elif not marks.is_unanswered():
        verdict.unknown["version"] = verdict.unknown["cipher"] = marks.why_missing()


def _exact_name(version: int) -> str:
    if _SSL_3 <= version <= _TLS_1_3:
        return _USUAL[version - _SSL_3]
    name = _known.get(version)
    if name is None:
        name = _known[version] = exact_version_name(version)
    return name


def _is_before_tls13(events: Events) -> bool:
    """Whether there is a record that TLS 1.3 does not have once it encrypts; a clear alert may be of any version."""
    for i in range(events.count):
        kind = events.kind(i)
        if kind in (HANDSHAKE, CHANGE_CIPHER_SPEC) or (kind == ALERT and events.detail(i) == HIDDEN):
            return True
    return False
