"""``digest subscribers import | export``: whole lists."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from digest.cli.group import Command, Output, output
from digest.cli.returned import invite
from digest.errors import ConfigError, DigestError, NothingToDo

if TYPE_CHECKING:
    from digest.audience.importing import Fault, Report
    from digest.audience.sheet import Sheet
    from digest.model import Membership

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
    from digest import app, config
    from digest.audience import importing
    from digest.audience.sheet import sheet
    from digest.usecases import readership

    out = output(context)
    settings = config.load(out.config)
    read = sheet(file, encoding, dict(_column(one) for one in told))
    out.say(f"{file.name}: {read.told}")
    if read.guessed:
        _ask(read, out)
    if read.ignored:
        out.say(f"Left out: {', '.join(read.ignored)}")
    for heading, mark in read.marks:
        out.say(f"{heading}: says who is {mark}")
    terms = readership.terms(
        settings,
        confirmed=confirmed,
        digests=digests,
        language=language,
        source=file.name.encode("utf-8", "replace").decode()[:200],
        lift=again,
        dry=dry_run,
        day_first=importing.day_first(read),
    )
    importing.examine(read, terms)
    with _told(report) as tell:
        found = importing.bring_in(
            app.audience(settings),
            read,
            terms,
            datetime.now(UTC),
            tell=tell,
            progress=_progress(out),
        )
    _say(found, read, out, dry=dry_run, report=report)
    if not confirmed and not dry_run:
        invite(settings, out)
    context.exit(_status(found))


def _column(told: str) -> tuple[str, str]:
    heading, _, name = told.rpartition("=")
    if not heading:
        raise ConfigError(f"--column {told}", "says no meaning", 'Write: --column "HEAD=MEANING"')
    return heading.strip(), name.strip().lower()


def _ask(read: "Sheet", out: Output) -> None:
    """Show what the guessed encoding makes of the list; a person at a terminal says yes or no."""
    out.say(f"Its first row reads: {read.sample}")
    there = sys.stdin.isatty() and sys.stderr.isatty() and not out.quiet
    if there and not click.confirm("Is that right?", default=True, err=True):
        raise ConfigError(read.path.name, "is of another encoding", "Name it: --encoding NAME")


@contextmanager
def _told(path: Path | None) -> "Iterator[Callable[[Fault], None]]":
    """Yield what writes each fault to the CSV file *path*, if there is one."""
    from digest.audience import table

    if path is None:
        yield lambda _fault: None
        return
    with _writing(path) as file:
        file.write("".join(table.lines([("line", "email", "reason")])))
        yield lambda fault: file.writelines(
            table.lines([(str(fault.line), fault.typed, fault.reason)])
        )


@contextmanager
def _writing(path: Path) -> Iterator[TextIO]:
    """Yield *path* open for CSV: UTF-8 with a mark, without which spreadsheets guess wrong."""
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as error:
        cause = f"cannot be written: {error.strerror}"
        raise DigestError(str(path), cause, "Name a place that you may write to.") from None


def _say(found: "Report", read: "Sheet", out: Output, *, dry: bool, report: Path | None) -> None:
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
    _say_untimed(found, out)
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


def _say_untimed(found: "Report", out: Output) -> None:
    """Say which times of consent could not be read."""
    for fault in found.untimed[:_SHOWN]:
        out.warn(f"line {fault.line}: {fault.reason}: consent is dated now")
    if (rest := len(found.untimed) - _SHOWN) > 0:
        out.warn(f"{rest:,} more times of consent cannot be read: they are dated now")


def _status(found: "Report") -> int:
    if found.faulty:
        return 1
    return 0 if found.taken["added"] or found.taken["updated"] else NothingToDo.exit_status


def _progress(out: Output) -> Callable[[int], None] | None:
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
    from digest import app, config
    from digest.audience import record, table

    out = output(context)
    people = app.audience(config.load(out.config)).everyone(state, digest)
    lines: Iterator[str] = table.lines(record.rows(people))
    if out.json:
        lines = (json.dumps(record.data(one), ensure_ascii=False) + "\n" for one in people)
    if file is None:
        sys.stdout.writelines(lines)
        return
    with _writing(file) as target:
        target.writelines(lines)
    out.say(f"Written: {file}")
