"""What a social network takes for a link in running text: the rules of twitter-text 3.

X and Mastodon both count with these rules (Mastodon's paths go on through any script). They
differ from common sense in ways that cost characters and money: ``README.md`` is a link, for
``.md`` is Moldova; a Chinese character ends a path; ``。`` may stand in a host name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TLDS = Path(__file__).resolve().parents[1] / "data" / "tlds.txt"

_ACCENTS = "À-ÖØ-öø-ɏɓɔɖɗəɛɣɨɯɲʉʋʻ\u0300-\u036fḀ-ỿ"
_ALNUM = f"a-z0-9{_ACCENTS}"
_SPACES = "\t-\r\x20\x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INVALID = "\ufffe\ufeff\uffff"
_DIRECTIONS = "\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_HOST = rf"[^!'#%&()*+,\-./:;<=>?@\[\]^_{{|}}~$\\{_SPACES}{_INVALID}{_DIRECTIONS}]"

_SUBDOMAIN = re.compile(rf"{_HOST}(?:(?:{_HOST}|[_-])*{_HOST})?")
_DOMAIN = re.compile(rf"{_HOST}(?:(?:{_HOST}|-)*{_HOST})?")
_RUN = re.compile(rf"(?:{_HOST}|[._-])+")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_BARE = re.compile(rf"(?:[{_ALNUM}-]+\.)+", re.IGNORECASE)
_PUNYCODE = re.compile(r"xn--[-0-9a-z]+", re.IGNORECASE)
_LETTERS = re.compile(r"[a-z]+", re.IGNORECASE)
# What may neither follow a top-level domain nor, less the last three, stand before a link.
_GLUE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@+-")
_NOT_BEFORE = _GLUE - set("+-") | set(f"＠$#＃{_INVALID}")
_NOT_BEFORE_BARE = frozenset("-_./")
_SLUG = re.compile(
    r"https?://t\.co/(?P<slug>[a-z0-9]+)(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]_.,~|-]*"
    r"[a-z0-9_&=#/-])?",
    re.IGNORECASE,
)
_LONGEST_SLUG = 40
_LONGEST_LABEL = 63
_LONGEST_HOST = 255
_FAR = 4 * _LONGEST_HOST  # what goes on further is no host, whatever is in it


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSpan:
    """A link at ``text[start:end]``; ``bare`` where it came without http:// or https://."""

    start: int
    end: int
    bare: bool


def _compile_tail(path: str, path_end: str, query: str, query_end: str) -> re.Pattern[str]:
    balanced = rf"\((?:[{path}]+|[{path}]*\([{path}]+\)[{path}]*)\)"
    return re.compile(
        rf"(?::[0-9]+)?(?P<path>/(?:(?:[{path}]|{balanced})*[{path_end}])?(?:{balanced})*)?"
        rf"(?:\?[{query}]*[{query_end}])?",
        re.IGNORECASE,
    )


_TAIL = _compile_tail(
    rf"a-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\u2013_~@|&{_ACCENTS}-",
    rf"+a-z\u0400-\u04ff0-9=_#/{_ACCENTS}-",
    r"a-z0-9!?*'@();:&=+$/%#\[\]_.,~|-",
    r"a-z0-9_&=#/-",
)
# Mastodon's own: any script goes on in a path or query (config/initializers/twitter_regex.rb).
_WIDE_TAIL = _compile_tail(
    r"^\s<>()?",
    r"^\s()?!*\"'「」<>;:=,.$%\[\]~&|@",
    r"a-z0-9!?*'();:&=+$/%#\[\]_.,~|@^\u00a0-\U0010fffd-",
    r"a-z0-9_&=#/\u00a0-\U0010fffd-",
)


