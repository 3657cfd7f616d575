"""``digest subscribers ...``: one reader, whole lists, what comes back, and the keys of links.

``digest subscribers import | export``: whole lists.

``digest subscribers``: who reads, one person at a time.

``digest subscribers bounces | keys | tokens``: what comes back, and what signs the links.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from digest.cli.base import Command, Group, Output, find_output, open_app
from digest.model.errors import ConfigError, DigestError, NothingToDo
from digest.model.private_files import open_private

if TYPE_CHECKING:
    from digest.app.composition import App
    from digest.audience.bounces import DeliveryReport
    from digest.audience.csv_reader import CsvLayout
    from digest.audience.importer import ImportReport, RowFault
    from digest.model import Membership, Subscriber
    from digest.model.ports.audience import Audience
    from digest.text.address import Address

_FOLDER = click.Path(path_type=Path, file_okay=False)
_NEVER = "The tokens were never renewed: links in all mails that are out work."
_MAILBOX_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command)
@click.option("--maildir", type=_FOLDER, help="Read what is new in this maildir.")
@click.option("--mbox", type=_MAILBOX_FILE, help="Read this mailbox file, which stays as it is.")
@click.option("--imap", is_flag=True, help="Read the mailbox of [mailbox], as without options.")
@click.pass_context
def bounces(context: click.Context, maildir: Path | None, mbox: Path | None, imap: bool) -> None:
    """Act on mail that came back: bounces and complaints.

    A permanent failure of the address or a complaint ends the subscription at once, temporary
    failures after some in a row. What was refused for the sake of the sender (a block list, spam)
    is told by provider and counts against nobody, and so is what nobody can read. An answer of
    somebody who is away does nothing. A message counts once, however often it is read. Exit
    status 3 when there was none to act on.
    """
    from digest.audience.bounces import apply_report, parse_returned_mail
    from digest.model.refusals import suggest_remedy
    from digest.text.address import nameless

    out = find_output(context)
    app = open_app(out)
    audience, keyring = app.audience, app.keyring
    seen = acted = 0
    refusals: Counter[tuple[str, str]] = Counter()
    for raw in _read_messages(app, maildir, mbox, imap=imap):
        seen += 1
        for report in parse_returned_mail(raw):
            now, most = datetime.now(UTC), app.settings.audience.soft_bounces
            one = apply_report(audience, keyring, report, now, most=most)
            acted += one is not None
            _tell_report(one, report, out)
            if one and report.kind == "refused":
                provider = one.address.rpartition("@")[2]
                refusals[provider, nameless(report.reason)[:200]] += 1
    out.say(f"{seen:,} messages, {acted:,} reports on subscribers")
    for (provider, reason), count in refusals.most_common():
        readers = "1 mail" if count == 1 else f"{count:,} mails"
        out.warn(f"{provider} refused {readers}, which says nothing of the readers: {reason}")
        if remedy := suggest_remedy(reason):
            out.say(remedy)
    if not acted:
        raise NothingToDo("bounces", "no message was about a subscriber")


def _read_messages(
    app: "App", maildir: Path | None, mbox: Path | None, *, imap: bool
) -> "Iterator[bytes]":
    from digest.app.reader_settings import find_mailbox
    from digest.audience.bounces import read_maildir, read_mbox
    from digest.audience.imap_mailbox import read_messages

    if sum((maildir is not None, mbox is not None, imap)) > 1:
        cause = "takes one of --maildir DIR, --mbox FILE and --imap"
        raise ConfigError("bounces", cause, "Give one of them.")
    if maildir:
        return read_maildir(maildir)
    return read_mbox(mbox) if mbox else read_messages(find_mailbox(app.settings))


def _tell_report(one: "Subscriber | None", report: "DeliveryReport", out: Output) -> None:
    from digest.text.address import nameless

    reason = " ".join(nameless(report.reason).split())[:200]
    if out.json:
        number, state = (one.id, one.state) if one else (None, None)
        told = {"subscriber": number, "report": report.kind, "state": state, "reason": reason}
        click.echo(json.dumps(told, ensure_ascii=False))
    elif one is None:
        out.say(f"{report.kind}: about nobody here")
    else:
        why = f" ({reason})" if reason else ""
        out.say(f"{report.kind}: subscriber {one.id} is {one.state}{why}")


@click.command(cls=Command)
@click.option("--rotate", is_flag=True, help="Sign with a new key; the old links go on working.")
@click.option("--adopt", is_flag=True, help="Go on with these keys though the old ones are lost.")
@click.pass_context
def keys(context: click.Context, rotate: bool, adopt: bool) -> None:
    """Say where the keys are that sign links, or make a new one.

    Old keys stay beside the new one, for links that were sent never expire.
    """
    from digest.config import link_tokens

    out = find_output(context)
    app = open_app(out)
    path, outside = app.key_file, app.outside_keys
    if rotate and outside:
        remedy = "Put a new line before the old ones there."
        raise ConfigError("the key of the audience", "is set from outside", remedy)
    app.open_audience(adopt=adopt)
    made = link_tokens.rotate_key(path) if rotate else app.keyring
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
    out, now = find_output(context), datetime.now(UTC)
    app = open_app(out)
    _ = app.audience  # StoreError where the keys are not the store's
    if renew and not yes:
        if not sys.stdin.isatty():
            raise ConfigError("tokens --renew", "nobody is there to confirm it", "Add --yes.")
        click.confirm("End the links in all mails that are out?", abort=True, err=True)
    if renew:
        app.renew_tokens(now)
    times, last = app.token_renewals
    if out.json:
        click.echo(json.dumps({"renewed": times, "last": last.isoformat() if last else None}))
    often = "once" if times == 1 else f"{times} times"
    out.say(f"The tokens were renewed {often}, last {last:%Y-%m-%d %H:%M} UTC" if last else _NEVER)


def invite_waiting(app: "App", out: Output) -> None:
    """Send the mail that asks to confirm to everybody who waits and was not asked yet."""
    letters, asked = app.letters, 0
    waiting = (one for one in app.audience.everyone("pending") if one.asked is None)
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


_FILE = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 10
_STATES = ["pending", "active", "unsubscribed", "bounced", "complained"]


@click.command("import", cls=Command)
@click.argument("file", type=_FILE)
@click.option("--confirmed", is_flag=True, help="They agreed already; you hold the proof.")
@click.option("--digest", "digests", multiple=True, metavar="NAME", help="Which digest they get.")
@click.option("--language", default="", metavar="TAG", help="Where the list does not say: en, ...")
@click.option("--encoding", default="", metavar="NAME", help="utf-8, utf-16, big5, gb18030, ...")
@click.option("--column", "told", multiple=True, metavar="HEAD=MEANING", help="What one means.")
@click.option("--again", is_flag=True, help="Also those who left, bounced or complained.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--report", type=_FILE, help="Write the rows that stay out to this CSV file.")
@click.pass_context
def bring_in(
    context: click.Context,
    file: Path,
    confirmed: bool,
    digests: tuple[str, ...],
    language: str,
    encoding: str,
    told: tuple[str, ...],
    again: bool,
    dry_run: bool,
    report: Path | None,
) -> None:
    """Import subscribers from a CSV file.

    Encoding, delimiter and columns are found out: email, name, language, digests, state, time of
    consent, and those of other tools that say who left, bounced or complained, who are taken over
    as such. A column that may say so and cannot be read stops the import before it begins:
    --column "HEAD=unsubscribed" (or bounced, complained, pending, state, ignore) says what it is.
    Rows that stay out are listed with their line and the reason. Doing it twice changes nothing.
    Exit status 1 when a row could not be read, 3 when nothing changed.
    """
    from digest.app.reader_settings import make_terms
    from digest.audience import importer
    from digest.audience.csv_reader import read_layout

    out = find_output(context)
    app = open_app(out)
    read = read_layout(file, encoding, dict(_parse_column(one) for one in told))
    out.say(f"{file.name}: {read.told}")
    if read.guessed:
        _ask_encoding(read, out)
    if read.ignored:
        out.say(f"Left out: {', '.join(read.ignored)}")
    for heading, mark in read.marks:
        out.say(f"{heading}: says who is {mark}")
    terms = make_terms(
        app.settings,
        confirmed=confirmed,
        digests=digests,
        language=language,
        source=file.name.encode("utf-8", "replace").decode()[:200],
        lift=again,
        dry=dry_run,
        day_first=importer.day_first(read),
    )
    importer.examine_columns(read, terms)
    with _open_report(report) as tell:
        found = importer.bring_in(
            app.audience,
            read,
            terms,
            datetime.now(UTC),
            tell=tell,
            progress=_make_progress(out),
        )
    _print_report(found, read, out, dry=dry_run, report=report)
    if not confirmed and not dry_run:
        invite_waiting(app, out)
    context.exit(_find_status(found))


def _parse_column(told: str) -> tuple[str, str]:
    heading, _, name = told.rpartition("=")
    if not heading:
        raise ConfigError(f"--column {told}", "says no meaning", 'Write: --column "HEAD=MEANING"')
    return heading.strip(), name.strip().lower()


def _ask_encoding(read: "CsvLayout", out: Output) -> None:
    """Show what the guessed encoding makes of the list; a person at a terminal says yes or no."""
    out.say(f"Its first row reads: {read.sample}")
    there = sys.stdin.isatty() and sys.stderr.isatty() and not out.quiet
    if there and not click.confirm("Is that right?", default=True, err=True):
        raise ConfigError(read.path.name, "is of another encoding", "Name it: --encoding NAME")


@contextmanager
def _open_report(path: Path | None) -> "Iterator[Callable[[RowFault], None]]":
    """Yield what writes each fault to the CSV file *path*, if there is one."""
    from digest.audience import importer

    if path is None:
        yield lambda _fault: None
        return
    with _open_csv(path) as file:
        file.write("".join(importer.write_csv_lines([("line", "email", "reason")])))
        yield lambda fault: file.writelines(
            importer.write_csv_lines([(str(fault.line), fault.typed, fault.reason)])
        )


@contextmanager
def _open_csv(path: Path) -> Iterator[TextIO]:
    """Yield *path* open for CSV: UTF-8 with a mark, without which spreadsheets guess wrong."""
    try:
        with (
            open_private(path) as raw,
            TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file,
        ):
            yield file
    except OSError as error:
        cause = f"cannot be written: {error.strerror}"
        raise DigestError(str(path), cause, "Name a place that you may write to.") from None


def _print_report(
    found: "ImportReport", read: "CsvLayout", out: Output, *, dry: bool, report: Path | None
) -> None:
    if out.json:
        data = {
            "file": str(read.path),
            "encoding": read.encoding,
            "delimiter": read.delimiter,
            "columns": list(read.columns),
            "rows": found.rows,
            **{key: found.taken[key] for key in ("added", "updated", "unchanged", "suppressed")},
            "faulty": found.faulty,
            "dry_run": dry,
            "marks": dict(read.marks),
            "states": dict(found.states),
            "untimed": [{"line": f.line, "reason": f.reason} for f in found.untimed],
            "faults": [{"line": f.line, "email": f.typed, "reason": f.reason} for f in found.first],
        }
        click.echo(json.dumps(data, ensure_ascii=False))
        return
    _print_untimed(found, out)
    for fault in found.first[:_SHOWN]:
        out.warn(f"line {fault.line}: {fault.typed!r}: {fault.reason}")
    rest = found.faulty + found.taken["suppressed"] - _SHOWN
    if rest > 0:
        where = f"see {report}" if report else "write them all with --report FILE"
        out.warn(f"{rest:,} more rows stayed out: {where}")
    fates = ("added", "updated", "unchanged", "suppressed", "faulty")
    told = ", ".join(f"{found.taken[fate]:,} {fate}" for fate in fates if found.taken[fate])
    rows = "row" if found.rows == 1 else "rows"
    out.say(f"{found.rows:,} {rows}: {told or 'none'}{' (nothing was changed)' if dry else ''}")
    if set(found.states) - {"active", "pending"}:
        states = ", ".join(f"{number:,} {state}" for state, number in found.states.items())
        out.say(f"As the list says: {states}")


def _print_untimed(found: "ImportReport", out: Output) -> None:
    """Say which times of consent could not be read."""
    for fault in found.untimed[:_SHOWN]:
        out.warn(f"line {fault.line}: {fault.reason}: consent is dated now")
    if (rest := len(found.untimed) - _SHOWN) > 0:
        out.warn(f"{rest:,} more times of consent cannot be read: they are dated now")


def _find_status(found: "ImportReport") -> int:
    if found.faulty:
        return 1
    return 0 if found.taken["added"] or found.taken["updated"] else NothingToDo.exit_status


def _make_progress(out: Output) -> Callable[[int], None] | None:
    if out.quiet or not sys.stderr.isatty():
        return None
    return lambda done: click.echo(f"\r{done:,} rows", err=True, nl=False)


@click.command("export", cls=Command)
@click.argument("file", required=False, type=_FILE)
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--digest", default="", metavar="NAME", help="Only those who get this digest.")
@click.pass_context
def write_list(
    context: click.Context, file: Path | None, state: "Membership | None", digest: str
) -> None:
    """Export subscribers as CSV to FILE, else to stdout; with --json, a line each.

    Cells that a spreadsheet would run as a formula are made text.
    """
    from digest.audience import importer, subscriptions

    out = find_output(context)
    people = open_app(out).audience.everyone(state, digest)
    lines: Iterator[str] = importer.write_csv_lines(subscriptions.write_rows(people))
    if out.json:
        lines = (
            json.dumps(subscriptions.describe_subscriber(one), ensure_ascii=False) + "\n"
            for one in people
        )
    if file is None:
        sys.stdout.writelines(lines)
        return
    with _open_csv(file) as target:
        target.writelines(lines)
    out.say(f"Written: {file}")


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
    from digest.app.reader_settings import make_terms
    from digest.audience import importer
    from digest.audience.csv_reader import CsvRow
    from digest.text.address import Unfit

    out, now = find_output(context), datetime.now(UTC)
    app = open_app(out)
    cells = {"email": address, "name": name, "language": language, "digests": ";".join(digests)}
    terms = make_terms(app.settings, confirmed=confirmed, source="digest subscribers add")
    try:
        one = importer.read_applicant(CsvRow(line=1, cells=cells), terms, now)
    except Unfit as unfit:
        raise ConfigError(address, str(unfit)) from None
    audience = app.audience
    (taken,) = audience.enrol([one], now, lift=again)
    if taken == "suppressed":
        cause = f"is not written to: {audience.suppressed(one.normal)}"
        raise DigestError(address, cause, "If they ask for it themselves, add --again.")
    found = audience.find(one.normal)
    if found is None or taken == "unchanged":
        raise NothingToDo(address, "is there already")
    _print_subscriber(found, out)
    if found.state == "pending":
        invite_waiting(app, out)


@subscribers.command(cls=Command)
@click.argument("address")
@click.pass_context
def remove(context: click.Context, address: str) -> None:
    """End a subscription; an import does not bring the address back.

    ADDRESS may be the number of a subscriber. Exit status 3 when they had left already.
    """
    from digest.audience import subscriptions

    out, now = find_output(context), datetime.now(UTC)
    audience, one = _find_subscriber(out, address)
    after = subscriptions.end_subscription(audience, one.id, now, "the editor")
    if after is None or after.state == one.state:
        raise NothingToDo(address, f"is {one.state} already")
    _print_subscriber(after, out)


@subscribers.command(cls=Command)
@click.argument("address")
@click.pass_context
def show(context: click.Context, address: str) -> None:
    """Show all that is kept of one subscriber: with --json, the export of their data.

    ADDRESS may be the number of a subscriber.
    """
    from digest.audience import subscriptions

    out = find_output(context)
    audience, one = _find_subscriber(out, address)
    data = subscriptions.describe_everything(one, audience.events(one.id), audience.copies(one.id))
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
    out = find_output(context)
    audience, one = _find_subscriber(out, address)
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
    from digest.audience import subscriptions

    out = find_output(context)
    audience = open_app(out).audience
    totals = subscriptions.count_subscribers(audience.counts(), audience.suppressions())
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


def _find_subscriber(out: Output, typed: str) -> "tuple[Audience, Subscriber]":
    """Return the audience and the subscriber with the address or number *typed*."""
    audience = open_app(out).audience
    one = (
        audience.get(int(typed))
        if typed.isdecimal()
        else audience.find(_parse_address(typed).normal)
    )
    if one is None:
        raise NothingToDo(typed, "is no subscriber", "Count them with: digest subscribers stats")
    return audience, one


def _parse_address(typed: str) -> "Address":
    from digest.text import address

    try:
        return address.address(typed)
    except address.Unfit as unfit:
        raise ConfigError(typed, str(unfit)) from None


def _print_subscriber(one: "Subscriber", out: Output) -> None:
    from digest.audience import subscriptions

    if out.json:
        click.echo(json.dumps(subscriptions.describe_subscriber(one), ensure_ascii=False))
        return
    state = click.style(one.state, fg=_COLOURS.get(one.state, "red"))
    out.say(f"Subscriber {one.id}, {one.address}: {state}, {', '.join(one.digests)}")


for command in (bring_in, write_list, bounces, keys, tokens):
    subscribers.add_command(command)
