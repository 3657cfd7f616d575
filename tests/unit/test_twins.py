"""Near-duplicates by whole sentences."""

from collections.abc import Mapping
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from digest.text import copies
from tests.prose import post

SENTENCES = [
    f"The miller of sluice number {n} counts {n * 7} sacks of grain before the ebb and writes the"
    f" sum into book {n}, which nobody but the moon has read."
    for n in range(30)
]


def of(texts: list[str]) -> Mapping[int, int]:
    """Return the copies among posts of one title that say *texts*."""
    return copies.find_copies([post(one, title="The sluice") for one in texts])


def text(*numbers: int) -> str:
    return " ".join(SENTENCES[n] for n in numbers)


def test_a_copy_repeats_the_earlier_one() -> None:
    assert of([text(1, 2, 3), text(4, 5), text(1, 2, 3)]) == {2: 0}


def test_a_shortened_copy_repeats_the_whole_one_wherever_it_stands() -> None:
    assert of([text(1, 2, 3), text(1, 2, 3, 4, 5)]) == {0: 1}


def test_a_shared_passage_makes_no_copy() -> None:
    assert of([text(1, 2, 3, 4, 5), text(1, 2, 6, 7, 8)]) == {}


def test_a_changed_sentence_does_not_hide_a_copy() -> None:
    assert of([text(*range(8)), text(*range(7), 20)]) in ({1: 0}, {0: 1})


def test_chinese_sentences_and_white_space() -> None:
    one = "磨坊主人數了七袋麥子。退潮之前他關上水門。月亮升得很高很亮。"
    two = "磨坊主人數了七袋麥子。\n\n退潮之前他關上水門。 月亮升得很高很亮。"
    assert of([one, two]) in ({1: 0}, {0: 1})


def test_a_copy_of_a_copy_leads_to_the_first() -> None:
    found = of([text(1, 2, 3, 4, 5), text(1, 2, 3, 4), text(1, 2, 3)])
    assert found == {1: 0, 2: 0}


def test_empty_texts_are_no_copies_of_each_other() -> None:
    assert of(["", "", "Yes."]) == {}


@given(st.integers(0, 10_000))
def test_what_repeats_another_never_is_repeated_itself(seed: int) -> None:
    random = Random(seed)
    texts = [text(*random.sample(range(12), random.randint(0, 6))) for _ in range(8)]
    found = of(texts)
    assert not set(found) & set(found.values())
