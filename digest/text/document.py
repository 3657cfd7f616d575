r"""HTML or Markdown -> Document: clean blocks by one walk over one tree.

The writer behind ``blocks``: takes text and tags in reading order, gives a Document.

HTML or Markdown -> clean blocks: one walk over one tree, whatever the text was written in.

Inside a block white space is folded to one space; a line break between two Han characters is
none at all (CSS Text 3, 4.1.3), for it only wraps the source. ``<br>`` means a new line in verse
and addresses, so it stays one: "\n" inside a block. Code keeps its lines; a table is one block,
a row a line, cells divided by " | ". What stands under a picture is a caption and no running
text, unless there is nothing else. Spaces between Latin and Han stay as they were written.

What would cost a parser far more than its length: told beforehand, by one linear look.

Measured on lexbor and feedparser: time grows with the square of the nesting depth, of the
attributes of one tag, of bold and its like left open over many blocks, and of one long word.
"""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.model import Block, BlockKind, Document, Image, Link, Media
from digest.text import hugo_markdown
from digest.text.embeds import find_frame_media, find_media, resolve_url
from digest.text.figures import CAPTION_CLASS, LAZY, FigureTracker, first_of_sets, list_addresses
from digest.text.text_buffer import FORMULA, TextBuffer, clean_text, fold_line

Attributes = dict[str, str | None]


def split_tag_names(several: str) -> frozenset[str]:
    """Return the words of *several*: tag names read better in a row."""
    return frozenset(several.split())


_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_CELLS = frozenset({"td", "th"})
_TABLE_PARTS = split_tag_names("table caption colgroup thead tbody tfoot tr td th")
_PARTED = _TABLE_PARTS | split_tag_names(
    "p div section article main header footer figure figcaption address details summary dl dt dd"
    " hgroup fieldset legend center body html ul ol li blockquote pre h1 h2 h3 h4 h5 h6"
)
_MAX_TITLE = 300
_EMPTY = f" |\n{FORMULA}"


@dataclass(slots=True)
class _ListItem:
    """An open list item: its first block is the item, what follows are paragraphs in it."""

    fresh: bool = True


@dataclass(slots=True)
class _OpenTable:
    """An open table; one whose cells hold blocks only lays out the page (``layout``)."""

    layout: bool = False
    cells: int = 0


