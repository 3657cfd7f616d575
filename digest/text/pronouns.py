"""Pronouns of a narration: where they stand, of which sex, and whom they make a she or a he."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from digest.text.namewords import MEN, WOMEN

Sex = Literal["she", "he", ""]

Pronoun = tuple[int, Sex, bool]  # its place, its sex, and whether it is an object
Mention = tuple[int, str | None, bool]  # its place, its name if any, and whether as a subject

OBJECT = re.compile(
    r"(?:對|对|向|跟|和|與|与|給|给|問|问|告訴|告诉|讓|让|叫|請|请|被|把|在|從|从|面對|面对|針對|"
    r"談到|提到|關於|問到|聽到|聽|比|替|為|"
    r"\b(?:of|to|with|by|about|for|told|asked|and|from|like|than|against|called|quoted|quoting|"
    r"between|thanks|thanked|met|meets))\s*$"
)
WHO = re.compile(r"(?:,\s\d+)?,?\swho\b")  # whoever stands before it is the subject of what follows
_PRONOUN = re.compile(
    r"(?=[HhSs他她])(?:"
    r"\b(?:(?P<he>[Hh]e)|(?P<she>[Ss]he))\b|"
    r"\b(?:(?P<him>[Hh]im)|(?P<her>[Hh]er)(?=[.,;]|\s(?:to|in|on|at|with|and|about|for|from|that|"
    r"what|if|whether|when|how|why)\b))\b|"
    r"(?<=[。，；：！？\s\u00b7」』”（—但而])(?:(?P<ta>他)|(?P<ta_she>她))(?![們们的])|"
    r"(?:(?P<of>他)|(?P<of_she>她))(?![們们的]|自己|本人)|\b(?:(?P<his>[Hh]is)|(?P<hers>[Hh]er))\b|"
    r"(?:(?P<tade>他)|(?P<tade_she>她))的"
    r")"
)
_SHE = frozenset({"she", "her", "ta_she", "of_she", "hers", "tade_she"})
_TITLES = frozenset({"太太", "小姐", "女士", "先生", "媽媽", "奶奶", "爸爸", "爺爺"})
_TO = re.compile(
    "(?:給了?|問了?|對|向|跟|告訴|叫|請|找|邀請?|幫|罵|教過?|警告過?|送|陪|帶|看著?|打斷|稱|以為|"
    "提醒|建議|采访|采訪|訪問)$"
)
_OWN = frozenset({"his", "hers", "tade", "tade_she"})
_OBJECTIVE = frozenset({"him", "her", "of", "of_she"})
_TITLED = re.compile(
    r"(?P<she>\b(?:Mrs|Ms|Miss|Dame|Lady|Sister|Queen|actress|\w+woman|mother|wife|daughter|sister|"
    r"niece|widow|aunt|grandmother)\b|女|娘|太太|媽|姐|妹|婆|奶奶|嬤|妻)|"
    r"(?P<he>\b(?:Mr|Sir|Lord|Father|King|\w+(?<!wo)man|husband|father|brother|nephew|son|uncle|"
    r"grandfather|boy)\b|先生|爸|哥|弟|爺|公|丈夫)"
)
_LATER_TITLE = re.compile(r"(?P<she>女士|小姐)|(?P<he>先生)")


def pronouns(narration: str) -> Iterator[Pronoun]:
    """Yield the pronouns of the narration: where, of which sex, and whether as an object."""
    for match in _PRONOUN.finditer(narration):
        at = match.start()
        if match.lastgroup in _OWN or (
            match.lastgroup in ("of", "of_she") and not _TO.search(narration, max(0, at - 4), at)
        ):
            continue
        objective = match.lastgroup in _OBJECTIVE or bool(
            OBJECT.search(narration, max(0, at - 10), at)
        )
        yield at, _sex_of(match), objective


def sex_of(words: str) -> Sex:
    """Return what *words* for somebody tell: a woman, 老先生."""
    found = _TITLED.search(words)
    return _sex_of(found) if found else ""


def _sex_of(match: re.Match[str]) -> Sex:
    return "she" if match.lastgroup in _SHE else "he"


def sexes(narration: str, mentions: Iterable[Mention], stops: list[int]) -> dict[str, Sex]:
    """Return what the narration tells of its people: by names, titles, and pronouns after them."""
    votes: dict[str, Counter[str]] = {}
    ordered = list(mentions)
    ends = [*(at for at, _, _ in ordered[1:]), len(narration)]
    for (at, name, subject), until in zip(ordered, ends, strict=False):
        if name is None:
            continue
        own = votes.setdefault(name, Counter(_given(name)))
        own.update(_titled(narration, at, name))
        if subject:
            own.update(_spoken_of(narration, at, until, stops))
    return {name: _majority(own) for name, own in votes.items()}


def _titled(narration: str, at: int, name: str) -> dict[str, int]:
    """Return the vote of a title right before or after the mention at *at*."""
    head = narration[max(0, at - 16) : at]
    before = _TITLED.search(head)
    if before and re.fullmatch(r"[.,]?\s?|\.?\s[A-Z][\w.]+\s", head[before.end() :]):
        return {_sex_of(before): 4}
    after = _LATER_TITLE.match(narration, at + len(name))
    return {_sex_of(after): 4} if after else {}


def _given(name: str) -> dict[str, int]:
    first = name.split(" ", maxsplit=1)[0]
    titled = sex_of(name[1:]) if name >= "一" and len(name) > 2 else ""
    return {
        "she": 2 * (first in WOMEN) + 4 * (titled == "she" and name[-2:] in _TITLES),
        "he": 2 * (first in MEN) + 4 * (titled == "he" and name[-2:] in _TITLES),
    }


def _spoken_of(narration: str, at: int, until: int, stops: list[int]) -> dict[str, int]:
    """Return the vote of the first pronoun after *at*, the heavier the nearer it stands."""
    sentence = bisect_right(stops, at)
    last = stops[sentence + 2] if sentence + 2 < len(stops) else len(narration)
    for pronoun in _PRONOUN.finditer(narration, at, min(until, last, at + 400)):
        if "\n" in narration[at : pronoun.start()] or pronoun.lastgroup in _OBJECTIVE:
            break
        if pronoun.lastgroup in ("tade", "tade_she"):
            continue
        here = bisect_right(stops, pronoun.start())
        starts = here > 0 and pronoun.start() - stops[here - 1] <= 2
        near = 3 if here == sentence else 2 if starts else 1
        return {_sex_of(pronoun): 1 if pronoun.lastgroup in _OWN else near}
    return {}


def _majority(votes: Counter[str]) -> Sex:
    she, he = votes["she"], votes["he"]
    if she == he or min(she, he) > max(she, he) / 2:
        return ""
    return "she" if she > he else "he"
