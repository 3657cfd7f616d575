"""Markdown as Hugo reads it: CommonMark with tables, strikethrough and heading attributes."""

import re
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_HEADING_ATTRIBUTES = re.compile(r"(?<!\s)\s*+\{[#.][^{}\n]*\}\s*\Z")


def render(text: str) -> str:
    """Return the HTML of Markdown *text*; raw HTML in it is kept for the walk to judge."""
    parser = _parser()
    tokens = parser.parse(text)
    for before, token in pairwise(tokens):
        if before.type == "heading_open" and token.children:
            _strip_attributes(token.children[-1])
    return str(parser.renderer.render(tokens, parser.options, {}))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    # A link is judged by the walk, which keeps its words; refused here it would stay as marks.
    parser.validateLink = _any_link  # type: ignore[method-assign]  # its documented way
    return parser


def _strip_attributes(last: Token) -> None:
    if last.type == "text":
        last.content = _HEADING_ATTRIBUTES.sub("", last.content)


def _any_link(url: str) -> bool:  # noqa: ARG001 - markdown-it names and passes it
    return True