@dataclass(slots=True)
class DocumentBuilder:
    """Collects blocks, media, images and links; ``base`` resolves relative addresses."""

    base: str = ""
    _parts: list[str] = field(default_factory=list)
    _blocks: list[Block] = field(default_factory=list)
    _media: dict[str, Media] = field(default_factory=dict)
    _images: dict[str, Image] = field(default_factory=dict)
    _links: dict[str, Link] = field(default_factory=dict)
    _line: TextBuffer = field(default_factory=TextBuffer)
    _length: int = 0
    _anchors: list[tuple[str, int]] = field(default_factory=list)
    _lists: list[bool] = field(default_factory=list)
    _items: list[_ListItem] = field(default_factory=list)
    _tables: list[_OpenTable] = field(default_factory=list)
    _quotes: int = 0
    _heading: int = 0
    _code: int = 0
    _silent: int = 0
    _figures: FigureTracker = field(default_factory=FigureTracker)

    def say(self, text: str) -> None:
        """Add running text to the open block."""
        if self._silent:
            return
        if self._code:
            self._line.put(clean_text(text))
        else:
            self._line.say(text)

    def open(self, tag: str, attributes: Attributes) -> None:
        """Begin the element *tag*."""
        if tag in _PARTED:
            self._part(tag)
        self._figures.open(tag, attributes)
        match tag:
            case "b" | "strong":
                self._line.embolden()
            case "a":
                self._anchors.append((self._absolute(attributes.get("href")), self._line.size))
            case "ul" | "ol":
                self._lists.append(tag == "ol")
            case "li":
                self._items.append(_ListItem())
            case "blockquote":
                self._quotes += 1
            case "pre":
                self._code += 1
            case "table":
                self._tables.append(_OpenTable())
            case "noscript" | "audio" | "video":
                self._silent += 1
                self._see(self._absolute(attributes.get("src")), attributes.get("title") or "")
            case _:
                self._heading = _HEADINGS.get(tag, self._heading)

    def close(self, tag: str) -> None:
        """End the element *tag*, which was opened."""
        self._end(tag)
        self._figures.close(tag)
        match tag:
            case "b" | "strong":
                self._line.lighten()
            case "a":
                self._link(*self._anchors.pop())
            case "ul" | "ol":
                self._lists.pop()
            case "li":
                self._items.pop()
            case "blockquote":
                self._quotes -= 1
            case "pre":
                self._code -= 1
            case "table":
                self._tables.pop()
            case "noscript" | "audio" | "video":
                self._silent -= 1

    def stand(self, tag: str, attributes: Attributes) -> None:
        """Write an element whose contents, if any, are not text."""
        match tag:
            case "br" if not self._silent:
                self._line.wrap("\n")
            case "hr" if not self._in_data_table():
                self._flush()
            case "img":
                self._image(attributes)
                self._figures.illustrate()
            case "iframe":
                self._frame(attributes)
                self._figures.illustrate()
            case "source" if self._silent:
                self._see(self._absolute(attributes.get("src")), "")
            case "source":
                self._figures.sources += first_of_sets(attributes)
            case "lite-youtube" | "amp-youtube":
                name = attributes.get("videoid") or attributes.get("data-videoid")
                self._see(f"https://www.youtube.com/watch?v={name}", "")

    def document(self) -> Document:
        """Return all that was written."""
        self._flush()
        return Document(
            text="\n\n".join(self._parts),
            blocks=tuple(_with_text(self._blocks)),
            media=tuple(self._media.values()),
            images=tuple(self._images.values()),
            links=tuple(self._links.values()),
        )

    def _in_data_table(self) -> bool:
        return bool(self._tables) and not self._tables[-1].layout

    def _part(self, tag: str) -> None:
        """Begin a new block, or a row or cell of the table that is the open block."""
        if not self._in_data_table():
            self._flush()
        elif tag == "tr":
            self._line.wrap("\n")
            self._tables[-1].cells = 0
        elif tag in _CELLS:
            if self._tables[-1].cells:
                self._line.put(" | ")
            self._tables[-1].cells += 1
        elif tag not in _TABLE_PARTS or tag == "table":
            self._flush()
            self._tables[-1].layout = True

    def _end(self, tag: str) -> None:
        if tag in _PARTED and (tag == "table" or not self._in_data_table()):
            self._flush()
        if tag in _HEADINGS:
            self._heading = 0

    def _flush(self) -> None:
        """End the open block; an empty one leaves no trace."""
        if not self._line.size:
            return
        text, strong = self._line.take(verbatim=bool(self._code))
        self._anchors = [(url, 0) for url, _ in self._anchors]
        if not text.strip(_EMPTY):
            return
        kind, level, ordered = self._role()
        start = self._length + (2 if self._parts else 0)
        self._length = start + len(text)
        self._parts.append(text)
        self._blocks.append(
            Block(
                kind=kind,
                start=start,
                end=self._length,
                level=level,
                ordered=ordered,
                strong=tuple((start + a, start + b) for a, b in strong),
            )
        )

    def _role(self) -> tuple[BlockKind, int, bool]:
        """Return what the block that ends now is: kind, level and whether it is numbered."""
        if self._code:
            return "code", 0, False
        if self._heading:
            return "heading", self._heading, False
        if self._in_data_table():
            return "table", 0, False
        if self._figures.in_caption:
            return "caption", 0, False
        if self._quotes:
            return "quote", self._quotes, False
        if self._items and self._items[-1].fresh:
            self._items[-1].fresh = False
            return "item", max(1, len(self._lists)), bool(self._lists and self._lists[-1])
        return "paragraph", 0, False

    def _absolute(self, url: str | None) -> str:
        """Return *url* against the base, "" where it is no address a reader could open."""
        url = (url or "").strip()
        return "" if url.startswith("#") else resolve_url(url, self.base)

    def _link(self, url: str, start: int) -> None:
        if not url:
            return
        said = self._line.since(start)[:_MAX_TITLE]
        seen = find_media(url, said)
        if seen is not None:
            self._keep(seen)
        if url not in self._links and not _is_same_host(url, self.base):
            self._links[url] = Link(url=url, title=said)

    def _see(self, url: str, title: str) -> None:
        """Keep what is embedded from *url*."""
        seen = find_frame_media(url, fold_line(title)[:_MAX_TITLE]) if url else None
        if seen is not None:
            self._keep(seen)

    def _keep(self, seen: Media) -> None:
        if seen.url not in self._media or not self._media[seen.url].title:
            self._media[seen.url] = seen

    def _frame(self, attributes: Attributes) -> None:
        if not _is_speck(attributes):
            addresses = (self._absolute(attributes.get(n)) for n in (*LAZY, "src"))
            self._see(next((u for u in addresses if u), ""), attributes.get("title") or "")

    def _image(self, attributes: Attributes) -> None:
        alt = fold_line(attributes.get("alt") or "")
        role = attributes.get("class") or ""
        if "emoji" in role or "wp-smiley" in role:
            self.say(alt)
            return
        several = (*list_addresses(attributes), *self._figures.sources)
        url = next((u for u in (self._absolute(a) for a in several) if u), "")
        if url and url not in self._images and not _is_speck(attributes):
            width, height = (
                _parse_pixels(attributes.get("width")),
                _parse_pixels(attributes.get("height")),
            )
            self._images[url] = Image(url=url, alt=alt, width=width, height=height)


