"""Paired marks in running text: quotation marks, title marks and brackets, in one linear pass."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

MarkKind = Literal["quote", "title", "bracket"]

_CLOSER: dict[str, str] = {
    "「": "」", "『": "』", "“": "”", "‘": "’", "«": "»", "〝": "〞", "｢": "｣",
    "《": "》", "〈": "〉",
    "（": "）", "(": ")", "[": "]", "【": "】", "〔": "〕", "［": "］",
}  # fmt: skip
_OPENER: dict[str, str] = {close: open_ for open_, close in _CLOSER.items()} | {"〟": "〝"}
_QUOTES, _TITLES = frozenset('「『“‘«〝｢"＂”'), frozenset("《〈")
_STRAIGHT = '"＂'
_MARKS = frozenset(_CLOSER) | frozenset(_OPENER) | frozenset(_STRAIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPair:
    """Two marks that belong together: ``text[open]`` and ``text[close]``.

    ``close`` is the end of the text where ``closed`` is false: a quotation that runs on into the
    next paragraph. ``depth`` counts the quotations around it.
    """

    open: int
    close: int
    kind: MarkKind
    depth: int = 0
    closed: bool = True


def find_pairs(text: str, start: int, end: int) -> tuple[MarkPair, ...]:
    """Return the pairs in ``text[start:end]`` in the order of their opening marks.

    Marks without a partner are left out, but for a quotation mark that opens the span: that one
    is returned with ``closed`` false. The cost is linear, whatever the marks.
    """
    stack: list[tuple[str, int]] = []
    waiting: Counter[str] = Counter()
    found: list[tuple[int, int]] = []
    for at in range(start, end):
        mark = text[at]
        if mark not in _MARKS:
            continue
        opener = _find_opening_mark(text, at, start, end, waiting)
        if opener is None:
            stack.append((mark, at))
            waiting[mark] += 1
        elif waiting[opener]:
            found.append((_unwind_stack(stack, waiting, opener), at))
    loose = stack[0][1] if stack and stack[0][1] == start else None
    return _nest_pairs(text, sorted(found), loose, end)


def _find_opening_mark(
    text: str, at: int, start: int, end: int, waiting: Counter[str]
) -> str | None:
    """Return the opening mark that the mark at *at* closes, or None where it opens."""
    mark = text[at]
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    opens = _may_precede_opening(before) and not after.isspace()
    if mark in _STRAIGHT:
        return (
            mark
            if waiting[mark] and not (opens and before.isspace())
            else _read_straight_mark(after)
        )
    if mark == "“" and waiting[mark] and not opens:  # “text“, as some keyboards set it
        return mark
    if mark == "”" and not waiting["“"]:  # ”text”
        return mark if waiting[mark] else None if opens else ""
    if mark == "’" and (_is_ascii_letter(before) and _is_ascii_letter(after)):  # an apostrophe
        return ""
    if mark == "‘" and not opens:
        return ""
    return _OPENER.get(mark)


def _read_straight_mark(after: str) -> str | None:
    return "" if after.isspace() else None


def _may_precede_opening(before: str) -> bool:
    return before.isspace() or before in _CLOSER or before in "—–-:：，,。；、/" + _STRAIGHT


def _is_ascii_letter(char: str) -> bool:
    return char.isalpha() and char.isascii()


def _unwind_stack(stack: list[tuple[str, int]], waiting: Counter[str], opener: str) -> int:
    """Drop what was opened after the last *opener*, and return where that one stands."""
    while True:
        mark, at = stack.pop()
        waiting[mark] -= 1
        if mark == opener:
            return at


def _find_mark_kind(mark: str) -> MarkKind:
    return "quote" if mark in _QUOTES else "title" if mark in _TITLES else "bracket"


def _nest_pairs(
    text: str, found: list[tuple[int, int]], loose: int | None, end: int
) -> tuple[MarkPair, ...]:
    result: list[MarkPair] = []
    around: list[int] = []
    if loose is not None and _find_mark_kind(text[loose]) == "quote":
        result.append(MarkPair(open=loose, close=end, kind="quote", closed=False))
        around.append(end)
    for open_, close in found:
        while around and around[-1] < open_:
            around.pop()
        kind = _find_mark_kind(text[open_])
        result.append(MarkPair(open=open_, close=close, kind=kind, depth=len(around)))
        if kind == "quote":
            around.append(close)
    return tuple(result)
