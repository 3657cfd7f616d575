"""The catalogues: complete, compiled, with the right slots, and right in dates and plurals."""

import ast
import io
import re
from datetime import UTC, datetime

import pytest
from babel.messages import mofile, pofile

from digest.catalogue import LOCALE_DIR, SHIPPED, catalogue, serving
from digest.model import Period
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


@pytest.mark.parametrize("tag", SHIPPED)
def test_the_committed_mo_is_what_the_po_compiles_to(tag):
    with po_path(tag).with_suffix(".mo").open("rb") as file:
        compiled = mofile.read_mo(file)
    assert strings(compiled) == strings(read_po(tag))


@pytest.mark.parametrize("tag", SHIPPED)
def test_every_catalogue_translates_the_same_messages(tag):
    ids = {tag: {str(message.id) for message in read_po(tag)} for tag in SHIPPED}
    assert ids[tag] == ids["zh_Hant"]
    assert all(message.string and message.string != ("",) for message in read_po(tag))


@pytest.mark.parametrize("tag", SHIPPED)
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
        ("en-GB", "en"),
        ("tlh", "en"),
        ("", "en"),
    ],
)
def test_a_language_is_served_by_its_catalogue(language, tag):
    assert serving(language) == tag


def test_plurals_and_numbers_follow_the_language():
    english, chinese = catalogue("en"), catalogue("zh-Hant-TW")
    assert english.ngettext("{n} post", "{n} posts", 1) == "1 post"
    assert english.ngettext("{n} post", "{n} posts", 1200) == "1,200 posts"
    assert chinese.ngettext("{n} post", "{n} posts", 3) == "3 篇"


@pytest.mark.parametrize(
    ("language", "span", "date", "day"),
    [
        ("zh-Hant-TW", "2026年1月5日至11日", "2026年1月5日", "1月5日"),
        ("zh-Hans", "2026年1月5日至11日", "2026年1月5日", "1月5日"),
        ("ja", "2026年1月5日～11日", "2026年1月5日", "1月5日"),
        ("en", "Jan 5 – 11, 2026", "January 5, 2026", "Jan 5"),
        ("en-GB", "5–11 Jan 2026", "5 January 2026", "5 Jan"),
        ("sv", "Jan 5 – 11, 2026", "January 5, 2026", "Jan 5"),
        ("x!", "Jan 5 – 11, 2026", "January 5, 2026", "Jan 5"),
    ],
)
def test_dates_are_in_the_readers_locale_and_the_blogs_zone(language, span, date, day):
    reader = catalogue(language)
    assert reader.span(WEEK, "Asia/Taipei") == span
    assert reader.date(WEEK.start, "Asia/Taipei") == date
    assert reader.day(WEEK.start, "Asia/Taipei") == day


def test_a_month_and_a_day_are_named_as_such():
    month = Period(start=datetime(2026, 2, 1, tzinfo=UTC), end=datetime(2026, 3, 1, tzinfo=UTC))
    day = Period(start=datetime(2026, 2, 1, tzinfo=UTC), end=datetime(2026, 2, 2, tzinfo=UTC))
    assert catalogue("zh-TW").span(month, "UTC") == "2026年2月"
    assert catalogue("en").span(day, "UTC") == "February 1, 2026"


def test_a_users_wording_replaces_a_message_and_cannot_reach_into_a_value():
    own = catalogue("zh-TW", {"{n} posts": "{n}則", "Read on": "看 {n.__class__} {who}"})
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
