"""What a feed may not bring into a mail: control characters, dead links, trackers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Image
from digest.render import sanitize


@given(st.text())
def test_a_line_is_one_printable_line(text):
    line = sanitize.clean_line(text)
    assert line == sanitize.clean_line(line)
    assert not any(c in line for c in "\r\n\t\x00\u202e\u2028")


@pytest.mark.parametrize("text", ["\u200b", "\u3000\xa0", "\u2060 \u200d", "\x00"])
def test_a_line_of_nothing_visible_is_empty(text):
    assert sanitize.clean_line(text) == ""


def test_accents_do_not_pile_up():
    assert sanitize.clean_line("z" + "\u0336" * 500 + "a") == "z" + "\u0336" * 3 + "a"


@given(st.text(max_size=300), st.integers(5, 80))
def test_a_clipped_text_fits(text, limit):
    clipped = sanitize.clip_text(text, limit)
    assert len(clipped) <= limit
    assert clipped == text or clipped.endswith("…")


def test_a_text_is_clipped_at_a_word():
    assert sanitize.clip_text("one two three", 10) == "one two…"
    assert sanitize.clip_text("一段很長的中文，後面還有", 9) == "一段很長的中文…"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (
            "https://example.org/a b?q=「x」#é",
            "https://example.org/a%20b?q=%E3%80%8Cx%E3%80%8D#%C3%A9",
        ),
        (" HTTPS://example.org/\n", "https://example.org/"),
        ("https://例え.example/", "https://xn--r8jz45g.example/"),
        ("https://example.org/100%/%41", "https://example.org/100%25/%41"),
        ('https://example.org/"onclick="x', "https://example.org/%22onclick=%22x"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.org/a", ""),
        ("/a", ""),
        ("https://user:secret@example.org/", ""),
        ("https://[bad/", ""),
        ("https://example.org/" + "a" * 2000, ""),
        ("https://" + "a" * 70 + "é.example/", ""),
        ("", ""),
    ],
)
def test_a_link_is_an_absolute_ascii_url_or_nothing(url, wanted):
    assert sanitize.clean_link(url) == wanted


def test_utm_is_added_and_never_overwrites():
    utm = {"utm_source": "weekly", "utm_medium": "email"}
    assert sanitize.add_utm_parameters("https://e.org/a?x=1#y", utm) == (
        "https://e.org/a?x=1&utm_source=weekly&utm_medium=email#y"
    )
    assert sanitize.add_utm_parameters("https://e.org/?utm_source=own", utm) == (
        "https://e.org/?utm_source=own&utm_medium=email"
    )
    assert sanitize.add_utm_parameters("https://e.org/", {}) == "https://e.org/"


@pytest.mark.parametrize(
    "image",
    [
        None,
        Image(url="http://e.org/a.jpg"),
        Image(url="data:image/gif;base64,AAAA"),
        Image(url="https://e.org/a.gif", width=1, height=1),
        Image(url="https://e.org/pixel.gif?id=1"),
        Image(url="https://stats.example.net/wf/open?upn=1"),
        Image(url="https://feeds.feedburner.com/~r/blog/~4/abc"),
    ],
)
def test_what_is_no_picture_for_a_mail_is_left_out(image):
    assert sanitize.clean_picture(image) is None


def test_a_picture_is_kept_with_a_clean_alternative():
    image = Image(url="https://e.org/a b.jpg", alt="一\n二\x00", width=800, height=600)
    assert sanitize.clean_picture(image) == Image(
        url="https://e.org/a%20b.jpg", alt="一 二", width=800, height=600
    )


@pytest.mark.parametrize(
    ("text", "declared", "around", "language"),
    [
        ("中文標題", "", "zh-Hant-TW", ""),
        ("An English title here", "", "zh-Hant-TW", "en"),
        ("An English title here", "en", "zh-Hant-TW", "en"),
        ("GPT-5", "", "zh-Hant-TW", ""),
        ("一段中文文字在這裡", "", "en", "zh-Hant"),
        ("ひらがなとカタカナの文章です", "", "en", "ja"),
        ("Bonjour à tous", "fr", "en", "fr"),
        ("色々な話", "ja", "zh-TW", "ja"),
    ],
)
def test_a_passage_in_another_language_is_marked(text, declared, around, language):
    assert sanitize.find_passage_language(text, declared, around) == language
