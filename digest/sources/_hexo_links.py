"""The addresses of a Hexo site's posts, by the rules of Hexo itself (hexo.io/docs/permalinks)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha1
from posixpath import basename
from urllib.parse import quote, unquote

from digest.sources._tokens import UnknownTokenError

_TOKEN = re.compile(r":(\w*[^_\W])")
_CONTROL = re.compile(r"[\x00-\x1f]")
_SPECIAL = re.compile(r"[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:\"'<>,.?/]+")
_URI_SAFE = ";,/?:@&=+$-_.!~*'()#"  # what encodeURI leaves alone
_APART = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
                        "ł": "l", "Ł": "L", "ı": "i", "œ": "oe", "Œ": "OE"})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HexoRules:
    """What the configuration says of addresses; ``base`` has no slash at its end."""

    base: str
    permalink: str = ":year/:month/:day/:title/"
    defaults: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    category: str = "uncategorized"
    case: int = 0
    assets: bool = False
    index: bool = True
    html: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HexoFacts:
    """What the address of a post depends on; ``slug`` is its file below ``_posts``.

    ``values`` are the texts and numbers of its front matter, which a pattern may name.
    """

    slug: str
    date: datetime
    title: str = ""
    permalink: str = ""
    categories: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


def build_address(facts: HexoFacts, rules: HexoRules) -> str:
    """Return the address of the post; UnknownTokenError where its pattern lacks a value."""
    path = facts.permalink or _expand_pattern(facts, rules)
    if rules.assets and not path.endswith(("/", ".html")):
        path += "/"
    path = re.sub(r"/{2,}", "/", f"/{path}")
    url = rules.base + quote(unquote(path), safe=_URI_SAFE)
    if not rules.index:
        url = url.removesuffix("index.html")
    return url.removesuffix(".html") if not rules.html and not url.endswith("index.html") else url


def _expand_pattern(facts: HexoFacts, rules: HexoRules) -> str:
    date = facts.date
    category = "/".join(
        make_hexo_slug(rules.categories.get(c, c), rules.case) for c in facts.categories
    )
    stamp = f"{facts.slug}{int(date.timestamp())}"
    known = {
        "title": facts.slug,
        "name": basename(facts.slug),
        "post_title": make_hexo_slug(facts.title, 1),
        "year": f"{date.year:04}", "month": f"{date:%m}", "day": f"{date:%d}", "hour": f"{date:%H}",
        "minute": f"{date:%M}", "second": f"{date:%S}", "i_month": str(date.month),
        "i_day": str(date.day), "timestamp": str(int(date.timestamp())),
        "hash": sha1(stamp.encode(), usedforsecurity=False).hexdigest()[:12],
        "category": category or rules.category,
    }  # fmt: skip
    whole = {**rules.defaults, **facts.values, **known}

    def value(found: re.Match[str]) -> str:
        if found[1] not in whole:
            raise UnknownTokenError(found[0])
        return whole[found[1]]

    return _TOKEN.sub(value, rules.permalink)


def make_hexo_slug(text: str, case: int = 0) -> str:
    """Return *text* as Hexo writes it in an address; *case* 1 is lower, 2 is upper."""
    apart = unicodedata.normalize("NFD", text.translate(_APART))
    bare = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    slug = _SPECIAL.sub("-", _CONTROL.sub("", unicodedata.normalize("NFC", bare))).strip("-")
    return slug.lower() if case == 1 else slug.upper() if case == 2 else slug
