"""What a renegotiation that was completed says of the next one: its cipher suite, its certificate.

Which suite a renegotiation agrees on is encrypted. Its ChangeCipherSpecs are still the old suite's; its two Finished
are the first records of the new one, and their content is of known length.
"""

from __future__ import annotations

from dataclasses import replace

from tlscap.engine.events import APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, HIDDEN, Events
from tlscap.judge.attempt import Attempt
from tlscap.judge.inference import grammar as g
from tlscap.judge.inference.overhead import Overhead, possible
from tlscap.judge.inference.reading import Expander

_LASTING = (
    *(g.CERTIFICATE, g.SERVER_KEY_EXCHANGE, g.CERTIFICATE_REQUEST, g.CERTIFICATE_STATUS),
    *(g.CLIENT_KEY_EXCHANGE, g.NEW_SESSION_TICKET),
)
"""Messages that are as long the next time; hellos are not, for the renegotiation_info in them."""


def learned(expander: Expander, events: Events, attempt: Attempt) -> Expander:
    """What reads the records behind this renegotiation; the same again if it has changed nothing."""
    if attempt.outcome != "completed":
        return expander
    overhead = _overhead_behind(expander, events, attempt)
    if overhead == expander.overhead:
        return expander
    measure = replace(expander.measure, overhead=overhead, suite="", lengths=dict(expander.measure.lengths))
    for sent in attempt.messages:
        if sent.kind in _LASTING and sent.length > 0:
            measure.lengths[sent.side, sent.kind] = sent.length
    return Expander(measure, overhead, expander.data_sizes)


def _overhead_behind(expander: Expander, events: Events, attempt: Attempt) -> Overhead:
    """The overhead in force behind a renegotiation, as its Finished and the records up to the next change tell."""
    finished = expander.measure.finished
    ends = [sent.event for sent in attempt.messages if sent.kind == g.FINISHED]
    lengths = {events.length(i) for i in ends if events.detail(i) == HIDDEN}
    if len(lengths) != 1 or lengths == {expander.overhead.record(finished)}:
        return expander.overhead
    fits = [each for each in possible(expander.measure.version) if {each.record(finished)} == lengths]
    fits = [each for each in fits if _allows(each, events, max(ends) + 1)] or fits
    return fits[0] if fits else expander.overhead


def _allows(overhead: Overhead, events: Events, start: int) -> bool:
    """Whether records may be so long up to the next ChangeCipherSpec of each side."""
    changed = [False, False]
    for i in range(start, events.count):
        kind, side, length = events.kind(i), events.side(i), events.length(i)
        if changed[side] or events.decrypted(i):
            continue
        if kind == CHANGE_CIPHER_SPEC:
            changed[side] = True
            if length != overhead.record(1):
                return False
        elif kind == HANDSHAKE or (kind == APPLICATION_DATA and events.detail(i) == 1):
            if overhead.content(length) is None:
                return False
    return True
