"""`python -m tlscap.cli.document` prints docs/cli.md, made of what --help says."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tlscap.cli.group import COMMANDS, MAX_WIDTH, tlscap

_HEAD = """# Command line

Made from `--help` by `python -m tlscap.cli.document > docs/cli.md`.

Standard output is data, standard error is talk: warnings, and a progress bar on a terminal. `NO_COLOR` is honoured.
Exit status: 0 done, 1 findings at or above `--fail-on`, 2 misuse or unreadable input, 130 interrupted.
"""

_WIDTH = MAX_WIDTH - 2  # as on any terminal that is wide enough: click leaves two columns free


def render_document() -> str:
    """The whole of docs/cli.md."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    with click.Context(tlscap, info_name="tlscap", terminal_width=_WIDTH) as context:
        yield _section("tlscap", tlscap.get_help(context))
        for name in COMMANDS:
            command = tlscap.get_command(context, name)
            assert command is not None
            yield from _of_command(command, name, context)


def _of_command(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """The section of a command, and those of its own commands."""
    with click.Context(command, info_name=name, parent=parent, terminal_width=_WIDTH) as context:
        yield _section(context.command_path, command.get_help(context))
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                yield from _of_command(command.commands[inner], inner, context)


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n```\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    print(render_document(), end="")
