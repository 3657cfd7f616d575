"""The editor at work: every command on the blocks of an issue, whoever gives it.

The review desk, the text files of ``digest show --edit`` and the options of ``digest draft`` all
come through here. A command is one step of the issue's history: it is checked, recorded, and the
issue is made anew from what is stored, with no network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from digest.editorial import edits, pipeline
from digest.editorial.editable_blocks import Checker, list_generated_values, show_value
from digest.editorial.pipeline import Drafted, PipelineDeps, Window
from digest.model import Digest, Edit, History, Period, Post, Thread
from digest.model.edit import fingerprint_text
from digest.model.errors import DigestError, DraftError, FrozenError
from digest.model.picture_name import is_picture_name
from digest.model.ports.editorial import Pictures
from digest.render.thread_edit import CARD, name_card_in_text, rename_pictures, write_manuscript


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockChange:
    """What a writer wants to stand in *block*; None takes the edit of it back.

    ``base`` is that of the block as the writer saw it; None is "whatever stands there".
    """

    block: str
    value: str | None
    base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftWishes:
    """What is typed beside a draft: addresses of posts to feature or leave out, posts to add."""

    pins: tuple[str, ...] = ()
    bans: tuple[str, ...] = ()
    added: tuple[Post, ...] = ()


def record_changes(
    kit: PipelineDeps,
    issue: str,
    changes: Sequence[BlockChange],
    now: datetime,
    *,
    reopen: bool = False,
) -> Drafted:
    """Record *changes* as one step and return the issue with them; nothing is saved on an error.

    DraftError where a value cannot stand in its block; ConflictError, with both texts, where
    somebody else has edited a block since its writer saw it; FrozenError where the issue is
    approved, unless *reopen* asks for a revision to go on with. What changes nothing is no step.
    """
    history = kit.edits.history(issue)
    fresh = _make_edits(kit, changes, history, now)
    if fresh:
        _thaw_issue(kit, issue, now, reopen=reopen)
        kit.edits.record(fresh)
    return pipeline.redraft_issue(kit, issue, now)


def sift_changes(
    kit: PipelineDeps, issue: str, changes: Sequence[tuple[str, BlockChange]], now: datetime
) -> tuple[tuple[BlockChange, ...], tuple[tuple[str, DigestError], ...]]:
    """Return those of *changes* that can be made, and why the others cannot; records nothing.

    What each stands behind, such as the name of a field, stands before its problem too.
    """
    history = kit.edits.history(issue)
    good: list[BlockChange] = []
    problems: list[tuple[str, DigestError]] = []
    for name, change in changes:
        try:
            _make_edits(kit, [change], history, now)
        except DigestError as error:
            problems.append((name, error))
        else:
            good.append(change)
    return tuple(good), tuple(problems)


def _make_edits(
    kit: PipelineDeps, changes: Sequence[BlockChange], history: History, now: datetime
) -> list[Edit]:
    """Return the edits that *changes* come to; what says what stands there is none."""
    made = pipeline.generate_current(kit, history)
    plain = pipeline.compose_edited(made, history.values)
    edited = edits.apply_edits(plain, history.values)
    said = list_generated_values(made, history.values, plain)
    asked = {change.block for change in changes}
    threads = any(block.startswith("thread/") for block in asked)
    planned = {one.network: one for one in pipeline.plan_threads(kit, edited)} if threads else {}
    for name, thread in planned.items():
        said[f"thread/{name}"] = name_card_in_text(write_manuscript(thread), thread)
    added = (post.id for post in edits.read_wishes(history.values).added)
    checker = Checker(edited, {*made.posts, *added}, kit.networks, planned)
    kept = (_with_pictures(change, kit.pictures) for change in changes)
    wanted = [_make_edit(change, history, said, checker, now) for change in kept]
    return [edit for edit in wanted if not _is_standing(edit, history)]


def _with_pictures(change: BlockChange, pictures: Pictures) -> BlockChange:
    """Return *change* with the files that a thread shows kept, each under its name there."""
    if change.value is None or not change.block.startswith("thread/"):
        return change
    return replace(change, value=rename_pictures(change.value, partial(_keep_picture, pictures)))


def _keep_picture(pictures: Pictures, path: str) -> str:
    if path == CARD or is_picture_name(path):
        return path
    try:
        return pictures.keep(Path(path).read_bytes())
    except OSError as error:
        remedy = "Write the path of a PNG, JPEG, WebP or GIF file."
        raise DraftError(path, f"cannot be read: {error.strerror}", remedy) from None
    except DigestError as error:
        raise DraftError(path, error.cause, error.remedy) from None


def undo_step(
    kit: PipelineDeps, issue: str, now: datetime, step: int | None = None, *, reopen: bool = False
) -> Drafted:
    """Take the last step back; NothingToDo where there is none, or it is not *step*."""
    if kit.edits.history(issue).done:
        _thaw_issue(kit, issue, now, reopen=reopen)
    kit.edits.undo(issue, now, step)
    return pipeline.redraft_issue(kit, issue, now)


def redo_step(
    kit: PipelineDeps, issue: str, now: datetime, step: int | None = None, *, reopen: bool = False
) -> Drafted:
    """Do the step last undone again; NothingToDo where there is none, or it is not *step*."""
    if kit.edits.history(issue).undone:
        _thaw_issue(kit, issue, now, reopen=reopen)
    kit.edits.redo(issue, now, step)
    return pipeline.redraft_issue(kit, issue, now)


def choose_posts(
    kit: PipelineDeps,
    issue: str,
    choices: Mapping[str, str | None],
    now: datetime,
    *,
    reopen: bool = False,
) -> Drafted:
    """Pin, list or ban posts by id ("pin", "list", "ban"; None leaves it to the generator)."""
    changes = [
        BlockChange(block=f"choice/{post}", value=choice) for post, choice in choices.items()
    ]
    return record_changes(kit, issue, changes, now, reopen=reopen)


def swap_posts(
    kit: PipelineDeps, issue: str, post: str, other: str, now: datetime, *, reopen: bool = False
) -> Drafted:
    """Tell *other* in the place of *post*, which is listed instead; one step."""
    history = kit.edits.history(issue)
    plain = pipeline.compose_edited(pipeline.generate_current(kit, history), history.values)
    order = edits.write_outline(edits.apply_edits(plain, history.values).sections).split("\n")
    swapped = "\n".join(other if line == post else line for line in order)
    changes = [
        BlockChange(block=f"choice/{post}", value="list"),
        BlockChange(block=f"choice/{other}", value="pin"),
        BlockChange(block="order", value=swapped),
    ]
    return record_changes(kit, issue, changes, now, reopen=reopen)


def add_post(
    kit: PipelineDeps, issue: str, post: Post, now: datetime, *, reopen: bool = False
) -> Drafted:
    """Tell *post*, which was read from its URL, in the issue; a post of the period is pinned."""
    return record_changes(kit, issue, [make_addition(kit, issue, post)], now, reopen=reopen)


def make_addition(kit: PipelineDeps, issue: str, post: Post) -> BlockChange:
    """Return the change that adds *post* to the issue, or pins the post of the period it is."""
    made = pipeline.generate_current(kit, kit.edits.history(issue))
    posts = pipeline.list_posts(kit, made.sources, made.period, made.edition)
    known = {one.url.rstrip("/"): one.id for one in posts}
    same = known.get(post.url.rstrip("/"))
    if same is not None:
        return BlockChange(block=f"choice/{same}", value="pin")
    return BlockChange(block=f"added/{post.id}", value=edits.encode_added_post(post))


def rewrite_thread(
    kit: PipelineDeps,
    issue: str,
    thread: Thread,
    now: datetime,
    *,
    base: str | None = None,
    reopen: bool = False,
) -> Drafted:
    """Let *thread* be the one for its network, as ``render.parts`` or ``read_back`` made it."""
    change = BlockChange(
        block=f"thread/{thread.network}", value=write_manuscript(thread), base=base
    )
    return record_changes(kit, issue, [change], now, reopen=reopen)


def record_wishes(
    kit: PipelineDeps, edition: Digest, window: Window, wishes: DraftWishes, now: datetime
) -> History:
    """Record *wishes* as edits of the issue of the *window*, before it is drafted.

    DraftError names an address where the period has no post.
    """
    wanted = bool(wishes.pins or wishes.added)
    edition, period, posts = pipeline.listed_in(kit, edition, window, now, asked=wanted)
    issue = pipeline.issue_id(edition, period)
    history = kit.edits.history(issue)
    by_url = {post.url.rstrip("/"): post.id for post in posts}
    stored = [pipeline.stored(kit, url) for url in wishes.pins if url.rstrip("/") not in by_url]
    asked = (*wishes.added, *(post for post in stored if post is not None))
    added = {p.id: p for p in asked if p.url.rstrip("/") not in by_url}
    pins = [*wishes.pins, *(p.url for p in wishes.added if p.id not in added)]
    values = {f"added/{name}": edits.encode_added_post(post) for name, post in added.items()}
    by_url |= {post.url.rstrip("/"): name for name, post in added.items()}
    values |= {f"choice/{post}": "pin" for post in _find_ids(pins, by_url, period)}
    values |= {f"choice/{post}": "ban" for post in _find_ids(wishes.bans, by_url, period)}
    fresh = [
        _lay_over(issue, block, value, history, "", now)
        for block, value in values.items()
        if history.values.get(block) != value
    ]
    return kit.edits.record(fresh) if fresh else history


def _find_ids(urls: Sequence[str], by_url: Mapping[str, str], period: Period) -> list[str]:
    for url in urls:
        if url.rstrip("/") not in by_url:
            raise DraftError(url, f"{period.label} has no post there", "Look at: digest show")
    return [by_url[url.rstrip("/")] for url in urls]


def _thaw_issue(kit: PipelineDeps, issue: str, now: datetime, *, reopen: bool) -> None:
    newest = kit.issues.load(issue)
    if not newest.approved:
        return
    if not reopen:
        cause = f"revision {newest.number} is approved, and approval freezes it"
        raise FrozenError(issue, cause, "Open a new revision to go on; the approved one stays.")
    kit.issues.reopen(issue, now)


def _make_edit(
    change: BlockChange, history: History, said: Mapping[str, str], checker: Checker, now: datetime
) -> Edit:
    """Return the edit that *change* asks for; to say what the generator says is to take it back."""
    plain, value = said.get(change.block, ""), change.value
    if value is not None and not (change.block in said and value == plain):
        value = checker.checked(change.block, value)
    if value is not None and change.block in said and show_value(change.block, value) == plain:
        value = None
    edit = _lay_over(history.issue, change.block, value, history, plain, now)
    if change.base is None:
        return edit
    over = edit.over if change.block in history.edits else change.base  # what the writer saw
    return replace(edit, base=change.base, over=over)


def _lay_over(
    issue: str, block: str, value: str | None, history: History, plain: str, now: datetime
) -> Edit:
    return Edit(
        issue=issue,
        block=block,
        value=value,
        base=history.seen(block, plain),
        over=fingerprint_text(plain),
        at=now,
    )


def _is_standing(edit: Edit, history: History) -> bool:
    """Tell whether *edit* says what its block says already."""
    held = history.edits.get(edit.block)
    return edit.value == (held.value if held else None)
