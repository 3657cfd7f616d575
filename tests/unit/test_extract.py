import pytest

from digest.app.summarize_files import format_row, make_row
from digest.editorial.summarize import summarize_picks
from digest.editorial.summarizers.extract import build
from digest.model import Digest, Pick, Quote, Summary
from digest.model.errors import ConfigError
from tests.prose import post

LIGHTHOUSE = post(
    "> 本文整理自海岸電台的訪談。",
    "沙崙燈塔的守塔人林月嬌（Yueh-Chiao Lin）說：「燈不是給看得見的人點的。」",
    "但是，燈塔在去年改成自動化。",
    "# 自動化之後",
    "燈塔自動化以後，守塔人的工作變成了修電腦。她指出，颱風夜裡機器會先停。",
    title="燈塔自動化之後，守塔人還剩下什麼",
    abstract="守塔人談燈塔自動化。",
)


def reading(given, max_chars=120, prefer="extract"):
    return build({}).read(given, max_chars=max_chars, prefer=prefer)


def test_the_authors_abstract_comes_first_unless_an_extract_is_preferred():
    assert reading(LIGHTHOUSE, prefer="author").summary == "守塔人談燈塔自動化。"
    assert reading(LIGHTHOUSE, prefer="author").summary_from == "author"
    assert reading(LIGHTHOUSE).summary_from == "extract"


LONG = "颱風夜的事，" + "說了又說，" * 12 + "沒完。"


@pytest.mark.parametrize(
    ("abstract", "shown"),
    [
        (f"守塔人談燈塔。{LONG}", "守塔人談燈塔。"),
        (f"{LONG}很值得一聽。", "颱風夜的事，" + "說了又說，" * 6 + "說了又說…"),
        (LONG + "守塔人談燈塔和海。" * 3, "守塔人談燈塔和海。" * 3),
    ],
    ids=["its start", "no line that says little", "a long run"],
)
def test_an_abstract_that_is_too_long_is_told_from_its_start(abstract, shown):
    given = post("燈塔很高。", title="燈塔", abstract=abstract)
    assert reading(given, 42, "author").summary == shown


def test_an_extract_is_whole_sentences_of_the_text_without_boilerplate():
    summary = reading(LIGHTHOUSE).summary
    assert "燈塔自動化以後，守塔人的工作變成了修電腦。" in summary
    assert "本文整理自" not in summary
    assert not summary.startswith("但是")


@pytest.mark.parametrize("most", [0, 1, 5, 12, 24, 40, 120, 400])
def test_never_longer_than_asked(most):
    for prefer in ("author", "extract"):
        assert len(reading(LIGHTHOUSE, most, prefer).summary) <= most


@pytest.mark.parametrize(
    "text",
    [
        "", " \n ", "🎉🎉🎉", "👨\u200d👩\u200d👧 🎉", "。" * 500, "1. 2. 3. 4.",
        "「只有一句引言而已喔。」", "“Only a quotation.”",
        "「「「」」", "」」」「", "「混“在』一”起」的引號。他說", "（沒有關上。還有一句。",
        "\u202eمرحبا بالعالم. كيف الحال؟", "שלום עולם. מה שלומך?",
        "x" * 5000, "船" * 5000, "船\n" * 500,
    ],
)  # fmt: skip
@pytest.mark.parametrize("title", ["", "船 boat 🎉"])
def test_odd_posts_have_a_sensible_reading(text, title):
    """Something of the text where there is some, nothing that is not in it, nothing too long."""
    given = post(text, title=title)
    got = reading(given, 50)
    assert len(got.summary) <= 50
    assert bool(got.summary) == bool(text.strip())
    assert got.summary.removesuffix("…").split("\n")[0] in text
    assert all(given.document.text[q.start : q.end] == q.text for q in got.quotes)
    assert all(point in text for point in got.points)


def test_options_are_refused():
    with pytest.raises(ConfigError, match="model"):
        build({"model": "x"})


class _Liar:
    def read(self, post, *, max_chars, prefer):
        made_up = Quote(text="I never said this.", start=0, end=18, speech=True, utterance=0)
        return Summary(summary="s", summary_from="model", quotes=(made_up,))


def test_what_is_not_verbatim_never_reaches_a_story():
    (story,) = summarize_picks([Pick(post=LIGHTHOUSE, score=1.0)], _Liar(), Digest())
    assert story.reading.quotes == ()
    assert story.minutes == 1


def test_a_row_for_programs_and_its_table_for_people():
    made = make_row("lighthouse.md", LIGHTHOUSE, build({}), max_chars=120, prefer="author")
    (quote,) = made["quotes"]
    assert made["file"] == "lighthouse.md"
    assert (
        made["text"][quote["start"] : quote["end"]] == quote["text"] == "燈不是給看得見的人點的。"
    )
    assert (quote["speech"], quote["speaker"]) == (True, "林月嬌")
    assert "— 林月嬌" in format_row(made)


LETTER = post("The harbour light went out. Nobody came to mend it. " * 8, title="The harbour light")


def test_letters_have_twice_the_room_of_han():
    asked = []

    class Asked:
        def read(self, post, *, max_chars, prefer):
            asked.append(max_chars)
            return Summary(summary="", summary_from="extract")

    picks = [Pick(post=one, score=1.0) for one in (LIGHTHOUSE, LETTER)]
    summarize_picks(picks, Asked(), Digest(max_chars=140))
    assert asked == [140, 280]


def test_key_points_tell_something():
    """No bare quotation, no question, and nothing that only announces what comes."""
    given = post(
        "燈塔的燈在去年春天改成自動點燃與熄滅。「燈不是給看得見的人點的，燈是給看不見的人。」",
        "# 之後",
        "守塔人的工作從此變成照顧三台電腦與兩具天線。燈塔的守塔人提出了一個值得燈塔想的問題。",
        "# 現在",
        "燈塔現在由兩個人輪流從對岸的小鎮看守。燈塔以後還需要守塔人留在島上嗎，誰知道呢？",
        title="燈塔自動化之後的守塔人",
    )
    points = reading(given).points
    assert points == (
        "燈塔的燈在去年春天改成自動點燃與熄滅。",
        "守塔人的工作從此變成照顧三台電腦與兩具天線。",
        "燈塔現在由兩個人輪流從對岸的小鎮看守。",
    )
