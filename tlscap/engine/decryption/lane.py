"""What both kinds of lane keep count of: see `lane12` and `lane13`."""

from __future__ import annotations

from tlscap.engine.decryption.search import Search


class Lane:
    """One direction's records; `side` is 0 for what the client writes, 1 for the server."""

    def __init__(self, side: int) -> None:
        self._side = side
        self._search = Search()
        self.keyless = 0  # records for which there was no key

    @property
    def unopened(self) -> int:
        """Records that the key did not open."""
        return self._search.unopened

    @property
    def opened(self) -> int:
        """Records that were decrypted."""
        return self._search.opened
