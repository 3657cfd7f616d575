"""``digest send``: an approved issue leaves by mail, to each reader once."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING

import click

from digest.cli.base import Command, Output, Terminated, end_on_sigterm, find_output, open_app
from digest.model.errors import ConfigError, DigestError, NothingToDo

if TYPE_CHECKING:
    from digest.app.composition import App
    from digest.delivery.send_mail import Plan
    from digest.model import Mail, Receipt, Revision
    from digest.model.mailing import Mailing

_NAMED = 10  # readers who are named at the end of a run; more are only counted
_FAILED = ("rejected", "unknown", "held")
_COLOURS = {"sent": "green", "skipped": "cyan", "deferred": "yellow", "held": "yellow"}


@click.command(cls=Command)
@click.argument("issue", default="")
@click.option("--to", "to", multiple=True, metavar="ADDRESS", help="Send a test here instead.")
@click.option("--revision", type=int, metavar="N", help="--to: which; by default the newest.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--offline", is_flag=True, help="Look at the mail alone, not outside.")
@click.option("--pause", is_flag=True, help="Stop a run that is at it; nothing more leaves.")
@click.option("--resume", is_flag=True, help="Go on after --pause.")
@click.option("--correction", is_flag=True, help="Send a correction to those who got the issue.")
@click.option("--text", metavar="FILE", default="", help="--correction: its Markdown; - is stdin.")
@click.option("--edit", is_flag=True, help="--correction: write it in your editor.")
@click.option("--letter", metavar="FILE", default="", help="Send this Markdown: no issue at all.")
@click.option("--subject", default="", help="Of --correction or --letter, if not its own.")
@click.pass_context
def send(
    context: click.Context,
    issue: str,
    to: tuple[str, ...],
    revision: int | None,
    yes: bool,
    offline: bool,
    pause: bool,
    resume: bool,
    correction: bool,
    text: str,
    edit: bool,
    letter: str,
    subject: str,
) -> None:
    """Send an approved issue by mail, to each reader once.

    ISSUE defaults to the newest. Goes on where an earlier run ended. Exit status 1 when a copy
    failed or may not have arrived, 3 when all was sent already. With --to the very same bytes go
    to that address, of any revision, as often as you like.

    With --letter FILE the words of that file go to all readers of a digest (ISSUE is its name):
    frozen as they are, each reader once, with the way to unsubscribe. --to sends a test of it.
    """
    from digest.delivery import send_mail
    from digest.render.mime import make_dummy_values
    from digest.render.slots import fill_text, read_text

    out = find_output(context)
    app = open_app(out)
    if letter:
        context.exit(_send_letter(app, issue or "weekly", letter, subject, to, yes=yes, out=out))
    issues = app.issues
    found = issues.load(issue, revision)
    if not to:
        found = issues.approved(found.issue.id) or found
    if pause or resume:
        _pause_issue(app, found.issue.id, paused=pause, out=out)
    if pause:
        return
    if correction:
        job, mail = _find_correction(app, found, _read_words(text, edit=edit), subject)
    else:
        job, mail = send_mail.make_mailing(found), found.mail
    if to:
        context.exit(_print_receipts(app.mail_sender.send_test(found, to, mail), out, every=True))
    if not correction:
        send_mail.check_sendable(found)
    planned = app.mail_sender.planned(job, mail.subject)
    if planned.left:
        _print_findings(app, found, mail if correction else None, offline=offline, out=out)
        _print_plan(planned, out)
        words = (
            f"\n{fill_text(read_text(mail), make_dummy_values()).strip()}\n" if correction else ""
        )
        _ask_to_send(planned, f"Send {job.job}", words, yes=yes, out=out)
    receipts = app.mail_sender.send_job(job, mail)
    context.exit(_run_mailing(app, job, receipts, out, total=planned.left))


def _send_letter(
    app: "App",
    name: str,
    file: str,
    subject: str,
    to: tuple[str, ...],
    *,
    yes: bool,
    out: Output,
) -> int:
    """Show a letter that is no issue, then send it; return the exit status."""
    from digest.delivery import send_mail
    from digest.render.mime import make_dummy_values
    from digest.render.slots import fill_text, read_text

    digest = app.edition(name)
    mail = send_mail.draft_letter(app.letterhead, digest, _read_words(file, edit=False), subject)
    job = send_mail.make_letter_mailing(digest, mail)
    if to:
        return _print_receipts(app.mail_sender.send_test_mail(job, mail, to), out, every=True)
    planned = app.mail_sender.planned(job, mail.subject)
    if planned.left:
        _print_plan(planned, out)
        words = f"\n{fill_text(read_text(mail), make_dummy_values()).strip()}\n"
        _ask_to_send(planned, "Send this letter", words, yes=yes, out=out)
    receipts = app.mail_sender.send_job(job, mail)
    return _run_mailing(app, job, receipts, out, total=planned.left)


def _run_mailing(
    app: "App", job: "Mailing", receipts: "Iterable[Receipt]", out: Output, *, total: int
) -> int:
    """Send, and say how far it came however it ends; return the exit status."""
    try:
        with _stop_on_signal(app, job.issue):
            return _print_receipts(receipts, out, every=False, total=total)
    finally:
        if total:
            _sum_up(app, job.job, out)


def _print_findings(
    app: "App", revision: "Revision", mail: "Mail | None", *, offline: bool, out: Output
) -> None:
    """Say what preflight finds; DraftError for an error."""
    from digest.delivery.preflight import raise_first_error

    findings = app.preflight.examine(revision, mail, offline=offline)
    for one in findings:
        if one.level == "warning":
            out.warn(f"{one.subject}: {one.cause}. {one.remedy}".rstrip())
    raise_first_error(revision, findings)


def _read_words(text: str, *, edit: bool) -> str:
    """Return what a correction is to say, "" where an earlier one goes on."""
    if text and edit:
        raise ConfigError("--text and --edit", "both were given", "Give one of them.")
    if edit:
        return click.edit("", extension=".md") or ""
    if not text:
        return ""
    with click.open_file(text, encoding="utf-8") as file:
        return str(file.read())


def _find_correction(
    app: "App", revision: "Revision", words: str, subject: str
) -> "tuple[Mailing, Mail]":
    from digest.delivery.send_mail import (
        draft_correction,
        find_unfinished_correction,
        make_correction_mailing,
    )

    if not words:
        return find_unfinished_correction(app.ledger, revision)
    mail = draft_correction(app.letterhead, revision, words, subject)
    return make_correction_mailing(app.ledger, revision, mail), mail


def _sum_up(app: "App", job: str, out: Output) -> None:
    """Say how far the mailing is after a run: who is still owed it, and what to do."""
    from digest.delivery.send_mail import list_waiting_mail

    books = app.ledger
    if (known := books.find(job)) is None:
        return
    tally = books.tally(known)
    rest = ", ".join(f"{n} {state}" for state, n in tally.counts.items() if state != "sent")
    out.say(f"{job}: {tally['sent']} of {known.audience} sent{', ' + rest if rest else ''}")
    owed = [one.target for one in islice(list_waiting_mail(app.ledger, known.issue), _NAMED + 1)]
    if owed:
        others = f", ... (all of them: digest resolve {known.issue})" if len(owed) > _NAMED else ""
        out.say(f"Still owed it: {', '.join(owed[:_NAMED])}{others}")
    if tally.waiting or tally["rejected"]:
        out.say(f"Settle what waits or was refused with: digest resolve {known.issue}")
    if tally.left and not known.paused:
        out.say("What is left leaves with the next digest tick, or digest send.")


@contextmanager
def _stop_on_signal(app: "App", issue: str) -> "Iterator[None]":
    """Let Ctrl-C and SIGTERM end a run after the messages that are on their way.

    What a person stopped is paused: no tick goes on with it.
    """
    from digest.delivery.send_mail import pause_mailings

    cause, safe = "was stopped", "Nothing was sent twice, nothing is lost"
    try:
        with end_on_sigterm():
            yield
    except Terminated:
        remedy = f"{safe}: digest send, or digest tick, goes on."
        raise DigestError("digest send", cause, remedy) from None
    except KeyboardInterrupt:
        paused = pause_mailings(app.ledger, issue, paused=True)
        remedy = f"{safe}. Go on with: digest send {issue}{' --resume' if paused else ''}"
        raise DigestError("digest send", cause, remedy) from None


def _pause_issue(app: "App", issue: str, *, paused: bool, out: Output) -> None:
    from digest.delivery.send_mail import pause_mailings

    if not pause_mailings(app.ledger, issue, paused=paused):
        raise NothingToDo(issue, "nothing of it is being sent")
    if paused:
        out.say(f"{issue} is paused; go on with: digest send {issue} --resume")


def _print_plan(planned: "Plan", out: Output) -> None:
    readers = (
        "kept there"
        if planned.audience is None
        else f"{planned.audience} readers, {planned.left} left to send"
    )
    out.say(f"subject   {planned.subject}")
    out.say(f"audience  {readers}")
    out.say(f"mailer    {planned.where}")


def _ask_to_send(planned: "Plan", what: str, words: str, *, yes: bool, out: Output) -> None:
    """Show the *words* that leave, and ask."""
    if words:
        out.say(words)
    whom = "all readers there" if planned.audience is None else f"{planned.left} readers"
    _ask_person(f"{what} to {whom}?", yes=yes)


def _ask_person(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError(question.rstrip("?"), "nobody is there to confirm it", "Add --yes.")
    click.confirm(question, abort=True, err=True)


def _show_progress(receipts: "Iterable[Receipt]", out: Output, total: int) -> "Iterator[Receipt]":
    """Yield *receipts*, with a bar on a terminal."""
    if not total or out.json or out.quiet or not sys.stderr.isatty():
        yield from receipts
        return
    steps = max(1, total // 200)  # drawing is not free
    with click.progressbar(
        receipts, length=total, file=sys.stderr, show_pos=True, update_min_steps=steps
    ) as shown:
        yield from shown


def _print_line(status: str, whom: str, rest: str) -> None:
    colour = click.style(f"{status:<9}", fg=_COLOURS.get(status, "red"))
    click.echo(f"{colour}{whom}  {rest}".rstrip())


def _print_receipts(
    receipts: "Iterable[Receipt]", out: Output, *, every: bool, total: int = 0
) -> int:
    """Print the receipts, for a person those that are not plainly sent; return the exit status.

    A reader counts once, as the last receipt has it, however often they were tried.
    """
    sent = 0
    others: dict[str, Receipt] = {}
    try:
        for one in _show_progress(receipts, out, total):
            if out.json:
                click.echo(json.dumps(asdict(one), ensure_ascii=False))
            elif every or one.status not in ("sent", "deferred"):
                _print_line(one.status, one.target, one.reason or one.url or one.id)
            if one.status == "sent":
                sent += 1
                others.pop(one.target, None)
            else:
                others[one.target] = one
    finally:
        if not out.json and not every:
            _show_put_off(others.values())
        counts = Counter({"sent": sent}) + Counter(one.status for one in others.values())
        if counts:
            out.say("now: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    return int(any(counts[status] for status in _FAILED))


def _show_put_off(receipts: "Iterable[Receipt]") -> None:
    """Print why copies are put off, a line a reason."""
    from digest.text.address import nameless

    reasons = Counter(nameless(one.reason) for one in receipts if one.status == "deferred")
    for reason, number in reasons.items():
        _print_line("deferred", f"{number} readers" if number > 1 else "1 reader", reason)
