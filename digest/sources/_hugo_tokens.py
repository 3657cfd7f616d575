"""The tokens of Hugo's patterns for addresses, and the letters that an address may hold."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import quote, unquote

from digest.sources._hugo_page import LinkRules, PageAddress
from digest.sources._tokens import UnknownTokenError

_TOKEN = re.compile(r":\w+(?:\[.+?\])?")
_KEPT = frozenset("./\\_#+~-@")
_PATH_SAFE = "$&+,/:;=@-_.~"  # what Go leaves alone in a path
_VALID_PATH = re.compile(r"(?:[A-Za-z0-9$&+,/:;=@\-_.~!'()*\[\]]|%[0-9A-Fa-f]{2})*\Z")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_GO_DATE = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|__2|002|_2|15|01|02|03|04|05|06|PM|pm|1|2|3|4|5"
)
_GO_WORDS = {
    "January": "%B", "Jan": "%b", "Monday": "%A", "Mon": "%a", "2006": "%Y", "002": "%j",
    "15": "%H", "01": "%m", "02": "%d", "03": "%I", "04": "%M", "05": "%S", "06": "%y",
    "PM": "%p", "MST": "%Z",
}  # fmt: skip
_NOBODY = datetime(1, 1, 1)  # noqa: DTZ001 - the year that Hugo gives a page without a date


def expand_pattern(pattern: str, page: PageAddress, rules: LinkRules) -> str:
    """Return *pattern* with its tokens replaced; UnknownTokenError names one that is unknown."""
    whole = pattern.replace("\\:", "\0")
    for token in _TOKEN.findall(whole):
        whole = whole.replace(token, _find_token_value(token[1:], page, rules), 1)
    return whole.replace("\0", ":")


def _find_token_value(token: str, page: PageAddress, rules: LinkRules) -> str:
    if token in _TOKENS:
        return _TOKENS[token](page, rules)
    name, _, cut = token.partition("[")
    if name in ("sections", "sectionslugs") and cut:
        return "/".join(
            _slice_names(_list_section_names(page, rules, slugs=name == "sectionslugs"), cut[:-1])
        )
    if _GO_DATE.search(token):
        date = page.date or _NOBODY
        return _GO_DATE.sub(lambda found: _format_go_word(found[0], date), token)
    raise UnknownTokenError(f":{token}")


def _format_go_word(word: str, date: datetime) -> str:
    """Return *word* of a Go time layout for *date*."""
    if word == "2006":
        return f"{date.year:04}"
    if word in _GO_WORDS:
        return date.strftime(_GO_WORDS[word])
    numbers = {
        "1": date.month, "2": date.day, "3": date.hour % 12 or 12, "4": date.minute,
        "5": date.second,
    }  # fmt: skip
    if word in numbers:
        return str(numbers[word])
    if word == "_2":
        return f"{date.day:2}"
    return f"{date.timetuple().tm_yday:3}" if word == "__2" else date.strftime("%p").lower()


def _list_section_names(page: PageAddress, rules: LinkRules, *, slugs: bool) -> list[str]:
    if not slugs:
        return list(page.way)
    return [
        _urlize_text(one.slug or _flatten_title(one.title) or one.name, rules)
        for one in page.sections
    ]


def _slice_names(names: list[str], cut: str) -> list[str]:
    """Return the part of *names* that *cut* asks for: "1", "last", "1:", ":last"."""
    low, colon, high = cut.lower().partition(":")
    last = len(names) - 1
    start = last if low == "last" else int(low) if low.isdigit() else 0
    if not colon:
        return names[start : start + 1]
    end = last if high == "last" else int(high) if high.isdigit() else len(names)
    return names[start:end]


def _make_date_token(write: Callable[[datetime], str]) -> Callable[[PageAddress, LinkRules], str]:
    return lambda page, _rules: write(page.date or _NOBODY)


def _make_slug_token(
    other: Callable[[PageAddress, LinkRules], str],
) -> Callable[[PageAddress, LinkRules], str]:
    return lambda page, rules: _urlize_text(page.slug, rules) if page.slug else other(page, rules)


def _format_title(page: PageAddress, rules: LinkRules) -> str:
    return _urlize_text(_flatten_title(page.title), rules)


def _flatten_title(title: str) -> str:
    """Return *title* with nothing in it that would part it into folders."""
    return title.replace("/", "-").replace("\\", "-")


def _format_filename(page: PageAddress, rules: LinkRules) -> str:
    return _urlize_text(page.filename, rules)


def _format_section_slug(page: PageAddress, rules: LinkRules) -> str:
    return next(iter(_list_section_names(page, rules, slugs=True)), "")


_TOKENS: Mapping[str, Callable[[PageAddress, LinkRules], str]] = {
    "year": _make_date_token(lambda date: str(date.year)),
    "month": _make_date_token(lambda date: f"{date:%m}"),
    "monthname": _make_date_token(lambda date: f"{date:%B}"),
    "day": _make_date_token(lambda date: f"{date:%d}"),
    "weekday": _make_date_token(lambda date: f"{date:%w}"),
    "weekdayname": _make_date_token(lambda date: f"{date:%A}"),
    "yearday": _make_date_token(lambda date: str(date.timetuple().tm_yday)),
    "section": lambda page, _rules: page.section,
    "sectionslug": _format_section_slug,
    "sections": lambda page, rules: "/".join(_list_section_names(page, rules, slugs=False)),
    "sectionslugs": lambda page, rules: "/".join(_list_section_names(page, rules, slugs=True)),
    "title": _format_title,
    "slug": _make_slug_token(_format_title),
    "filename": _format_filename,
    "contentbasename": _format_filename,
    "slugorfilename": _make_slug_token(_format_filename),
    "slugorcontentbasename": _make_slug_token(_format_filename),
}


def _urlize_text(text: str, rules: LinkRules) -> str:
    plain = sanitize_path(text, rules)
    return escape_path(plain[:-1] if plain.find("#") == len(plain) - 1 else plain, whole=True)


def sanitize_path(text: str, rules: LinkRules) -> str:
    """Return *text* as Hugo writes it in a path."""
    out: list[str] = []
    hyphen = waiting = False
    for place, char in enumerate(text):
        if _is_allowed(text, place, char):
            hyphen = char == "-"
            if waiting and not hyphen:
                out.append("-")
            waiting = False
            out.append(char)
        elif out and not hyphen and char.isspace():
            waiting = True
    plain = "".join(out)
    if rules.drop_accents:
        apart = unicodedata.normalize("NFD", plain)
        bare = "".join(c for c in apart if unicodedata.category(c) != "Mn")
        plain = unicodedata.normalize("NFC", bare)
    return plain if rules.keep_case else lower_text(plain)


def lower_text(text: str) -> str:
    """Return *text* in lower case, letter by letter as Go does it."""
    return text.lower() if "\u0130" not in text else "".join(c.lower()[0] for c in text)


def _is_allowed(text: str, place: int, char: str) -> bool:
    kind = unicodedata.category(char)
    if kind[0] in "LM" or kind == "Nd" or char in _KEPT:
        return True
    return char == "%" and bool(re.match(r"%[0-9A-Fa-f]{2}", text[place : place + 3]))


def escape_path(link: str, *, whole: bool = False) -> str:
    """Return *link* in ASCII as Go does it; a *whole* one may hold a query."""
    link = _BARE_PERCENT.sub("%25", link.replace("#", "%23"))
    path, mark, query = link.partition("?")
    if not _VALID_PATH.match(path):
        path = quote(
            unquote(path, errors="surrogateescape"), safe=_PATH_SAFE, errors="surrogateescape"
        )
    return path + mark + quote(query, safe=f"{_PATH_SAFE}!'()*?%") if whole else path
