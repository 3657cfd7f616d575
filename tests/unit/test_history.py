"""The log of an editor's work, read from its start."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.edits import apply_edits
from digest.model import Edit, EditStep, History
from digest.model.edit import continues_typing, fingerprint_text, parse_span, split_block_name
from tests.make import NOW, issue, post, story

WEEK = issue(story(post("a")), story(post("b")))


def edit(block: str, value: str | None, number: int, **fields: object) -> Edit:
    said = {"base": "", "over": fingerprint_text("g"), "at": NOW, "step": number, **fields}
    return Edit(issue="i", block=block, value=value, number=number, **said)


def move(kind: str, step: int, number: int) -> Edit:
    return edit("", None, number, kind=kind, step=step)


def test_a_log_that_is_empty_says_nothing() -> None:
    history = History.of("i", [])
    assert (history.done, history.undone, history.values, history.length) == ((), (), {}, 0)
    assert history.seen("subject", "g") == fingerprint_text("g")


def test_the_last_word_holds_until_it_is_taken_back() -> None:
    log = [edit("subject", "a", 1), edit("subject", "b", 2)]
    assert History.of("i", log).values == {"subject": "b"}
    log += [move("undo", 2, 3)]
    assert History.of("i", log).values == {"subject": "a"}
    log += [move("undo", 1, 4)]
    assert History.of("i", log).values == {}
    log += [move("redo", 1, 5)]
    assert History.of("i", log).values == {"subject": "a"}
    assert History.of("i", log).seen("subject", "g") == fingerprint_text("a")


def test_a_new_step_ends_what_could_be_done_again() -> None:
    log = [edit("subject", "a", 1), move("undo", 1, 2), edit("intro", "x", 3)]
    history = History.of("i", log)
    assert history.undone == ()
    assert [step.number for step in history.done] == [3]


def test_a_step_names_its_blocks() -> None:
    log = [edit("choice/a", "ban", 1), edit("choice/b", "pin", 2, step=1)]
    (step,) = History.of("i", log).done
    assert step.blocks == ("choice/a", "choice/b")
    assert step.at == NOW


def test_the_generators_word_is_a_step_too() -> None:
    log = [edit("subject", "a", 1), edit("subject", None, 2)]
    history = History.of("i", log)
    assert history.values == {}
    assert len(history.done) == 2


VALUES = st.none() | st.sampled_from(["一", "二", "三"])
BLOCKS = st.sampled_from(["subject", "intro", "title/a", "summary/b", "pull-quote", "order"])
WRITING = st.lists(st.tuples(BLOCKS, VALUES), min_size=1, max_size=6)


def told(log: list[Edit]) -> object:
    values = dict(History.of("i", log).values)
    values.pop("pull-quote", None)
    return apply_edits(WEEK, values)


@given(WRITING, st.integers(1, 6))
def test_undoing_steps_restores_the_issue_as_it_was(writing, back: int) -> None:
    log: list[Edit] = []
    seen = [told(log)]
    for number, (block, value) in enumerate(writing, 1):
        log.append(edit(block, value, number))
        seen.append(told(log))
    back = min(back, len(writing))
    for step in range(len(writing), len(writing) - back, -1):
        log.append(move("undo", step, len(log) + 1))
        assert told(log) == seen[step - 1]
    for step in range(len(writing) - back + 1, len(writing) + 1):
        log.append(move("redo", step, len(log) + 1))
        assert told(log) == seen[step]


@pytest.mark.parametrize(
    ("block", "seconds", "goes_on"),
    [
        ("subject", 2, True),
        ("subject", 2.1, False),
        ("intro", 1, False),
        ("order", 1, False),
        ("choice/a", 1, False),
    ],
)
def test_typing_goes_on_in_one_block_within_two_seconds(block, seconds, goes_on) -> None:
    before = "subject" if block == "intro" else block
    last = EditStep(number=1, edits=(edit(before, "a", 1),))
    fresh = edit(block, "ab", 2, at=NOW + timedelta(seconds=seconds))
    assert continues_typing(last, [fresh]) is goes_on
    assert not continues_typing(None, [fresh])
    assert not continues_typing(last, [fresh, fresh])


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        ("subject", ("subject", "", "")),
        ("title/a", ("title", "a", "")),
        ("speaker/a/3:9", ("speaker", "a", "3:9")),
        ("thread/x", ("thread", "x", "")),
    ],
)
def test_the_name_of_a_block_says_what_it_is(block, parts) -> None:
    assert split_block_name(block) == parts


@pytest.mark.parametrize(
    "block", ["", "subjet", "subject/a", "title", "title/", "speaker/a", "speaker/a/9:3", "x/y"]
)
def test_what_is_no_block_is_refused(block: str) -> None:
    with pytest.raises(ValueError, match=r"block|quotation"):
        split_block_name(block)


@pytest.mark.parametrize("text", ["", ":", "3", "3:", ":3", "3:3", "-1:3", "a:b", "１:２"])
def test_what_is_no_span_is_none(text: str) -> None:
    assert parse_span(text) is None
