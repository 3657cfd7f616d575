"""The catalogues: complete, compiled, with the right slots, and right in dates and plurals."""

import ast
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from babel.messages import mofile, pofile

from digest.model import Period
from digest.text.localization import (
    LOCALE_DIR,
    SHIPPED_TAGS,
    find_catalogue_tag,
    load_catalogue,
    name_missing_wording,
)
from tests.shared import REPOSITORY

WEEK = Period(start=datetime(2026, 1, 4, 16, tzinfo=UTC), end=datetime(2026, 1, 11, 16, tzinfo=UTC))


def po_path(tag):
    return LOCALE_DIR / tag / "LC_MESSAGES" / "digest.po"


def read_po(tag):
    return pofile.read_po(io.BytesIO(po_path(tag).read_bytes()), locale=tag)


def strings(messages):
    def whole(text):
        return text if isinstance(text, str) else tuple(text)

    return {whole(message.id): whole(message.string) for message in messages if message.id}


@pytest.mark.parametrize("tag", SHIPPED_TAGS)
def test_the_committed_mo_is_what_the_po_compiles_to(tag):
    with po_path(tag).with_suffix(".mo").open("rb") as file:
        compiled = mofile.read_mo(file)
    assert strings(compiled) == strings(read_po(tag))


@pytest.mark.parametrize("tag", SHIPPED_TAGS)
def test_every_catalogue_translates_the_same_messages(tag):
    ids = {tag: {str(message.id) for message in read_po(tag)} for tag in SHIPPED_TAGS}
    assert ids[tag] == ids["zh_Hant"]
    assert all(message.string and message.string != ("",) for message in read_po(tag))


@pytest.mark.parametrize("tag", SHIPPED_TAGS)
def test_a_translation_fills_the_slots_of_its_message_and_no_other(tag):
    def slots(texts):
        return {slot for text in texts for slot in re.findall(r"\{\w*\}?", text)}

    for message in read_po(tag):
        if isinstance(message.id, str):
            assert slots([message.string]) == slots([message.id])
        else:  # a wording that fits every number may leave the number out
            assert slots([*message.id]) - {"{n}"} <= slots(message.string) <= slots([*message.id])


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        ("zh-Hant-TW", "zh_Hant"),
        ("zh-TW", "zh_Hant"),
        ("zh_HK", "zh_Hant"),
        ("zh", "zh_Hans"),
        ("zh-CN", "zh_Hans"),
        ("zh-Hans-TW", "zh_Hans"),
        ("ja-JP", "ja"),
        ("de-AT", "de"),
        ("fr-CA", "fr"),
        ("es-419", "es"),
        ("ko-KR", "ko"),
        ("en-GB", "en"),
        ("tlh", "en"),
        ("", "en"),
    ],
)
def test_a_language_is_served_by_its_catalogue(language, tag):
    assert find_catalogue_tag(language) == tag


def test_plurals_and_numbers_follow_the_language():
    english, chinese = load_catalogue("en"), load_catalogue("zh-Hant-TW")
    assert english.ngettext("{n} post", "{n} posts", 1) == "1 post"
    assert english.ngettext("{n} post", "{n} posts", 1200) == "1,200 posts"
    assert chinese.ngettext("{n} post", "{n} posts", 3) == "3 篇"
    for language, one, many in (
        ("de", "1 Beitrag", "1.200 Beiträge"),
        ("fr", "1 article", "1\u202f200 articles"),
        ("es", "1 artículo", "1.200 artículos"),
        ("ko", "글 1편", "글 1,200편"),
    ):
        told = [load_catalogue(language).ngettext("{n} post", "{n} posts", n) for n in (1, 1200)]
        assert told == [one, many]


@pytest.mark.parametrize(
    ("language", "span", "date", "day"),
    [
        ("zh-Hant-TW", "2026年1月5日至11日", "2026年1月5日", "1月5日"),
        ("zh-Hans", "2026年1月5日至11日", "2026年1月5日", "1月5日"),
        ("ja", "2026年1月5日～11日", "2026年1月5日", "1月5日"),
        ("en", "Jan 5 – 11, 2026", "January 5, 2026", "Jan 5"),
        ("en-GB", "5–11 Jan 2026", "5 January 2026", "5 Jan"),
        ("de", "5.–11. Januar 2026", "5. Januar 2026", "5. Jan."),
        ("fr-CA", "5–11 janvier 2026", "5 janvier 2026", "5 janv."),
        ("es", "5–11 de enero de 2026", "5 de enero de 2026", "5 ene"),
        ("ko", "2026년 1월 5일~11일", "2026년 1월 5일", "1월 5일"),
        ("sv", "Jan 5 – 11, 2026", "January 5, 2026", "Jan 5"),
        ("x!", "Jan 5 – 11, 2026", "January 5, 2026", "Jan 5"),
    ],
)
def test_dates_are_in_the_readers_locale_and_the_blogs_zone(language, span, date, day):
    reader = load_catalogue(language)
    assert reader.span(WEEK, "Asia/Taipei") == span
    assert reader.date(WEEK.start, "Asia/Taipei") == date
    assert reader.day(WEEK.start, "Asia/Taipei") == day


