"""``digest subscribers bounces | keys | tokens``: what comes back, and what signs the links."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.group import Command, Output, output
from digest.errors import ConfigError, DigestError, NothingToDo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.config import Settings

_FOLDER = click.Path(path_type=Path, file_okay=False)
_NEVER = "The tokens were never renewed: links in all mails that are out work."
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command)
@click.option("--maildir", type=_FOLDER, help="Read what is new in this maildir.")
@click.option("--mbox", type=_FILE, help="Read this mailbox file, which stays as it is.")
@click.pass_context
def bounces(context: click.Context, maildir: Path | None, mbox: Path | None) -> None:
    """Act on mail that came back: bounces and complaints.

    A permanent failure or a complaint ends the subscription at once, temporary failures after
    some in a row; an answer of somebody who is away does nothing. A message counts once, however
    often it is read. Exit status 3 when there was none to act on.
    """
    from digest import app, config
    from digest.audience import feedback, returns

    out = output(context)
    settings = config.load(out.config)
    audience, keyring = app.audience(settings), app.keyring(settings)
    seen = acted = 0
    for raw in _messages(maildir, mbox):
        seen += 1
        for report in returns.read(raw):
            now, most = datetime.now(UTC), settings.audience.soft_bounces
            one = feedback.act(audience, keyring, report, now, most=most)
            acted += one is not None
            _tell(one.id if one else None, report.kind, one.state if one else "", out)
    out.say(f"{seen:,} messages, {acted:,} reports on subscribers")
    if not acted:
        raise NothingToDo("bounces", "no message was about a subscriber")


def _messages(maildir: Path | None, mbox: Path | None) -> "Iterator[bytes]":
    from digest.audience import mailboxes

    if maildir and not mbox:
        return mailboxes.maildir(maildir)
    if mbox and not maildir:
        return mailboxes.mbox(mbox)
    raise ConfigError("bounces", "takes --maildir DIR or --mbox FILE", "Give one of them.")


def _tell(number: int | None, kind: str, state: str, out: Output) -> None:
    if out.json:
        click.echo(json.dumps({"subscriber": number, "report": kind, "state": state or None}))
    elif number is None:
        out.say(f"{kind}: about nobody here")
    else:
        out.say(f"{kind}: subscriber {number} is {state}")


@click.command(cls=Command)
@click.option("--rotate", is_flag=True, help="Sign with a new key; the old links go on working.")
@click.option("--adopt", is_flag=True, help="Go on with these keys though the old ones are lost.")
@click.pass_context
def keys(context: click.Context, rotate: bool, adopt: bool) -> None:
    """Say where the keys are that sign links, or make a new one.

    Old keys stay beside the new one, for links that were sent never expire.
    """
    from digest import app, config, tokens

    out = output(context)
    settings = config.load(out.config)
    path, outside = app.keys_beside(settings), app.keys_from_outside(settings)
    if rotate and outside:
        remedy = "Put a new line before the old ones there."
        raise ConfigError("the key of the audience", "is set from outside", remedy)
    app.audience(settings, adopt=adopt)
    made = tokens.rotate(path) if rotate else app.keyring(settings)
    where = "DIGEST_AUDIENCE_KEY or key_file" if outside else str(path)
    if out.json:
        click.echo(json.dumps({"file": None if outside else where, "keys": list(made.names)}))
    many = "1 key" if len(made.names) == 1 else f"{len(made.names)} keys"
    out.say(f"{where}: {many}, {made.names[0]} signs")


@click.command(cls=Command)
@click.option("--renew", is_flag=True, help="End the links in all mails that are out.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def tokens(context: click.Context, renew: bool, yes: bool) -> None:
    """Say when the tokens in readers' links were renewed, or renew all of them.

    A token leads to one reader's page and never expires, so renew them when strangers may have
    seen some. Links in mails that are out then end no subscription any more: they open a page that
    sends the reader a new link. Mails that leave from now on carry new ones.
    """
    from digest import app, config

    out, now = output(context), datetime.now(UTC)
    settings = config.load(out.config)
    app.audience(settings)  # StoreError where the keys are not the store's
    if renew and not yes:
        if not sys.stdin.isatty():
            raise ConfigError("tokens --renew", "nobody is there to confirm it", "Add --yes.")
        click.confirm("End the links in all mails that are out?", abort=True, err=True)
    if renew:
        app.renew(settings, now)
    times, last = app.renewed(settings)
    if out.json:
        click.echo(json.dumps({"renewed": times, "last": last.isoformat() if last else None}))
    often = "once" if times == 1 else f"{times} times"
    out.say(f"The tokens were renewed {often}, last {last:%Y-%m-%d %H:%M} UTC" if last else _NEVER)


def invite(settings: "Settings", out: Output) -> None:
    """Send the mail that asks to confirm to everybody who waits and was not asked yet."""
    from digest import app
    from digest.usecases import readership

    letters, asked = readership.letters(settings), 0
    waiting = (one for one in app.audience(settings).everyone("pending") if one.asked is None)
    for one in waiting:
        try:
            letters.ask_listed(one)
        except DigestError as error:
            out.warn(f"nobody was asked to confirm: {error}" if not asked else str(error))
            out.say("They wait. Do it again when that is mended: who was asked is not asked twice.")
            return
        asked += 1
    if asked:
        out.say(f"{asked:,} were asked to confirm by mail.")
