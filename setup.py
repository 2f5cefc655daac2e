"""Compiles the engine; the rest of the packaging stands in setup.cfg and pyproject.toml.

Every `tlscap/**/x.py` that has an `x.pxd` beside it becomes an extension module, but for `octets.pxd`, which
holds its functions itself and is compiled into those who cimport it. All of them are
compiled, or none: a compiled module that cimports a plain one cannot be imported, so if one fails
the others are removed and the plain files, which are installed in any case, run in their place.

TLSCAP_PLAIN=1             compile nothing
TLSCAP_REQUIRE_COMPILED=1  a module that fails to compile is an error
CFLAGS=...                 in place of the optimisation chosen here
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

PLAIN = os.environ.get("TLSCAP_PLAIN") == "1"
REQUIRED = os.environ.get("TLSCAP_REQUIRE_COMPILED") == "1"

SHARED = "tlscap._cython"
"""What Cython needs for memoryviews, once instead of in every module: half the compile time."""

FLAGS = [] if "CFLAGS" in os.environ else ["-O3", "-g0", "-fno-plt"]

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": True,
    "wraparound": True,
    "cdivision": True,
    "initializedcheck": False,
    "annotation_typing": False,  # types live in the .pxd; hints in the .py are mypy's
    "embedsignature": True,
}


class BuildAllOrNothing(build_ext):
    """Builds the extension modules on all cores, and removes them all if one of them failed."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or True
        self.failed: list[str] = []

    def build_extension(self, ext: Extension) -> None:
        try:
            super().build_extension(ext)
        except Exception:
            self.failed.append(ext.name)
            raise  # distutils goes on, with a warning, where ext.optional is set

    def build_extensions(self) -> None:
        self.remove_libraries(keep={Path(self.get_ext_fullpath(ext.name)) for ext in self.extensions})
        super().build_extensions()
        if self.failed:
            self.remove_libraries(keep=set())
            say_plain(f"{', '.join(sorted(self.failed))} could not be compiled")

    def remove_libraries(self, keep: set[Path]) -> None:
        """Removes what this build, or one before it whose modules are no longer compiled, left to be installed."""
        for library in Path(self.build_lib).rglob("*.so"):
            if library not in keep:
                library.unlink()


def engine_modules() -> list[Extension]:
    """The extension modules as C, or none when Python is all that this build can have."""
    if PLAIN:
        return []
    sources = [pxd.with_suffix(".py") for pxd in sorted(Path("tlscap").rglob("*.pxd"))]
    extensions = [
        Extension(".".join(source.with_suffix("").parts), [str(source)], extra_compile_args=FLAGS)
        for source in sources
        if source.exists() and source.stem != "octets"
    ]
    extensions.append(Extension(SHARED, ["build/cython/_cython.c"], extra_compile_args=FLAGS))
    try:
        from Cython.Build import cythonize

        compiled: list[Extension] = cythonize(
            extensions,
            build_dir="build/cython",
            compiler_directives=DIRECTIVES,
            shared_utility_qualified_name=SHARED,
            nthreads=2,
        )
    except Exception as error:  # Cython is missing, or does not accept a module
        if REQUIRED:
            raise
        say_plain(f"Cython: {error}")
        return []
    for extension in compiled:
        extension.optional = not REQUIRED  # cythonize() drops it
    return compiled


def say_plain(why: str) -> None:
    print(f"tlscap: the engine will run as plain Python, many times slower: {why}", file=sys.stderr)


setup(ext_modules=engine_modules(), cmdclass={"build_ext": BuildAllOrNothing})
