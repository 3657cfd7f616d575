"""``digest demo | init | doctor | backup | restore``: begin, look after and put back.

``digest demo | init | doctor``: begin here.

``digest backup | restore``: a copy of the store, and one put back that sends nothing twice.
"""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from digest.cli.base import Command, find_output, open_app
from digest.model.errors import ConfigError, DigestError

_COLOURS = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "red"}


@click.command(cls=Command)
@click.argument("folder", metavar="[DIR]", default="digest-demo", type=click.Path(path_type=Path))
@click.pass_context
def demo(context: click.Context, folder: Path) -> None:
    """Make an issue of the sample blog in DIR, with no network.

    DIR (default: digest-demo) gets the blog, a digest.toml, a store and the issue as HTML, text,
    eml and threads. Nothing else is touched; every command works inside DIR.
    """
    from digest.app.demo import write_demo as make
    from digest.cli.issues import show_revision

    out = find_output(context)
    made = make(folder, datetime.now(UTC))
    show_revision(made.revision, out)
    out.say("\nWritten to " + str(folder) + ": " + ", ".join(file.name for file in made.files))
    out.say(f"Open {folder / 'issue.html'} in a browser.")
    out.say(f"Next: cd {folder} && digest threads --network mastodon")


@click.command(cls=Command)
@click.argument("where", default="", metavar="[URL|FOLDER]")
@click.option(
    "--opml", type=click.Path(path_type=Path), help="Take the feeds of this OPML file instead."
)
@click.option("--force", is_flag=True, help="Write over a digest.toml that is there.")
@click.pass_context
def init(context: click.Context, where: str, opml: Path | None, force: bool) -> None:
    """Find the feed of the blog at URL, or read its FOLDER, and write digest.toml.

    Asks nothing: what cannot be found out stands in the file as a comment. Writes here, or to the
    file given with --config. With --opml each feed that the file lists becomes a source.
    """
    from digest.app import init as setup
    from digest.config.settings import CONFIG_FILE, load_environment

    out = find_output(context)
    path = Path(out.config or CONFIG_FILE)
    if bool(where) == bool(opml):
        raise ConfigError("digest init", "takes a URL, a FOLDER or --opml FILE", "Give one.")
    row: dict[str, object] = {"file": str(path)}
    if opml:
        feeds = setup.write_opml_configuration(opml, path, force=force)
        row["feeds"] = feeds
        said = f"Took {len(feeds)} feed{'s' * (len(feeds) > 1)} from {opml} and wrote {path}."
    elif "://" not in where and Path(where).is_dir():
        folder = setup.write_folder_configuration(Path(where), path, force=force)
        row |= {"folder": where, "kind": folder.kind}
        said = f"Found {folder.posts} posts of {folder.kind.title()} ({folder.about.title})"
        said += f" and wrote {path}."
        for line in folder.warnings:
            out.warn(line)
    else:
        allow = load_environment().fetch.allow_private
        found = setup.write_configuration(where, path, force=force, allow_private=allow)
        row["feeds"] = tuple(feed.url for feed in found.feeds)
        said = f"Found {found.feeds[0].url} ({found.about.title}) and wrote {path}."
    if out.json:
        click.echo(json.dumps(row))
        return
    out.say(said)
    out.say("Next: digest draft")


@click.command(cls=Command)
@click.option("--mail", is_flag=True, help="What DNS says of your mail, and records to publish.")
@click.pass_context
def doctor(context: click.Context, mail: bool) -> None:
    """Say what is configured, reachable and missing.

    With --mail: SPF, DKIM, DMARC and its alignment, one-click unsubscription, the reverse name of
    the server that sends and block lists, as far as DNS answers, with the records to copy. Exit
    status 1 when something is broken; what is merely not set up yet is a note.
    """
    from digest.app.doctor import examine_mail, run_checks

    out = find_output(context)
    broken = 0
    app = open_app(out)
    for check in examine_mail(app) if mail else run_checks(app):
        broken += check.level == "error"
        if out.json:
            click.echo(json.dumps(asdict(check), ensure_ascii=False))
        else:
            level = click.style(f"{check.level:<8}", fg=_COLOURS[check.level])
            click.echo(f"{level}{check.subject}: {check.finding}")
            if check.remedy:
                click.echo(f"{'':<8}→ {check.remedy}")
            if check.record:
                click.echo(f"{'':<8}{check.record}")
    if broken:
        raise DigestError(
            "doctor", f"{broken} {'thing is' if broken == 1 else 'things are'} broken"
        )


@click.command(cls=Command)
@click.argument("to", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.pass_context
def backup(context: click.Context, to: Path) -> None:
    """Copy the store, as it is at one moment, to a new file.

    Others may go on writing meanwhile. The keys that sign readers' links are written beside it;
    keep both files as you keep a password. A PostgreSQL store becomes a SQLite file as well.
    """
    from digest.app.backup import back_up_store

    out = find_output(context)
    path = back_up_store(open_app(out), to, datetime.now(UTC))
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

    from digest.app.backup import restore_store

    out = find_output(context)
    app = open_app(out)
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("digest restore", "nobody is there to confirm it", "Add --yes.")
        click.confirm(f"Replace the store by {file}?", abort=True, err=True)
    done = restore_store(app, file)
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
