"""Forty kinds of text made to be costly to read, each as long as is asked for."""

from collections.abc import Callable
from itertools import count

PROSE = (
    "擺渡人周樵說：「水退了船才走，人也要學會等。」岸上的燈一盞一盞亮起來。"
    "The ferrywoman, Nora Quill, said: “We wait for the tide.” She did not look up.\n\n"
)
_SAID = "周站長說：「這件事情很要緊，大家想清楚再決定。」"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FLOODS = {
    "quotations of a word": "「乙」",
    "quotations and speakers": "「好。」她說，",
    "marks that open": "「",
    "marks that open, two kinds": "「『",
    "marks that close": "」",
    "marks mixed up": "「船』”",
    "English quotations": "“No,” she said. ",
    "straight quotation marks": '"a',
    "apostrophes": "a'b ",
    "block quotes": "> 乙\n\n- \n\n",
    "deep block quotes": "> ",
    "deep lists": "- ",
    "katakana with dots": "イイ・",
    "capitalised words": "Bo ",
    "capitalised words, joined": "Bo-",
    "initials": "B. ",
    "titles of people": "教授",
    "adverbs": "慢慢地",
    "speech verbs": "說",
    "stops": "。",
    "commas": "，",
    "dots": "…",
    "colons": "甲：",
    "brackets": "[",
    "parentheses": "（",
    "blanks": " ",
    "ideographic blanks": "\u3000",
    "line ends": "\n",
    "lines of a letter": "a\n",
    "digits": "1",
    "addresses": "https://a.example/b?c ",
    "names of hosts": "a.b.",
    "at signs": "@a ",
    "tags left open": "<a ",
    "comments left open": "<!--",
    "shortcodes left open": "{{< highlight >}} ",
    "emphasis": "**a ",
    "tables": "|a|a\n|-|-\n",
    "pictures left open": "![",
    "combining marks": "a\u0301\u0302",
    "flags": "🇹",
    "joined emoji": "👩\u200d",
    "right to left": "مرحبا ",
    "one long word": "a",
    "one run of Han": "船",
}


def _names(number: int) -> str:
    return "".join(_LETTERS[number // 26**place % 26] for place in range(3))


def _of_two(number: int) -> str:
    return chr(0x5000 + number % 300) + chr(0x5000 + number // 300 % 300)


_COUNTED: dict[str, Callable[[int], str]] = {
    "different people": lambda n: f"Bo {_names(n).title()} said: “No, {_names(n * 7)}.” ",
    "different people of one name": lambda n: f"Anna {_names(n).title()} laughed. ",
    "different people in Han": lambda n: f"教授{'王李張陳林'[n % 5]}{_of_two(n)}說，",
    "people in both scripts": lambda n: f"王{_of_two(n)}（{_names(n).title()} Lee）說：「好。」",
    "different shortcodes": lambda n: f"{{{{< q{n} >}}}}",
    "different footnotes": lambda n: f"a[^{n}]\n\n[^{n}]: b\n\n",
}
KINDS = (*_FLOODS, *_COUNTED)


def flood(kind: str, size: int) -> str:
    """Return a text of *size* characters of *kind*, after a quotation that somebody said."""
    if kind == "prose":
        return (PROSE * (size // len(PROSE) + 1))[:size]
    if kind in _FLOODS:
        unit = _FLOODS[kind]
        return (_SAID + unit * (size // len(unit) + 1))[:size]
    text, length = [_SAID], len(_SAID)
    for number in count():
        if length >= size:
            break
        text.append(_COUNTED[kind](number))
        length += len(text[-1])
    return "".join(text)[:size]
