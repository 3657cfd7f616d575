"""``digest collect``: read the sources and store what is new."""

import json
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

    out = output(context)
    kit = app.kit(config.load(out.config))
    found = pipeline.gather(kit, datetime.now(UTC))
    for one in found:
        tell(one, out)
    failed = [one for one in found if one.failed]
    if failed:
        raise SourceError(f"{len(failed)} of {len(found)} sources", "could not be read")
    if not any(one.new or one.changed for one in found):
        raise NothingToDo("collect", "nothing is new")


def tell(one: "object", out: Output) -> None:
    """Print what one source gave."""
    click.echo(json.dumps(one) if out.json else str(one))
