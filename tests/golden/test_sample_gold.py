"""The labels of the sample blog hold together, and the code finds every quotation they name."""

import pytest

from digest.model import Quote
from digest.text.attribution import quotes, speakers
from tests.golden.sample import live_posts
from tests.golden.sample_gold import GOLD, as_post, paired, score
from tests.golden.scan import outermost

POSTS = {post.file: as_post(post) for post in live_posts()}
CASES = [pytest.param(gold, id=gold["file"]) for gold in GOLD]


def test_every_live_post_is_labelled() -> None:
    assert [gold["file"] for gold in GOLD] == sorted(POSTS)


@pytest.mark.parametrize("gold", CASES)
def test_the_labels_are_all_quotations_of_the_text_in_order(gold) -> None:
    """A scan that shares nothing with the project's reads the same quotations."""
    text = POSTS[gold["file"]].document.text
    assert [label["text"] for label in gold["quotes"]] == outermost(text)


@pytest.mark.parametrize("gold", CASES)
def test_a_label_is_consistent(gold) -> None:
    for label in gold["quotes"]:
        assert label["speech"] == (
            label["kind"] not in ("term", "title", "sign", "line", "hypothetical")
        )
        assert label["speaker"] is None or label["speaker"] in gold["people"]
        assert label["speech"] or label["speaker"] is None
        assert ("role" in label or "also" in label) >= (label["kind"] == "unnamed")


@pytest.mark.parametrize("gold", CASES)
def test_a_split_goes_on_with_the_speaker_before_it(gold) -> None:
    before = None
    for label in gold["quotes"]:
        same = before is not None and before["utterance"] == label["utterance"]
        assert same == (label["kind"] == "split")
        assert not same or before["speaker"] == label["speaker"]
        before = label


@pytest.mark.parametrize("gold", CASES)
def test_pull_quotes_are_speech_worth_reading(gold) -> None:
    said = {label["text"]: label for label in gold["quotes"]}
    assert all(said[text]["speech"] for text in gold["pull"])
    assert bool(gold["pull"]) == bool(said)


@pytest.mark.parametrize("gold", CASES)
def test_every_quotation_is_found_verbatim(gold) -> None:
    document = POSTS[gold["file"]].document
    found = [document.text[span.start : span.end] for span in quotes.find_quotations(document)]
    wanted = [label["text"] for label in gold["quotes"] if "place" not in label]
    assert [text for text in found if text in wanted] == wanted


def test_the_score_counts_what_it_says() -> None:
    """Right, wrong, missing, wrongly answered, and one that is unsure and so does not count."""
    people = {"甲": ["A"], "乙": []}
    labels = [
        {"text": "一", "speaker": "甲"},
        {"text": "二", "speaker": "甲"},
        {"text": "三", "speaker": "乙"},
        {"text": "四", "speaker": None},
        {"text": "五", "speaker": None},
        {"text": "六", "speaker": "乙", "unsure": True},
    ]
    found = [_quote("一", 1, "A"), _quote("二", 3, "乙"), _quote("四", 5, "甲"), _quote("五", 7)]
    result = score([(label, people, quote) for label, quote in paired(labels, found)])
    assert (result.named, result.right, result.answered) == (3, 1, 3)
    assert (result.silent, result.left_alone) == (2, 1)
    assert (result.accuracy, result.precision, result.rejection) == (1 / 3, 1 / 3, 1 / 2)


def _quote(text: str, start: int, speaker: str | None = None) -> Quote:
    return Quote(
        text=text, start=start, end=start + 1, speech=True, utterance=start, speaker=speaker
    )


def test_speakers_are_told_no_worse_than_before() -> None:
    """A floor under the shares reached so far, for the whole blog; raise it with every gain."""
    result = score(
        [
            (label, gold["people"], quote)
            for gold in GOLD
            for label, quote in paired(
                gold["quotes"], speakers.attribute_quotes(POSTS[gold["file"]])
            )
        ]
    )
    assert result.accuracy >= 0.89
    assert result.precision >= 0.93
    assert result.rejection >= 0.93


@pytest.mark.parametrize("gold", CASES)
def test_nothing_else_is_taken_for_a_quotation(gold) -> None:
    """The editor's note at the head of a post is set as a block quote, too; nobody says it."""
    labels = {label["text"] for label in gold["quotes"]}
    found = [quote.text for quote in speakers.attribute_quotes(POSTS[gold["file"]])]
    assert [text for text in found if text not in labels] == []
