"""The furniture of an issue in the reader's language: strings, plurals, dates and numbers.

The messages are the English strings themselves; ``digest/data/locale`` holds their translations
as gettext catalogues (``pybabel compile -d digest/data/locale -D digest`` after an edit). Values
are named in braces, ``{n}``, and put in as they are: a message is never a format string, so a
user's own wording cannot reach into an object.
"""

import gettext
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.model import Period
from digest.text.dates import DateStyle, choose_date_style, is_day_first

LOCALE_DIR = Path(__file__).parents[1] / "data" / "locale"
DOMAIN = "digest"
SHIPPED_TAGS = ("zh_Hant", "zh_Hans", "ja", "de", "fr", "es", "ko")

_WIDE = frozenset({"zh_Hant", "zh_Hans", "ja"})
_AND = {"en": "and", "de": "und", "fr": "et", "es": "y"}  # before the last of a list
_GROUPED = {"de": ".", "es": ".", "fr": "\u202f"}
_HANT_REGIONS = frozenset({"tw", "hk", "mo"})
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The strings, dates and numbers of one language, with a user's own wording on top.

    ``language`` is the BCP 47 tag that was asked for, ``tag`` the catalogue that serves it
    (``en`` where there is none), ``strings`` maps a message to what replaces its translation.
    """

    language: str
    tag: str
    strings: Mapping[str, str] = field(default_factory=dict)

    def gettext(self, message: str, **values: object) -> str:
        """Return *message* in this language with its ``{name}`` slots filled from *values*."""
        wording = self.strings.get(message) or _load_translations(self.tag).gettext(message)
        return _fill_slots(wording, values)

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """Return the message that fits the number *n*, which fills the slot ``{n}``."""
        wording = self.strings.get(many if n != 1 else one)
        chosen = wording or _load_translations(self.tag).ngettext(one, many, n)
        return _fill_slots(chosen, {"n": self.number(n), **values})

    def date(self, moment: datetime, timezone: str) -> str:
        """Return the day of *moment* in *timezone* (an IANA name), written out with its year."""
        return self._style.write_date(_convert_to_day(moment, timezone))

    def day(self, moment: datetime, timezone: str) -> str:
        """Return the day of *moment* in *timezone* without its year: "1月8日", "Jan 8"."""
        return self._style.write_day(_convert_to_day(moment, timezone))

    def moment(self, moment: datetime, timezone: str) -> str:
        """Return *moment* with its day of the week, by the clocks of *timezone*."""
        local = moment.astimezone(ZoneInfo(timezone))
        return f"{self._style.name_weekday(local)} {local:%Y-%m-%d %H:%M}"

    def lasting(self, span: timedelta) -> str:
        """Return how long *span* is, roughly: "36 h", "5 min", "3 days"."""
        minutes = int(span.total_seconds() // 60)
        if minutes < 120:
            return self.gettext("{n} min", n=minutes)
        if minutes < 48 * 60:
            return self.gettext("{n} h", n=minutes // 60)
        return self.ngettext("{n} day", "{n} days", minutes // 1440)

    def weekday(self, moment: datetime, timezone: str) -> str:
        """Return ``day`` with the name of the day: "1月8日 週四", "Thu, Jan 8"."""
        return self._style.write_weekday(_convert_to_day(moment, timezone))

    def span(self, period: Period, timezone: str) -> str:
        """Return the days of *period* in *timezone*, first to last: "2026年1月5日至11日".

        One whole month is named as such; a single day is written as a date.
        """
        last = max(period.start, period.end - timedelta(microseconds=1))
        return self._style.write_span(
            _convert_to_day(period.start, timezone), _convert_to_day(last, timezone)
        )

    def listed(self, items: Sequence[str]) -> str:
        """Return *items* as a list in a sentence: "a, b, and c", "a、b、c"."""
        if self.tag not in _AND or len(items) < 2:
            return self.gettext(", ").join(items)
        day_first = self.tag != "en" or is_day_first(self.language)
        serial = "," if len(items) > 2 and not day_first else ""
        return f"{', '.join(items[:-1])}{serial} {_AND[self.tag]} {items[-1]}"

    def number(self, value: int) -> str:
        """Return *value* with its digits in groups of three: "1,200", "1.200"."""
        return f"{value:,}".replace(",", _GROUPED.get(self.tag, ","))

    @property
    def is_wide(self) -> bool:
        """Tell whether the language is written in wide letters, with no spaces between words."""
        return self.tag in _WIDE

    @property
    def _style(self) -> DateStyle:
        return choose_date_style(self.language, self.tag)


def load_catalogue(language: str, strings: Mapping[str, str] | None = None) -> Catalogue:
    """Return the catalogue for *language* (a BCP 47 tag such as ``zh-Hant-TW``).

    A language without a catalogue is served in English. *strings* replaces single messages.
    """
    return Catalogue(language=language, tag=find_catalogue_tag(language), strings=strings or {})


def find_catalogue_tag(language: str) -> str:
    """Return which catalogue serves *language*: one of ``SHIPPED_TAGS``, or ``en``.

    Chinese without a script is traditional in Taiwan, Hong Kong and Macau and simplified
    elsewhere (CLDR likely subtags).
    """
    first, *rest = language.lower().replace("_", "-").split("-")
    if first == "zh":
        hant = "hant" in rest or ("hans" not in rest and not _HANT_REGIONS.isdisjoint(rest))
        return "zh_Hant" if hant else "zh_Hans"
    return first if first in SHIPPED_TAGS else "en"


def name_missing_wording(language: str) -> str:
    """Return a sentence on *language* where no catalogue serves it, "" where one does."""
    if find_catalogue_tag(language) != "en" or language.lower().partition("-")[0] in ("en", ""):
        return ""
    shipped = ", ".join(tag.replace("_", "-") for tag in (*SHIPPED_TAGS, "en"))
    return (
        f"There is no wording in {language}, so headings and links are in English. There is:"
        f" {shipped}. Write your own lines under [look.strings] in digest.toml."
    )


@cache
def _load_translations(tag: str) -> gettext.NullTranslations:
    path = LOCALE_DIR / tag / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def _convert_to_day(moment: datetime, timezone: str) -> date:
    return moment.astimezone(ZoneInfo(timezone)).date()


def _fill_slots(wording: str, values: Mapping[str, object]) -> str:
    return _SLOT.sub(lambda slot: str(values.get(slot[1], slot[0])), wording)
