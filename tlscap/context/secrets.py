"""All secrets of a run: those of key logs, which may grow meanwhile, and those that captures bring along.

There are no `keys` until there is a secret, so that a run without any pays nothing. Of secrets that are there
twice the last one wins: a key log's over a capture's, a later one over an earlier one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from tlscap.context.errors import KeylogError

if TYPE_CHECKING:
    from tlscap.context.keylog import KeylogFile
    from tlscap.engine.decryption.keys import Keys

Keylogs = str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None
"""Paths of key logs; `env` is the file that SSLKEYLOGFILE names."""


class Bringer(Protocol):
    """What brings secrets along: a capture."""

    @property
    def secrets(self) -> list[bytes]: ...


class Secrets:
    """Raises KeylogError, in one line, for a key log that cannot be read. `warnings` name lines that make no sense."""

    def __init__(self, keylogs: Keylogs = None) -> None:
        self.keys: Keys | None = None
        self.warnings: list[str] = []
        self._files: list[KeylogFile] = []
        self._taken = 0  # of the capture's
        self._open(keylogs)

    def take(self, capture: Bringer) -> bool:
        """Takes the secrets that a capture has brought since the last time; gives whether there were any."""
        brought = capture.secrets
        if len(brought) <= self._taken:
            return False
        from tlscap.context.keylog import add_secrets

        keys = self._some_keys()
        for content in brought[self._taken :]:
            add_secrets(content, keys)
        self._taken = len(brought)
        for file in self._files:
            file.again(keys)
        return True

    def refresh(self) -> None:
        """Reads what was written to the key logs since; one that is gone by now ends no run."""
        for file in list(self._files):
            try:
                self.warnings += file.read(self._some_keys())
            except KeylogError as error:
                self.warnings.append(str(error))
                self._files.remove(file)

    def _open(self, keylogs: Keylogs) -> None:
        names = [keylogs] if isinstance(keylogs, (str, os.PathLike)) else list(keylogs or ())
        if not names:
            return
        from tlscap.context.keylog import KeylogFile, keylog_path

        self._files = [KeylogFile(keylog_path(os.fspath(name))) for name in names]
        for file in self._files:
            self.warnings += file.read(self._some_keys())

    def _some_keys(self) -> Keys:
        from tlscap.engine.decryption.keys import Keys

        if self.keys is None:
            self.keys = Keys()
        return self.keys
