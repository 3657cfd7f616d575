"""Names and phrases of titles, and how often a text mentions them."""

import pytest

from digest.text.phrases import Name, aliases, fold, key, of_title


def count(name: str, text: str) -> int:
    return Name([name]).count(fold(text))


@pytest.mark.parametrize(
    ("name", "text", "times"),
    [
        ("Ark", "An ark, the Ark's bow, two arks; no shark in the park.", 3),
        ("潮汐 AI", "潮汐AI 與潮汐 AI", 2),
        ("臺灣", "台灣海峽，臺灣", 2),
        ("資料中心", "資料中心裡的資料", 1),
        ("Tide Mill", "the tide mill and a tidemill", 1),
        ("C++", "C++ or c", 1),
        ("Ark", "", 0),
    ],
)
def test_mentions_are_counted_whole_and_in_every_spelling(name: str, text: str, times: int) -> None:
    assert count(name, text) == times


def test_a_name_with_two_forms_counts_both() -> None:
    assert Name(["溫若汀", "Rowan Tinsel"]).count(fold("溫若汀（Rowan Tinsel）")) == 2


def test_a_key_is_the_same_for_all_spellings() -> None:
    assert key("Tide Mill") == key("tide-mill") == key("TIDE_MILL") == "tidemill"


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("How the Tide Mill was Saved", {"Tide Mill", "Mill", "Tide"}),
        ("海上的資料中心", {"資料中心"}),
        ("", set()),
        ("？！…… 「」", set()),
    ],
)
def test_a_title_gives_its_names_and_phrases(title: str, wanted: set[str]) -> None:
    assert wanted <= set(of_title(title))


def test_stop_words_and_small_words_alone_are_no_phrases() -> None:
    found = set(of_title("The end of the pier and what it was"))
    assert not found & {"The", "the pier", "end of", "end", "pier", "of the pier"}


def test_the_bracket_after_a_name_tells_its_other_form() -> None:
    text = fold("她訪問溫若汀（Rowan Tinsel）與別人（nobody）")
    names = {key("溫若汀"), key("Rowan Tinsel"), "nobody"}
    assert list(aliases(text, names)) == [("rowantinsel", "溫若汀")]