def _is_same_host(url: str, base: str) -> bool:
    return bool(base) and urlsplit(url).netloc.lower() == urlsplit(base).netloc.lower()


def _with_text(blocks: list[Block]) -> list[Block]:
    """Return *blocks*, captions as paragraphs where there is no other running text."""
    if any(block.kind in ("paragraph", "item", "quote") for block in blocks):
        return blocks
    return [
        replace(block, kind="paragraph") if block.kind == "caption" else block for block in blocks
    ]


def _is_speck(attributes: Attributes) -> bool:
    """Tell whether the element is a pixel that only counts readers."""
    return any(_parse_pixels(attributes.get(side)) in (0, 1) for side in ("width", "height"))


def _parse_pixels(value: str | None) -> int | None:
    digits = re.match(r"\s*(\d{1,6})(?:\.\d+)?(?:px)?\s*\Z", value or "")
    return int(digits[1]) if digits else None


MAX_DEPTH = 1_500
_MAX_ATTRIBUTES = 500
_MAX_REOPENED = 300_000
_LONG_TAG = re.compile(r"<[^<>]{4000,}")
_LONG_WORD = re.compile(r"[!-;=?-~]{5000,}")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*+)[^<>]*?(/?)>")
_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"})
_CLOSED_BY_NEXT = frozenset({"p", "li", "dt", "dd", "tr", "td", "th", "option", "source", "wbr"})
_REOPENED = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "s", "small", "strong", "tt", "u"}
)


def has_many_attributes(text: str) -> bool:
    """Tell whether one tag of *text* has more attributes than anybody writes."""
    return any(found[0].count("=") > _MAX_ATTRIBUTES for found in _LONG_TAG.finditer(text))


def has_long_word(text: str) -> bool:
    """Tell whether *text* holds a word of 5,000 letters: an address in it takes their square."""
    return _LONG_WORD.search(text) is not None


def nests_deeper(text: str, limit: int = MAX_DEPTH) -> bool:
    """Tell whether the tags of *text* nest, or are left open, beyond what a page does."""
    if text.count("<") <= limit:
        return False
    level = open_inline = reopened = 0
    for found in _TAG.finditer(text):
        name = found[2].lower()
        if name in _VOID or found[3]:
            continue
        step = -1 if found[1] else 1
        if name in _REOPENED:
            open_inline = max(0, open_inline + step)
        elif step > 0:
            reopened += open_inline
        if name not in _CLOSED_BY_NEXT:
            level = max(0, level + step)
        if level > limit or reopened > _MAX_REOPENED:
            return True
    return False


