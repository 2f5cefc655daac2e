"""`tlscap lab`: real TLS programs through scenarios, captured, with the truth beside."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tlscap.cli.failure import MISUSE, Failure
from tlscap.cli.screen import talk, width

if TYPE_CHECKING:
    from tlscap.lab.scenario import Scenario

RUNS = Path("reports") / "lab"
WIDEST = 120
"""Columns that `list` takes at most, for longer lines are hard to read."""

WITHOUT_NAMESPACES = (
    "tlscap: no privilege for network namespaces: on loopback, with segments of up to 64 KB, all points seeing the "
    "same packets, no lost packets, and without the scenarios that need more (`tlscap lab list` says which)"
)


@click.group()
def lab() -> None:
    """Runs real TLS programs through scenarios and captures them.

    \b
    Examples:
      tlscap lab list
      tlscap lab run reneg-refused
    """


@lab.command("list")
def list_scenarios() -> None:
    """Names the scenarios, and what each shows.

    \b
    Example:
      tlscap lab list
    """
    from tlscap.lab.run import cannot_run
    from tlscap.lab.scenario import all_scenarios

    for name, scenario in all_scenarios().items():
        settings = " ".join(f"{key}={value}" for key, value in scenario.with_defaults({}).items())
        click.echo(f"{name}  (about {scenario.seconds} s)")
        for paragraph in (scenario.shows, f"Settings: {settings}", *map(_sentence, cannot_run(scenario))):
            click.echo(click.wrap_text(paragraph, min(width(), WIDEST), "    ", "    "))


@lab.command()
@click.argument("scenario")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Default: reports/lab/SCENARIO.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Changes a setting of the scenario.")
def run(scenario: str, output: Path | None, changes: tuple[str, ...]) -> int:
    """Plays SCENARIO, or all of them, and leaves captures, keys, logs and the truth.

    SCENARIO may also be a file of scenarios: mine.py, mine.py:second. DIR gets capture-POINT.pcap,
    capture-POINT.pcapng with the secrets inside, keys.txt, truth.jsonl (what the programs said, a line a
    connection), annotations.csv, run.json (settings, hosts, versions), logs/ and files/. With `all` each
    goes into DIR/SCENARIO; if one fails the others are played all the same, and what lacks a program or
    a privilege is skipped. Every run has network namespaces of its own; where the kernel does not allow
    that, it takes loopback.

    Exit status: 0 done, 2 misuse or a run that failed, 130 interrupted.

    \b
    Examples:
      tlscap lab run reneg-refused
      tlscap lab run haproxy-mtls-tickets -o mtls --set rounds=3
      tlscap lab run all -o lab
    """
    from tlscap.lab.cage import cage
    from tlscap.lab.scenario import ScenarioError, all_scenarios, find_scenario

    settings = dict(map(_setting, changes))
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's `&` has it ignored, and programs would stay
    if not cage():
        talk(WITHOUT_NAMESPACES)
    if scenario == "all":
        return run_all(all_scenarios(), output or RUNS, settings)
    try:
        directory = output or RUNS / find_scenario(scenario).name
    except ScenarioError as error:
        raise Failure(str(error)) from None
    return _run(scenario, directory, settings)


def _run(name: str, directory: Path, settings: dict[str, str]) -> int:
    from tlscap.lab.run import RunError
    from tlscap.lab.run import run as play
    from tlscap.lab.scenario import ScenarioError, find_scenario

    try:
        wanted = find_scenario(name)
        if sys.stderr.isatty():
            talk(f"tlscap: playing {wanted.name}, about {wanted.seconds} s")
        done = play(name, wanted, directory, settings)
    except (RunError, ScenarioError) as error:
        talk(f"tlscap: {error}")
        return MISUSE
    count = f"{done.connections} connection{'s' if done.connections != 1 else ''}"
    click.echo(f"{name}: {count} in {done.seconds:.0f} s, {done.network}: {done.directory}")
    captures = sorted(path.name for path in done.directory.glob("capture-*.pcapng"))
    talk(f"tlscap: look at it with: tlscap analyze {done.directory / captures[0]}")
    return 0


def run_all(known: dict[str, Scenario], output: Path, settings: dict[str, str]) -> int:
    """All of them one after the other, a row of a table each; one that fails is said and the next is played."""
    from tlscap.lab.run import CannotRunError, RunError
    from tlscap.lab.run import run as play

    counts = Counter[str]()
    changed = _for_each(known, settings)
    talk(f"tlscap: {len(known)} scenarios, about {sum(one.seconds for one in known.values()) / 60:.0f} min")
    click.echo(_ROW.format("scenario", "result", "connections", "seconds", "network"))
    for name, scenario in known.items():
        row, reason = (name, "played", "", "", ""), ""
        try:
            done = play(name, scenario, output / name, changed[name])
            row = (name, "played", str(done.connections), f"{done.seconds:.0f}", done.network)
        except RunError as error:
            row, reason = (name, "skipped" if isinstance(error, CannotRunError) else "FAILED", "", "", ""), str(error)
        counts[row[1]] += 1
        click.echo(_ROW.format(*row).rstrip())
        if reason:
            talk(f"tlscap: {reason}")
    click.echo(f"{', '.join(f'{number} {result}' for result, number in counts.items())}: {output}")
    return MISUSE if counts["FAILED"] else 0


_ROW = "{:27} {:8} {:>11} {:>8}  {}"


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--set {text}: write KEY=VALUE.")
    return key, value


def _for_each(known: dict[str, Scenario], settings: dict[str, str]) -> dict[str, dict[str, str]]:
    """With `all` a setting is for the scenarios that have it; what none has, or one cannot take, is a failure."""
    from tlscap.lab.scenario import ScenarioError

    chosen = {name: {key: settings[key] for key in settings if one.has(key)} for name, one in known.items()}
    if missing := set(settings).difference(*chosen.values()):
        raise Failure(f"no scenario has a setting {min(missing)}")
    try:
        for name, scenario in known.items():
            scenario.with_defaults(chosen[name])
    except ScenarioError as error:
        raise Failure(str(error)) from None
    return chosen


def _sentence(text: str) -> str:
    return f"It {text}."


def _end(*_: object) -> None:
    sys.exit(143)
