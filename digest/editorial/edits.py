"""What an editor says, laid over what the generator says: pure, block by block.

    generated stories ─ told ─ compose ─> issue ─ applied ─> the issue as it leaves

An edit holds as long as its block is there; one whose block is gone is kept and reported, and
holds again when the block is back. The order in which edits of different blocks were made makes
no difference, and laying them over twice changes nothing.

An editor's own block as text that a person types: a head of ``key: value`` lines, then Markdown.

    place: quote
    title: From the editor
    image: https://harbour.example.org/boat.png
    alt: A boat at the quay
    link: https://harbour.example.org/tickets The tickets
    sponsor: yes

    Come on *Friday*.

Every line of the head may be left out, and the head as a whole.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from digest.model import Image, Issue, Link, Note, Post, PullQuote, Quote, Section, Story
from digest.model.edit import fingerprint_text, parse_span, select_blocks_of_kind
from digest.model.errors import DraftError

PLACES = ("top", "lead", "quote", "sections", "themes", "also")
_KEYS = ("place", "title", "image", "alt", "link", "sponsor")
_LINE = re.compile(r"([a-z]+):[ \t]*(.*)")


def note_of(name: str, text: str) -> Note:
    """Return the note that *text* writes; DraftError where its place is none or it says nothing."""
    said, body = _split_head(text)
    place = said.get("place", "top") or "top"
    if place not in PLACES:
        raise DraftError(f"note {name}", f"{place!r} is no place", f"Use {', '.join(PLACES)}.")
    if not body and not said.get("image"):
        raise DraftError(f"note {name}", "it says nothing", "Write a text below its head.")
    url, _, words = said.get("link", "").partition(" ")
    return Note(
        name=name,
        text=body,
        place=place,
        title=said.get("title", ""),
        image=Image(url=said["image"], alt=said.get("alt", "")) if said.get("image") else None,
        link=Link(url=url, title=words.strip()) if url else None,
        sponsor=said.get("sponsor", "") in ("yes", "true"),
    )


def text_of(note: Note) -> str:
    """Return *note* as text to edit."""
    link = f"{note.link.url} {note.link.title}".strip() if note.link else ""
    values = (
        note.place,
        note.title,
        note.image.url if note.image else "",
        note.image.alt if note.image else "",
        link,
        "yes" if note.sponsor else "",
    )
    head = [f"{key}: {value}" for key, value in zip(_KEYS, values, strict=True) if value]
    return "\n".join([*head, "", note.text])


def _split_head(text: str) -> tuple[dict[str, str], str]:
    """Return the head of *text* by key, and its body."""
    said: dict[str, str] = {}
    lines = text.replace("\r\n", "\n").strip().split("\n")
    while lines and (found := _LINE.fullmatch(lines[0])) and found[1] in _KEYS:
        said[found[1]] = found[2].strip()
        lines.pop(0)
    return said, "\n".join(lines).strip()


BY_EDITOR = "named by the editor"
CHOSEN = "chosen by the editor"
_post = msgspec.json.Decoder(Post).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorialWishes:
    """What the editor asks of the choice: ids of posts to tell, list or leave out; posts added."""

    pins: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    bans: tuple[str, ...] = ()
    added: tuple[Post, ...] = ()

    @property
    def mark(self) -> str:
        """Return what tells these wishes from others."""
        added = [(post.id, post.content_hash) for post in self.added]
        return fingerprint_text(
            repr((sorted(self.pins), sorted(self.lists), sorted(self.bans), sorted(added)))
        )

    def joined(self, posts: Sequence[Post]) -> tuple[Post, ...]:
        """Return *posts* and those added that are not among them already."""
        known = {_address_of(post) for post in posts}
        return (*posts, *(post for post in self.added if _address_of(post) not in known))

    def pinned(self, posts: Sequence[Post]) -> tuple[str, ...]:
        """Return the ids of what is to be told; one added may be known among *posts* by another."""
        known = {_address_of(post): post.id for post in posts}
        added = {post.id: _address_of(post) for post in self.added}
        return tuple(known[added[post]] if post in added else post for post in self.pins)


def _address_of(post: Post) -> str:
    return post.url.rstrip("/")


def read_wishes(values: Mapping[str, str]) -> EditorialWishes:
    """Return what *values*, by block, ask of the choice; what is added is asked to be told."""
    chosen = dict(select_blocks_of_kind(values, "choice"))
    added = tuple(_post(value) for _, value in select_blocks_of_kind(values, "added"))
    told = [post for post, choice in chosen.items() if choice == "pin"]
    told += [post.id for post in added if post.id not in chosen]
    return EditorialWishes(
        pins=tuple(told),
        lists=tuple(post for post, choice in chosen.items() if choice == "list"),
        bans=tuple(post for post, choice in chosen.items() if choice == "ban"),
        added=added,
    )


def encode_added_post(post: Post) -> str:
    """Return *post* as the value of a block ``added/POST``."""
    return msgspec.json.encode(post).decode()


def tell_stories(stories: Sequence[Story], values: Mapping[str, str]) -> tuple[Story, ...]:
    """Return *stories* in the editor's words and order."""
    edited = [_edit_story(story, values) for story in stories]
    place = {post: n for n, post in enumerate(_parse_ids(values.get("order", "")))}
    return tuple(sorted(edited, key=lambda story: place.get(story.post.id, len(place))))


