"""The quotation of an issue as a picture, by typst, for the web page and for social networks.

Needs the extra ``cards`` (typst and the Noto Sans CJK fonts). The same quotation gives the same
bytes: system fonts are not looked at, and nothing of the day goes in.
"""

import json
import re
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from digest.model import Issue
from digest.model.errors import DigestError, TemplateError
from digest.render.branding import Branding
from digest.render.line_breaks import glue_words, split_phrases
from digest.render.sanitize import clip_text
from digest.render.templates import Templates
from digest.render.view_model import IssueView, build_view
from digest.text.localization import load_catalogue

if TYPE_CHECKING:
    import regex
    from typst import Fonts

CardShape = Literal["wide", "square"]
SIZES: dict[CardShape, tuple[int, int]] = {"wide": (1200, 675), "square": (1080, 1080)}
_FONT_MODULES = ("cvttf_NotoSansCJK_Regular", "cvttf_NotoSansCJK_Bold")
_MORE_FONTS = "manimgx_fonts"  # Noto for emoji and for scripts that the first ones do not have
_OWN = "Latin Han Hiragana Katakana Hangul Bopomofo Greek Cyrillic Common Inherited"
_MORE = (
    "Arabic Armenian Bengali Devanagari Ethiopic Georgian Gujarati Gurmukhi Hebrew Kannada Khmer "
    "Lao Malayalam Myanmar Oriya Sinhala Tamil Telugu Thai"
)
_REMEDY = "Install the extra: pip install 'digest-newsletter[cards]'"
_LETTERS = "!-~\u00a1-\u024f\u0370-\u052f\u1e00-\u1fff"  # of scripts that break at spaces only
_UNBROKEN = re.compile(rf"[{_LETTERS}]{{20}}(?=[{_LETTERS}])")
_LINE = re.compile(r":(\d+):\d+$", re.MULTILINE)
_SOURCE_CHARS = (60, 48, 38, 30, 26, 20, 14)  # the longest that fits is shown
_LONG_DASH = "\u2e3a"  # one glyph: the font leaves a gap between two dashes


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteCard:
    """A picture (PNG) of *width* by *height* pixels; ``alt`` is the whole quotation."""

    png: bytes
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRecipe:
    """What a card is drawn from: *values* (JSON) in *template*; ``alt`` is the whole quotation."""

    template: Path
    values: str
    alt: str
    width: int
    height: int

    @property
    def key(self) -> str:
        """Return what differs wherever the drawn card would."""
        made = sha256(self.template.read_bytes())
        made.update(f"{version('typst')}\0{self.values}".encode())
        return f"card:{made.hexdigest()}"

    def draw(self) -> QuoteCard:
        """Return the card; DigestError without the extra, TemplateError for a broken template."""
        png = _compile_card(self.template, self.values)
        return QuoteCard(png=png, alt=self.alt, width=self.width, height=self.height)


def is_available() -> bool:
    """Return whether the extra ``cards`` is installed."""
    return all(find_spec(name) for name in ("typst", *_FONT_MODULES))


def make_recipe(
    issue: Issue,
    templates: Templates,
    letterhead: Branding,
    *,
    shape: CardShape = "wide",
    dark: bool = False,
) -> CardRecipe | None:
    """Return what the card of the issue's pull-quote is drawn from; None where it has none.

    None too where the fonts lack letters of it: a quotation is shown whole or not at all.
    """
    shown = build_view(issue, letterhead)
    if shown.quote is None or not _has_letters_for(shown.quote.marked + shown.quote.speaker):
        return None
    width, height = SIZES[shape]
    values = _build_values(shown, letterhead, dark=dark) | {"width": width, "height": height}
    return CardRecipe(
        template=templates.path("cards/card.typ"),
        values=json.dumps(values),
        alt=_write_alternative(shown.quote.marked, _write_speaker_line(shown, letterhead)),
        width=width,
        height=height,
    )


def draw_card(
    issue: Issue,
    templates: Templates,
    letterhead: Branding,
    *,
    shape: CardShape = "wide",
    dark: bool = False,
) -> QuoteCard | None:
    """Return the card of the issue's pull-quote; None where it has none.

    DigestError where typst or its fonts are not installed, TemplateError for a broken template.
    """
    wanted = make_recipe(issue, templates, letterhead, shape=shape, dark=dark)
    return wanted.draw() if wanted else None


def _write_alternative(marked: str, by: str) -> str:
    """Return what a card says, for who does not see it: a Chinese dash needs no space before it."""
    return f"{marked} {by}" if by.startswith("— ") else marked + by


