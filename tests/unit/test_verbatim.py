"""Words between quotation marks that nobody said."""

from dataclasses import replace

import pytest

from digest.model import Link, Part, Thread
from digest.render.preflight import check_revision
from digest.render.sanitize import find_altered_quotes, list_quotable_texts, list_story_texts
from tests.make import issue, post, revision, story

TEXT = "林渡說：「船會等人，\n橋不會走。」她又說：“The boat waits, the bridge does not.”"
WEEK = issue(
    story(post("a", TEXT)), also=(Link(url="https://x.example/", title="河口的人都不說話"),)
)
SAID = list_quotable_texts(WEEK)


@pytest.mark.parametrize(
    "text",
    [
        "「船會等人， 橋不會走。」——林渡",
        "「船會等人，」",
        "“The boat waits, the bridge does not.”",
        "『船會等人』，她說「橋」。",
        "林渡：「船會等人\u2060，橋不會走」",
        "“The boat waits—” is all",
        "這期還有：「河口的人都不說話」",
        "「沒說過的」四個字是一個詞",
        "《船不會等人，橋會走路》是一本書",
        "沒有引號的船不會等人",
        "「沒有關上的引號，船不會等人",
    ],
)
def test_what_was_said_or_is_no_quotation_passes(text: str) -> None:
    assert list(find_altered_quotes(text, SAID)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("「船不會等人。」——林渡", "船不會等人。"),
        ("她說：“The boat never waits for anybody.”", "The boat never waits for anybody."),
        ("「船會等人，橋會走。」", "船會等人，橋會走。"),
    ],
)
def test_what_nobody_said_is_found(text: str, words: str) -> None:
    assert list(find_altered_quotes(text, SAID)) == [words]


def test_a_thread_that_quotes_what_nobody_said_is_blocked() -> None:
    text = "「船不會等人。」\n——林渡"
    thread = Thread(
        network="x",
        parts=(Part(text="好。", length=2, limit=280), Part(text=text, length=9, limit=280)),
    )
    (finding,) = check_revision(revision(WEEK, threads=(thread,)))
    assert (finding.level, finding.subject) == ("error", "x, part 2")
    assert "「船不會等人。」 stands between quotation marks and in no post" in finding.cause


def test_an_edited_summary_that_does_so_is_only_told() -> None:
    told = story(post("a", TEXT))
    reading = replace(told.reading, summary="她說「船不會等人」。")
    plain = replace(told, reading=reading)
    assert check_revision(revision(issue(plain))) == ()
    (finding,) = check_revision(revision(issue(replace(plain, edited=("summary",)))))
    assert finding.level == "warning"
    assert list(find_altered_quotes(reading.summary, list_story_texts(told))) == ["船不會等人"]
