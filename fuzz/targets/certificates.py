"""Certificates: the DER reader, what is told of them, and what is told in order without the strict reader."""

from __future__ import annotations

from targets.shown import is_safe
from tlscap.tables.der import elements
from tlscap.tables.in_order import is_in_order
from tlscap.tables.x509 import describe, library_objection

_MOST_INSTANT = (1 << 63) - 1


def run(data: bytes) -> None:
    for element in elements(data):
        assert element.encoded in data
        sum(1 for _ in element.children())
    if is_in_order(data):
        assert library_objection(data) is None
    told = describe(data)
    texts = (told.subject, told.issuer, told.serial, told.key_type, told.key, told.signature_algorithm, told.error)
    for text in (*texts, *told.subject_alternative_names):
        assert is_safe(text), text
    for instant in (told.not_before_ns, told.not_after_ns):
        assert -_MOST_INSTANT <= instant <= _MOST_INSTANT
