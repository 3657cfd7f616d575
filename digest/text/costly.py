"""What would cost a parser far more than its length: told beforehand, by one linear look.

Measured on lexbor and feedparser: time grows with the square of the nesting depth, of the
attributes of one tag, of bold and its like left open over many blocks, and of one long word.
"""

import re

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


def many_attributes(text: str) -> bool:
    """Tell whether one tag of *text* has more attributes than anybody writes."""
    return any(found[0].count("=") > _MAX_ATTRIBUTES for found in _LONG_TAG.finditer(text))


def long_word(text: str) -> bool:
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
