"""Says which build of tlscap the tests see, and refuses to test another one than was asked for.

TLSCAP_EXPECT_BUILD=compiled|plain (set by `make test`) asks for an installed build; without it the
tests take the tlscap that they find, the source tree with PYTHONPATH=. for example.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings

import tlscap

# Of what tests start under AddressSanitizer, only Python may load it: other programs hang.
os.environ["TLSCAP_PRELOAD"] = os.environ.pop("LD_PRELOAD", "")

ROOT = Path(__file__).parent.parent

# How long an example takes is the machine's and what else runs on it; what must be fast has tests that measure it.
# The installed plain build is many times slower, and `tests/build` holds it to what the compiled one says.
IS_PLAIN = os.environ.get("TLSCAP_EXPECT_BUILD") == "plain"
settings.register_profile("tlscap", deadline=None, max_examples=30 if IS_PLAIN else 100)
settings.load_profile("tlscap")


def engine_modules() -> list[str]:
    """Every module that a compiled build compiles: those with a .pxd, but for the one whose .pxd is all there is."""
    pxds = sorted(pxd for pxd in (ROOT / "tlscap").rglob("*.pxd") if pxd.stem != "octets")
    return [".".join(pxd.relative_to(ROOT).with_suffix("").parts) for pxd in pxds]


def build_kind() -> str:
    """`compiled`, `plain`, or `mixed`, which must never be."""
    files = [str(import_module(name).__file__) for name in engine_modules()]
    kinds = {"plain" if file.endswith(".py") else "compiled" for file in files}
    return kinds.pop() if len(kinds) == 1 else "mixed"


def pytest_report_header() -> str:
    return f"tlscap {tlscap.__version__} from {Path(tlscap.__file__).parent}"


def pytest_configure() -> None:
    expected = os.environ.get("TLSCAP_EXPECT_BUILD")
    if not expected:
        return
    if Path(tlscap.__file__).is_relative_to(ROOT / "tlscap"):
        pytest.exit(f"tlscap comes from the source tree, not from an installed {expected} build", returncode=4)
    if (found := build_kind()) != expected:
        pytest.exit(f"the installed tlscap is a {found} build, not a {expected} one", returncode=4)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def pcaps() -> Path:
    """The project's own samples."""
    return ROOT / "pcaps"
