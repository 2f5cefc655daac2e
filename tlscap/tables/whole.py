"""Files that appear all at once, each of them whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tlscap.tables.errors import TablesError


@contextmanager
def whole_files(directory: Path, outdated: Collection[str] = ()) -> Iterator[Path]:
    """A folder to write files and folders into, which are moved to `directory` when all of them are written.

    Then files of the names in `outdated` leave `directory`, unless they have just been written: they told of
    what was there before.
    Makes `directory` if there is none. A full disk, Ctrl-C or any error leaves there what was there
    before; what the system refuses is a TablesError.
    """
    missing = [path for path in (directory, *directory.parents) if not path.exists()]
    part: Path | None = None
    done = False
    try:
        directory.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=directory))
        yield part
        for name in outdated:
            if not (part / name).exists():
                (directory / name).unlink(missing_ok=True)
        _move(part, directory)
        done = True
    except OSError as error:
        raise TablesError(f"{directory}: cannot be written: {_reason(error)}") from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
        if not done:
            _remove_empty(missing)


def _move(part: Path, directory: Path) -> None:
    """Folders first: those may need space on the disk, what is moved does not."""
    found = sorted(path.relative_to(part) for path in part.rglob("*"))
    for folder in (path for path in found if (part / path).is_dir()):
        (directory / folder).mkdir(exist_ok=True)
    for file in (path for path in found if not (part / path).is_dir()):
        (part / file).replace(directory / file)


def _remove_empty(folders: list[Path]) -> None:
    """Takes back the folders that were made, the innermost first."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def _reason(error: OSError) -> str:
    """The system's words for it; a library's own may be several lines."""
    return os.strerror(error.errno) if error.errno else " ".join(str(error).split())
