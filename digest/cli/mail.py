"""``digest send``: an approved issue leaves by mail, to each reader once."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from digest.cli.group import Command, Output, output
from digest.errors import ConfigError

if TYPE_CHECKING:
    from digest.mailroom import Plan
    from digest.model import Receipt

_FAILED = ("rejected", "unknown", "held")
_COLOURS = {"sent": "green", "skipped": "cyan", "deferred": "yellow", "held": "yellow"}


@click.command(cls=Command)
@click.argument("issue", default="")
@click.option("--to", "to", multiple=True, metavar="ADDRESS", help="Send a test here instead.")
@click.option("--revision", type=int, metavar="N", help="--to: which; by default the newest.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def send(
    context: click.Context, issue: str, to: tuple[str, ...], revision: int | None, yes: bool
) -> None:
    """Send an approved issue by mail, to each reader once.

    ISSUE defaults to the newest. Goes on where an earlier run ended. Exit status 1 when a copy
    failed or may not have arrived, 3 when all was sent already. With --to the very same bytes go
    to that address, of any revision, as often as you like.
    """
    from digest import app, config, mailroom

    out = output(context)
    settings = config.load(out.config)
    issues = app.issues(settings)
    newest = issues.load(issue, revision)
    if to:
        context.exit(_told(mailroom.send_test(settings, newest, to), out, every=True))
    found = issues.approved(newest.issue.id) or newest
    mailroom.check(found)
    planned = mailroom.plan(settings, found)
    _show(planned, out)
    if planned.left:
        _ask(f"Send {found.issue.id} to {planned.left} readers?", yes=yes)
    context.exit(_told(mailroom.send(settings, found), out, every=False, total=planned.left))


def _show(planned: "Plan", out: Output) -> None:
    mail = planned.revision.mail
    out.say(f"subject   {mail.subject}")
    out.say(f"audience  {planned.audience} readers, {planned.left} left to send")
    out.say(f"mailer    {planned.where}")


def _ask(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(question.rstrip("?"), "nobody is there to confirm it", "Add --yes.")
    click.confirm(question, abort=True, err=True)


def _progress(receipts: "Iterable[Receipt]", out: Output, total: int) -> "Iterator[Receipt]":
    """Yield *receipts*, with a bar on a terminal."""
    if not total or out.json or out.quiet or not sys.stderr.isatty():
        yield from receipts
        return
    with click.progressbar(receipts, length=total, file=sys.stderr, show_pos=True) as shown:
        yield from shown


def _told(receipts: "Iterable[Receipt]", out: Output, *, every: bool, total: int = 0) -> int:
    """Print the receipts, for a person those that are not plainly sent; return the exit status."""
    counts: Counter[str] = Counter()
    for one in _progress(receipts, out, total):
        counts[one.status] += 1
        if out.json:
            click.echo(json.dumps(asdict(one), ensure_ascii=False))
        elif every or one.status != "sent":
            status = click.style(f"{one.status:<9}", fg=_COLOURS.get(one.status, "red"))
            click.echo(f"{status}{one.target}  {one.reason or one.url or one.id}".rstrip())
    out.say(", ".join(f"{count} {status}" for status, count in counts.items()) or "nothing sent")
    return int(any(counts[status] for status in _FAILED))
