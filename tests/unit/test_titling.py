"""Subject, preheader and headline: whole clauses, short enough for phones, nothing said twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.editorial.compose import (
    PHONE_COLUMNS,
    PREHEADER_COLUMNS,
    SUBJECT_COLUMNS,
    count_columns,
    find_hook,
    write_headline,
    write_preheader,
    write_subject,
)
from digest.model import Story, Theme
from digest.text.graphemes import split_graphemes
from digest.text.localization import load_catalogue
from tests.make import PERIOD, post, story

ZH, EN = load_catalogue("zh-Hant-TW"), load_catalogue("en")


def told(*titles: str, **fields: object) -> list[Story]:
    return [story(post(f"p{n}", title=title, **fields)) for n, title in enumerate(titles)]


def test_columns_count_han_twice() -> None:
    assert count_columns("AI 週報") == 7


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("短題", "短題"),
        ("A  talk\nwith a break", "A talk with a break"),
        ("河口渡船的夜班：三位擺渡人談他們怎麼等一個還沒決定過河的人", "河口渡船的夜班"),
        ("夜渡（二）：對岸的人為什麼總是比較早到渡口", "對岸的人為什麼總是比較早到渡口"),
        (
            "林渡船長：船會等人，人也要學會等船，才過得了河",
            "林渡船長：船會等人，人也要學會等船，才過得了河",
        ),
        (
            "Harbourdays 2027：三十家造船廠第一次把夜航的海圖攤開在同一張長桌上，談誰付錢",
            "三十家造船廠第一次把夜航的海圖攤開在同一張長桌上，談誰付錢",
        ),
        ("「船從來不等人的」：擺渡人眼中的渡口三十年", "擺渡人眼中的渡口三十年"),
        ("The Ferry at Night: What Thirty Years of Fog Taught Three Boatmen", "The Ferry at Night"),
        ("河口訪談：「問：船等人嗎：答：等。」這一集把三十年的渡口一次說完，還說到夜船", ""),
    ],
)
def test_a_hook_is_a_whole_clause_that_stands_alone(title: str, found: str) -> None:
    made = find_hook(title)
    assert count_columns(made) <= SUBJECT_COLUMNS
    assert made == found or not found
    assert made.count("「") == made.count("」")


@pytest.mark.parametrize(
    "title",
    [
        "一" * 300,
        "x" * 300,
        "😀" * 300,
        "👩‍👩‍👧‍👦" * 100,
        "word " * 80,
        "林渡船長說河邊沒有人比他更懂等待因為每一班船都在等一個還沒決定要不要過河的人一等就是三十年",
        "我們在河邊等了三十年，沒有一班船準時，也沒有一個人抱怨，直到有一天渡口掛出一張時刻表",
    ],
    ids=["han", "latin", "emoji", "families", "words", "no-pause", "pauses"],
)
def test_a_title_without_clauses_is_cut_between_words_or_not_at_all(title: str) -> None:
    made = find_hook(title)
    assert 12 <= count_columns(made) <= SUBJECT_COLUMNS
    kept = made.removesuffix("…")
    assert title.startswith(kept)
    assert list(split_graphemes(title))[: len(list(split_graphemes(kept)))] == list(
        split_graphemes(kept)
    )
    rest = title[len(kept) :]
    assert (
        not (kept[-1:].isascii() and kept[-1].isalpha() and rest[:1].isalpha()) or " " not in title
    )


def test_a_subject_holds_two_hooks_of_one_language() -> None:
    made = write_subject(told("渡口的夜班", "On Rivers and Fog", "屋頂上的菜園"), ZH)
    assert made == "渡口的夜班；屋頂上的菜園"
    made = write_subject(told("The Night Ferry", "屋頂上的菜園", "On Rivers and Fog"), EN)
    assert made == "The Night Ferry, plus On Rivers and Fog"


def test_a_subject_without_a_second_hook_says_how_many_follow() -> None:
    assert write_subject(told("渡口的夜班"), ZH) == "渡口的夜班"
    assert write_subject(told("渡口的夜班", "On Rivers and Fog"), ZH) == "渡口的夜班，還有 1 篇"
    assert write_subject(told("Night Ferry", "河", "山"), EN) == "Night Ferry, and 2 more"
    assert write_subject(told("船會等人嗎？", "屋頂上的菜園"), ZH) == "船會等人嗎？"
    assert write_subject([], ZH) == "每週精選"


def test_two_titles_with_one_clause_in_common_do_not_say_it_twice() -> None:
    made = write_subject(told("港口的一天：三十家船廠談夜航的海圖怎麼畫", "港口的一天：屋頂"), ZH)
    assert made.count("港口的一天") <= 1


def test_a_preheader_of_a_long_summary_is_whole_sentences_or_whole_clauses() -> None:
    for summary, kept in (
        ("擺渡人等船。" * 20, "擺渡人等船。" * 9),
        ("擺渡人等船，" * 20 + "完。", "擺渡人等船，" * 8 + "擺渡人等船…"),
        ("  ", ""),
    ):
        (only,) = told("渡口的夜班")
        long = replace(only, reading=replace(only.reading, summary=summary))
        line = write_preheader([long], ZH)
        assert line == kept
        assert count_columns(line) <= PREHEADER_COLUMNS


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_lines_are_short_and_say_nothing_twice(words: object) -> None:
    titles = (
        "渡口的夜班：三位擺渡人談霧",
        "屋頂上的菜園",
        "The Night Ferry",
        "一張好地圖該省略什麼",
    )
    stories = told(*titles)
    first, then = write_subject(stories, words), write_preheader(stories, words)
    assert count_columns(first) <= SUBJECT_COLUMNS
    assert count_columns(then) <= PREHEADER_COLUMNS + 10
    assert count_columns(find_hook(titles[0])) <= PHONE_COLUMNS
    assert not [title for title in titles if find_hook(title) in first and find_hook(title) in then]
    assert "一張好地圖該省略什麼" in then


def test_a_preheader_begins_in_the_issues_language() -> None:
    line = write_preheader(told("渡口的夜班", "On Rivers and Fog", "屋頂"), ZH)
    assert line == "屋頂；On Rivers and Fog"


def test_titles_in_a_row_have_one_mark_between_them() -> None:
    line = write_preheader(told("渡口的夜班", "屋頂上的菜園", "誰在等船？", "山裡的學校"), ZH)
    assert line == "還有：誰在等船？山裡的學校"
    line = write_preheader(
        told("The Night Ferry", "On Rivers and Fog", "Who Waits?", "A School"), EN
    )
    assert line == "Also: Who Waits? A School"


def test_a_single_story_has_its_summary_for_a_preheader() -> None:
    stories = told("渡口的夜班")
    assert write_preheader(stories, ZH) == stories[0].reading.summary
    assert write_preheader([], ZH) == ""


THEMES = tuple(Theme(name=name, posts=2) for name in ("渡輪", "霧", "渡口", "屋頂菜園"))


def test_a_headline_says_what_the_issue_is_about_and_not_what_stands_below() -> None:
    stories = told("渡口的夜班", "霧", "屋頂菜園", tags=("渡輪", "等待"))
    line = write_headline(stories, THEMES, PERIOD, ZH)
    assert line == "本週話題：渡輪、霧、屋頂菜園"
    assert write_headline(stories, (), PERIOD, ZH) == "值得讀的 3 篇"


def test_a_headline_without_themes_names_the_categories() -> None:
    stories = [
        *told("The Night Ferry", categories=("Water",)),
        *told("On Maps", categories=("Paper", "Water")),
        *told("On Fog", categories=("Air", "More")),
    ]
    made = write_headline(stories, (), PERIOD, EN)
    assert made == "This week: Water, Paper, and Air"
    month = replace(PERIOD, end=PERIOD.start + timedelta(days=30))
    assert write_headline(stories, (), month, EN) == "This month: Water, Paper, and Air"
    days = replace(PERIOD, end=PERIOD.start + timedelta(days=3))
    assert write_headline(stories, (), days, EN).startswith("In this issue: ")


def test_one_subject_is_no_headline_for_it_stands_over_its_section() -> None:
    stories = told("On Maps", "On Fog", categories=("Water",))
    assert write_headline(stories, (), PERIOD, EN) == "2 stories worth reading"
    assert write_headline(stories[:1], (), PERIOD, EN) == "1 story worth reading"


def test_a_headline_keeps_to_two_lines_of_a_phone() -> None:
    long = ("河口與港灣的清晨紀事", "屋頂與陽臺的菜園筆記", "山裡與海邊的小學校")
    stories = [one for name in long for one in told("渡", categories=(name,))]
    line = write_headline(stories, (), PERIOD, ZH)
    assert line == f"本週話題：{long[0]}、{long[1]}"