def _build_values(shown: IssueView, letterhead: Branding, *, dark: bool) -> dict[str, Any]:
    quote = shown.quote
    assert quote is not None  # noqa: S101 - the caller has looked
    words = load_catalogue(shown.language, letterhead.strings)
    primary, _, rest = (quote.language or shown.language).partition("-")
    titles = dict.fromkeys(clip_text(quote.title, limit) for limit in _SOURCE_CHARS if quote.title)
    return {
        "fonts": _list_font_families(),
        "lang": primary.lower() or "en",
        "region": _find_region(primary, rest),
        "title": _drop_undrawable(shown.title),
        "quote": _make_breakable(quote.marked),
        "phrases": [_make_breakable(phrase) for phrase in split_phrases(quote.marked)],
        "speaker": _drop_undrawable(_write_speaker_line(shown, letterhead)).replace(
            "——", _LONG_DASH
        ),
        "sources": [_drop_undrawable(words.gettext("“{title}”", title=title)) for title in titles],
        "site": urlsplit(shown.site or quote.url).hostname or "",
        "palette": asdict(shown.dark if dark else shown.light),
    }


def _make_breakable(text: str) -> str:
    """Return *text* as it may break: not in a Chinese word, somewhere in an endless Latin one."""
    return glue_words(_UNBROKEN.sub("\\g<0>\u200b", _drop_undrawable(text)))


def _write_speaker_line(shown: IssueView, letterhead: Branding) -> str:
    """Return the line that says who said it, "" where that is not known."""
    speaker = shown.quote.speaker if shown.quote else ""
    words = load_catalogue(shown.language, letterhead.strings)
    return words.gettext("— {speaker}", speaker=speaker) if speaker else ""


def _has_letters_for(text: str) -> bool:
    """Return whether the fonts that are installed have the letters of *text*."""
    return not _compile_foreign(bool(find_spec(_MORE_FONTS))).search(text)


def _drop_undrawable(text: str) -> str:
    """Return *text* without what the fonts that are installed would show as empty boxes."""
    more = bool(find_spec(_MORE_FONTS))
    return " ".join(
        _compile_foreign(more).sub("", text if more else _compile_emoji().sub("", text)).split()
    )


@cache
def _compile_foreign(more: bool) -> "regex.Pattern[str]":
    import regex

    scripts = f"{_OWN} {_MORE}" if more else _OWN
    return regex.compile("[^" + "".join(rf"\p{{Script={one}}}" for one in scripts.split()) + "]")


@cache
def _compile_emoji() -> "regex.Pattern[str]":
    import regex

    return regex.compile(
        r"[\p{Emoji_Presentation}\p{Emoji_Modifier}\ufe0f\u200d\U000e0020-\U000e007f]"
    )


@cache
def _list_font_families() -> tuple[str, ...]:
    """Return the fonts to set a card in, each for what the ones before it do not have."""
    if not find_spec(_MORE_FONTS):
        return ("Noto Sans CJK TC",)
    return ("Noto Sans CJK TC", *(f"Noto Sans {name}" for name in _MORE.split()), "Noto Emoji")


def _find_region(primary: str, rest: str) -> str:
    """Return the region that picks the shapes of Han characters: Taiwan's for Hant."""
    last = rest.rpartition("-")[2]
    if len(last) == 2 and last.isalpha():
        return last.upper()
    return {"zh": "CN" if "Hans" in rest else "TW", "ja": "JP"}.get(primary.lower(), "US")


def _compile_card(path: Path, values: str) -> bytes:
    try:
        import typst
    except ImportError as error:
        raise DigestError("a quote card", "typst is not installed", _REMEDY) from error
    try:
        png = typst.compile(
            path,
            format="png",
            ppi=72,
            root=path.parent,
            font_paths=_load_fonts(),
            sys_inputs={"card": values},
        )
    except typst.TypstError as error:
        raise _explain_broken_template(path, error) from error
    if not isinstance(png, bytes):
        raise TemplateError(f"template {path}", "makes more than one page", "Make it one page.")
    return png


def _explain_broken_template(path: Path, error: Exception) -> TemplateError:
    """Return what typst says of the template at *path*, with the line it points at."""
    found = _LINE.search(getattr(error, "diagnostic", ""))
    line = f", line {found[1]}" if found else ""
    remedy = "Correct the template, or remove your copy."
    return TemplateError(f"template {path}{line}", str(error), remedy)


@cache
def _load_fonts() -> "Fonts":
    """Return the fonts of the extra, read once: that costs more than a card."""
    import typst

    folders = []
    for name in _FONT_MODULES:
        found = find_spec(name)
        if found is None or found.origin is None:
            raise DigestError("a quote card", f"the font package {name} is missing", _REMEDY)
        folders.append(Path(found.origin).parent)
    if (more := find_spec(_MORE_FONTS)) and more.origin:
        folders.append(Path(more.origin).parent)
    return typst.Fonts(include_system_fonts=False, font_paths=folders)
