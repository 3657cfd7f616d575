"""Headlines break between phrases, and nothing of their text is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.render.line_breaks import JOINER, glue_words, mark_phrases, measure_width


@settings(deadline=None)  # the first call loads a dictionary
@given(st.text(), st.integers(4, 40))
def test_no_text_is_lost_or_becomes_markup(text, columns):
    assert mark_phrases(text, columns).striptags() == " ".join(text.split())
    assert "<b" not in mark_phrases(f"{text}<b>中", columns)


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        (
            "把渡輪停下來的那個清晨：一座港口怎麼學會等待",
            ["把渡輪停下來的那個清晨：", "一座港口怎麼學會等待"],
        ),
        ("短的，長長長長長長長長長長長長長長長長的一句", ["短的，"]),
        (
            "一位作者 Dan Koe 的一套完整而且很長很長的方法",
            ["一位", "Dan Koe", "完整", "方法"],
        ),
        (
            "如何在 8 年內從無人機一路做到自主駕駛的戰鬥機",
            ["8 年", "無人機", "自主"],
        ),
        ("沒有標點", []),
        ("這本書揭示黃仁海的一百公尺夜市和它的攤位", ["黃仁海"]),
        ("ニュースレターを毎週かならず読む人のための長い長い題名", []),
        ("An English title, with a comma", []),
        ("他說：「好。」然後就這樣走了", ["他說：", "「好。」", "然後就這樣走了"]),
    ],
)
def test_what_is_kept_together(title, kept):
    spans = [
        part.partition("</span>")[0] for part in mark_phrases(title).split('<span class="k">')[1:]
    ]
    assert [span for span in spans if span in kept] == kept
    assert bool(spans) == bool(kept)


def test_a_han_character_takes_two_columns():
    assert measure_width("中a，") == 5


def test_without_words_phrases_names_and_the_first_word_of_a_long_phrase_are_kept():
    title = "短的，無人機一路做到自主駕駛的戰鬥機揭示黃仁海的更多更多"
    kept = [
        part.partition("</span>")[0] for part in mark_phrases(title, 24, False).split('"k">')[1:]
    ]
    assert kept == ["短的，", "無人機", "黃仁海"]
    assert mark_phrases(title, 24).count('<span class="k">') > 3


def test_a_word_is_glued_and_reads_the_same():
    text = "「擺渡人等船，而且……學校在等人。」 The Ferry 2027"
    made = glue_words(text)
    assert made.replace(JOINER, "") == text
    assert JOINER.join("而且") in made
    assert JOINER.join("學校") in made
    assert f"，{JOINER}" not in made
    assert glue_words("The Night Ferry") == "The Night Ferry"


def test_a_longer_phrase_is_whole_in_a_wide_window_only():
    title = "港口的實戰指南——為什麼調度員的時刻表總是寫出這麼長的一句"
    made = mark_phrases(title, 24, False, 44)
    assert made.striptags() == title
    assert '<span class="k">港口的實戰指南——</span><span class="w">' in made
    assert 'class="w"' not in mark_phrases(title, 24, False)
    assert 'class="w"' not in mark_phrases(title.replace("港口的實戰指南——", ""), 24, False, 60)


def test_a_phrase_of_capitals_is_taken_for_as_broad_as_it_may_be():
    assert 'class="w"' not in mark_phrases("船，" + "W" * 30 + "船", 24, False, 44)
    assert 'class="w"' in mark_phrases("船，" + "w" * 30 + "船", 24, False, 44)


def test_a_long_phrase_does_not_break_behind_its_first_character():
    made = mark_phrases("港口的實戰指南——為什麼調度員的時刻表總是寫出這麼長的一句", 24, False)
    assert '——</span><span class="k">為什麼</span>' in made