DROPPED = split_tag_names(
    "script style template nav aside form button svg math object embed select textarea input canvas"
    " dialog menu map del s strike head title meta link rt rp datalist progress meter applet"
    " frameset"
)
_PLAIN = split_tag_names(
    "em i u small code kbd samp var cite q abbr mark ins time tbody thead tfoot font"
)
_ALONE = split_tag_names("br img hr source iframe lite-youtube amp-youtube")


def parse_html(html: str, base: str = "") -> Document:
    """Return the document that *html* (a page's body or a fragment) shows.

    Relative addresses are resolved against *base*, a URL; without one, relative images and links
    are left out. What a browser would not show (scripts, styles, hidden elements, navigation) is
    dropped with its contents. Linear in the length of *html*; never raises.
    """
    if not html.strip():
        return Document()
    body = LexborHTMLParser(flatten_html(html)).body
    return parse_node(body, base) if body is not None else Document()


def parse_markdown(text: str, base: str = "") -> Document:
    """Return the document that *text*, CommonMark with tables and Hugo shortcodes, stands for."""
    return parse_html(render_hugo_markdown(text), base)


def render_hugo_markdown(text: str) -> str:
    """Return the HTML of Markdown *text*, its shortcodes resolved."""
    from digest.text.hugo_markdown import render_commonmark

    lifted, made = hugo_markdown.extract_shortcodes(text.replace("\0", ""))
    return hugo_markdown.insert_shortcodes(render_commonmark(lifted), made)


def parse_node(node: LexborNode, base: str = "") -> Document:
    """Return the document that the element *node* shows; see ``parse_html``."""
    writer = DocumentBuilder(base)
    opened: list[tuple[LexborNode, str]] = []
    at: LexborNode | None = node.child
    while at is not None:
        tag = at.tag or ""
        entered = _open_node(writer, at, tag)
        inner = at.child if entered else None
        if inner is not None:
            opened.append((at, entered))
            at = inner
            continue
        at = at.next
        while at is None and opened:
            parent, closing = opened.pop()
            _close_node(writer, closing)
            at = parent.next
    return writer.document()


def _open_node(writer: DocumentBuilder, node: LexborNode, tag: str) -> str:
    """Write what *node* opens; return as what it is to be closed, "" where nobody enters it."""
    if tag == "-text":
        writer.say(node.text_content or "")
        return ""
    if tag == "math":
        writer.say(FORMULA)
        return ""
    if tag in DROPPED or tag.startswith("-"):
        return ""
    if tag in _PLAIN:
        return tag
    attributes = node.attributes
    if _is_hidden(attributes) or (tag == "sup" and _is_footnote_mark(node)):
        return ""
    if tag in _ALONE:
        writer.stand(tag, attributes)
        return ""
    if attributes and CAPTION_CLASS in (attributes.get("class") or ""):
        tag = "figcaption"
    writer.open(tag, attributes)
    if node.child is None:
        writer.close(tag)
    return tag


def _close_node(writer: DocumentBuilder, tag: str) -> None:
    if tag not in _PLAIN:
        writer.close(tag)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if not attributes:
        return False
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if attributes.get("role") == "doc-endnotes" or attributes.get("class") == "footnotes":
        return True
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "display:none" in style or "visibility:hidden" in style


def _is_footnote_mark(node: LexborNode) -> bool:
    """Tell whether the <sup> *node* is a footnote's number, which would stick to the sentence."""
    link = node.child
    return link is not None and link.tag == "a" and (link.attributes.get("href") or "")[:1] == "#"


def flatten_html(html: str) -> str:
    """Return *html*, or its text alone where a parser's time would explode."""
    if has_many_attributes(html) or nests_deeper(html):
        return re.sub(r"<[^<>]*>", " ", html)
    return html
