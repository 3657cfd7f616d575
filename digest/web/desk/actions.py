"""What an editor may ask of the desk: a form -> one command of the editing job, one step each."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from digest.editorial import candidates, editing, edits, pipeline
from digest.editorial.editing import BlockChange
from digest.editorial.edits import text_of
from digest.editorial.periods import find_week
from digest.editorial.pipeline import Drafted
from digest.model import Issue, Note, Revision, Story, Thread
from digest.model.errors import DraftError
from digest.model.ports.social import Network
from digest.render.thread_edit import (
    describe_picture,
    leave_out_part,
    merge_parts,
    move_part,
    rewrite_part,
    split_part,
)
from digest.web.desk.schedule_panel import steer_run
from digest.web.desk.session import Desk
from digest.web.desk.story_list import key_of, strip_marks

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One request to change an issue: the desk, the issue's id, what was typed, and when."""

    desk: Desk
    issue: str
    form: Form
    now: datetime

    @property
    def drafted(self) -> Drafted:
        """Return the issue as it stands; DraftError where it cannot be edited."""
        found = self.desk.drafted(self.desk.revision(self.issue))
        if found is None:
            remedy = "Draft it again: digest draft"
            raise DraftError(self.issue, "nothing is kept of it that could be edited", remedy)
        return found

    @property
    def post(self) -> str:
        """Return the id of the post that the form names by its key; DraftError if there is none."""
        return post_of(self.desk, self.drafted, self.form.get("key", ""))

    def changed(self, *changes: BlockChange) -> Drafted:
        """Record *changes* as one step."""
        return editing.record_changes(self.desk.kit, self.issue, changes, self.now)

    def number(self, name: str) -> int:
        """Return the number that the form has under *name*; DraftError where it has none."""
        value = self.form.get(name, "")
        if not re.fullmatch(r"\d{1,6}", value):
            raise DraftError(name, f"{value!r} is no number")
        return int(value)


def post_of(desk: Desk, drafted: Drafted, key: str) -> str:
    """Return the id of the post *key* of the issue; DraftError where it has none."""
    selection = drafted.generated.selection
    near = [pick.post for pick in selection.picks]
    near += [post for pick in selection.picks for post in pick.siblings]
    for post in (*near, *selection.also):
        if key_of(post.url) == key:
            return post.id
    for one in desk.ranked(drafted.revision.issue.id):
        if key_of(one.post.url) == key:
            return one.post.id
    raise DraftError(drafted.revision.issue.id, "it has no such post", "Reload the page.")


def draft_another_week(desk: Desk, issue: str, form: Form) -> str:
    """Draft another week of the digest of *issue*; return the id of what was made."""
    now = datetime.now(UTC)
    kit = desk.app.kit()
    edition = desk.app.edition(desk.revision(issue).issue.edition.name)
    pipeline.poll_sources(kit, now)
    window = partial(find_week, form.get("week", ""))
    made = pipeline.draft_issue(kit, edition, window, now)
    return made.revision.issue.id


def perform_action(desk: Desk, issue: str, name: str, form: Form) -> Drafted:
    """Do what *form* asks under *name*, one at a time; DigestError says why it cannot be."""
    with desk.lock:
        act = Act(desk=desk, issue=issue, form=form, now=datetime.now(UTC))
        return desk.keep(ACTS[name](act))


def _rewrite_block(act: Act) -> Drafted:
    base = act.form.get("base") or None
    return act.changed(
        BlockChange(block=act.form["block"], value=act.form.get("value", ""), base=base)
    )


def _restore_block(act: Act) -> Drafted:
    return act.changed(BlockChange(block=act.form["block"], value=None))


def _choose_post(act: Act) -> Drafted:
    return act.changed(
        BlockChange(block=f"choice/{act.post}", value=act.form.get("choice") or None)
    )


def _swap_story(act: Act) -> Drafted:
    """Tell another post instead: the one that is named, else the next best."""
    with_ = act.form.get("with", "")
    other = post_of(act.desk, act.drafted, with_) if with_ else _next_best(act)
    return editing.swap_posts(act.desk.kit, act.issue, act.post, other, act.now)


def _next_best(act: Act) -> str:
    for one in act.desk.ranked(act.issue):
        if one.rank and one.fate == "listed" and not one.sibling_of and one.choice != "list":
            return one.post.id
    raise DraftError(act.issue, "there is no other post to take instead")


def _move_story(act: Act) -> Drafted:
    """Put a story at another place, from 1; it joins the section that it comes to stand in."""
    issue = act.drafted.revision.issue
    order = outline_moved(issue, act.post, act.number("to"))
    return act.changed(BlockChange(block="order", value=order))


def outline_moved(issue: Issue, post: str, to: int) -> str:
    """Return the outline of *issue* with the story on *post* moved to the place *to*, from 1."""
    home = {s.post.id: section.title for section in issue.sections for s in section.stories}
    if post not in home:
        raise DraftError(issue.id, "it does not tell that post")
    order = [one for one in home if one != post]
    order.insert(min(max(to, 1), len(home)) - 1, post)
    titled = {one: home[one] for one in order if one != post and home[one]}
    lines, last = [order[0]], ""
    for place, one in enumerate(order[1:], 1):
        after = (titled[other] for other in order[place:] if other in titled)
        title = titled.get(one) or last or next(after, home[one])
        if title != last:
            lines.append(f"# {title}")
            last = title
        lines.append(one)
    return "\n".join(lines)


