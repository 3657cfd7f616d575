"""``digest draft | show | threads | export | approve``: make an issue, look at it, approve it."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli.base import Command, Output, find_output, open_app
from digest.cli.collect import make_progress, show_post, show_posts
from digest.model.errors import ConfigError, NothingToDo

if TYPE_CHECKING:
    from digest.model import Period, Revision, Thread
    from digest.model.ports.editorial import Issues

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(cls=Command)
@click.option("--feed", metavar="URL", default="", help="Draft from this feed or blog.")
@click.option("--folder", metavar="DIR", default="", help="Draft from this folder of posts.")
@click.option("--site", metavar="URL", default="", help="Where the folder's posts are published.")
@click.option("--language", metavar="TAG", default="", help="Which of the folder's languages.")
@click.option("--digest", "name", default="weekly", metavar="NAME", help="Which digest to draft.")
@click.option("--week", metavar="2026-W05", help="An ISO week; by default the last whole one.")
@click.option("--since", type=_DAY, metavar="DATE", help="The first day of another period.")
@click.option("--until", type=_DAY, metavar="DATE", help="Its last day.")
@click.option("--pin", "pins", multiple=True, metavar="URL", help="Feature this post.")
@click.option("--add", "adds", multiple=True, metavar="URL", help="Add the article at this URL.")
@click.option("--ban", "bans", multiple=True, metavar="URL", help="Leave this post out.")
@click.pass_context
def draft(
    context: click.Context,
    feed: str,
    folder: str,
    site: str,
    language: str,
    name: str,
    week: str | None,
    since: datetime | None,
    until: datetime | None,
    pins: tuple[str, ...],
    adds: tuple[str, ...],
    bans: tuple[str, ...],
) -> None:
    """Make the issue of a week, with email and thread drafts.

    Reads the configured sources, or the one given with --feed or --folder, which needs no
    configuration. Exit status 3 when the period holds no post.
    """
    from digest.app.composition import App, use_typed_source
    from digest.editorial import editing, pipeline
    from digest.editorial.collect import find_failure, list_warnings
    from digest.editorial.editable_blocks import describe_edits
    from digest.editorial.periods import describe_unfinished
    from digest.text.localization import name_missing_wording

    out, now = find_output(context), datetime.now(UTC)
    app = open_app(out)
    typed = bool(feed or folder)
    if typed:
        typed_settings = use_typed_source(
            app.settings, feed=feed, folder=folder, site=site, language=language
        )
        app = App(typed_settings)
        if folder:
            out.say(f"{folder}: read as a folder of {app.settings.sources[0].kind.title()}.")
    edition = app.edition(name, typed=typed)
    window = _make_window(week, since and since.date(), until and until.date(), now)
    period = window("UTC")  # a slip in it is told before anything is read
    kit = app.kit()
    wishes = editing.DraftWishes(pins=pins, bans=bans, added=app.read_pages(adds, now))
    collected = pipeline.poll_sources(kit, now, since=period.start)
    failed = find_failure(collected)
    for line in list_warnings(collected) if not failed else ():
        out.warn(line)
    try:
        editing.record_wishes(kit, edition, window, wishes, now)
        drafted = pipeline.draft_issue(kit, edition, window, now, progress=make_progress(out))
    except NothingToDo as nothing:
        raise failed or _remedy_as_typed(nothing, feed=feed, folder=folder) from None
    if failed:
        out.warn(f"{failed} What was stored before is used.")
    found = (str(finding).removeprefix("warning: ") for finding in drafted.findings)
    for line in (*drafted.unread, *describe_unfinished(drafted.revision.issue, now), *found):
        out.warn(line)
    if line := name_missing_wording(drafted.revision.issue.edition.language):
        out.warn(line)
    show_revision(drafted.revision, out)
    for line in describe_edits(drafted):
        out.say(line)
    issue = drafted.revision.issue.id
    then = f"send {issue}" if drafted.revision.approved else f"threads {issue} --network bluesky"
    out.say(f"\nNext: digest {then}")


def _remedy_as_typed(nothing: NothingToDo, **typed: str) -> NothingToDo:
    """Return *nothing* with a remedy that names the source that was *typed*, to be run as it is."""
    from shlex import quote

    said = "".join(f"--{name} {quote(value)} " for name, value in typed.items() if value)
    remedy = nothing.remedy.replace("digest draft ", f"digest draft {said}")
    return NothingToDo(nothing.subject, nothing.cause, remedy)


def _make_window(
    week: str | None, since: date | None, until: date | None, now: datetime
) -> "Callable[[str], Period]":
    from digest.editorial import periods

    if week is not None and (since or until):
        raise ConfigError("--week", "was given together with --since or --until", "Give one.")
    if since or until:
        if not (since and until):
            raise ConfigError("--since and --until", "one of them is missing", "Give both days.")
        return lambda zone: periods.find_span(since, until, zone)
    if week is not None:
        return lambda zone: periods.find_week(week, zone)
    return lambda zone: periods.current_week(now, zone)


def show_revision(revision: "Revision", out: Output) -> None:
    """Print *revision* for a person, or as JSON for a program."""
    if out.json:
        from digest.render.export import build_issue_json

        click.echo(json.dumps(build_issue_json(revision), ensure_ascii=False))
        return
    if out.quiet:
        return
    from digest.render.export import report_issue

    click.echo(report_issue(revision, verbose=out.verbose))


def _load_revision(out: Output, issue: str, number: int | None = None) -> "tuple[Issues, Revision]":

    issues = open_app(out).issues
    return issues, issues.load(issue, number)


_revision = click.option("--revision", type=int, metavar="N", help="By default the newest.")


@click.command(cls=Command)
@click.argument("issue", default="")
@_revision
@click.option("--source", metavar="NAME", default="", help="posts: those of this source.")
@click.option("--held", is_flag=True, help="posts: those that wait for you, and why.")
@click.option("--url", metavar="URL", default="", help="posts: this one, and what it said before.")
@click.option("--most", type=click.IntRange(min=1), default=50, help="posts: how many at most.")
@click.option("--edit", is_flag=True, help="Open all that can be edited as a text in $EDITOR.")
@click.option("--form", is_flag=True, help="Print that text instead.")
@click.option("--apply", type=_FILE, metavar="FILE", help="Take such a text from FILE.")
@click.option("--edits", is_flag=True, help="List what is edited, and what was generated.")
@click.option("--undo", is_flag=True, help="Take the last step of editing back.")
@click.option("--redo", is_flag=True, help="Do the step that was undone last again.")
@click.option(
    "--preflight", is_flag=True, help="Try its links, its sender's DNS and its spam score."
)
@click.pass_context
def show(
    context: click.Context,
    /,
    issue: str,
    revision: int | None,
    source: str,
    held: bool,
    url: str,
    most: int,
    preflight: bool,
    **asked: Any,  # noqa: ANN401 - the options of Asked
) -> None:
    """Show an issue: what was chosen, and why; edit it; or show the stored posts.

    ISSUE defaults to the newest. "digest show posts" lists what is stored, newest first. What is
    edited is kept through every later draft of the issue.
    """
    from digest.cli import edits

    out = find_output(context)
    if wanted := edits.EditRequest(**asked):
        if revision is not None:
            raise ConfigError("--revision", "what is edited is the newest", "Leave it out.")
        edits.run_edits(out, issue, wanted)
        return
    if issue == "posts":
        if url:
            show_post(out, url)
        else:
            show_posts(out, source=source, held=held, most=most)
        return
    if source or held or url:
        raise ConfigError(
            "--source, --held and --url", "are of posts", "Write: digest show posts --held"
        )
    found = _load_revision(out, issue, revision)[1]
    show_revision(found, out)
    if preflight:
        for one in open_app(out).preflight.examine(found):
            out.warn(str(one))


@click.command(cls=Command)
@click.argument("issue", default="")
@click.option("--network", metavar="NAME", help="One network; by default all.")
@click.option("--story", metavar="URL", default="", help="A thread on one story of the issue.")
@click.option("--edit", is_flag=True, help="Open the thread of the network in $EDITOR.")
@click.option("--apply", type=_FILE, metavar="FILE", help="Take the thread from FILE.")
@_revision
@click.pass_context
def threads(
    context: click.Context,
    /,
    issue: str,
    network: str | None,
    story: str,
    revision: int | None,
    **asked: Any,  # noqa: ANN401 - the options of Asked
) -> None:
    """Show the thread drafts of an issue, or edit one.

    ISSUE defaults to the newest. With --story a thread on that story alone is drafted anew. A
    thread is edited as text: parts under lines of "---".
    """
    from digest.app import accounts
    from digest.cli import edits
    from digest.render.export import build_thread_json, report_thread

    out = find_output(context)
    if wanted_edit := edits.EditRequest(**asked):
        if not network:
            raise ConfigError("--edit", "edits one thread", "Say which with --network NAME.")
        if story or revision is not None:
            cause = "what is edited is the thread of the newest issue"
            raise ConfigError("--story and --revision", cause, "Leave them out.")
        edits.run_edits(out, issue, wanted_edit, network)
        return
    found = _load_revision(out, issue, revision)[1]
    app = open_app(out)
    drafts = app.plan_story_threads(found, story) if story else found.threads
    where = app.picture_file
    wanted = [t for t in drafts if network in (None, t.network)]
    if not wanted:
        known = ", ".join(t.network for t in drafts)
        raise ConfigError(f"network {network!r}", "has no draft", f"There is: {known}.")
    for thread in wanted:
        if out.json:
            data = build_thread_json(thread, found.issue, found.number, where)
            click.echo(json.dumps(data, ensure_ascii=False))
        else:
            click.echo(report_thread(thread, where) + "\n")
            if allowed := accounts.describe_quota(thread.network):
                out.say(f"{thread.network} allows {allowed}.")


def _describe_price(thread: "Thread") -> str:
    """Return what posting *thread* costs, and how much the network allows."""
    from digest.app import accounts

    cost = f"{thread.network}: {len(thread.parts)} parts, about ${thread.cost_usd:.2f} to post"
    allowed = accounts.describe_quota(thread.network)
    return f"{cost}; it allows {allowed}" if allowed else cost


_FORMS = ["html", "text", "eml", "mjml", "json", "web", "thread", "card"]


@click.command(cls=Command)
@click.argument("issue", default="")
@click.option("--format", "form", type=click.Choice(_FORMS), required=True, help="Which form.")
@click.option("--network", metavar="NAME", default="", help="The network of a thread.")
@click.option("--square", is_flag=True, help="A card of 1080x1080 rather than 1200x675.")
@click.option("--out", "path", type=click.Path(path_type=Path), help="A file, else stdout.")
@_revision
@click.pass_context
def export(
    context: click.Context,
    issue: str,
    form: str,
    network: str,
    square: bool,
    path: Path | None,
    revision: int | None,
) -> None:
    """Write one form of an issue: HTML, text, eml, thread, ...

    ISSUE defaults to the newest. What is written are the frozen bytes of the revision, with
    dummy values in the slots of recipient, token, Date and Message-ID. "web" writes the pages of
    all approved issues and of this one to the folder given with --out.
    """
    from digest.app import archive
    from digest.render.export import export_revision

    out = find_output(context)
    found, app = _load_revision(out, issue, revision)[1], open_app(out)
    if form == "web":
        if path is None:
            raise ConfigError("--format web", "writes a folder", "Give one with --out DIR.")
        archive.write_files(archive.make_archive_pages(app, found), path)
    elif form == "card":
        _write_output(archive.card_of(app, found, "square" if square else "wide"), path)
    else:
        _write_output(export_revision(found, form, network), path)


def _write_output(content: bytes, path: Path | None) -> None:
    """Write *content* to *path*, or to stdout."""
    if path is None:
        if sys.stdout.isatty() and content.startswith(b"\x89PNG"):
            raise ConfigError("--format card", "is a picture", "Give it a file with --out FILE.")
        sys.stdout.buffer.write(content)
        return
    from digest.model.errors import DigestError
    from digest.model.private_files import make_private_folder, write_private

    try:
        make_private_folder(path.parent)
        write_private(path, content)
    except OSError as error:
        remedy = "Name a place that you may write to with --out."
        raise DigestError(str(path), f"cannot be written: {error.strerror}", remedy) from None


@click.command(cls=Command)
@click.argument("issue", default="")
@_revision
@click.pass_context
def approve(context: click.Context, issue: str, revision: int | None) -> None:
    """Approve an issue: these bytes, and no others, may leave.

    ISSUE defaults to the newest. Says what posting its threads will cost. Preflight errors
    block. Approving a newer revision withdraws the approval of the older one.
    """
    from digest.editorial import pipeline
    from digest.editorial.periods import describe_unfinished

    out = find_output(context)
    issues, found = _load_revision(out, issue, revision)
    for thread in found.threads:
        if thread.cost_usd is not None:
            out.say(_describe_price(thread))
    now = datetime.now(UTC)
    approved = pipeline.approve_revision(issues, found, now)
    for line in describe_unfinished(approved.issue, now):
        out.warn(line)
    if out.json:
        show_revision(approved, out)
        return
    issue = approved.issue.id
    out.say(f"approved {issue} revision {approved.number} ({approved.hash[:12]})")
    out.say(f"Next: digest send {issue} --to ADDRESS, a test to yourself")
