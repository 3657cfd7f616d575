"""``digest post | resolve | login``: threads leave once, and what waits for a person is settled."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.base import Command, Output, find_output, open_app
from digest.model.errors import ConfigError, NothingToDo

if TYPE_CHECKING:
    from digest.app.composition import App
    from digest.model import OutboxEntry, Receipt, Revision, Thread
    from digest.model.ports.social import Outbox

_COLOURS = {"sent": "green", "skipped": "cyan", "deferred": "yellow", "held": "yellow"}


@click.command(cls=Command)
@click.argument("issue", default="")
@click.option("--network", metavar="NAME", required=True, help="Where to: x, bluesky, mastodon.")
@click.option("--dry-run", is_flag=True, help="Show what would be posted; no account is needed.")
@click.option("--delete", is_flag=True, help="Take the thread back, the last part first.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def post(
    context: click.Context, issue: str, network: str, dry_run: bool, delete: bool, yes: bool
) -> None:
    """Post the approved thread of an issue, each part once.

    ISSUE defaults to the newest. Goes on where an earlier run ended, at the first part that is
    not out. Exit status 1 when a part failed or waits for you, 3 when all of it was out already.
    """
    from digest.delivery.outbox import approved_thread, post_thread, take_back_thread

    out = find_output(context)
    app = open_app(out)
    revision = _find_approved(app, issue)
    outbox = app.outbox
    if delete:
        _ask_person(
            f"Take the thread of {revision.issue.id} back from {network}?", yes=yes, must=True
        )
        with closing(app.account(network)) as account:
            told = [*_print_receipts(take_back_thread(outbox, account, revision.issue.id), out)]
        context.exit(_find_status(told, ()))
    thread = approved_thread(revision, network)
    if dry_run:
        _show_thread(thread, revision, outbox, out, app.picture_file)
        return
    with closing(app.account(network)) as account:
        _ask_person(_make_question(thread), yes=yes, must=False)
        told = [*_print_receipts(post_thread(revision, account, outbox), out)]
    entries = outbox.entries(revision.issue.id, network)
    _hand_over(entries, out)
    context.exit(_find_status(told, entries))


def _find_approved(app: "App", issue: str) -> "Revision":
    """Return the approved revision of *issue*, or the newest where none is."""
    issues = app.issues
    newest = issues.load(issue)
    return issues.approved(newest.issue.id) or newest


def _make_question(thread: "Thread") -> str:
    cost = f", about ${thread.cost_usd:.2f}" if thread.cost_usd is not None else ""
    return f"Post {len(thread.parts)} parts to {thread.network}{cost}?"


def _ask_person(question: str, *, yes: bool, must: bool) -> None:
    """Ask a person; where nobody can answer, go on unless the answer is a *must*."""
    if yes or not (must or sys.stdin.isatty()):
        return
    if not sys.stdin.isatty():
        raise ConfigError(question.rstrip("?"), "nobody is there to confirm it", "Add --yes.")
    click.confirm(question, abort=True, err=True)


def _show_thread(
    thread: "Thread",
    revision: "Revision",
    outbox: "Outbox",
    out: Output,
    where: Callable[[str], str],
) -> None:
    from digest.app import accounts
    from digest.render.export import build_thread_json, report_thread

    if out.json:
        data = build_thread_json(thread, revision.issue, revision.number, where)
        click.echo(json.dumps(data, ensure_ascii=False))
        return
    click.echo(report_thread(thread, where) + "\n")
    if allowed := accounts.describe_quota(thread.network):
        out.say(f"{thread.network} allows {allowed}.")
    done = [one for one in outbox.entries(revision.issue.id, thread.network) if one.done]
    out.say(f"{len(thread.parts) - len(done)} of {len(thread.parts)} parts would be posted now.")


def _print_receipts(receipts: "Iterable[Receipt]", out: Output) -> "Iterator[Receipt]":
    """Print each receipt as it comes, for a person or as a line of JSON; yield it."""
    for one in receipts:
        if out.json:
            click.echo(json.dumps(asdict(one), ensure_ascii=False))
        else:
            status = click.style(f"{one.status:<9}", fg=_COLOURS.get(one.status, "red"))
            part = f" {one.part}" if one.part else ""
            click.echo(f"{status}{one.target}{part}  {one.url or one.id}  {one.reason}".rstrip())
        yield one


def _hand_over(entries: "Iterable[OutboxEntry]", out: Output) -> None:
    """Print the parts that the network takes from a person only, ready to copy."""
    from digest.delivery.networks import open_payload

    rest = [one for one in entries if one.by_hand and one.state == "held"]
    if not rest:
        return
    out.say(
        "\nPost the rest by hand, each as an answer to the one before; then: "
        f"{_describe_settled(rest)}"
    )
    for one in rest:
        out.say(f"\n── {one.part}\n{open_payload(one).text}")


def _describe_settled(rest: "list[OutboxEntry]") -> str:
    return f"digest resolve {rest[0].job} --skip"


def _find_status(receipts: "Iterable[Receipt]", entries: "Iterable[OutboxEntry]") -> int:
    """Return 1 where a part failed or waits; what is handed over to a person did not fail."""
    by_hand = {one.part for one in entries if one.by_hand}
    failed = {"rejected", "unknown", "held"}
    return int(any(one.status in failed and one.part not in by_hand for one in receipts))


@click.command(cls=Command)
@click.argument("issue", default="")
@click.option("--resend", is_flag=True, help="What is not there leaves again with post or send.")
@click.option("--skip", is_flag=True, help="Leave it out for good: it is there, or not wanted.")
@click.option("--target", default="", metavar="NAME", help="Only this network, or this address.")
@click.option("--log", metavar="FILE", default="", help="The mail server's: settles what it took.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def resolve(
    context: click.Context,
    issue: str,
    resend: bool,
    skip: bool,
    target: str,
    log: str,
    yes: bool,
) -> None:
    """List and settle what is unknown, refused or waits for you: parts of threads, and mails.

    Of all issues unless one is named. A mail that is unknown may have arrived: --log FILE looks
    for it in the log of your mail server and settles what was taken; what --resend sends again
    after that, some readers may get twice. Exit status 3 when nothing waits.
    """
    from digest.delivery.outbox import list_waiting
    from digest.delivery.send_mail import list_waiting_mail, settle_mail
    from digest.model.outbox import make_receipt

    out = find_output(context)
    if resend and skip:
        raise ConfigError("--resend and --skip", "both were given", "Give one of them.")
    app = open_app(out)
    outbox = app.outbox
    if log:
        _settle_by_log(app, issue, log, out)
    if resend:
        _warn_of_doubles(app, issue, target, yes=yes, out=out)
    waits = list_waiting(outbox, issue, target)
    mails = list_waiting_mail(app.ledger, issue, target)
    if resend or skip:
        _settle_parts(app, outbox, waits, skip=skip, out=out)
        counted = settle_mail(app.ledger, issue, resend=resend, target=target)
        if not waits and not sum(counted):
            raise NothingToDo(issue or "outbox", "nothing waits for you")
        if sum(counted):
            out.say(f"{sum(counted)} mails are {'queued' if resend else 'left out'}.")
        if sum(counted) and resend:
            out.say("They leave with: digest send")
        return
    told = [*_print_receipts((make_receipt(one) for one in waits), out)]
    told += _print_receipts(mails, out)
    if not told:
        raise NothingToDo(issue or "outbox", "nothing waits for you")
    out.say("\nSettle it with: digest resolve --resend, or --skip")


def _settle_by_log(app: "App", issue: str, log: str, out: Output) -> None:
    from digest.delivery.send_mail import settle_by_log

    with click.open_file(log, encoding="utf-8", errors="replace") as lines:
        count = settle_by_log(app.ledger, issue, lines)
    out.say(f"{count} mails that were unknown stand in {log}: they arrived at the server.")


def _warn_of_doubles(app: "App", issue: str, target: str, *, yes: bool, out: Output) -> None:
    """Say how many readers may get a mail twice; a person at a terminal says yes or no."""
    from digest.delivery.send_mail import list_waiting_mail

    mails = list_waiting_mail(app.ledger, issue, target)
    unknown = sum(receipt.status == "unknown" for receipt in mails)
    if not unknown:
        return
    readers = "1 reader" if unknown == 1 else f"{unknown} readers"
    out.warn(f"{readers} may get it twice: their mail may have arrived already")
    out.say("Look first what the server took: digest resolve --log FILE (its log)")
    out.say("and what came back: digest subscribers bounces")
    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        click.confirm("Send it to them once more?", abort=True, err=True)


def _settle_parts(
    app: "App",
    outbox: "Outbox",
    waits: "Iterable[OutboxEntry]",
    *,
    skip: bool,
    out: Output,
) -> None:
    """Settle the parts of threads that wait."""
    from digest.delivery.outbox import resend_parts, skip_parts

    for target, group in groupby(sorted(waits, key=lambda one: one.target), lambda o: o.target):
        entries = list(group)
        if skip:
            list(_print_receipts(skip_parts(outbox, target, entries), out))
            continue
        with closing(app.account(target)) as account:
            list(_print_receipts(resend_parts(outbox, account, entries), out))
        out.say(f"What is queued leaves with: digest post {entries[0].job} --network {target}")


@click.command(cls=Command)
@click.argument("network")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the secrets as files in this folder, not in the keyring.",
)
@click.pass_context
def login(context: click.Context, network: str, folder: Path | None) -> None:
    """Get an account on a network, or a mailer, ready, step by step.

    Says where to find each secret, checks them without posting, and keeps them in the keyring or
    in files. What is set already is not asked for.
    """
    from digest.app import accounts, mailer_factory
    from digest.config import credentials

    out = find_output(context)
    app = open_app(out)
    mails = mailer_factory.is_mailer(network)
    wanted = mailer_factory.sign_in(network) if mails else accounts.find_sign_in(network)
    for number, step in enumerate(wanted.steps, 1):
        out.say(f"{number}. {step}")
    options = (app.settings.mailers if mails else app.settings.networks).get(network, {})
    typed = {key: click.prompt(key, err=True) for key in wanted.settings if not options.get(key)}
    secrets = {
        key: click.prompt(key, hide_input=True, err=True)
        for key in wanted.secrets_for(options)
        if not credentials.read_secret(network, key, options, app.settings.folder)
    }
    if mails:
        out.say(
            f"It works: {mailer_factory.check_mailer(app.settings, network, {**typed, **secrets})}."
        )
    else:
        with closing(app.account(network, {**typed, **secrets})) as account:
            out.say(f"It works: {network} posts as {account.check()}.")
    lines = [f'{key} = "{value}"' for key, value in typed.items()]
    if secrets:
        lines += _keep_secrets(network, secrets, folder, out)
    if lines:
        table = "mailers" if mails else "networks"
        out.say(f"Write into digest.toml:\n\n[{table}.{network}]\n" + "\n".join(lines))


def _keep_secrets(
    network: str, secrets: dict[str, str], folder: Path | None, out: Output
) -> list[str]:
    """Keep *secrets*; return the lines of the configuration that find them again."""
    from digest.config import credentials

    if folder:
        files = credentials.keep_in_files(network, secrets, folder)
        return [f'{key}_file = "{path.resolve()}"' for key, path in files.items()]
    if credentials.keep_in_keyring(network, secrets):
        out.say("The secrets are in the keyring.")
        return []
    names = ", ".join(credentials.name_variable(network, key) for key in secrets)
    out.say(f"There is no keyring here. Set {names} (or the same with _FILE),")
    out.say(f"or run: digest login {network} --folder DIR")
    return []