def _choose_quote(act: Act) -> Drafted:
    """Let a story quote a span; on display with it where the story was on display, or if asked."""
    post, issue = act.post, act.drafted.revision.issue
    shown = issue.pull_quote
    story = candidates.story_of(issue, post)
    place = _find_bare_place(act.form.get("span", ""), act.form.get("said", ""), story)
    changes = [BlockChange(block=f"quote/{post}", value=place)]
    if act.form.get("display") or (shown and shown.url == story.post.url):
        changes.append(BlockChange(block="pull-quote", value=f"{post} {place}"))
    return act.changed(*changes)


def _find_bare_place(place: str, said: str, story: Story) -> str:
    """Return where *said* stands, by *place*, without marks around it; a candidate as it is.

    The post may have changed since it was read: DraftError where it does not say so any more.
    """
    known = {f"{quote.start}:{quote.end}" for quote in story.reading.quotes}
    if not said or place in known:
        return place
    text = story.post.document.text
    start, end, words = edits.locate_words(f"{place} {said}", text)
    if text[start:end] != words:
        raise DraftError("quote", "it does not stand verbatim in the post", "Reload the page.")
    start, end = strip_marks(text, start, end)
    return f"{start}:{end}"


def _correct_speaker(act: Act) -> Drafted:
    block = f"speaker/{act.post}/{act.form.get('span', '')}"
    return act.changed(BlockChange(block=block, value=act.form.get("value", "")))


def _add_article(act: Act) -> Drafted:
    """Add the article at a URL: its page is read now."""
    url = act.form.get("url", "").strip()
    if not url.startswith(("https://", "http://")):
        raise DraftError(url or "the address", "is no web address", "Write all of it: https://...")
    (post,) = act.desk.app.read_pages([url], act.now)
    return editing.add_post(act.desk.kit, act.issue, post, act.now)


def _write_note(act: Act) -> Drafted:
    """Write a block of the editor's own; an empty one is taken away."""
    name = act.form.get("name") or f"note-{act.now:%H%M%S}"
    note = Note(
        name=name,
        text=act.form.get("text", "").strip(),
        place=act.form.get("place", "top"),
        title=act.form.get("title", "").strip(),
        sponsor=bool(act.form.get("sponsor")),
    )
    value = text_of(note) if note.text else None
    return act.changed(BlockChange(block=f"note/{name}", value=value))


def _edit_part(act: Act) -> Drafted:
    """Change the thread of one network: say, split, merge, move, leave out or describe a part."""
    name, form = act.form.get("net", ""), act.form
    found = act.drafted
    thread = next((one for one in found.revision.threads if one.network == name), None)
    network = act.desk.networks.get(name)
    if thread is None or network is None:
        raise DraftError(name, "there is no such thread")
    made = _PARTS[form.get("how", "say")](thread, network, act.number("part"), act)
    base = form.get("base") or None
    return editing.rewrite_thread(act.desk.kit, act.issue, made, act.now, base=base)


def _type_part(thread: Thread, part: int, text: str) -> Thread:
    """Return *thread* with what is typed in a part, however long it is by now."""
    if not text or not 1 <= part <= len(thread.parts):
        return thread
    said = list(thread.parts)
    said[part - 1] = replace(said[part - 1], text=text)
    return replace(thread, parts=tuple(said))


_PARTS: Mapping[str, Callable[[Thread, Network, int, Act], Thread]] = {
    "say": lambda thread, network, part, act: rewrite_part(
        thread, network, part, act.form.get("value", "")
    ),
    "split": lambda thread, network, part, act: split_part(
        _type_part(thread, part, act.form.get("value", "")), network, part, act.number("at")
    ),
    "merge": lambda thread, network, part, _: merge_parts(thread, network, part),
    "up": lambda thread, network, part, _: move_part(thread, network, part, part - 1),
    "down": lambda thread, network, part, _: move_part(thread, network, part, part + 1),
    "drop": lambda thread, network, part, _: leave_out_part(thread, network, part),
    "describe": lambda thread, network, part, act: describe_picture(
        thread, network, part, act.number("picture"), act.form.get("value", "")
    ),
}


def _undo_step(act: Act) -> Drafted:
    return editing.undo_step(act.desk.kit, act.issue, act.now)


def _redo_step(act: Act) -> Drafted:
    return editing.redo_step(act.desk.kit, act.issue, act.now)


def _reopen_issue(act: Act) -> Drafted:
    """Open a new revision of what is approved; the approved one stays what leaves."""
    act.desk.kit.issues.reopen(act.issue, act.now)
    return pipeline.redraft_issue(act.desk.kit, act.issue, act.now)


ACTS: Mapping[str, Callable[[Act], Drafted]] = {
    "say": _rewrite_block,
    "back": _restore_block,
    "choice": _choose_post,
    "swap": _swap_story,
    "move": _move_story,
    "quote": _choose_quote,
    "speaker": _correct_speaker,
    "add": _add_article,
    "note": _write_note,
    "part": _edit_part,
    "undo": _undo_step,
    "redo": _redo_step,
    "thaw": _reopen_issue,
}


def _look_outside(desk: Desk, issue: str, _form: Form) -> Revision:
    """Begin to look outside: do the links answer, may the sender send?"""
    revision = desk.revision(issue)
    desk.outside.begin(desk.app, revision.mail)
    return revision


def _steer_run(desk: Desk, issue: str, form: Form) -> Revision:
    """Hold the run of a schedule that has the issue, let it go on, or leave it out."""
    revision = desk.revision(issue)
    steer_run(desk.app, revision.issue.edition.name, issue, form.get("how", ""), datetime.now(UTC))
    desk.touch()
    return revision


# What is done beside the issue: nothing of it changes.
ASIDE: Mapping[str, Callable[[Desk, str, Form], Revision]] = {
    "look": _look_outside,
    "run": _steer_run,
}