@cache
def load_top_level_domains() -> frozenset[str]:
    """Return the top-level domains that make a link, lower case, IDNs in their own script."""
    lines = _TLDS.read_text("utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


@cache
def _measure_longest_tld() -> int:
    return max(len(name) for name in load_top_level_domains() if not name.isascii())


def find_links(text: str, *, wide: bool = False) -> tuple[LinkSpan, ...]:
    """Return what X links in *text*, in order; with *wide* what Mastodon's paths add."""
    return tuple(_scan_links(text, _WIDE_TAIL if wide else _TAIL)) if "." in text else ()


def encode_url(url: str) -> str:
    """Return *url* in ASCII: host in punycode, path and query percent-encoded, % left alone.

    Both networks and readers' programs end a link at the first character of another script.
    """
    from urllib.parse import quote, urlsplit, urlunsplit

    parts = urlsplit(url.strip())
    host = ".".join(_encode_punycode(label.lower()) for label in (parts.hostname or "").split("."))
    port = f":{parts.port}" if parts.port else ""
    safe = "/%:@!$&'*+,;=-._~"
    return urlunsplit((
        parts.scheme, host + port, quote(parts.path, safe=safe),
        quote(parts.query, safe=safe + "?"), quote(parts.fragment, safe=safe + "?"),
    ))  # fmt: skip


def _scan_links(text: str, tail: re.Pattern[str]) -> Iterator[LinkSpan]:
    position = 0
    while run := _RUN.search(text, position):
        found, position = _find_links_in_run(text, run, position, tail)
        yield from found


def _find_links_in_run(
    text: str, run: re.Match[str], position: int, tail: re.Pattern[str]
) -> tuple[tuple[LinkSpan, ...], int]:
    """Return the links whose first character lies in *run*, and where to look on."""
    dot = run[0].rfind(".") + run.start() if "." in run[0] else -1
    if dot < 0 and text[run.end() : run.end() + 3] != "://":
        return (), run.end()
    for start in _find_link_starts(text, run, position):
        scheme = _SCHEME.match(text, start)
        if scheme and (hit := _match_full_link(text, start, scheme.end(), tail)):
            return hit
        if start > dot:
            continue
        if hit := _match_bare_link(text, start, run.end(), tail):
            return hit
    return (), run.end()


def _find_link_starts(text: str, run: re.Match[str], position: int) -> Iterator[int]:
    """Yield where a link may begin in *run*: after a character that may stand before one.

    A text's first character is tried after its second, for it may be that character.
    """
    first = run.start() if run.start() > position else run.start() + 1
    starts = (s for s in range(first, run.end()) if text[s - 1] not in _NOT_BEFORE)
    if run.start() or position:
        yield from starts
        return
    second = next(starts, None) if run.end() > 1 and text[0] not in _NOT_BEFORE else None
    if second is not None:
        yield second
    yield 0
    yield from starts


def _match_full_link(
    text: str, start: int, host: int, tail: re.Pattern[str]
) -> tuple[tuple[LinkSpan, ...], int] | None:
    """Return the link with a scheme at *start* and a host at *host*, None where there is none.

    A host that the domain name system cannot hold makes no link, but hides what is in it.
    """
    run = _RUN.match(text, host)
    end = _find_host_end(text, host, run.end()) if run else None
    if end is None:
        return None
    whole = _find_link_end(tail, text, end)[0]
    slug = _SLUG.match(text, start, whole)
    if (slug and len(slug["slug"]) > _LONGEST_SLUG) or not _is_encodable(text[host:end]):
        return (), whole
    stop = slug.end() if slug else whole
    return (LinkSpan(start=start, end=stop, bare=False),), stop


def _match_bare_link(
    text: str, start: int, end: int, tail: re.Pattern[str]
) -> tuple[tuple[LinkSpan, ...], int] | None:
    """Return the links without scheme of the host at *start*, in the run up to *end*."""
    stop = _find_host_end(text, start, end)
    if stop is None:
        return None
    whole, path = _find_link_end(tail, text, stop)
    if start and text[start - 1] in _NOT_BEFORE_BARE:
        return (), whole
    return _find_latin_hosts(text, start, stop, whole if path else stop), whole


def _find_latin_hosts(text: str, begin: int, stop: int, whole: int) -> tuple[LinkSpan, ...]:
    """Return the hosts in Latin letters within [begin, stop); the last one takes the path."""
    spans: list[LinkSpan] = []
    position = begin
    while match := _BARE.search(text, position, stop):
        end = _find_last_tld_end(text, match.start(), stop)
        position = end or match.end()
        if end and _is_encodable(text[match.start() : end]):
            spans.append(LinkSpan(start=match.start(), end=end, bare=True))
    if spans and whole > stop:
        spans[-1] = LinkSpan(start=spans[-1].start, end=whole, bare=True)
    return tuple(spans)


def _find_last_tld_end(text: str, start: int, stop: int) -> int | None:
    """Return where the longest host of Latin labels that begins at *start* ends."""
    match = _BARE.match(text, start, stop)
    while match:
        end = _find_tld_end(text, match.end(), stop)
        if end is not None:
            return end
        dot = text.rfind(".", start, match.end() - 1)
        match = _BARE.match(text, start, dot + 1) if dot > start else None
    return None


def _find_host_end(text: str, start: int, end: int) -> int | None:
    """Return where the longest host that begins at *start* ends, within the run up to *end*."""
    best: int | None = None
    end = min(end, start + _FAR)
    label, dot = start, text.find(".", start, end)
    while dot >= 0:
        if not _SUBDOMAIN.fullmatch(text, label, dot):
            break
        if _DOMAIN.fullmatch(text, label, dot):
            best = _find_tld_end(text, dot + 1, end) or best
        label, dot = dot + 1, text.find(".", dot + 1, end)
    return best


def _find_tld_end(text: str, start: int, end: int) -> int | None:
    """Return where the top-level domain that begins at *start* ends, if one does."""
    if match := _PUNYCODE.match(text, start, end):
        return match.end()
    match = _LETTERS.match(text, start, end)
    latin = (match.end(),) if match else ()
    stops = (*latin, *range(min(end, start + _measure_longest_tld()), start, -1))
    return next((stop for stop in stops if _is_tld(text, start, stop)), None)


def _is_tld(text: str, start: int, stop: int) -> bool:
    return (
        text[start:stop].lower() in load_top_level_domains() and text[stop : stop + 1] not in _GLUE
    )


def _find_link_end(tail: re.Pattern[str], text: str, position: int) -> tuple[int, bool]:
    """Return where port, path and query after a host at *position* end, and if there is a path."""
    match = tail.match(text, position)
    return (match.end(), bool(match["path"])) if match else (position, False)


def _is_encodable(host: str) -> bool:
    """Return whether *host* fits the domain name system once its labels are in punycode."""
    labels = [_encode_punycode(label) for label in host.split(".")]
    return all(0 < len(label) <= _LONGEST_LABEL for label in labels) and (
        len(".".join(labels)) <= _LONGEST_HOST
    )


def _encode_punycode(label: str) -> str:
    """Return *label* as the domain name system writes it; "" where that cannot be."""
    if label.isascii():
        return label
    return "" if label.lower().startswith("xn--") else "xn--" + label.encode("punycode").decode()
