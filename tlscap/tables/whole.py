"""Files that appear all at once, each of them whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tlscap.tables.errors import TablesError


@contextmanager
def whole_files(directory: Path) -> Iterator[Path]:
    """A folder to write files into, which are moved to `directory` when all of them are written.

    Makes `directory` if there is none. A full disk, Ctrl-C or any error leaves there what was there
    before; what the system refuses is a TablesError.
    """
    part: Path | None = None
    try:
        directory.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=directory))
        yield part
        for path in sorted(part.iterdir()):
            path.replace(directory / path.name)
    except OSError as error:
        raise TablesError(f"{directory}: cannot be written: {error.strerror or error}") from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