def apply_edits(issue: Issue, values: Mapping[str, str]) -> Issue:
    """Return *issue* with *values*, by block, in the place of what the generator said."""
    sections = tuple(
        replace(section, stories=tuple(_edit_story(story, values) for story in section.stories))
        for section in issue.sections
    )
    made = replace(issue, sections=sections, notes=_edit_notes(issue.notes, values))
    made = replace(
        made,
        subject=values.get("subject", made.subject),
        preheader=values.get("preheader", made.preheader),
        headline=values.get("headline", made.headline),
        intro=values.get("intro", made.intro),
    )
    if "order" in values:
        made = replace(made, sections=arrange_sections(made.sections, values["order"]))
    return _choose_pull_quote(made, values)


def _choose_pull_quote(issue: Issue, values: Mapping[str, str]) -> Issue:
    """Return *issue* with the pull-quote chosen; one chosen of a story that is gone waits."""
    if "pull-quote" not in values:
        return replace(issue, pull_quote=_named_anew(issue))
    of, _, place = values["pull-quote"].partition(" ")
    if not of:
        return replace(issue, pull_quote=None)
    for story in issue.stories:
        if story.post.id == of:
            quote = _choose_quote(story, place)
            shown = PullQuote(quote=quote, url=story.post.url, title=story.post.title)
            return replace(issue, pull_quote=shown)
    return issue


def _named_anew(issue: Issue) -> PullQuote | None:
    """Return the pull-quote of *issue* as its story quotes it: a speaker may be corrected."""
    shown = issue.pull_quote
    for story in issue.stories if shown else ():
        if shown and story.post.url == shown.url:
            same = (q for q in story.reading.quotes if _place_of(q) == _place_of(shown.quote))
            quote = next(same, shown.quote)
            return replace(shown, quote=quote, title=story.post.title)
    return shown


def _place_of(quote: Quote) -> tuple[int, int]:
    return quote.start, quote.end


def _edit_story(story: Story, values: Mapping[str, str]) -> Story:
    """Return *story* in the editor's words."""
    of = story.post.id
    post, reading, edited = story.post, story.reading, set(story.edited)
    if (title := values.get(f"title/{of}")) is not None:
        post = replace(post, title=title)
        edited.add("title")
    if (alt := values.get(f"alt/{of}")) is not None and post.image:
        post = replace(post, image=replace(post.image, alt=alt))
        edited.add("alt")
    if (summary := values.get(f"summary/{of}")) is not None:
        reading = replace(reading, summary=summary, summary_from="author")
        edited.add("summary")
    story = replace(story, pick=replace(story.pick, post=post), reading=reading)
    story = _edit_quotes(story, values, edited)
    return replace(story, edited=tuple(sorted(edited)))


def _edit_quotes(story: Story, values: Mapping[str, str], edited: set[str]) -> Story:
    """Return *story* with the quotation chosen for it first, and speakers corrected."""
    of, quotes = story.post.id, list(story.reading.quotes)
    shown, _, place = values.get("pull-quote", "").partition(" ")
    if shown == of:
        quotes = _add_quote(quotes, _choose_quote(story, place), first=False)
    if (value := values.get(f"quote/{of}")) is not None:
        quotes = _add_quote(quotes, _choose_quote(story, value), first=True)
        edited.add("quote")
    for where, value in select_blocks_of_kind(values, f"speaker/{of}"):
        name, _, words = value.partition("\n")
        named = _name_speaker(quotes, where, name, words)
        edited |= {"speaker"} if named != quotes else set()
        quotes = named
    return replace(story, reading=replace(story.reading, quotes=tuple(quotes)))


