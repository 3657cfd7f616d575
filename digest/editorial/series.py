"""Numbered series by their titles: （一）, （上）, Part 2, 系列 2/3, 第三篇."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_HAN_DIGITS = "〇一二三四五六七八九十"
_PLACES = {"上": 1, "中": 2, "下": 3}
_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
}
_NUMBER = rf"(?P<n>\d{{1,3}}|[{_HAN_DIGITS}]{{1,3}})"
_MARKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"[（(【\[]\s*(?:之|part\s*)?{_NUMBER}\s*(?:/\s*\d{{1,3}}|of\s+\d{{1,3}})?\s*[）)】\]]",
        r"[（(【\[]\s*(?P<n>[上中下])(?:篇|集)?\s*[）)】\]]",
        r"[（(【\[]\s*(?:part\s*)?(?P<n>[ivx]{1,4})\s*[）)】\]]",
        r"\b(?:part|pt\.|chapter|day)\s*(?P<n>\d{1,3}|[ivx]{1,4})\b(?:\s*(?:/|of)\s*\d{1,3})?",
        rf"系列\s*(?:文)?\s*(?:之)?\s*{_NUMBER}(?:\s*/\s*\d{{1,3}})?",
        rf"第\s*{_NUMBER}\s*(?:篇|部|回|部分|彈|弹|講|讲)",
        rf"(?<=[\u3400-\u9fff])之{_NUMBER}(?=$|[\s：:，—–|｜-])",
        r"(?<!\d)(?P<n>\d{1,2})\s*/\s*(?P<of>\d{1,2})\s*$",
    )
)
_TRIM = " \t\u3000：:，,、—–-|｜·・.。#【】[]（）()"


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """The place of a title in its series: ``name`` is what the parts share, ``number`` from 1."""

    name: str
    number: int


def find_series_part(title: str) -> SeriesPart | None:
    """Return which part of which series *title* says it is; None where it says nothing.

    The name is what stands before the mark; where the title opens with the mark it is "".
    """
    for mark in _MARKS:
        found = mark.search(title)
        number = _read_number(found["n"]) if found else 0
        if found and 0 < number <= int(found.groupdict().get("of") or number):
            return SeriesPart(title[: found.start()].strip(_TRIM), number)
    return None


def find_parts(titles: Sequence[str], earlier: Iterable[str]) -> list[SeriesPart | None]:
    """Return the series part that each of *titles* is; a lone number makes no series.

    The titles of an *earlier* period may hold the other parts.
    """
    parts = [find_series_part(title) for title in titles]
    known = Counter(p.name for p in (*parts, *map(find_series_part, earlier)) if p and p.name)
    return [p if p and known[p.name] > 1 else None for p in parts]


def count_earlier(parts: Sequence[SeriesPart | None]) -> list[int]:
    """Return for each of *parts* how many earlier ones of its series are among them."""
    numbers = [(part.name, part.number) for part in parts if part]
    return [
        sum(name == part.name and number < part.number for name, number in numbers) if part else 0
        for part in parts
    ]


def _read_number(digits: str) -> int:
    if digits.isdecimal() and digits.isascii():
        return int(digits)
    place = _PLACES.get(digits) or _ROMAN.get(digits.lower())
    return place or _read_han_number(digits)


def _read_han_number(digits: str) -> int:
    """Return the value of Chinese digits up to 99; 0 for what is none."""
    tens, ten, ones = digits.rpartition("十")
    if any(digit not in _HAN_DIGITS for digit in digits) or "十" in tens:
        return 0
    if not ten:
        return _HAN_DIGITS.index(digits) if len(digits) == 1 else 0
    high = _HAN_DIGITS.index(tens) if tens else 1
    return high * 10 + (_HAN_DIGITS.index(ones) if ones else 0)
