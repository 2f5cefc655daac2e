"""What a scenario is, and where scenarios are found.

A scenario is a file in `tlscap/lab/scenarios/` (or anywhere: `tlscap lab run ./mine.py`) with a tuple `SCENARIOS`.
docs/lab.md shows how to write one.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tlscap.lab.lab import Lab

Value = int | float | str
Play = Callable[["Lab"], None]

SEED = 1
"""Of the scenario's random numbers, unless `--set seed=N` gives another."""


LARGEST = 1_000_000_000
"""Of the numbers that a user may set: what is beyond is a slip, or infinite."""


class ScenarioError(Exception):
    """A scenario or a setting that does not exist, in a sentence for the user."""


@dataclass(frozen=True)
class Scenario:
    """A network, and what happens on it."""

    name: str
    shows: str
    """One or two sentences: what a reader of the capture will see."""
    play: Play
    """Starts the servers, captures, drives the clients. Called in the namespace of the first site."""
    line: tuple[str, ...] = ("clients", "servers")
    """Sites from left to right, a cable between neighbours; those in the middle forward packets."""
    transparent: tuple[str, ...] = ()
    """Those of `line` that are bumps in the wire: they have no address, a user-space program passes the frames on."""
    points: tuple[str, ...] = ("servers",)
    """Where to capture: `SITE` if one cable ends there, else `SITE-to-NEIGHBOUR`."""
    needs: tuple[str, ...] = ("openssl",)
    """Programs that must be installed."""
    needs_namespaces: bool = False
    """Cannot be played on loopback."""
    settings: Mapping[str, Value] = field(default_factory=dict)
    """What `--set` may change, with its defaults; their types are kept. Every scenario has `seed`."""
    may_be_zero: tuple[str, ...] = ()
    """The numbers among them that need not be above 0."""
    patterns: Mapping[str, str] = field(default_factory=dict)
    """What texts among them look like: a regular expression for the whole."""
    seconds: int = 5
    """About how long it takes."""

    def has(self, key: str) -> bool:
        """Whether there is such a setting."""
        return key == "seed" or key in self.settings

    def with_defaults(self, changed: Mapping[str, str]) -> dict[str, Value]:
        """All settings, those in `changed` as they were given; raises ScenarioError."""
        settings: dict[str, Value] = {"seed": SEED, **self.settings}
        for key, text in changed.items():
            if key not in settings:
                raise ScenarioError(f"{self.name} has no setting {key}; it has {', '.join(sorted(settings))}")
            settings[key] = self._read(key, text, settings[key])
        return settings

    def _read(self, key: str, text: str, default: Value) -> Value:
        """A setting as it was given, of its default's type."""
        if isinstance(default, str):
            pattern = self.patterns.get(key, ".+")
            if re.fullmatch(pattern, text):
                return text
            words = pattern.split("|")
            like = " or ".join(words) if all(map(str.isalnum, words)) else f"what looks like {default}"
            raise ScenarioError(f"{key}={text}: {key} of {self.name} must be {like}")
        kind = "a whole number" if isinstance(default, int) else "a number"
        try:
            value = type(default)(text)
        except ValueError:
            raise ScenarioError(f"{key}={text}: not {kind}, as {key} of {self.name} must be") from None
        least = 0 if key == "seed" or key in self.may_be_zero else 1e-6
        if not least <= value <= LARGEST:
            raise ScenarioError(
                f"{key}={text}: {key} of {self.name} must be {kind} {'from' if least == 0 else 'above'} 0"
            )
        return value


def all_scenarios() -> dict[str, Scenario]:
    """The scenarios of the package by name, in the order of their names."""
    from tlscap.lab import scenarios

    names = [f"{scenarios.__name__}.{module.name}" for module in pkgutil.iter_modules(scenarios.__path__)]
    found = [scenario for name in names for scenario in import_module(name).SCENARIOS]
    return {scenario.name: scenario for scenario in sorted(found, key=lambda scenario: scenario.name)}


def find_scenario(name: str) -> Scenario:
    """The scenario of that name, or in the file of that name: `mine.py`, `mine.py:second`; raises ScenarioError."""
    path, _, one = name.partition(":")
    known = _in_file(Path(path)) if path.endswith(".py") else all_scenarios()
    wanted = name if not path.endswith(".py") else one or next(iter(known))
    if wanted not in known:
        raise ScenarioError(f"no scenario {wanted}; `tlscap lab list` names them")
    return known[wanted]


def _in_file(path: Path) -> dict[str, Scenario]:
    spec = spec_from_file_location(path.stem.replace("-", "_"), path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ScenarioError(f"{path}: no such file")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever is wrong with a user's file
        raise ScenarioError(f"{path} cannot be read: {type(error).__name__}: {error}") from error
    found = getattr(module, "SCENARIOS", ())
    if not isinstance(found, tuple) or not found or not all(isinstance(one, Scenario) for one in found):
        raise ScenarioError(f"{path}: SCENARIOS is no tuple of scenarios; docs/lab.md shows a whole file")
    return {scenario.name: scenario for scenario in found}
