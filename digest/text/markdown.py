r"""Markdown as sites show it: CommonMark with what Goldmark and kramdown add to it.

Tables, strikethrough, footnotes, definition and task lists, emoji by name, marked, raised and
lowered words; attributes of blocks go, and so do footnotes and alerts (``> [!NOTE]``), which
stand beside the text. A formula has no words: ``FORMULA`` stands in its place, so that no
sentence is read over the hole.
"""

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from digest.text.line import FORMULA

_ATTRIBUTE = r"""(?:[.#][\w:-]+|[\w:-]+=(?:"[^"]*"|'[^']*'|[^\s{}"']+))"""
_ATTRIBUTES = rf"\{{:?\s*{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*\s*\}}"
_AT_END = re.compile(rf"(?<!\s)\s*+{_ATTRIBUTES}\s*\Z")
_AT_START = re.compile(rf"\A{_ATTRIBUTES}")
_ALERT = re.compile(r"\[!\w+\][+-]?(?=\s|\Z)")
_LOST_NOTE = re.compile(r"(?<![ \t])[ \t]*+\[\^[^\]\s]{1,40}\]")
_MARKED = re.compile(r"(?<![A-Za-z0-9=])==(?=[^\s=])(.{1,200}?)(?<=[^\s=])==(?![A-Za-z0-9=])")
_RAISED = re.compile(r"(?<=\w)([~^])([\w+\-]{1,12})\1")
_EMOJI = re.compile(r"(?<![A-Za-z0-9:/]):[a-z0-9_+\-]+:(?![A-Za-z0-9:/])")
_TEX = re.compile(r"[\\^_{}=<>+*/|]|\A\s*\w\s*\Z")
_DOLLARS = re.compile(r"\$(?![\s$])([^$\n]*[\\^_{}][^$\n]*)(?<!\s)\$(?![0-9$])")
_SURE = {"$$": re.compile(""), "\\)": _TEX, "\\]": re.compile(r"[\\^_{}=]")}  # \[1\] is text
_LONGEST, _MOST_LINES = 2000, 200  # of a formula: what nobody closed is none, and costs little
_PAIRS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}


def render(text: str) -> str:
    """Return the HTML of Markdown *text*; raw HTML in it is kept for the walk to judge."""
    parser = _parser()
    tokens = _without_notes(parser.parse(text))
    for place, token in enumerate(tokens):
        if token.type == "inline" and token.children:
            if tokens[place - 2].type == "blockquote_open" and _ALERT.match(token.content):
                _set_aside(tokens, place - 2)
            _tidy(token.children)
    return str(parser.renderer.render(tokens, parser.options, {}))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(deflist_plugin).use(tasklists_plugin)
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.block.ruler.before("fence", "formulas", _formulas, {"alt": ["paragraph"]})
    # A link is judged by the walk, which keeps its words; refused here it would stay as marks.
    parser.validateLink = _any_link  # type: ignore[method-assign]  # its documented way
    return parser


def _any_link(url: str) -> bool:  # noqa: ARG001 - markdown-it names and passes it
    return True


def _without_notes(tokens: list[Token]) -> list[Token]:
    """Return *tokens* without the footnotes that stand below the text."""
    end = next((at for at, token in enumerate(tokens) if token.type == "footnote_block_open"), None)
    return tokens[:end]


def _set_aside(tokens: list[Token], start: int) -> None:
    """Make the block quote that begins at *start*, an alert, what it is: an aside."""
    opened = tokens[start]
    opened.tag = "aside"
    for token in tokens[start:]:
        if token.type == "blockquote_close" and token.level == opened.level:
            token.tag = "aside"
            return


def _tidy(children: list[Token]) -> None:
    """Take from the texts of one block what is no text, and write what its marks mean."""
    for place, token in enumerate(children):
        if token.type != "text":
            continue
        before = children[place - 1] if place else None
        if before is not None and before.type not in ("text", "softbreak", "hardbreak"):
            token.content = _AT_START.sub("", token.content, count=1)
        if place == len(children) - 1 or children[place + 1].type in ("softbreak", "hardbreak"):
            token.content = _AT_END.sub("", token.content)
        token.content = _written(token.content)


def _written(text: str) -> str:
    if "[^" in text:
        text = _LOST_NOTE.sub("", text)
    if "==" in text:
        text = _MARKED.sub(r"\1", text)
    if "~" in text or "^" in text:
        text = _RAISED.sub(r"\2", text)
    if _EMOJI.search(text):
        from emoji import emojize

        text = _EMOJI.sub(lambda found: emojize(found[0], language="alias"), text)
    return text


def _formula(state: StateInline, silent: bool) -> bool:
    r"""Read ``\(x^2\)``, ``\[...\]``, ``$$...$$`` or ``$x^2$`` as a formula."""
    source, at = state.src, state.pos
    closing = _PAIRS.get(source[at : at + 2])
    if closing:
        end = source.find(closing, at + 2, at + _LONGEST)
        inner = source[at + 2 : end] if end > 0 else ""
        if not inner.strip() or not _SURE[closing].search(inner):
            return False
        end += 2
    elif found := _DOLLARS.match(source, at):
        end = found.end()
    else:
        return False
    if not silent:
        state.push("text", "", 0).content = FORMULA
    state.pos = end
    return True


def _formulas(state: StateBlock, start: int, last: int, silent: bool) -> bool:
    """Leave out the lines of a formula that stands by itself."""
    first = _line(state, start)
    closing = _PAIRS.get(first[:2])
    if closing not in ("$$", "\\]") or state.is_code_block(start):
        return False
    for number in range(start, min(last, start + _MOST_LINES)):
        said = _line(state, number)
        if said.endswith(closing) and (number > start or len(said) > len(closing) + 2):
            state.line = number if silent else number + 1
            return True
        if not said and number > start and closing == "\\]":
            return False
    return False


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].strip()
