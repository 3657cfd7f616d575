"""An issue as one text that a person edits, and what the edited text asks for.

The blocks of an issue as fields of one text, and what an edited text asks for.

An issue as one text that a person edits: every block under a line with its name.

    # Lines that begin with "#" are for the reader.
    [subject] 5f1c0a9e
    The ferry waits for nobody
    [speakers/4cf1ff26] 90ab11c2
    Lin Du | The ferry waits for people.

Behind a name stands a mark of what the block said when the text was written: a block that says
the same is left alone, and one that was changed elsewhere meanwhile is told from one that was
not. A line of text that looks like one of these has a backslash before it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.editorial import edits
from digest.editorial.editable_blocks import list_editable_blocks, place_of, post_of
from digest.editorial.editing import BlockChange
from digest.editorial.pipeline import Drafted
from digest.model import Editable, Post, Quote, Story
from digest.model.edit import fingerprint_text, select_blocks_of_kind
from digest.model.errors import ConflictError, DigestError, DraftError
from digest.text.ranking.pull_quotes import is_displayable

BACK = "*"
_EDGE = "\n "
MARK = 8  # characters of a mark
_HEADER = re.compile(r"\[(?P<name>[a-z-]+(?:/\S+)?)\](?: (?P<mark>[0-9a-f]{8}))?\s*")
_OURS = re.compile(r"^(?=\\*(?:#|\*\s*$|\[[a-z-]+(?:/\S+)?\](?: [0-9a-f]{8})?\s*$))", re.MULTILINE)
_ESCAPED = re.compile(_OURS.pattern.replace("^(?=", r"^\\(?=", 1), re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One block of the text: its name, what stands below it, and notes for the reader above."""

    name: str
    body: str
    hints: tuple[str, ...] = ()

    def __str__(self) -> str:
        hints = "".join(f"# {' '.join(hint.split())}\n" for hint in self.hints)
        body = f"{_OURS.sub(chr(92) * 2, self._text)}\n" if self._text else ""
        return f"{hints}[{self.name}] {self.mark}\n{body}"

    @property
    def _text(self) -> str:
        return self.body.strip(_EDGE)

    def says(self, entry: "EditedBlock") -> bool:
        """Tell whether *entry* says what it says."""
        return entry.body == self._text

    @property
    def mark(self) -> str:
        """Return the mark of what it says."""
        return fingerprint_text(self._text)[:MARK]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedBlock:
    """A block as it was read back; ``mark`` is "" where somebody typed its name."""

    name: str
    mark: str
    body: str

    @property
    def untouched(self) -> bool:
        """Tell whether it says what it said when the text was written."""
        return bool(self.mark) and fingerprint_text(self.body)[:MARK] == self.mark


def parse_blocks(text: str) -> Iterator[EditedBlock]:
    """Yield the blocks of an edited *text*; what stands before the first is nobody's."""
    name, marked, lines = "", "", list[str]()
    for line in _split_lines(text):
        if found := _HEADER.fullmatch(line):
            if name:
                yield _make_block(name, marked, lines)
            name, marked, lines = found["name"], found["mark"] or "", []
        elif not line.startswith("#"):
            lines.append(line)
    if name:
        yield _make_block(name, marked, lines)


def _make_block(name: str, marked: str, lines: Iterable[str]) -> EditedBlock:
    return EditedBlock(name=name, mark=marked, body=_ESCAPED.sub("", "\n".join(lines).strip(_EDGE)))


def annotate_text(text: str, marks: Mapping[str, str], notes: Mapping[str, Sequence[str]]) -> str:
    """Return an edited *text* to go on with, with *notes* above the blocks that they are about.

    A block that was edited gets its mark of now, by name in *marks*: what was saved of it is not
    asked for again, and what was not may be saved over what stands there.
    """
    touched = {entry.name for entry in parse_blocks(text) if not entry.untouched}
    lines = []
    for line in _split_lines(text):
        found = _HEADER.fullmatch(line)
        if found and found["name"] in touched:
            name = found["name"]
            lines += [f"# ! {one}" for note in notes.get(name, ()) for one in note.split("\n")]
            mark_now = marks.get(name, "") if found["mark"] else ""
            lines.append(f"[{name}] {mark_now}".rstrip())
        elif not line.startswith("# ! "):
            lines.append(line)
    return "\n".join(lines)


def _split_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n")


