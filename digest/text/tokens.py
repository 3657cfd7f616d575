"""Tokens for counting and matching: one a Han character or Latin run, and pairs of neighbours."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from digest.text.word_lists import HAN, KANA, split_words

_UNIT = re.compile(rf"[{HAN}{KANA}]|[^\W_{HAN}{KANA}]+(?:['’][^\W\d_]+)?")
_WORD = re.compile(rf"[^\W_{HAN}{KANA}]+")
_SUFFIXES = ("ing", "ed", "es", "s", "ly")
STOP_WORDS = split_words(
    "a an and are as at be been but by can could did do does for from had has have he her his how "
    "i if in into is it its just me more most my no not of on or our out s she so t than that the "
    "their them then there these they this those to up us was we were what when where which who "
    "why will with would you your"
)
STOP_HAN = frozenset(
    "的了是在不和有這这那我你他她它們们也就都而與与及或但個个一之為为以會会要能可到說说對对"
)

FUNCTION_WORDS = STOP_WORDS | STOP_HAN


def split_units(text: str) -> list[str]:
    """Return *text* in lower case, unit by unit: a Han character, a kana, or any other run."""
    return [unit.lower() for unit in _UNIT.findall(text)]


def is_han(unit: str) -> bool:
    """Tell whether *unit* is written without spaces between words."""
    return "\u3040" <= unit[0] <= "\u9fff" or "\uf900" <= unit[0] <= "\uff9f"


def list_terms(text: str) -> list[str]:
    """Return what *text* is about, for weighing: stems of words and pairs of Han characters."""
    return list_terms_of_units(split_units(text))


def list_terms_of_units(units: Sequence[str]) -> list[str]:
    """Return the terms of a text of which these are the *units*."""
    run: list[str] = []
    found: list[str] = []
    for unit in units:
        if is_han(unit):
            run.append(unit)
        else:
            found += _list_pairs(run)
            run = []
            if unit not in STOP_WORDS:
                found.append(stem_word(unit))
    return found + _list_pairs(run)


def _list_pairs(run: Sequence[str]) -> list[str]:
    both = pairwise(run)
    return [a + b for a, b in both if not (a in STOP_HAN and b in STOP_HAN)]


def is_wide(text: str) -> bool:
    """Tell whether most of *text* is written without spaces between words."""
    found = split_units(text)
    return 2 * sum(map(is_han, found)) >= len(found)


def scale_max_chars(text: str, max_chars: int) -> int:
    """Return how many characters say as much in the script of *text* as *max_chars* in Han."""
    return max_chars if is_wide(text) else 2 * max_chars


@lru_cache(1 << 14)
def stem_word(word: str) -> str:
    """Return *word* without its inflection, by a rule too plain to be wrong often."""
    if len(word) < 4 or word in STOP_WORDS:
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)].rstrip("e")
    return word.rstrip("e") if len(word) > 4 else word


def estimate_minutes(text: str, *, han_per_minute: int = 500, words_per_minute: int = 230) -> int:
    """Return the reading time of *text* in whole minutes, 1 at least; both scripts add up."""
    all_units = split_units(text)
    han = sum(map(is_han, all_units))
    spent = han / han_per_minute + (len(all_units) - han) / words_per_minute
    return max(1, round(spent))
