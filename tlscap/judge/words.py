"""Words that are spelled letter by letter and mostly were spelled before: each is put together once.

Histories repeat from connection to connection, and begin alike. A `Word` knows the words that go on from
it, so that a known one is found by walking, and only a new one is built.
"""

from __future__ import annotations

MAX_WORDS = 16384
"""Words and beginnings of words that are remembered, some 200 bytes each. Peers can make up new ones
without end; all are forgotten when there are so many, and the usual ones are soon back."""

_MAX_WORDS = MAX_WORDS


class Word:
    """A word, or the beginning of one."""

    __slots__ = ("_before", "_known", "_latest", "_text", "letter")

    def __init__(self, before: Word | None, letter: str) -> None:
        self.letter = letter  # its last
        self._before = before
        self._latest: Word | None = None  # that went on from here; the next one is most likely the same
        self._known: dict[str, Word] = {}
        self._text: str | None = None

    def followed_by(self, letter: str) -> Word:
        """The word with one more letter, which may be several characters."""
        latest = self._latest
        if latest is None or latest.letter is not letter:
            latest = self._known.get(letter)
            if latest is None:
                latest = self._known[letter] = Word(self, letter)
                _words.count += 1
            self._latest = latest
        return latest

    def text(self) -> str:
        """The whole word; brackets that close and open again are one pair."""
        if self._text is None:
            letters = []
            word: Word | None = self
            while word is not None:
                letters.append(word.letter)
                word = word._before
            letters.reverse()
            self._text = "".join(letters).replace("][", "")
        return self._text


class Words:
    """All that is remembered."""

    __slots__ = ("_empty", "count")

    def __init__(self) -> None:
        self.count = 0
        self._empty = Word(None, "")

    def empty(self) -> Word:
        """The word of no letters, with which all begin."""
        if self.count >= _MAX_WORDS:
            self.count = 0
            self._empty = Word(None, "")
        return self._empty


_words = Words()


def empty_word() -> Word:
    """The word of no letters, with which all begin."""
    return _words.empty()
