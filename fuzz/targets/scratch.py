"""One file that is written anew for each input, in memory where the system has that."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")


@contextmanager
def written(data: bytes) -> Iterator[str]:
    """The path of a file with this content, while it is needed."""
    folder = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.NamedTemporaryFile(dir=folder, prefix="tlscap-fuzz-") as file:
        file.write(data)
        file.flush()
        yield file.name
