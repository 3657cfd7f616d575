r"""MJML to HTML by mjml-python, with the work-arounds that its compiler (mrml 6) needs.

mrml writes attributes as Rust debug strings (a line break becomes a backslash and an n, U+3000
becomes ``\u{3000}``), deletes white space between inline tags, leaks attributes and repeats
comments. ``prepare`` and ``finish`` undo that; both are pure and keep what they do not know.
"""

import re

from digest.errors import TemplateError

_TAG = re.compile(r"""<[A-Za-z][\w:-]*(?:\s++|[^"'<>=\s]++|=\s*+(?:"[^"]*"|'[^']*'))*+>""")
_VALUE = re.compile(r"""=\s*(?:"([^"]*)"|'([^']*)')""")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")
_ESCAPED = re.compile(r"[^ !#-&(-;=?-\[\]-~\u3001-\u3029\u3041-\u3094\u30a1-\u30fb\u4e00-\u9fff]")
_INLINE_GAP = re.compile(
    r">[ \t]*\n\s*<(?=(?:a|b|i|u|s|q|em|cite|code|img|small|span|strong|sub|sup|time)\b)"
)
_MSO_SEAM = re.compile(r"<!\[endif\]-->\s*<!--\[if mso \| IE\]>")
_MSO_EMPTY = "<!--[if mso | IE]><![endif]-->"
_LEAKED_ALIGN = re.compile(r'(<td[^<>]*?) vertical-align="\w+"')
_LEAKED_HEIGHT = re.compile(r'(<img\b[^<>]*?) height="auto"')
_NO_ALT = re.compile(r"<img(?![^<>]*\salt=)")
_MARKUP = re.compile(r"<style[^<>]*>.*?(?:</style>|\Z)|<[^>]*(?:>|\Z)", re.DOTALL)
_MARK = re.compile(r"\{\{|\{%|</?mj-")
_WORDS = re.compile(r"""\s(?:alt|title|aria-label|content)\s*=\s*(?:"[^"]*"|'[^']*')""")
_BETWEEN_BLOCKS = re.compile(
    r">(\s++)<(?=/?(?:t(?:able|body|r|d)|div|meta|title|style|head|body)\b)"
)


def to_html(mjml: str) -> str:
    """Return the HTML of *mjml*; TemplateError where mrml cannot read it."""
    from mjml import mjml2html

    try:
        # mrml links Google Fonts for its default families unless it is told of none.
        return finish(mjml2html(prepare(mjml), disable_comments=False, fonts={}))
    except ValueError as error:
        cause = str(error) or "not well-formed"
        raise TemplateError("the MJML of this theme", cause, "Correct your template.") from error


def prepare(mjml: str) -> str:
    """Return *mjml* written so that mrml passes it on unchanged."""
    spaced = _INLINE_GAP.sub("> <", _CONTROL.sub("", mjml))
    return _TAG.sub(lambda tag: _VALUE.sub(_attribute, tag[0]), spaced)


def finish(html: str) -> str:
    """Return mrml's *html* without what it leaks, and without needless white space."""
    html = _MSO_SEAM.sub("", html).replace(_MSO_EMPTY, "")
    html = _LEAKED_HEIGHT.sub(r"\1", _LEAKED_ALIGN.sub(r"\1", html))
    return _BETWEEN_BLOCKS.sub(_joined, _NO_ALT.sub('<img alt=""', html))


def _joined(gap: re.Match[str]) -> str:
    return "><" if "\n" in gap[1] else gap[0]


def _folded(spaces: re.Match[str]) -> str:
    return " " if any(c in spaces[0] for c in "\t\n\r") else spaces[0]


def _attribute(match: re.Match[str]) -> str:
    value = match[1] if match[1] is not None else match[2]
    return '="' + _ESCAPED.sub(lambda c: f"&#{ord(c[0])};", _SPACES.sub(_folded, value)) + '"'


def residue(html: str) -> str:
    """Return the first template mark that stands in the markup of *html*, "" where none does.

    Marks in the text, and in what is read out instead of a picture, are the posts' own words: a
    blog may well write about templates.
    """
    markup = (_WORDS.sub("", found[0]) for found in _MARKUP.finditer(html))
    return next((mark[0] for part in markup if (mark := _MARK.search(part))), "")