def _add_quote(quotes: Sequence[Quote], quote: Quote, *, first: bool) -> list[Quote]:
    """Return *quotes* with *quote* among them; at their head if *first*."""
    same = [q for q in quotes if _place_of(q) == _place_of(quote) and q.text == quote.text]
    if same and not first:
        return list(quotes)
    others = [q for q in quotes if q not in same]
    return [*same[:1], *others] if same else [quote, *others] if first else [*others, quote]


def _name_speaker(quotes: Sequence[Quote], where: str, name: str, words: str) -> list[Quote]:
    """Return *quotes* with *name* as who said the one at *where*, or else the one of *words*.

    What holds for one span of an utterance holds for all.
    """
    here = [q for q in quotes if f"{q.start}:{q.end}" == where and words in ("", q.text)]
    meant = here or [q for q in quotes if words and q.text == words]
    if not meant:
        return list(quotes)
    utterance, speech = meant[0].utterance, bool(name) or meant[0].speech
    return [
        replace(q, speaker=name or None, speech=speech, why=BY_EDITOR)
        if q.utterance == utterance
        else q
        for q in quotes
    ]


def _choose_quote(story: Story, value: str) -> Quote:
    """Return the quotation that *value*, "START:END words", chooses in the text of *story*.

    Where these words stand elsewhere by now it is there; where nowhere, it is not verbatim.
    """
    start, end, words = locate_words(value, story.post.document.text)
    quotes = story.reading.quotes
    for quote in quotes:
        if _place_of(quote) == (start, end) and quote.text == words:
            return quote
    around = (q for q in quotes if q.start <= start < end <= q.end)
    plain = Quote(
        text=words,
        start=start,
        end=end,
        speech=False,
        utterance=_next_utterance(quotes),
        why=CHOSEN,
    )
    whole = next(around, None)
    return replace(whole, text=words, start=start, end=end) if whole else plain


def _next_utterance(quotes: Sequence[Quote]) -> int:
    return max((quote.utterance for quote in quotes), default=-1) + 1


def locate_words(value: str, text: str) -> tuple[int, int, str]:
    """Return where "START:END words" stands in *text*, and its words; the nearest place wins."""
    place, _, words = value.partition(" ")
    start, end = parse_span(place) or (0, 0)
    if words in ("", text[start:end]):
        return start, end, text[start:end]
    before, after = text.rfind(words, 0, start + len(words)), text.find(words, start)
    found = [at for at in (before, after) if at >= 0]
    if not found:
        return start, end, words
    at = min(found, key=lambda at: abs(at - start))
    return at, at + len(words), words


def _edit_notes(notes: Sequence[Note], values: Mapping[str, str]) -> tuple[Note, ...]:
    own = [note_of(name, text) for name, text in select_blocks_of_kind(values, "note")]
    names = {note.name for note in own}
    return (*(note for note in notes if note.name not in names or not note.name), *own)


def write_outline(sections: Sequence[Section]) -> str:
    """Return the order of the stories of *sections* as text: ids under "# Section" lines."""
    lines: list[str] = []
    for section in sections:
        if title := " ".join(section.title.split()):
            lines.append(f"# {title}")
        lines += [story.post.id for story in section.stories]
    return "\n".join(lines)


def arrange_sections(sections: Sequence[Section], text: str) -> tuple[Section, ...]:
    """Return *sections* as the outline *text* has them, the first story alone as the lead.

    A story that it does not name stays under the title it had; a section without stories goes.
    """
    home = {story.post.id: section.title for section in sections for story in section.stories}
    left = {story.post.id: story for section in sections for story in section.stories}
    under: dict[str, list[Story]] = {}
    lead: Story | None = None
    for title, post in [*_parse_outline(text), *(("", post) for post in home)]:
        story = left.pop(post, None)
        if story is None:
            continue
        if lead is None:
            lead = story
        else:
            under.setdefault(title or home[post], []).append(story)
    if lead is None:
        return tuple(sections)
    rest = [Section(title=name, stories=tuple(stories)) for name, stories in under.items()]
    return (Section(title="", stories=(lead,)), *rest)


def _parse_outline(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ids of an outline, each with the title it stands under."""
    title = ""
    for line in text.splitlines():
        if line.startswith("#"):
            title = line.lstrip("#").strip()
        elif line.split():
            yield title, line.split()[0]


def _parse_ids(text: str) -> list[str]:
    return list(dict.fromkeys(post for _, post in _parse_outline(text)))
