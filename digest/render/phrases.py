"""Where a Chinese or Japanese headline may break: between phrases, not inside a name or a number.

A browser breaks Chinese between any two characters. Here short phrases (to the next punctuation
mark), names of several Latin words and numbers with their unit are put in elements that do not
wrap; what is longer than a phone's line is left alone, so that the rules against a line that
starts with 。，」 still hold in it.
"""

import re
from collections.abc import Iterator
from unicodedata import east_asian_width

from markupsafe import Markup, escape

_HAN = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_CJK = re.compile(f"[{_HAN}]")
_PHRASE = re.compile(r"[^，。、；：！？…]*[，。、；：！？…]+[」』）》〉”’]*|[^，。、；：！？…]+")
_ATOM = re.compile(
    rf"[A-Z][\w.’'&-]*(?: [A-Z0-9][\w.’'&-]*)+|[A-Za-z0-9][\w.,%]* [{_HAN}]{{1,2}}(?![{_HAN}])"
    rf"|\d[\d.,]* ?[年月日億萬兆歲個次篇分人天週位元%](?![{_HAN}]*[，。])"
)


def whole(text: str, columns: int = 24) -> Markup:
    """Return *text* as markup whose short phrases do not break.

    *columns* is how much of the narrowest line a phrase may take; a Han character takes two.
    """
    if not _CJK.search(text):
        return escape(text)
    return Markup("").join(_pieces(text, columns))


def width(text: str) -> int:
    """Return the columns that *text* takes (UAX #11)."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _pieces(text: str, columns: int) -> Iterator[Markup]:
    phrases = _PHRASE.findall(text)
    for phrase in phrases:
        if width(phrase) <= columns and len(phrases) > 1:
            yield _unbroken(phrase)
        else:
            yield from _atoms(phrase, columns)


def _atoms(phrase: str, columns: int) -> Iterator[Markup]:
    done = 0
    for atom in _ATOM.finditer(phrase):
        if width(atom[0]) <= columns:
            yield escape(phrase[done : atom.start()])
            yield _unbroken(atom[0])
            done = atom.end()
    yield escape(phrase[done:])


def _unbroken(text: str) -> Markup:
    return Markup('<span class="k">{}</span>').format(text)
