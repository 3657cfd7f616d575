"""Guess what a text is written in from the characters it would hold: the last resort."""

from collections.abc import Callable

_COMMON_HAN = frozenset(
    "的一是在不了有和人這这中大為为上個个國国我以要他時时來来用們们生到作地於于出就分對对成會会可主"
    "發发年動动同工也能下過过子說说產产種种面而方後后多定行學学法所民得經经十三之進进著等部度家電电力"
    "如水化高自二理起小物現现實实加量都兩两體体制機机當当使點点從从業业本去把性好應应開开它合還还因由"
    "其些然前外天政四日那社義义事平形相全表間间樣样與与關关各重新線线內内數数正心反你明看原又麼么利比"
    "或但質质氣气第向道命此變变條条只沒没結结解問问意建月公無无系很情者最立代想已通並并提直題题程展果"
)
_MARKS = frozenset("，。、「」『』！？：；（）《》〈〉…—“”")


def _han(c: str) -> bool:
    return c in _COMMON_HAN or c in _MARKS


def _kana(c: str) -> bool:
    return "\u3041" <= c <= "\u30ff" or c in _MARKS


def _hangul(c: str) -> bool:
    return "\uac00" <= c <= "\ud7a3"


def _cyrillic(c: str) -> bool:
    return "\u0430" <= c <= "\u044f"


_CANDIDATES: tuple[tuple[str, Callable[[str], bool], float], ...] = (
    ("big5hkscs", _han, 0.2),
    ("gb18030", _han, 0.2),
    ("cp932", _kana, 0.2),
    ("euc_jp", _kana, 0.2),
    ("cp949", _hangul, 0.7),
    ("cp1251", _cyrillic, 0.8),
    ("koi8_r", _cyrillic, 0.8),
)


def encoding(body: bytes) -> str:
    """Return the encoding in which *body* reads most like a language; cp1252 if in none."""
    sample = bytes(body[:65536])
    found = {}
    for name, expected, enough in _CANDIDATES:
        score = _score(sample, name, expected)
        if score >= enough:
            found[name] = score / enough
    return max(found, key=lambda name: found[name], default="cp1252")


def _score(sample: bytes, name: str, expected: Callable[[str], bool]) -> float:
    """Return the share of expected among all characters that are no ASCII."""
    text = sample.decode(name, "replace")
    foreign = [c for c in text if c > "\x7f"]
    if not foreign or foreign.count("\ufffd") > len(foreign) * 0.02 + 1:
        return 0.0
    return sum(map(expected, foreign)) / len(foreign)
