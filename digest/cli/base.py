"""The click classes of the command line: lazy commands that share four options.

A run that the system ends ends as one that a person ends: after what is on its way.
"""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from digest.app.composition import App

_WHOLE = 200  # characters: no sentence of ours is longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How a command was asked to speak, and with which configuration."""

    config: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False

    def line(self, text: str) -> bool:
        """Print *text* on stdout; tell whether anybody still reads it, as ``head`` may not."""
        try:
            click.echo(text)
            sys.stdout.flush()
        except BrokenPipeError:
            mute_stdout()
            return False
        return True

    def say(self, text: str) -> None:
        """Tell a person something, on stderr, unless they asked for quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def warn(self, text: str) -> None:
        """Tell a person what they should know, on stderr, whatever they asked for."""
        click.echo(click.style("warning: ", fg="yellow") + text, err=True)


def mute_stdout() -> None:
    """Send what is left of stdout nowhere: Python flushes it at the end, which must not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _note_option(context: click.Context, param: click.Parameter, value: object) -> None:
    """Keep a shared option for ``output()``; the command's own value wins over the group's."""
    if value and param.name:
        said: dict[str, Any] = {param.name: value}
        context.obj = replace(find_output(context), **said)


def shared_options() -> list[click.Parameter]:
    """Return the options that stand before or after the name of any command."""
    keep: dict[str, Any] = {"expose_value": False, "callback": _note_option}
    return [
        click.Option(["--config"], metavar="FILE", help="Use this digest.toml.", **keep),
        click.Option(["--json"], is_flag=True, help="Print JSON on stdout, for programs.", **keep),
        click.Option(["--quiet"], is_flag=True, help="Say nothing but errors.", **keep),
        click.Option(["--verbose"], is_flag=True, help="Say more.", **keep),
    ]


def find_output(context: click.Context) -> Output:
    """Return how the running command was asked to speak."""
    return context.find_object(Output) or Output()


def open_app(out: Output) -> "App":
    """Return what the configuration that *out* names describes; ConfigError where it is wrong."""
    from digest.app.composition import App
    from digest.config.settings import load_settings

    return App(load_settings(out.config))


class Command(click.Command):
    """A command that also takes the shared options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - click's own signature
        super().__init__(*args, **kwargs)
        self.params += shared_options()


class Group(click.Group):
    """A group of commands that take the shared options, before or after their names."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - click's own signature
        super().__init__(*args, **kwargs)
        self.params += shared_options()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, each with its whole first sentence."""
        with formatter.section("Commands"):
            told = ((name, self.commands[name]) for name in self.list_commands(ctx))
            formatter.write_dl([(name, one.get_short_help_str(_WHOLE)) for name, one in told])


class LazyGroup(click.Group):
    """A group whose commands are imported when they run: name -> (module, one line of help)."""

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - click's own signature
        commands_at: Mapping[str, tuple[str, str]],
        **kwargs: Any,  # noqa: ANN401 - click's own signature
    ) -> None:
        super().__init__(*args, **kwargs)
        self.params += shared_options()
        self._commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order a newcomer meets them."""
        del ctx
        return list(self._commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command."""
        from digest.config.plugins import import_attribute

        del ctx
        if cmd_name not in self._commands_at:
            return None
        command = import_attribute(self._commands_at[cmd_name][0], cmd_name)
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that *args* begin with; a slip of the pen is told what is near it."""
        if args[0] not in self._commands_at and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], self._commands_at, n=1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{meant}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in self._commands_at.items()])


class Terminated(KeyboardInterrupt):
    """The system ends the run, and not the person who began it."""


@contextmanager
def end_on_sigterm() -> Iterator[None]:
    """Raise Terminated where SIGTERM would kill."""

    def stop(_number: int, _frame: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
