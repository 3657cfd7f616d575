"""``digest backup | restore``: a copy of the store, and one put back that sends nothing twice."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from digest.cli.group import Command, output
from digest.errors import ConfigError


@click.command(cls=Command)
@click.argument("to", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.pass_context
def backup(context: click.Context, to: Path) -> None:
    """Copy the store, as it is at one moment, to a new file.

    Others may go on writing meanwhile. The keys that sign readers' links are written beside it;
    keep both files as you keep a password. A PostgreSQL store becomes a SQLite file as well.
    """
    from digest import config
    from digest.usecases import backups

    out = output(context)
    path = backups.backup(config.load(out.config), to, datetime.now(UTC))
    if out.json:
        click.echo(json.dumps({"file": str(path)}))
        return
    out.say(f"Written to {path}. Put it back with: digest restore {path}")


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def restore(context: click.Context, file: Path, yes: bool) -> None:
    """Put a backup in place of the store; what may have gone out since is held for you.

    The store that was there is moved aside. Issues of before the restoration leave only after
    you said so, with digest resolve.
    """
    import sys

    from digest import config
    from digest.usecases import backups

    out = output(context)
    settings = config.load(out.config)
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("digest restore", "nobody is there to confirm it", "Add --yes.")
        click.confirm(f"Replace the store by {file}?", abort=True, err=True)
    done = backups.restore(settings, file)
    if out.json:
        said = {"made": done.made.isoformat(), "held": done.held, "left": done.left}
        click.echo(json.dumps({**said, "aside": str(done.aside) if done.aside else None}))
        return
    out.say(f"Restored as of {done.made:%Y-%m-%d %H:%M} UTC.")
    if done.aside:
        out.say(f"The store before it is {done.aside}.")
    out.say(f"{done.held} mails and posts are held, and so is every issue of before now.")
    out.say("Look at what went out since, then: digest resolve ISSUE --skip, or --resend.")
    if done.left is None:
        out.warn(f"Who unsubscribed after {done.made:%Y-%m-%d %H:%M} UTC is subscribed again.")
    elif done.left:
        out.say(f"{done.left} readers who left since stay out, as the store before it tells.")
