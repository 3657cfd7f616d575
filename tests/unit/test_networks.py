import json

import pytest
import yaml

from digest.delivery.networks import bluesky, mastodon, x
from digest.model import Part
from digest.model.errors import ConfigError
from digest.text.graphemes import count_graphemes, find_emoji, split_graphemes
from digest.text.twitter_text import find_links
from tests.shared import shared

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("plain words", 11),
        ("港邊筆記", 8),
        ("港邊 notes", 10),
        ("e\u0301tude", 5),
        ("line\r\nline", 9),
        ("「好」", 6),
        ("“good” – yes…", 14),
        (FAMILY, 2),
        ("🇹🇼🏳️‍🌈1️⃣👍🏽", 8),
        ("☀︎", 4),
        ("© 2026", 6),
        ("https://harbour.example.org/a/very/long/path/to/a/page", 23),
        ("看 README.md", 26),
        ("https://harbour.tw/文章", 27),
    ],
)
def test_x_weighs_by_twitter_text_3(text: str, length: int) -> None:
    assert x.weigh_text(text) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [(FAMILY * 3, 3), ("e\u0301", 1), ("港邊\r\n", 3), ("ไก่", 2), ("abc", 3)],
)
def test_bluesky_counts_graphemes(text: str, length: int) -> None:
    assert bluesky.build({}).measure(text) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("港邊 https://harbour.tw/文章/很長很長很長很長很長很長很長", 26),
        ("harbour.tw", 10),
        ("hello @ana@harbour.social!", 11),
        (FAMILY, 1),
    ],
)
def test_mastodon_shortens_links_and_mentions(text: str, length: int) -> None:
    assert mastodon.build({}).measure(text) == length


def test_x_bills_a_post_with_a_link_more() -> None:
    parts = [Part(text=text, length=1, limit=280) for text in ("a", "b https://a.tw", "README.md")]
    assert x.build({}).cost(parts) == 0.415
    assert bluesky.build({}).cost(parts) is None
    assert mastodon.build({}).cost(parts) is None


def test_x_warns_of_words_it_links_and_of_paths_it_breaks() -> None:
    said = x.build({}).warnings("讀 README.md 與 https://a.tw/文章 與 https://a.tw/ok，很好")
    assert [("README.md" in s, "https://a.tw/" in s) for s in said] == [
        (True, False),
        (False, True),
    ]
    assert mastodon.build({}).warnings("README.md and ana@harbour.tw") == ()
    assert bluesky.build({}).warnings("README.md") == ()


def test_whom_a_text_would_reach_is_said() -> None:
    text = "Thanks, @ana_r and ＠林 and @ben@harbour.social!"
    assert x.build({}).warnings(text) == ("X tells @ana_r of it",)
    assert mastodon.build({}).warnings(text) == (
        "Mastodon tells @ana_r of it",
        "Mastodon tells @ben@harbour.social of it",
    )


def test_x_takes_one_cashtag() -> None:
    assert x.build({}).warnings("$HARB rose by $3") == ()
    assert x.build({}).warnings("$HARB and $TIDE rose") == (
        "X takes one cashtag a post, here are $HARB, $TIDE",
    )


def test_limits_are_data_and_an_option_overrides_a_number() -> None:
    assert x.build({}).limits.characters == 280
    assert bluesky.build({}).limits.bytes == 3000
    assert mastodon.build({"characters": "11000"}).limits.characters == 11000


@pytest.mark.parametrize("value", ["many", "0", "-3"])
def test_a_limit_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match=r"networks\.mastodon"):
        mastodon.build({"characters": value})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"charcters": 500}, "charcters: there is no such key. Did you mean 'characters'?"),
        ({"hadnle": "a.example"}, "hadnle: there is no such key. Did you mean 'handle'?"),
        ({"link": "lats"}, "link: 'lats' is none of the choices. Choose from: root, last, each."),
        ({"hashtags": -1}, "hashtags: a whole number of at least 0 is wanted. Change the number."),
        ({"numbering": "always"}, "numbering: true or false is wanted, not a text. Write true or"),
        ({"handle": 7}, "handle: a text is wanted, not a whole number. Put it in quotation marks."),
    ],
)
def test_an_option_that_is_wrong_is_told_in_the_words_of_all_settings(
    options: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        bluesky.build(options)
    assert str(caught.value).startswith(f"[networks.bluesky] {said}")


def test_what_the_program_gives_a_network_is_offered_to_nobody() -> None:
    with pytest.raises(ConfigError) as caught:
        x.build({"zzz": 1})
    assert "cache" not in str(caught.value)


def test_emoji_and_graphemes_agree_on_a_sequence() -> None:
    text = f"a{FAMILY}🏴󠁧󠁢󠁥󠁮󠁧󠁿b"
    assert [text[a:b] for a, b in find_emoji(text)] == list(split_graphemes(text))[1:3]
    assert count_graphemes("ab\r\n") == 3


def conformance(name: str, *groups: str) -> list[dict]:
    """Return the cases of twitter-text's own suite, none where it is not there."""
    path = shared("conformance", name)
    tests = yaml.safe_load(path.read_text("utf-8"))["tests"] if path else {}
    return [case for group in groups for case in tests.get(group, [])]


def cjk_cases() -> list[dict]:
    path = shared("conformance", "cjk_cases.json")
    return json.loads(path.read_text("utf-8")) if path else []


def test_conformance_weights() -> None:
    groups = "WeightedTweetsWithDiscountedEmojiCounterTest", "UnicodeDirectionalMarkerCounterTest"
    cases = conformance("validate.yml", *groups) + [
        {"text": case["text"], "expected": case} for case in cjk_cases()
    ]
    wrong = [c["text"] for c in cases if x.weigh_text(c["text"]) != c["expected"]["weightedLength"]]
    assert wrong == []


def test_conformance_links() -> None:
    cases = conformance("extract.yml", "urls", "tco_urls_with_params")
    cases += [{"text": case["text"], "expected": case["urls"]} for case in cjk_cases()]
    cases += conformance("tlds.yml", "country", "generic")
    wrong = [
        case["text"]
        for case in cases
        if [case["text"][s.start : s.end] for s in find_links(case["text"])] != case["expected"]
    ]
    assert wrong == []


def test_conformance_places() -> None:
    cases = conformance("extract.yml", "urls_with_indices", "urls_with_directional_markers")
    wrong = [
        case["text"]
        for case in cases
        if [[s.start, s.end] for s in find_links(case["text"])]
        != [entry["indices"] for entry in case["expected"]]
    ]
    assert wrong == []
