"""What the desk says, in the editor's language: English, or Chinese as written in Taiwan.

Catalogue ``desk`` of ``digest/data/locale`` (``pybabel compile -d digest/data/locale -D desk``
after an edit). Dates and numbers are those of ``digest.catalogue``.
"""

import gettext
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from digest.catalogue import LOCALE_DIR, Catalogue, catalogue
from digest.model import Period

DOMAIN = "desk"
LANGUAGES = {"zh-Hant": "中文", "en": "English"}
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The desk's words in one language; times are told in *timezone* (an IANA name)."""

    language: str
    timezone: str = "UTC"

    def say(self, message: str, **values: object) -> str:
        """Return *message* in this language with its ``{name}`` slots filled."""
        return _filled(_translations(self.language).gettext(message), values)

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """Return the message that fits *n*, which fills ``{n}``."""
        found = _translations(self.language).ngettext(one, many, n)
        return _filled(found, {"n": self.number(n), **values})

    def number(self, value: int) -> str:
        """Return *value* with digit groups."""
        return self._dates.number(value)

    def day(self, moment: datetime) -> str:
        """Return the day of *moment* without its year."""
        return self._dates.day(moment, self.timezone)

    def clock(self, moment: datetime) -> str:
        """Return the time of day of *moment*: "14:05"."""
        return f"{moment.astimezone(ZoneInfo(self.timezone)):%H:%M}"

    def moment(self, moment: datetime) -> str:
        """Return day and time of *moment*."""
        return f"{self.day(moment)} {self.clock(moment)}"

    def run(self, moment: datetime) -> str:
        """Return day, weekday and time of *moment*, as a run of a schedule is told."""
        return f"{self._dates.weekday(moment, self.timezone)} {self.clock(moment)}"

    def span(self, period: Period) -> str:
        """Return the days of *period*."""
        return self._dates.span(period, self.timezone)

    def kib(self, size: int) -> str:
        """Return *size*, in bytes, in KiB with one digit behind the point."""
        return f"{size / 1024:.1f}"

    @property
    def tag(self) -> str:
        """Return what the ``lang`` attribute says; the region picks the shapes of Han letters."""
        return "zh-Hant-TW" if self.language == "zh-Hant" else "en"

    @property
    def _dates(self) -> Catalogue:
        return catalogue(self.tag)


def chosen(wanted: str, accepted: str, own: str) -> str:
    """Return the language to speak: the *wanted* one, else what the browser *accepted*, else *own*.

    *accepted* is an Accept-Language header, *own* the language of the issue.
    """
    if wanted in LANGUAGES:
        return wanted
    for tag in accepted.lower().split(","):
        if tag.strip()[:2] in ("zh", "en"):
            return "zh-Hant" if tag.strip().startswith("zh") else "en"
    return "zh-Hant" if own.lower().startswith("zh") else "en"


@cache
def _translations(language: str) -> gettext.NullTranslations:
    path = LOCALE_DIR / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def _filled(wording: str, values: dict[str, object]) -> str:
    return _SLOT.sub(lambda slot: str(values.get(slot[1], slot[0])), wording)
