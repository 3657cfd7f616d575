"""``digest collect``: read the sources and store what is new."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import click

from digest.cli.group import Command, Output, output
from digest.errors import NothingToDo, SourceError


@click.command(cls=Command)
@click.pass_context
def collect(context: click.Context) -> None:
    """Read the sources and store what is new.

    Fetches the full text of new and changed posts. Exit status 3 when nothing changed, 1 when a
    source could not be read.
    """
    from digest import app, config, pipeline
    from digest.render.report import collected_json, collected_report

    out = output(context)
    kit = app.kit(config.load(out.config))
    found = pipeline.gather(kit, datetime.now(UTC), progress=_progress(out))
    for one in found:
        if out.json:
            click.echo(json.dumps(collected_json(one), ensure_ascii=False))
        else:
            click.echo(collected_report(one, verbose=out.verbose))
    for line in pipeline.warnings(found):
        out.warn(line)
    if failed := sum(one.failed is not None for one in found):
        raise SourceError(f"{failed} of {len(found)} sources", "could not be read")
    if not any(one.new or one.changed for one in found):
        raise NothingToDo("collect", "nothing is new")


def _progress(out: Output) -> Callable[[int, int], None] | None:
    """Return what shows progress on a terminal; None in a pipe or where quiet was asked for."""
    if out.quiet or not sys.stderr.isatty():
        return None

    def show(done: int, of: int) -> None:
        click.echo(f"\r{done}/{of} pages", err=True, nl=done == of)

    return show
