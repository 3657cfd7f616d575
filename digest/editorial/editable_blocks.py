"""The sheet of an issue: every block that can be edited, and what may stand in it."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec

from digest.editorial.edits import locate_words, note_of, read_wishes, text_of, write_outline
from digest.editorial.pipeline import Drafted, compose_edited
from digest.model import Editable, GeneratedIssue, Issue, Post, Quote, Story, Thread
from digest.model.edit import CHOICES, WORD_BLOCKS, fingerprint_text, parse_span, split_block_name
from digest.model.errors import DigestError, DraftError
from digest.model.ports.social import Network
from digest.render.sanitize import clean_line
from digest.render.thread_edit import name_card_in_text, read_manuscript, write_manuscript
from digest.render.thread_texts import choose_quotes
from digest.render.view_model import MAX_NAME, MAX_QUOTE, MAX_SUBJECT, MAX_SUMMARY, MAX_TITLE

MOST = {  # what a view shows of each: a word of the editor's is never cut
    "subject": MAX_SUBJECT,
    "preheader": MAX_SUBJECT,
    "headline": MAX_TITLE,
    "intro": MAX_SUMMARY,
    "title": MAX_TITLE,
    "summary": MAX_SUMMARY,
    "alt": MAX_SUMMARY,
    "speaker": MAX_NAME,
}
_NAME = re.compile(r"[\w-]{1,40}")
_UNSTORABLE = re.compile("[\r\0\ud800-\udfff]")
_NEEDED = ("subject", "headline", "title")
_FREE = ("choice", "added", "note")


def list_editable_blocks(drafted: Drafted) -> tuple[Editable, ...]:
    """Return every block of the issue in the order a reader meets them, those that are lost last.

    Of choices, added posts and notes there are those that were made; of speakers those of all
    quotations.
    """
    issue, history = drafted.revision.issue, drafted.history
    plain = list_generated_values(drafted.generated, history.values, drafted.plain)
    plain |= {
        f"thread/{one.network}": name_card_in_text(write_manuscript(one), one)
        for one in drafted.planned
    }
    now = {**_of_issue(issue), **dict(_of_stories(tuple(issue.stories)))}
    for thread, planned in zip(drafted.revision.threads, drafted.planned, strict=True):
        now[f"thread/{thread.network}"] = name_card_in_text(write_manuscript(thread), planned)
    chosen = [name for name in now if name not in plain]  # speakers of words chosen by hand
    listed = [_make_editable(name, plain.get(name, ""), now, drafted) for name in (*plain, *chosen)]
    others = (name for name in history.edits if name not in plain and name not in now)
    return (*listed, *(_make_editable(name, "", now, drafted) for name in others))


def list_generated_values(
    made: GeneratedIssue, values: Mapping[str, str], plain: Issue
) -> dict[str, str]:
    """Return what the generator says now, by block, but for the threads.

    The words of the issue are those for the stories as they are edited (*plain*): the subject
    follows the lead's title.
    """
    unordered = {name: value for name, value in values.items() if name != "order"}
    order = write_outline(compose_edited(made, unordered).sections)
    shown = {story.post.id: story for story in made.stories}
    stories = [shown[story.post.id] for story in plain.stories]
    return {**_of_issue(plain), "order": order, **dict(_of_stories(stories))}


def _of_issue(issue: Issue) -> dict[str, str]:
    words = {name: str(getattr(issue, name)) for name in WORD_BLOCKS}
    return {**words, "pull-quote": _pull_quote(issue), "order": write_outline(issue.sections)}


def _pull_quote(issue: Issue) -> str:
    shown = issue.pull_quote
    for story in issue.stories if shown else ():
        if shown and story.post.url == shown.url:
            return f"{story.post.id} {place_of(shown.quote)}"
    return ""


def place_of(quote: Quote) -> str:
    """Return *quote* as the value of a block: "START:END words"."""
    return f"{quote.start}:{quote.end} {quote.text}"


def _of_stories(stories: Sequence[Story]) -> Iterator[tuple[str, str]]:
    for story in stories:
        post, best = story.post, next(iter(choose_quotes(story)), None)
        if "quote" in story.edited:
            best = story.reading.quotes[0]
        yield f"title/{post.id}", post.title
        yield f"summary/{post.id}", story.reading.summary
        yield f"quote/{post.id}", place_of(best) if best else ""
        if post.image:
            yield f"alt/{post.id}", post.image.alt
        for quote in story.reading.quotes:
            yield f"speaker/{post.id}/{quote.start}:{quote.end}", quote.speaker or ""


def _make_editable(name: str, plain: str, now: Mapping[str, str], drafted: Drafted) -> Editable:
    edit = drafted.history.edits.get(name)
    if edit is None or edit.value is None:
        return Editable(
            name=name, value=now.get(name, plain), generated=plain, base=fingerprint_text(plain)
        )
    lost = _is_lost(name, now, drafted)
    return Editable(
        name=name,
        value=show_value(name, edit.value) if lost or name not in now else now[name],
        generated=plain,
        base=fingerprint_text(edit.value),
        edited=True,
        stale=not lost and edit.over != fingerprint_text(plain),
        lost=lost,
        problem=drafted.refused.get(name, "") or _find_problem(name, drafted.revision.issue),
        at=edit.at,
    )


def show_value(block: str, value: str) -> str:
    """Return the stored *value* of *block* as a person reads it."""
    if block.startswith("added/"):
        return post_of(value).url
    return value.partition("\n")[0] if block.startswith("speaker/") else value


def post_of(value: str) -> Post:
    """Return the post that the value of an ``added`` block is."""
    return msgspec.json.decode(value, type=Post)


def _is_lost(name: str, now: Mapping[str, str], drafted: Drafted) -> bool:
    kind, of, _ = split_block_name(name)
    if kind == "choice":
        added = {post.id for post in read_wishes(drafted.history.values).added}
        return of not in {*drafted.generated.posts, *added}
    if kind == "pull-quote":
        chosen = drafted.history.values[name].partition(" ")[0]
        return bool(chosen) and chosen not in {s.post.id for s in drafted.revision.issue.stories}
    return kind not in _FREE and name not in now


def describe_edits(drafted: Drafted) -> tuple[str, ...]:
    """Return what a person should know of the edits of an issue that was drafted anew."""
    edited = [block for block in list_editable_blocks(drafted) if block.edited]
    if not edited:
        return ()
    held = sum(not block.lost for block in edited)
    lines = [f"{held} {'edit holds' if held == 1 else 'edits hold'} (digest show --edits)"]
    lost = (block.name for block in edited if block.lost)
    lines += [f"{name} waits: its post is not told in the issue" for name in lost]
    return (*lines, *(f"{block}: {why}" for block, why in drafted.refused.items()))


def _find_problem(name: str, issue: Issue) -> str:
    kind, of, _ = split_block_name(name)
    for story in issue.stories:
        text = story.post.document.text
        if kind == "quote" and story.post.id == of:
            return _not_verbatim(story.reading.quotes[0], text)
        if kind == "pull-quote" and issue.pull_quote and story.post.url == issue.pull_quote.url:
            return _not_verbatim(issue.pull_quote.quote, text)
    return ""


def _not_verbatim(quote: Quote, text: str) -> str:
    return "" if quote.stands_in(text) else "it does not stand verbatim in the post"


class Checker:
    """Tells whether a value may stand in a block, and makes it the one that is stored.

    *posts* are the ids of all posts that may be chosen, *planned* the threads that the generator
    makes, by network.
    """

    def __init__(
        self,
        issue: Issue,
        posts: Collection[str],
        networks: Sequence[Network],
        planned: Mapping[str, Thread],
    ) -> None:
        self._posts, self._planned = posts, planned
        self._stories = {story.post.id: story for story in issue.stories}
        self._networks = {network.name: network for network in networks}
        self._checks: Mapping[str, Callable[[str, str, str], str]] = {
            **dict.fromkeys(MOST, self._words),
            "speaker": self._speaker,
            "quote": self._quote,
            "pull-quote": self._pull_quote,
            "order": self._order,
            "choice": self._choice,
            "added": self._added,
            "note": self._note,
            "thread": self._thread,
        }

    def checked(self, block: str, value: str) -> str:
        """Return *value* as it is stored in *block*; DraftError says why it cannot be."""
        try:
            kind, of, _ = split_block_name(block)
        except ValueError as error:
            raise DraftError(block, str(error)) from None
        return self._checks[kind](block, of, value)

    def _words(self, block: str, of: str, value: str) -> str:
        kind = split_block_name(block)[0]
        text = clean_line(value)
        if of and self._story(block, of).post.image is None and kind == "alt":
            raise DraftError(block, "the post has no picture")
        if not text and kind in _NEEDED:
            raise DraftError(block, "it cannot be empty", "Write something, or take it back.")
        if len(text) > MOST[kind]:
            cause = f"{len(text)} characters; {MOST[kind]} are the most that is shown"
            raise DraftError(block, cause, "Shorten it.")
        return text

    def _story(self, block: str, of: str) -> Story:
        if of not in self._stories:
            raise DraftError(block, "the issue does not tell that post")
        return self._stories[of]

    def _speaker(self, block: str, of: str, value: str) -> str:
        story, place = self._story(block, of), split_block_name(block)[2]
        start, end = parse_span(place) or (0, 0)
        words = story.post.document.text[start:end]
        if not words.strip():
            raise DraftError(block, "there is no quotation at that place")
        return f"{self._words(block, of, value)}\n{words}"

    def _quote(self, block: str, of: str, value: str) -> str:
        text = self._story(block, of).post.document.text
        start, end, words = locate_words(value, text)
        if not words.strip() or (parse_span(value.partition(" ")[0]) or (0, 0))[1] > len(text):
            cause = f"{value[:40]!r} is no place in its text"
            raise DraftError(block, cause, "Give START:END, in characters.")
        return f"{start}:{end} {words}"

    def _pull_quote(self, block: str, _: str, value: str) -> str:
        of, _, place = value.strip().partition(" ")
        if not of:
            return ""
        found = self._quote(block, of, place)
        if len(words := found.partition(" ")[2]) > MAX_QUOTE:
            cause = f"{len(words)} characters; a quotation of more than {MAX_QUOTE} is not shown"
            raise DraftError(block, cause, "Choose a part of it.")
        return f"{of} {found}"

    def _order(self, block: str, _: str, value: str) -> str:
        lines = [clean_line(one) for one in value.splitlines() if clean_line(one)]
        if long := [one for one in lines if one.startswith("#") and len(one) > MAX_NAME + 2]:
            cause = f"{long[0][2:]!r} has more than {MAX_NAME} characters"
            raise DraftError(block, cause, "Shorten the name of the section.")
        kept = [one if one.startswith("#") else one.split()[0] for one in lines]
        if all(one.startswith("#") for one in kept):
            raise DraftError(block, "it names no story", "Take the edit back instead.")
        return "\n".join(dict.fromkeys(kept))

    def _choice(self, block: str, of: str, value: str) -> str:
        if of not in self._posts:
            raise DraftError(block, "the period has no such post", "Look at: digest show")
        if value not in CHOICES:
            raise DraftError(block, f"{value!r} is no choice", f"Use {', '.join(CHOICES)}.")
        return value

    def _added(self, block: str, of: str, value: str) -> str:
        try:
            if post_of(value).id == of:
                return value
        except msgspec.DecodeError:
            pass
        raise DraftError(block, "it holds no post of that id")

    def _note(self, block: str, of: str, value: str) -> str:
        if not _NAME.fullmatch(of):
            remedy = "Use letters, digits, '-' and '_', 40 at most."
            raise DraftError(block, "it is no name for a note", remedy)
        return text_of(note_of(of, _UNSTORABLE.sub("", value)))

    def _thread(self, block: str, of: str, value: str) -> str:
        if of not in self._networks:
            raise DraftError(block, "there is no such network", f"There is: {self._known}.")
        try:
            if read_manuscript(value, self._networks[of]).parts:
                text = f"{_UNSTORABLE.sub('', value).strip()}\n"
                return name_card_in_text(text, self._planned[of]) if of in self._planned else text
        except DigestError as error:
            raise DraftError(block, str(error)) from None
        raise DraftError(block, "the thread says nothing", "Take the edit back instead.")

    @property
    def _known(self) -> str:
        return ", ".join(self._networks)
