"""An editor's own blocks: a little Markdown, made safe, and placed among the blocks of an issue."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from digest.model import Image, Issue, Note
from digest.render import sanitize
from digest.text.localization import Catalogue

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_TEXT = 4000
MAX_TITLE = 120
_EMPTY = re.compile(r"<a\b[^<>]*>\s*</a>")  # a link that a reader could not name
_TAGS = {"p", "br", "a", "strong", "em", "ul", "ol", "li", "blockquote"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """A note as a template sees it: ``html`` is safe markup, ``text`` what the editor typed."""

    place: str
    label: str
    title: str
    html: str
    text: str
    image: Image | None
    url: str
    link: str


def place_notes(issue: Issue, order: tuple[str, ...], words: Catalogue) -> Iterator[Insert]:
    """Yield the notes of *issue*; one whose block is not shown stands after the last block."""
    last = order[-1] if order else "top"
    for note in issue.notes:
        place = note.place if note.place in (*order, "top") else last
        text = _clean_lines(note.text)
        url = sanitize.clean_link(note.link.url) if note.link else ""
        yield Insert(
            place=place,
            label=words.gettext("Sponsor") if note.sponsor else "",
            title=sanitize.clip_text(sanitize.clean_line(note.title), MAX_TITLE),
            html=render_note(text),
            text=text,
            image=_find_note_picture(note),
            url=url,
            link=sanitize.clip_text(sanitize.clean_line(note.link.title), MAX_TITLE) or url
            if note.link
            else "",
        )


def _find_note_picture(note: Note) -> Image | None:
    """Return the note's picture; an editor's picture without words takes the note's title."""
    image = sanitize.clean_picture(note.image)
    if image is None or image.alt:
        return image
    return Image(
        url=image.url, alt=sanitize.clean_line(note.title), width=image.width, height=image.height
    )


def _clean_lines(text: str) -> str:
    """Return *text* with each of its lines cleaned."""
    return sanitize.clip_text(
        "\n".join(sanitize.clean_line(line) for line in text.splitlines()), MAX_TEXT
    ).strip()


def render_note(text: str) -> str:
    """Return the HTML of the Markdown *text*, made safe."""
    import nh3

    made = nh3.clean(
        _make_markdown().render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=None,
    )
    return _EMPTY.sub("", made).strip()


@cache
def _make_markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    plain = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": True})
    plain.add_render_rule("image", _render_picture_words)
    return plain.disable(["heading", "lheading", "code", "fence", "hr", "html_block"])


def _render_picture_words(
    _renderer: object, tokens: "Sequence[Token]", at: int, *_more: object
) -> str:
    """Return the words for a picture: a note shows one in its own place only."""
    from html import escape

    return escape(tokens[at].content)
