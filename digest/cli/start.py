"""``digest demo | init | doctor``: begin here."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from digest.cli.group import Command, output
from digest.errors import ConfigError, DigestError

_COLOURS = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "red"}


@click.command(cls=Command)
@click.argument("folder", metavar="[DIR]", default="digest-demo", type=click.Path(path_type=Path))
@click.pass_context
def demo(context: click.Context, folder: Path) -> None:
    """Make an issue of the sample blog in DIR, with no network.

    DIR (default: digest-demo) gets the blog, a digest.toml, a store and the issue as HTML, text,
    eml and threads. Nothing else is touched; every command works inside DIR.
    """
    from digest.cli.issues import show_revision
    from digest.usecases.demo import demo as make

    out = output(context)
    made = make(folder, datetime.now(UTC))
    show_revision(made.revision, out)
    out.say("\nWritten to " + str(folder) + ": " + ", ".join(file.name for file in made.files))
    out.say(f"Open {folder / 'issue.html'} in a browser.")
    out.say(f"Next: cd {folder} && digest threads --network mastodon")


@click.command(cls=Command)
@click.argument("url", default="", metavar="[URL]")
@click.option(
    "--opml", type=click.Path(path_type=Path), help="Take the feeds of this OPML file instead."
)
@click.option("--force", is_flag=True, help="Write over a digest.toml that is there.")
@click.pass_context
def init(context: click.Context, url: str, opml: Path | None, force: bool) -> None:
    """Find the feed of the blog at URL and write digest.toml.

    Asks nothing: what cannot be found out stands in the file as a comment. Writes here, or to the
    file given with --config. With --opml each feed that the file lists becomes a source.
    """
    from digest.config import FILE, load_environment
    from digest.usecases import setup

    out = output(context)
    path = Path(out.config or FILE)
    if bool(url) == bool(opml):
        raise ConfigError("digest init", "takes a URL or --opml FILE", "Give one of them.")
    if opml:
        feeds = setup.init_opml(opml, path, force=force)
        said = f"Took {len(feeds)} feed{'s' * (len(feeds) > 1)} from {opml} and wrote {path}."
    else:
        allow = load_environment().fetch.allow_private
        found = setup.init(url, path, force=force, allow_private=allow)
        feeds = tuple(feed.url for feed in found.feeds)
        said = f"Found {feeds[0]} ({found.about.title}) and wrote {path}."
    if out.json:
        click.echo(json.dumps({"file": str(path), "feeds": feeds}))
        return
    out.say(said)
    out.say("Next: digest draft")


@click.command(cls=Command)
@click.pass_context
def doctor(context: click.Context) -> None:
    """Say what is configured, reachable and missing.

    Exit status 1 when something is broken; what is merely not set up yet is a note.
    """
    from digest import config
    from digest.usecases.doctor import examine

    out = output(context)
    broken = 0
    for check in examine(config.load(out.config)):
        broken += check.level == "error"
        if out.json:
            click.echo(json.dumps(asdict(check), ensure_ascii=False))
        else:
            level = click.style(f"{check.level:<8}", fg=_COLOURS[check.level])
            click.echo(f"{level}{check.subject}: {check.finding}")
            if check.remedy:
                click.echo(f"{'':<8}→ {check.remedy}")
    if broken:
        raise DigestError(
            "doctor", f"{broken} {'thing is' if broken == 1 else 'things are'} broken"
        )
