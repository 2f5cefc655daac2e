"""Captures to their analysis, as commands read them: with a bar, until they are interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlscap.cli.captures import Captures
from tlscap.cli.failure import Failure
from tlscap.cli.interrupt import Interrupt
from tlscap.cli.progress import ProgressBar

if TYPE_CHECKING:
    from tlscap.analysis import Analysis
    from tlscap.engine.limits import Limits


def read(captures: Captures, limits: Limits, interrupt: Interrupt, jobs: int = 1) -> Analysis:
    """The analysis of `captures`; raises Failure, in one line, for what cannot be read."""
    from tlscap.capture import CaptureError
    from tlscap.context.errors import KeylogError
    from tlscap.offline import analyze

    try:
        with ProgressBar() as bar:
            return analyze(
                captures.paths,
                filter=captures.filter,
                keylog=captures.keylog,
                limits=limits,
                stop=interrupt.is_wanted,
                progress=bar,
                jobs=jobs,
            )
    except (CaptureError, KeylogError) as error:
        raise Failure(str(error)) from None
