"""How each language writes days: patterns of our own, which no library's new data changes.

The slots of a pattern: ``y`` the year, ``m`` the month's number, ``month`` and ``mon`` its name,
long and short, ``d`` the day, ``w`` the short name of the weekday. ``last_y``, ``last_m``, ... are
those of the last day of a span.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SHORT = tuple(month[:3] for month in _MONTHS)
_MONTH_FIRST = frozenset({"us", "as", "ca", "gu", "mh", "mp", "ph", "pr", "um", "vi"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DateStyle:
    """The patterns of one language; ``weekdays`` begin on Monday.

    ``months`` are the short names, ``long_months`` the long ones. ``within_month``,
    ``within_year`` and ``across_years`` are spans, told without what their two ends share.
    """

    full: str
    day: str
    month: str
    day_of_week: str
    within_month: str
    within_year: str
    across_years: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...] = _SHORT
    long_months: tuple[str, ...] = _MONTHS

    def write_date(self, day: date) -> str:
        """Return *day* with its year: "2026年1月5日", "January 5, 2026"."""
        return self.full.format_map(self._slots(day))

    def write_day(self, day: date) -> str:
        """Return *day* without its year: "1月5日", "Jan 5"."""
        return self.day.format_map(self._slots(day))

    def write_weekday(self, day: date) -> str:
        """Return ``write_day`` with the name of the day: "1月5日 週一", "Mon, Jan 5"."""
        return self.day_of_week.format_map({**self._slots(day), "w": self.name_weekday(day)})

    def name_weekday(self, day: date) -> str:
        """Return the short name of the weekday of *day*: "週一", "Mon"."""
        return self.weekdays[day.weekday()]

    def write_span(self, first: date, last: date) -> str:
        """Return the days from *first* to *last*: "2026年1月5日至11日", "Jan 5 – 11, 2026".

        One whole month is named as such; a single day is written as a date.
        """
        if first == last:
            return self.write_date(first)
        same_year = first.year == last.year
        same_month = same_year and first.month == last.month
        if same_month and first.day == 1 and (last + timedelta(1)).day == 1:
            return self.month.format_map(self._slots(first))
        pattern = self.within_year if same_year else self.across_years
        ends = {f"last_{name}": value for name, value in self._slots(last).items()}
        return (self.within_month if same_month else pattern).format_map(
            {**self._slots(first), **ends}
        )

    def _slots(self, day: date) -> dict[str, object]:
        month, mon = self.long_months[day.month - 1], self.months[day.month - 1]
        return {"y": day.year, "m": day.month, "month": month, "mon": mon, "d": day.day}


_ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_AMERICAN = DateStyle(
    full="{month} {d}, {y}",
    day="{mon} {d}",
    month="{month} {y}",
    day_of_week="{w}, {mon} {d}",
    within_month="{mon} {d} – {last_d}, {y}",
    within_year="{mon} {d} – {last_mon} {last_d}, {y}",
    across_years="{mon} {d}, {y} – {last_mon} {last_d}, {last_y}",
    weekdays=_ENGLISH_DAYS,
)
_BRITISH = DateStyle(
    full="{d} {month} {y}",
    day="{d} {mon}",
    month="{month} {y}",
    day_of_week="{w}, {d} {mon}",
    within_month="{d}–{last_d} {mon} {y}",
    within_year="{d} {mon} – {last_d} {last_mon} {y}",
    across_years="{d} {mon} {y} – {last_d} {last_mon} {last_y}",
    weekdays=_ENGLISH_DAYS,
    months=tuple("Sept" if month == "Sep" else month for month in _SHORT),
)
_CHINESE = DateStyle(
    full="{y}年{m}月{d}日",
    day="{m}月{d}日",
    month="{y}年{m}月",
    day_of_week="{m}月{d}日 {w}",
    within_month="{y}年{m}月{d}日至{last_d}日",
    within_year="{y}年{m}月{d}日至{last_m}月{last_d}日",
    across_years="{y}年{m}月{d}日至{last_y}年{last_m}月{last_d}日",
    weekdays=tuple(f"週{day}" for day in "一二三四五六日"),
)
_GERMAN = DateStyle(
    full="{d}. {month} {y}",
    day="{d}. {mon}",
    month="{month} {y}",
    day_of_week="{w}, {d}. {mon}",
    within_month="{d}.–{last_d}. {month} {y}",
    within_year="{d}. {mon} – {last_d}. {last_mon} {y}",
    across_years="{d}. {mon} {y} – {last_d}. {last_mon} {last_y}",
    weekdays=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    months=("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.",
            "Dez."),
    long_months=("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
                 "Oktober", "November", "Dezember"),
)  # fmt: skip
_FRENCH = DateStyle(
    full="{d} {month} {y}",
    day="{d} {mon}",
    month="{month} {y}",
    day_of_week="{w} {d} {mon}",
    within_month="{d}–{last_d} {month} {y}",
    within_year="{d} {mon} – {last_d} {last_mon} {y}",
    across_years="{d} {mon} {y} – {last_d} {last_mon} {last_y}",
    weekdays=("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
    months=("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
            "nov.", "déc."),
    long_months=("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
                 "septembre", "octobre", "novembre", "décembre"),
)  # fmt: skip
_SPANISH = DateStyle(
    full="{d} de {month} de {y}",
    day="{d} {mon}",
    month="{month} de {y}",
    day_of_week="{w}, {d} {mon}",
    within_month="{d}–{last_d} de {month} de {y}",
    within_year="{d} {mon} – {last_d} {last_mon} {y}",
    across_years="{d} {mon} {y} – {last_d} {last_mon} {last_y}",
    weekdays=("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    months=("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"),
    long_months=("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
                 "septiembre", "octubre", "noviembre", "diciembre"),
)  # fmt: skip
_OWN = {
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "ko": DateStyle(
        full="{y}년 {m}월 {d}일",
        day="{m}월 {d}일",
        month="{y}년 {m}월",
        day_of_week="{m}월 {d}일 ({w})",
        within_month="{y}년 {m}월 {d}일~{last_d}일",
        within_year="{y}년 {m}월 {d}일~{last_m}월 {last_d}일",
        across_years="{y}년 {m}월 {d}일~{last_y}년 {last_m}월 {last_d}일",
        weekdays=tuple("월화수목금토일"),
    ),
    "zh_Hant": _CHINESE,
    "zh_Hans": replace(
        _CHINESE,
        day_of_week="{m}月{d}日{w}",
        weekdays=tuple(f"周{day}" for day in "一二三四五六日"),
    ),
    "ja": replace(
        _CHINESE,
        day_of_week="{m}月{d}日({w})",
        within_month="{y}年{m}月{d}日～{last_d}日",
        within_year="{y}年{m}月{d}日～{last_m}月{last_d}日",
        across_years="{y}年{m}月{d}日～{last_y}年{last_m}月{last_d}日",
        weekdays=tuple("月火水木金土日"),
    ),
}


def choose_date_style(language: str, tag: str) -> DateStyle:
    """Return how *language* (BCP 47), which the catalogue *tag* serves, writes days.

    A language that has no catalogue is served in English, with the month first.
    """
    if tag in _OWN:
        return _OWN[tag]
    return _BRITISH if is_day_first(language) else _AMERICAN


def is_day_first(language: str) -> bool:
    """Tell whether *language* is English of a region that writes the day before the month."""
    first, *rest = language.lower().replace("_", "-").partition("-x-")[0].split("-")
    region = next((part for part in rest if len(part) == 2 or part.isdigit()), "us")
    return first == "en" and region not in _MONTH_FIRST
