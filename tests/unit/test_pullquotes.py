"""What may stand alone on display."""

import pytest

from digest.model import Quote
from digest.text.attribution import speakers
from digest.text.attribution.speech import ALONE, RESTS
from digest.text.ranking import pull_quotes
from tests.prose import post


def quote(text: str, speaker: str | None = "Mara Quill", why: str = "a speech clause after it"):
    return Quote(
        text=text, start=0, end=len(text), speech=True, utterance=0, speaker=speaker, why=why
    )


def test_a_whole_thought_is_displayed():
    assert pull_quotes.is_displayable(quote("The tide waits for nobody."))
    assert pull_quotes.is_displayable(quote("潮水從來不等人。", "周若潮"))


@pytest.mark.parametrize(
    "given",
    [
        quote("The tide waits for nobody,"),
        quote("Does the tide wait?"),
        quote("waits for nobody."),
        quote("But the tide waits for nobody."),
        quote("所以潮水不等人。", "周若潮"),
        quote("The tide waits for nobody.", "Quill"),
        quote("The tide waits for nobody.", None),
        quote("The tide waits for nobody.", why=ALONE),
        quote("我們就不出海。", "周若潮", RESTS),
    ],
)
def test_half_a_thought_or_nobodys_is_not(given):
    assert not pull_quotes.is_displayable(given)


def test_the_half_with_the_condition_is_not_cut_off():
    found = speakers.attribute_quotes(post("「如果風停了，」港務員周若潮說，「我們就不出海。」"))
    assert [pull_quotes.is_displayable(one) for one in found] == [False, False]


def test_behind_the_best_come_those_that_open_a_section():
    given = post(
        "# Water",
        "“The tide waits for nobody, not even for me in May.”",
        "“The boats were as cold as ever, even on a day in May.”",
        "# Wind",
        "“The wind waits for nobody, not even for me in May.”",
    )
    found = pull_quotes.rank_quotes(given, {}, speakers.attribute_quotes(given))
    assert [one.text.split()[1] for one in found] == ["tide", "wind", "boats"]


def test_an_answer_without_its_question_is_not_shown():
    assert pull_quotes.is_answer("三號。它真的很怪，大船就是好看。")
    assert pull_quotes.is_answer("Yes, and we would build it again.")
    assert not pull_quotes.is_answer("造一艘能停的船，比造一艘快的船貴一倍。")
    assert not pull_quotes.is_answer("Italy builds boats that stop.")
