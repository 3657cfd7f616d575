"""Which way a text runs: by its first letter with a direction (UAX #9, P2 and P3)."""

import unicodedata

_ISOLATE, _END = "\u2068", "\u2069"  # a run whose direction is its own (UAX #9, 2.1)


def direction_of(text: str) -> str:
    """Return "rtl" or "ltr", "" where no letter of *text* says.

    >>> direction_of("שיחה (AI)"), direction_of("AI: שיחה"), direction_of("42")
    ('rtl', 'ltr', '')
    """
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return ""


def isolate_text(text: str, around: str) -> str:
    """Return *text* apart from the words *around* it, where it runs the other way.

    Its punctuation then stays at its own ends.
    """
    turned = direction_of(text) not in ("", around)
    return f"{_ISOLATE}{text}{_END}" if turned else text