HEAD = """\
# {issue}, revision {number}. Lines that begin with "#" are notes for you.
# Change what stands below a [block]; a block that you take out stays as it is.
# "*" alone below a [block] takes your edit of it back.
"""
_MARKS = ("「」", "『』", "“”", '""', "‘’", "«»")
_SHORT = 8
_SHOWN = 6
Asked = BlockChange | str | DigestError  # a string is the address of a post to add
_ACTS = ("pin", "list", "ban", "add")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What an edited text asks for: changes, addresses of posts to add, and what is not clear.

    Changes and problems stand behind the name of the field that they are of.
    """

    changes: tuple[tuple[str, BlockChange], ...]
    adds: tuple[str, ...] = ()
    problems: tuple[tuple[str, DigestError], ...] = ()


def write_edit_document(drafted: Drafted, posts: Sequence[Post]) -> str:
    """Return the issue as text to edit; *posts* are all of its period."""
    issue = drafted.revision.issue
    head = HEAD.format(issue=issue.id, number=drafted.revision.number)
    return "\n".join([head, *(str(field) for field in _Sheet(drafted, posts).fields())])


def read_edit_document(text: str, drafted: Drafted, posts: Sequence[Post]) -> Read:
    """Return what *text* asks to change in the issue of *drafted*; *posts* are of its period."""
    now = _Sheet(drafted, posts)
    fields = {field.name: field for field in now.fields()}
    found: list[tuple[str, Asked]] = []
    seen: set[str] = set()
    for entry in parse_blocks(text):
        field = fields.get(entry.name)
        if entry.untouched or (field and field.says(entry)):
            continue
        try:
            _check_block(entry, field, seen)
            found += [(entry.name, one) for one in now.changes(entry, field)]
        except DigestError as error:
            found.append((entry.name, error))
    return Read(
        changes=tuple((name, one) for name, one in found if isinstance(one, BlockChange)),
        adds=tuple(one for _, one in found if isinstance(one, str)),
        problems=tuple((name, one) for name, one in found if isinstance(one, DigestError)),
    )


def return_text(
    text: str, drafted: Drafted, posts: Sequence[Post], problems: Sequence[tuple[str, DigestError]]
) -> str:
    """Return *text* to go on with after what was clear is saved, its *problems* told in it."""
    notes: dict[str, list[str]] = {}
    for name, error in problems:
        notes.setdefault(name, []).append(str(error))
        if isinstance(error, ConflictError):
            notes[name].append(f"there it says now:\n{error.theirs}")
    marks = {field.name: field.mark for field in _Sheet(drafted, posts).fields()}
    return annotate_text(text, marks, notes)


def _check_block(entry: EditedBlock, field: Field | None, seen: set[str]) -> None:
    """Raise DigestError where *entry* cannot be taken as it is; note that it was *seen*."""
    if entry.name in seen:
        raise DraftError(entry.name, "it stands there twice", "Leave one of them.")
    seen.add(entry.name)
    if entry.mark and field and field.mark != entry.mark:
        raise ConflictError(entry.name, mine=entry.body, theirs=field.body, base="")


class _Sheet:
    """The fields of an issue, and how each is read back."""

    def __init__(self, drafted: Drafted, posts: Sequence[Post]) -> None:
        self._history = drafted.history
        self._blocks = {one.name: one for one in list_editable_blocks(drafted)}
        self._stories = {story.post.id: story for story in drafted.revision.issue.stories}
        self._posts = {post.id: post for post in posts}
        self._size = _count_unique_digits([*self._stories, *self._posts])

    def fields(self) -> Iterator[Field]:
        """Yield every field in the order a reader meets the blocks."""
        for name in ("subject", "preheader", "headline", "intro"):
            yield self._field(self._blocks[name])
        yield self._pull_quote()
        yield self._order()
        yield self._choices()
        for place, story in enumerate(self._stories.values(), 1):
            yield from self._of_story(place, story)
        for name, block in self._blocks.items():
            if name.startswith(("note/", "thread/")):
                yield self._field(block)

    def _short(self, post: str) -> str:
        return post[: self._size]

    def _field(self, block: Editable, *hints: str, body: str | None = None) -> Field:
        kind, slash, of = block.name.partition("/")
        short = f"/{self._short(of)}" if of in self._stories else slash + of
        said = hints
        if block.problem:
            said += (f"! {block.problem}",)
        if block.edited and kind not in ("thread", "note"):
            said += (f"edited; the generator says now: {block.generated}",)
        elif block.edited:
            said += ("edited",)
        return Field(name=kind + short, body=block.value if body is None else body, hints=said)

    def _pull_quote(self) -> Field:
        block = self._blocks["pull-quote"]
        hints = [
            "Words from a post, or the number of one of these; none shows none.",
            *self._best(),
        ]
        return self._field(block, *hints, body=_words_of_place(block.value.partition(" ")[2]))

    def _best(self) -> list[str]:
        return [
            f"{n}  {quote.text} | {quote.speaker or '?'} | {story.post.title}"
            for n, (story, quote) in enumerate(self._ranked(), 1)
        ]

    def _ranked(self) -> list[tuple[Story, Quote]]:
        """Return the quotations that can stand on display, the strongest first."""
        found = [
            (story, quote)
            for story in self._stories.values()
            for quote in story.reading.quotes
            if quote.speech and is_displayable(quote)
        ]
        return sorted(found, key=lambda one: -one[1].score)[:_SHOWN]

    def _order(self) -> Field:
        block = self._blocks["order"]
        lines = []
        for line in block.value.split("\n"):
            story = self._stories.get(line)
            shown = f"{self._short(line)} {' '.join(story.post.title.split())}" if story else line
            lines.append(f"== {line[1:].strip()}" if line.startswith("#") else shown)
        return self._field(
            block, 'The first leads; "== Name" begins a section.', body="\n".join(lines)
        )

    def _choices(self) -> Field:
        """Return the field of what is asked for by address, with the other posts as notes."""
        values = self._history.values
        lines = [
            f"{choice} {self._posts[post].url if post in self._posts else post}"
            for post, choice in select_blocks_of_kind(values, "choice")
        ]
        lines += [
            f"add {post_of(value).url}" for _, value in select_blocks_of_kind(values, "added")
        ]
        hints = ["pin, list, ban or add, and an address; a line less takes it back."]
        hints += [
            f"     {post.url}  {post.title}"
            for post in self._posts.values()
            if post.id not in self._stories and f"choice/{post.id}" not in values
        ]
        return Field(name="posts", body="\n".join(lines), hints=tuple(hints))

    def _of_story(self, place: int, story: Story) -> Iterator[Field]:
        of = story.post.id
        yield self._field(self._blocks[f"title/{of}"], f"── {place}  {story.post.url}")
        yield self._field(self._blocks[f"summary/{of}"])
        if f"alt/{of}" in self._blocks:
            yield self._field(self._blocks[f"alt/{of}"])
        quote = self._blocks[f"quote/{of}"]
        yield self._field(quote, body=_words_of_place(quote.value))
        if story.reading.quotes:
            shown = sorted(story.reading.quotes, key=_by_hand)[:_SHOWN]
            lines = [f"{q.speaker or '-'} | {_flatten_text(q.text)}" for q in shown]
            hint = 'Who said it, "-" for nobody; the words are not read back.'
            yield Field(name=f"speakers/{self._short(of)}", body="\n".join(lines), hints=(hint,))

    def changes(self, entry: EditedBlock, field: Field | None) -> list[Asked]:
        """Return what *entry* changes, and what of it is not clear; DraftError if all of it is."""
        kind, _, of = entry.name.partition("/")
        if kind == "posts":
            return list(self._chosen("" if entry.body == BACK else entry.body))
        block = f"{kind}/{self._whole(of)}" if of else kind
        if kind == "speakers":
            return list(self._named(block.partition("/")[2], entry.body))
        known = self._blocks.get(block)
        if known is None and (kind not in ("note", "thread") or not of):
            raise DraftError(
                f"[{entry.name}]", "there is no such block", r"Text? Write \[ instead."
            )
        if entry.body == BACK:
            value = None
        elif kind == "order":
            value = self._outline(entry.body)
        elif kind in ("quote", "pull-quote"):
            value = self._quoted(block, entry.body)
        else:
            value = entry.body
        base = known.base if known and field and entry.mark else None
        return [BlockChange(block=block, value=value, base=base)]

    def _whole(self, short: str) -> str:
        found = [post for post in self._stories if post.startswith(short)]
        return found[0] if len(found) == 1 and len(short) >= min(_SHORT, self._size) else short

    def _outline(self, body: str) -> str:
        lines = []
        for line in body.split("\n"):
            if line.startswith("=="):
                lines.append(f"# {line.lstrip('=').strip()}")
            elif words := line.split():
                lines.append(self._whole(words[0]))
        return "\n".join(lines)

    def _quoted(self, block: str, body: str) -> str | None:
        """Return the place of the words *body*, or of the candidate of that number."""
        words = " ".join(body.split("\n")).strip()
        kind, _, of = block.partition("/")
        if kind == "pull-quote" and not words:
            return ""
        if kind == "pull-quote" and words.isascii() and words.isdigit():
            ranked = self._ranked()
            if not 1 <= int(words) <= len(ranked):
                raise DraftError(block, f"there is no candidate {words}")
            story, quote = ranked[int(words) - 1]
            return f"{story.post.id} {place_of(quote)}"
        if kind == "quote":
            return _locate_words(self._stories[of], words) or self._as_it_was(block, words)
        for story in self._stories.values():
            if place := _locate_words(story, words):
                return f"{story.post.id} {place}"
        return self._as_it_was(block, words)

    def _as_it_was(self, block: str, words: str) -> str:
        """Return *words*, which stand in no post, in the place of what stood there."""
        *of, place = self._blocks[block].value.split(" ", 2)[: 2 if block == "pull-quote" else 1]
        if not place:
            raise DraftError(block, f"“{words[:40]}” stands in no post", "Copy it from the post.")
        return " ".join([*of, place, words])

    def _chosen(self, body: str) -> Iterator[Asked]:
        """Yield the changes that the lines of the field "posts" come to."""
        by_url = {post.url.rstrip("/"): name for name, post in self._posts.items()}
        values = self._history.values
        added = {
            post_of(v).url.rstrip("/"): name for name, v in select_blocks_of_kind(values, "added")
        }
        left = {name for name in values if name.startswith(("choice/", "added/"))}
        for line in filter(None, map(str.strip, body.split("\n"))):
            act, _, url = line.partition(" ")
            url = url.strip().rstrip("/")
            post = by_url.get(url, url if f"choice/{url}" in values else "")
            if act == "add" and url in added:
                left.discard(f"added/{added[url]}")
            elif act == "add" and url:
                yield url
            elif act not in _ACTS or not post:
                left.clear()  # it may be what is left of a line that was there
                yield _unclear_line(line, url)
            else:
                left.discard(f"choice/{post}")
                yield BlockChange(block=f"choice/{post}", value=act)
        yield from (BlockChange(block=name, value=None) for name in sorted(left))

    def _named(self, of: str, body: str) -> Iterator[Asked]:
        story = self._stories.get(of)
        if story is None:
            raise DraftError(f"[speakers/{of}]", "the issue tells no such post")
        quotes = {_flatten_text(quote.text): quote for quote in story.reading.quotes}
        for line in filter(None, body.split("\n")) if body != BACK else ():
            name, _, words = (part.strip() for part in line.partition("|"))
            quote = quotes.get(words)
            if quote is None:
                where = f"[speakers/{self._short(of)}]"
                yield DraftError(where, f"“{words[:40]}” is none of its quotations")
                continue
            name = "" if name == "-" else name
            if name != (quote.speaker or ""):
                yield BlockChange(block=f"speaker/{of}/{quote.start}:{quote.end}", value=name)
        for block in self._history.values if body == BACK else ():
            if block.startswith(f"speaker/{of}/"):
                yield BlockChange(block=block, value=None)


def _by_hand(quote: Quote) -> bool:
    """Sort *quote* behind those that the editor chose or named."""
    return quote.why not in (edits.CHOSEN, edits.BY_EDITOR)


def _unclear_line(line: str, url: str) -> DraftError:
    if url:
        return DraftError("[posts]", f"the period has no post at {url}", "Add it: add https://...")
    return DraftError("[posts]", f"{line!r} is not clear", "Write: pin https://...")


def _count_unique_digits(ids: Sequence[str]) -> int:
    """Return how many characters tell *ids* apart."""
    size = _SHORT
    while len({one[:size] for one in ids}) < len(set(ids)):
        size += 1
    return size


def _words_of_place(place: str) -> str:
    """Return the words of "START:END words"."""
    return _flatten_text(place.partition(" ")[2])


def _flatten_text(text: str) -> str:
    return " ".join(text.split())


def _locate_words(story: Story, words: str) -> str:
    """Return where *words* stand in the text of *story*, with or without their marks; "" if not."""
    text = story.post.document.text
    known = {_flatten_text(quote.text): quote for quote in story.reading.quotes}
    bare = words[1:-1] if words[:1] + words[-1:] in _MARKS else words
    for said in (words, bare):
        if said in known:
            return place_of(known[said])
    at = text.find(bare) if bare else -1
    return f"{at}:{at + len(bare)} {bare}" if at >= 0 else ""
