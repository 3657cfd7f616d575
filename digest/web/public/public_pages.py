"""The pages a reader sees, in their language: rendered, hashed for the browser's policy."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from digest.render import branding
from digest.render.branding import Branding
from digest.render.templates import Templates
from digest.text.localization import SHIPPED_TAGS, Catalogue, find_catalogue_tag, load_catalogue

LANGUAGES: Mapping[str, str] = {
    "zh-Hant": "繁體中文",
    "zh-Hans": "简体中文",
    "en": "English",
    "ja": "日本語",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "ko": "한국어",
}
_TAGS = {tag: tag.replace("_", "-") for tag in (*SHIPPED_TAGS, "en")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A digest that can be chosen on a form."""

    name: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The newest issue, as the form shows it."""

    url: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPage:
    """A rendered page; ``policy`` is its Content-Security-Policy."""

    html: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Renders pages of one site; ``base`` is the path they stand under, without a slash behind."""

    templates: Templates
    letterhead: Branding
    title: str
    language: str
    site: str = ""
    base: str = ""
    archive: str = ""

    def render(self, kind: str, language: str = "", **values: object) -> RenderedPage:
        """Return the page *kind* (``subscribe``, ``left``, ...) in *language*; see its template."""
        words = load_catalogue(language or self.language, self.letterhead.strings)
        shared = self._shared(words)
        style = self.templates.render("reader/style.css.jinja", shared)
        shared |= {"kind": kind, "style": Markup(style)} | values  # noqa: S704 - our own style
        html = self.templates.render("reader/page.html.jinja", shared)
        return RenderedPage(html=html, policy=_make_policy(style))

    def _shared(self, words: Catalogue) -> dict[str, Any]:
        look = self.letterhead.look
        return {
            "look": look,
            "light": branding.make_light_palette(look.accent),
            "dark": branding.make_dark_palette(look.accent),
            "words": words,
            "_": words.gettext,
            "ngettext": words.ngettext,
            "lang": _TAGS[words.tag],
            "languages": LANGUAGES,
            "title": self.title,
            "site": self.site,
            "base": self.base,
            "archive": self.archive,
            "postal_address": self.letterhead.postal_address,
        }


@cache
def _make_policy(style: str) -> str:
    """Return the policy of a page with *style*: nothing runs, nothing is loaded but a picture."""
    mark = b64encode(sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{mark}'; img-src 'self' https: data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def choose_language(accepted: str, asked: str, own: str) -> str:
    """Return the language of a page: *asked* for, else the best of Accept-Language, else *own*."""
    if asked in LANGUAGES:
        return asked
    for tag in _rank_languages(accepted):
        found = _TAGS[find_catalogue_tag(tag)]
        if found != "en" or tag.lower().startswith("en"):
            return found
    return _TAGS[find_catalogue_tag(own)]


def _rank_languages(accepted: str) -> list[str]:
    """Return the language tags of an Accept-Language field (RFC 9110, 12.5.4), the best first."""
    weighed = []
    for part in accepted[:500].split(","):
        tag, _, weight = part.strip().partition(";")
        try:
            weighed.append((float(weight.strip().removeprefix("q=") or 1), tag))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighed, key=lambda it: -it[0]) if weight > 0 and tag]
