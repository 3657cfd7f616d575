"""The addresses of a Jekyll site's posts, by the rules of Jekyll (jekyllrb.com/docs/permalinks)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from digest.sources._tokens import UnknownTokenError

STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
    "simple": "/:categories/:title:output_ext",
}
NAMED = re.compile(r"(\d{2,4}-\d{1,2}-\d{1,2})-([^/]*)(\.[^.]+)\Z")
_TOKEN = re.compile(r":([a-z_]+)")
_PLAIN = re.compile(r"[a-zA-Z0-9./-]+\Z")
_SAFE = "/-._~!$&'()*+,;=:@?[]#"  # what Addressable leaves alone
_PRETTY = frozenset("._~!$&'()+,;=@")


@dataclass(frozen=True, slots=True, kw_only=True)
class JekyllFacts:
    """What the address of a post depends on; ``path`` is its file below the source."""

    path: PurePosixPath
    date: datetime
    slug: str
    categories: tuple[str, ...] = ()
    permalink: str = ""


def build_path(facts: JekyllFacts, pattern: str) -> str:
    """Return the path at which the post stands, with a slash at its head; UnknownTokenError."""
    whole = _expand_pattern(facts.permalink or pattern, facts)
    whole = f"/{whole}".replace("..", "/").replace("./", "")
    return re.sub(r"/{2,}", "/", whole)


def _expand_pattern(pattern: str, facts: JekyllFacts) -> str:
    tokens = _list_tokens(facts)

    def value(found: re.Match[str]) -> str:
        name = found[1]
        known = name if name in tokens else name.removesuffix("_")
        if known not in tokens:
            raise UnknownTokenError(found[0])
        return escape_part(tokens[known]) + ("_" if known != name else "")

    return _TOKEN.sub(value, pattern)


def _list_tokens(facts: JekyllFacts) -> Mapping[str, str]:
    date, stem = facts.date, facts.path.stem
    base = found[2] if (found := NAMED.match(facts.path.name)) else stem
    slug = facts.slug or base
    year, week, weekday = date.isocalendar()
    return {
        "collection": "posts", "output_ext": ".html", "path": facts.path.with_suffix("").as_posix(),
        "title": make_jekyll_slug(slug, pretty=True), "slug": make_jekyll_slug(slug).lower(),
        "name": make_jekyll_slug(stem).lower(),
        "categories": "/".join(dict.fromkeys(c.lower() for c in facts.categories)),
        "slugified_categories": "/".join(
            dict.fromkeys(make_jekyll_slug(c).lower() for c in facts.categories)),
        "year": f"{date.year:04}", "short_year": f"{date:%y}", "month": f"{date:%m}",
        "i_month": str(date.month), "day": f"{date:%d}", "i_day": str(date.day),
        "y_day": f"{date:%j}", "hour": f"{date:%H}", "minute": f"{date:%M}", "second": f"{date:%S}",
        "w_year": str(year), "week": f"{week:02}", "w_day": str(weekday),
        "short_month": f"{date:%b}", "long_month": f"{date:%B}", "short_day": f"{date:%a}",
        "long_day": f"{date:%A}",
    }  # fmt: skip


def make_jekyll_slug(text: str, *, pretty: bool = False) -> str:
    """Return *text* with all but letters, marks and digits as hyphens; *pretty* leaves more."""
    kept = "".join(c if _is_kept(c, pretty=pretty) else "\0" for c in text)
    return re.sub("\0+", "-", kept).removeprefix("-").removesuffix("-")


def _is_kept(char: str, *, pretty: bool) -> bool:
    kind = unicodedata.category(char)
    return kind[0] in "LM" or kind == "Nd" or (pretty and char in _PRETTY)


def escape_part(text: str) -> str:
    """Return *text* as a part of an address, in ASCII."""
    if not text or _PLAIN.match(text):
        return text
    return quote(text, safe=_SAFE).replace("#", "%23", 1)
