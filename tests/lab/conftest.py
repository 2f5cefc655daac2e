"""`--lab-run DIR` holds tlscap against a run that somebody made, in place of the live ones."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lab-run", action="append", default=[], metavar="DIR", help="compare with this run of the lab")