@pytest.mark.parametrize(
    ("language", "months", "years", "weekday", "moment"),
    [
        (
            "zh-Hant-HK",
            "2026年1月29日至2月4日",
            "2025年12月29日至2026年1月4日",
            "9月7日 週一",
            "週一 2026-09-07 08:05",
        ),
        (
            "zh-Hans-SG",
            "2026年1月29日至2月4日",
            "2025年12月29日至2026年1月4日",
            "9月7日周一",
            "周一 2026-09-07 08:05",
        ),
        (
            "ja-JP",
            "2026年1月29日～2月4日",
            "2025年12月29日～2026年1月4日",
            "9月7日(月)",
            "月 2026-09-07 08:05",
        ),
        (
            "en-US",
            "Jan 29 – Feb 4, 2026",
            "Dec 29, 2025 – Jan 4, 2026",
            "Mon, Sep 7",
            "Mon 2026-09-07 08:05",
        ),
        (
            "en-AU",
            "29 Jan – 4 Feb 2026",
            "29 Dec 2025 – 4 Jan 2026",
            "Mon, 7 Sept",
            "Mon 2026-09-07 08:05",
        ),
    ],
)
def test_spans_weekdays_and_times_are_written_as_the_language_does(
    language, months, years, weekday, moment
):
    reader = load_catalogue(language)

    def span(first, last):
        return reader.span(Period(start=utc(first), end=utc(last) + timedelta(1)), "UTC")

    assert span("2026-01-29", "2026-02-04") == months
    assert span("2025-12-29", "2026-01-04") == years
    assert reader.weekday(utc("2026-09-07"), "UTC") == weekday
    assert reader.moment(utc("2026-09-07T00:05"), "Asia/Taipei") == moment


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_month_and_a_day_are_named_as_such():
    month = Period(start=utc("2026-02-01"), end=utc("2026-03-01"))
    day = Period(start=utc("2026-02-01"), end=utc("2026-02-02"))
    assert load_catalogue("zh-TW").span(month, "UTC") == "2026年2月"
    assert load_catalogue("en").span(month, "UTC") == "February 2026"
    assert load_catalogue("en").span(day, "UTC") == "February 1, 2026"


@pytest.mark.parametrize(
    ("language", "two", "three"),
    [
        ("en", "a and b", "a, b, and c"),
        ("en-GB", "a and b", "a, b and c"),
        ("sv", "a and b", "a, b, and c"),
        ("fr", "a et b", "a, b et c"),
        ("de-AT", "a und b", "a, b und c"),
        ("es", "a y b", "a, b y c"),
        ("ko", "a, b", "a, b, c"),
        ("zh-TW", "a、b", "a、b、c"),
        ("ja", "a、b", "a、b、c"),
    ],
)
def test_a_list_is_written_as_the_language_does(language, two, three):
    reader = load_catalogue(language)
    assert [reader.listed("abc"[:n]) for n in range(4)] == ["", "a", two, three]


@pytest.mark.parametrize("language", ["en", "en-GB", "en-DE", "zh-TW", "ja", "x!"])
def test_digits_stand_in_groups_of_three(language):
    numbers = [load_catalogue(language).number(n) for n in (0, 999, 1000, 1234567, -1000)]
    assert numbers == ["0", "999", "1,000", "1,234,567", "-1,000"]


def test_no_word_that_a_reader_sees_comes_from_the_data_of_a_library():
    """CLDR's patterns and names change with Babel's version."""
    for path in (REPOSITORY / "digest").rglob("*.py"):
        parts = set(re.findall(r"\bbabel\.(\w+)", path.read_text("utf-8")))
        assert not parts & {"dates", "lists", "numbers", "plural", "support", "units"}, path


def test_a_users_wording_replaces_a_message_and_cannot_reach_into_a_value():
    own = load_catalogue("zh-TW", {"{n} posts": "{n}則", "Read on": "看 {n.__class__} {who}"})
    assert own.ngettext("{n} post", "{n} posts", 3) == "3則"
    assert own.gettext("Read on", n=1) == "看 {n.__class__} {who}"
    assert own.gettext("Also: {titles}", titles="{n}") == "還有：{n}"


def literals():
    """Return the texts that code and templates hold, and those of them that are messages."""
    every, asked = set(), set()
    for path in (REPOSITORY / "digest").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                every.add(node.value)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                count = {"gettext": 1, "ngettext": 2}.get(node.func.attr, 0)
                asked |= {a.value for a in node.args[:count] if isinstance(a, ast.Constant)}
    for path in (REPOSITORY / "templates").rglob("*.jinja"):
        source = path.read_text("utf-8")
        asked |= set(re.findall(r"\b_\(\s*\"([^\"]*)\"", source))
        for pair in re.findall(r"\bngettext\(\s*\"([^\"]*)\",\s*\"([^\"]*)\"", source):
            asked |= set(pair)
    return every | asked, asked


def test_every_message_of_the_code_is_translated_and_no_other():
    every, asked = literals()
    known = {
        text
        for message in read_po("ja")
        for text in ([message.id] if isinstance(message.id, str) else message.id)
        if text
    }
    assert asked - known == set()
    assert known - every == set()


@pytest.mark.parametrize("language", ["sv", "pt-BR"])
def test_a_language_without_a_catalogue_is_told(language):
    assert f"no wording in {language}" in name_missing_wording(language)


@pytest.mark.parametrize("language", ["", "en", "en-GB", "de-AT", "zh-TW", "ko"])
def test_a_language_with_a_catalogue_is_not(language):
    assert name_missing_wording(language) == ""


@pytest.mark.parametrize("tag", ["zh_Hant", "zh_Hans"])
def test_a_chinese_reader_is_addressed_in_one_form(tag):
    said = [text for text in strings(read_po(tag)).values() if isinstance(text, str)]
    assert any("您" in text for text in said)
    assert not [text for text in said if "你" in text]
