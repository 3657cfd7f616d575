"""``digest subscribers``: who reads, one person at a time."""

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from digest.cli.group import Command, Group, Output, output
from digest.cli.lists import bring_in, write_list
from digest.cli.returned import bounces, invite, keys, tokens
from digest.errors import ConfigError, DigestError, NothingToDo

if TYPE_CHECKING:
    from digest.audience.address import Address
    from digest.model import Subscriber
    from digest.ports import Audience

_COLOURS = {"active": "green", "pending": "yellow"}


@click.group(cls=Group)
def subscribers() -> None:
    """Add, import, export and let go of subscribers."""


@subscribers.command(cls=Command)
@click.argument("address")
@click.option("--name", default="", metavar="NAME", help="What they are called.")
@click.option("--language", default="", metavar="TAG", help="In which language: zh-Hant-TW, en.")
@click.option("--digest", "digests", multiple=True, metavar="NAME", help="Which digest they get.")
@click.option("--confirmed", is_flag=True, help="They agreed already; you hold the proof.")
@click.option("--again", is_flag=True, help="Also one who left, bounced or complained.")
@click.pass_context
def add(
    context: click.Context,
    address: str,
    name: str,
    language: str,
    digests: tuple[str, ...],
    confirmed: bool,
    again: bool,
) -> None:
    """Add one subscriber.

    Without --confirmed they wait until they confirm by the mail they get. Exit status 3 when they
    are there already.
    """
    from digest import app, config
    from digest.audience import importing
    from digest.audience.address import Unfit
    from digest.audience.sheet import Row
    from digest.usecases import readership

    out, now = output(context), datetime.now(UTC)
    settings = config.load(out.config)
    cells = {"email": address, "name": name, "language": language, "digests": ";".join(digests)}
    terms = readership.terms(settings, confirmed=confirmed, source="digest subscribers add")
    try:
        one = importing.applicant(Row(line=1, cells=cells), terms, now)
    except Unfit as unfit:
        raise ConfigError(address, str(unfit)) from None
    audience = app.audience(settings)
    (taken,) = audience.enrol([one], now, lift=again)
    if taken == "suppressed":
        cause = f"is not written to: {audience.suppressed(one.normal)}"
        raise DigestError(address, cause, "If they ask for it themselves, add --again.")
    found = audience.find(one.normal)
    if found is None or taken == "unchanged":
        raise NothingToDo(address, "is there already")
    _tell(found, out)
    if found.state == "pending":
        invite(settings, out)


@subscribers.command(cls=Command)
@click.argument("address")
@click.pass_context
def remove(context: click.Context, address: str) -> None:
    """End a subscription; an import does not bring the address back.

    ADDRESS may be the number of a subscriber. Exit status 3 when they had left already.
    """
    from digest.audience import joining

    out, now = output(context), datetime.now(UTC)
    audience, one = _found(out, address)
    after = joining.leave(audience, one.id, now, "the editor")
    if after is None or after.state == one.state:
        raise NothingToDo(address, f"is {one.state} already")
    _tell(after, out)


@subscribers.command(cls=Command)
@click.argument("address")
@click.pass_context
def show(context: click.Context, address: str) -> None:
    """Show all that is kept of one subscriber: with --json, the export of their data.

    ADDRESS may be the number of a subscriber.
    """
    from digest.audience import record

    out = output(context)
    audience, one = _found(out, address)
    data = record.whole(one, audience.events(one.id), audience.copies(one.id))
    if out.json:
        click.echo(json.dumps(data, ensure_ascii=False))
        return
    consent, events, mails = (data.pop(name) for name in ("consent", "events", "mails"))
    for key, value in data.items():
        if value not in (None, "", []):
            click.echo(f"{key:<14}{', '.join(value) if isinstance(value, list) else value}")
    click.echo(f"{'consent':<14}{consent['at']}  {consent['how']}  {consent['source']}".rstrip())
    for event in events:
        click.echo(f"{'':<14}{event['at']}  {event['what']}  {event['detail']}".rstrip())
    for mail in mails:
        click.echo(f"{'mail':<14}{mail['at']}  {mail['issue']}  {mail['state']}")


@subscribers.command(cls=Command)
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def erase(context: click.Context, address: str, yes: bool) -> None:
    """Erase all that is kept of one subscriber, for good.

    A keyed hash of the address stays, so that an import cannot bring it back; nobody can read the
    address from it. ADDRESS may be the number of a subscriber.
    """
    out = output(context)
    audience, one = _found(out, address)
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("erase", "nobody is there to confirm it", "Add --yes.")
        click.confirm(f"Erase subscriber {one.id} for good?", abort=True, err=True)
    audience.erase(one.id, datetime.now(UTC))
    if out.json:
        click.echo(json.dumps({"id": one.id, "erased": True}))
    out.say(f"Subscriber {one.id} is erased.")


@subscribers.command(cls=Command)
@click.pass_context
def stats(context: click.Context) -> None:
    """Say how many subscribers there are."""
    from digest import app, config
    from digest.audience import record

    out = output(context)
    audience = app.audience(config.load(out.config))
    totals = record.totals(audience.counts(), audience.suppressions())
    if out.json:
        click.echo(json.dumps(totals))
        return
    click.echo(f"{totals['subscribers']:>9,}  subscribers")
    for state, number in totals["states"].items():
        click.echo(f"{number:>9,}  {click.style(state, fg=_COLOURS.get(state, 'red'))}")
    for name, number in totals["digests"].items():
        click.echo(f"{number:>9,}  get {name}")
    for reason, number in totals["suppressed"].items():
        click.echo(f"{number:>9,}  suppressed: {reason}")


def _found(out: Output, typed: str) -> "tuple[Audience, Subscriber]":
    """Return the audience and the subscriber with the address or number *typed*."""
    from digest import app, config

    audience = app.audience(config.load(out.config))
    one = audience.get(int(typed)) if typed.isdecimal() else audience.find(_address(typed).normal)
    if one is None:
        raise NothingToDo(typed, "is no subscriber", "Count them with: digest subscribers stats")
    return audience, one


def _address(typed: str) -> "Address":
    from digest.audience import address

    try:
        return address.address(typed)
    except address.Unfit as unfit:
        raise ConfigError(typed, str(unfit)) from None


def _tell(one: "Subscriber", out: Output) -> None:
    from digest.audience import record

    if out.json:
        click.echo(json.dumps(record.data(one), ensure_ascii=False))
        return
    state = click.style(one.state, fg=_COLOURS.get(one.state, "red"))
    out.say(f"Subscriber {one.id}, {one.address}: {state}, {', '.join(one.digests)}")


for command in (bring_in, write_list, bounces, keys, tokens):
    subscribers.add_command(command)
