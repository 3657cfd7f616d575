"""Where a Chinese or Japanese headline may break: between phrases, not inside a name or a number.

A browser breaks Chinese between any two characters. Here short phrases (to the next punctuation
mark) are put in elements that do not wrap. A phrase that is longer than a phone's line breaks
between its words: words, names and numbers with their unit do not wrap, and the rules against a
line that starts with 。，」 still hold.
"""

import re
from collections.abc import Callable, Iterator
from unicodedata import east_asian_width

from markupsafe import Markup, escape

from digest.text.word_lists import SURNAMES

JOINER = "\u2060"

_HAN = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_CJK = re.compile(f"[{_HAN}]")
_HANS = re.compile(f"[{_HAN}]+")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LONGEST = 6  # characters of a word that may not wrap
_NAME = 3  # characters of a Chinese name, most often
_PHRASE = re.compile(
    r"(?:[^，。、；：！？…—]++(?:[，。、；：！？…—]++[」』）》〉”’]*)?|[，。、；：！？…—]++[」』）》〉”’]*)"
)
_ATOM = re.compile(
    rf"[A-Z][\w.’'&-]{{0,60}}(?: [A-Z0-9][\w.’'&-]{{0,60}})+"
    rf"|[A-Za-z0-9][\w.,%]{{0,60}} [{_HAN}]{{1,2}}(?![{_HAN}])"
    rf"|\d[\d.,]{{0,60}} ?[年月日億萬兆歲個次篇分人天週位元%](?![{_HAN}]*[，。])"
)


def mark_phrases(text: str, columns: int = 24, words: bool = True, wide: int = 0) -> Markup:
    """Return *text* as markup whose short phrases do not break.

    *columns* is how much of the narrowest line a phrase may take; a Han character takes two.
    *wide* is that of a wide window: a phrase up to there is of the class ``w``, for a style that
    keeps it whole there only. Without *words* a long phrase keeps only names together: many
    elements in running text are what spam filters take for obfuscation.
    """
    if not _CJK.search(text):
        return escape(text)
    return Markup("").join(_mark_pieces(text, columns, wide, words=words))


def glue_words(text: str) -> str:
    """Return *text* with a word joiner (U+2060) inside each Chinese word of several characters."""
    words = _segment_words(text)
    return "".join(JOINER.join(word) if _is_word(word) else word for word in words)


def split_phrases(text: str) -> list[str]:
    """Return the phrases of a Chinese or Japanese *text*; any other is one."""
    if not _CJK.search(text):
        return [text]
    return [found for found in _PHRASE.findall(text) if found.strip()]


def measure_width(text: str) -> int:
    """Return the columns that *text* takes (UAX #11)."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _mark_pieces(text: str, columns: int, wide: int, *, words: bool) -> Iterator[Markup]:
    phrases = _PHRASE.findall(text)
    for phrase in phrases:
        if measure_width(phrase) <= columns:
            yield _wrap_unbroken(phrase) if len(phrases) > 1 else escape(phrase)
            continue
        atoms = _mark_atoms(phrase, columns, _mark_words if words else _mark_names)
        if len(phrases) > 1 and _measure_widest(phrase) <= wide:
            yield Markup('<span class="w">{}</span>').format(Markup("").join(atoms))
        else:
            yield from atoms


def _measure_widest(text: str) -> int:
    """Return the columns that *text* takes if each of its capitals is as broad as a W."""
    return measure_width(text) + sum(char.isupper() for char in text)


def _mark_atoms(
    phrase: str, columns: int, between: Callable[[str], Iterator[Markup]]
) -> Iterator[Markup]:
    done = 0
    for atom in _ATOM.finditer(phrase):
        if measure_width(atom[0]) <= columns:
            yield from _mark_opening(phrase[done : atom.start()], between, first=not done)
            yield _wrap_unbroken(atom[0])
            done = atom.end()
    yield from _mark_opening(phrase[done:], between, first=not done)


def _mark_opening(
    text: str, between: Callable[[str], Iterator[Markup]], *, first: bool
) -> Iterator[Markup]:
    """Yield *text*, whose *first* word is whole: a break behind one character looks worst there."""
    opening = _segment_words(text)[:2] if first else [""]
    word = "".join(opening) if len(opening[0]) == 1 else opening[0]
    if _is_word(word):
        yield _wrap_unbroken(word)
        text = text.removeprefix(word)
    yield from between(text)


def _mark_words(text: str) -> Iterator[Markup]:
    """Yield *text* with each Chinese word of several characters unbroken; Japanese as it is."""
    for word in _segment_words(text):
        yield _wrap_unbroken(word) if _is_word(word) else escape(word)


def _is_word(text: str) -> bool:
    return 1 < len(text) <= _LONGEST and bool(_HANS.fullmatch(text))


def _mark_names(text: str) -> Iterator[Markup]:
    """Yield *text* with each Chinese name unbroken."""
    for word in _segment_words(text):
        named = len(word) == _NAME and word[0] in SURNAMES and _HANS.fullmatch(word)
        yield _wrap_unbroken(word) if named else escape(word)


def _segment_words(text: str) -> list[str]:
    """Return the words of *text*; a surname and the word behind it are one, Japanese is one."""
    if _KANA.search(text) or not _CJK.search(text):
        return [text]
    import rjieba

    found: list[str] = []
    for word in rjieba.cut(text):
        named = bool(found) and found[-1] in SURNAMES and len(found[-1] + word) <= _NAME
        if named and _HANS.fullmatch(word):
            found[-1] += word
        else:
            found.append(word)
    return found


def _wrap_unbroken(text: str) -> Markup:
    return Markup('<span class="k">{}</span>').format(text)
