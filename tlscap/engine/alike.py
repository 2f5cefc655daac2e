"""Hellos that are alike: what a peer says is the same each time, but for random bytes at the same places.

Of a hello that was read, a `Model` keeps the bytes and the spans of what may be new in the next one: the
random, the session id, and the extensions that names, keys and tickets are in. A hello of the same length
that is equal everywhere else is read by copying what the first one said and reading those spans again, which
costs a tenth of reading it all.
"""

from __future__ import annotations

from array import array
from typing import Any

from tlscap import octets

SETS, WAYS = 64, 8
"""Models that are kept, by the length of the hello; the one that was kept longest goes. Peers choose: clients
are few kinds, and one that is new each time, like a browser that shuffles, costs comparisons and no memory."""

MAX_BYTES = 2048
"""Bytes of a hello that is kept: with post-quantum key shares they have 1,800. All models take 1 MB at most."""

NO_EXTENSION = -1
"""In place of an extension's type: the span is a field of the hello itself."""

_SET_MASK = SETS - 1
_WAYS = WAYS
_MAX_BYTES = MAX_BYTES


class Model:
    """A hello that was read. `spans` are three numbers each: extension type or NO_EXTENSION, begin, end; in order."""

    __slots__ = ("body", "hello", "spans")

    def __init__(self, body: bytes, spans: array[int], hello: Any) -> None:
        self.body = body
        self.spans = spans
        self.hello = hello

    def fits(self, body: bytes) -> bool:
        """Whether `body` differs from the model inside of spans only."""
        if len(body) != len(self.body):
            return False
        at = 0
        for i in range(0, len(self.spans), 3):
            if not octets.same(body, self.body, at, self.spans[i + 1]):
                return False
            at = self.spans[i + 2]
        return octets.same(body, self.body, at, len(body))


class Alike:
    """The models of one kind of message."""

    __slots__ = ("_models", "_turn")

    def __init__(self) -> None:
        self._models: list[Any] = [None] * (SETS * WAYS)  # Model, or None where there is room
        self._turn = 0

    def find(self, body: bytes) -> Model | None:
        """The model that `body` fits, or None."""
        first = (len(body) & _SET_MASK) * _WAYS
        for place in range(first, first + _WAYS):
            model: Model | None = self._models[place]
            if model is not None and model.fits(body):
                return model
        return None

    def keep(self, body: bytes, spans: list[int], hello: Any) -> None:
        """Keeps a hello, which nobody changes any more, as a model."""
        if len(body) <= _MAX_BYTES:
            self._turn = (self._turn + 1) % _WAYS
            self._models[(len(body) & _SET_MASK) * _WAYS + self._turn] = Model(body, array("q", spans), hello)
