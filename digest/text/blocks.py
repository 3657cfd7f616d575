r"""HTML or Markdown -> clean blocks: one walk over one tree, whatever the text was written in.

Inside a block white space is folded to one space; a line break between two Han characters is
none at all (CSS Text 3, 4.1.3), for it only wraps the source. ``<br>`` means a new line in verse
and addresses, so it stays one: "\n" inside a block. Code keeps its lines; a table is one block,
a row a line, cells divided by " | ". Spaces between Latin and Han stay as they were written.
"""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.model import Document
from digest.text import shortcodes
from digest.text.costly import many_attributes, nests_deeper
from digest.text.line import FORMULA
from digest.text.writer import Writer, names

DROPPED = names(
    "script style template nav aside form button svg math object embed select textarea input canvas"
    " dialog menu map del s strike head title meta link rt rp datalist progress meter applet"
    " frameset"
)
_PLAIN = names("em i u small code kbd samp var cite q abbr mark ins time tbody thead tfoot font")
_ALONE = names("br img hr source iframe lite-youtube amp-youtube")


def from_html(html: str, base: str = "") -> Document:
    """Return the document that *html* (a page's body or a fragment) shows.

    Relative addresses are resolved against *base*, a URL; without one, relative images and links
    are left out. What a browser would not show (scripts, styles, hidden elements, navigation) is
    dropped with its contents. Linear in the length of *html*; never raises.
    """
    if not html.strip():
        return Document()
    body = LexborHTMLParser(shallow(html)).body
    return of_node(body, base) if body is not None else Document()


def from_markdown(text: str, base: str = "") -> Document:
    """Return the document that *text*, CommonMark with tables and Hugo shortcodes, stands for."""
    return from_html(markdown_html(text), base)


def markdown_html(text: str) -> str:
    """Return the HTML of Markdown *text*, its shortcodes resolved."""
    from digest.text.markdown import render

    lifted, made = shortcodes.lift(text.replace("\0", ""))
    return shortcodes.lower(render(lifted), made)


def of_node(node: LexborNode, base: str = "") -> Document:
    """Return the document that the element *node* shows; see ``from_html``."""
    writer = Writer(base)
    opened: list[tuple[LexborNode, str]] = []
    at: LexborNode | None = node.child
    while at is not None:
        tag = at.tag or ""
        inner = at.child if _enter(writer, at, tag) else None
        if inner is not None:
            opened.append((at, tag))
            at = inner
            continue
        at = at.next
        while at is None and opened:
            parent, closing = opened.pop()
            _leave(writer, closing)
            at = parent.next
    return writer.document()


def _enter(writer: Writer, node: LexborNode, tag: str) -> bool:
    """Write what *node* opens; return whether its children are to be walked."""
    if tag == "-text":
        writer.say(node.text_content or "")
        return False
    if tag == "math":
        writer.say(FORMULA)
        return False
    if tag in DROPPED or tag.startswith("-"):
        return False
    if tag in _PLAIN:
        return True
    attributes = node.attributes
    if _is_hidden(attributes) or (tag == "sup" and _is_note(node)):
        return False
    if tag in _ALONE:
        writer.stand(tag, attributes)
        return False
    writer.open(tag, attributes)
    if node.child is None:
        writer.close(tag)
    return True


def _leave(writer: Writer, tag: str) -> None:
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


def _is_note(node: LexborNode) -> bool:
    """Tell whether the <sup> *node* is a footnote's number, which would stick to the sentence."""
    link = node.child
    return link is not None and link.tag == "a" and (link.attributes.get("href") or "")[:1] == "#"


def shallow(html: str) -> str:
    """Return *html*, or its text alone where a parser's time would explode."""
    if many_attributes(html) or nests_deeper(html):
        return re.sub(r"<[^<>]*>", " ", html)
    return html
