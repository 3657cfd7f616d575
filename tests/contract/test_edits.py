"""The log of edits, and revisions in the making, on SQLite and on PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select

from digest.model import Edit, GeneratedIssue, Selection
from digest.model.edit import fingerprint_text
from digest.model.errors import ConflictError, DraftError, NothingToDo, StoreError
from digest.store.edits import EditStore
from digest.store.engine import connect
from digest.store.issues import IssueStore
from digest.store.schema import edits as table
from tests.make import EDITION, NOW, PERIOD, post, revision, story

ISSUE = "weekly-2026-W11"


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def write(block: str, value: str | None, at: datetime = NOW, *, base: str = "g") -> Edit:
    """Return an edit whose writer saw *base*, where the generator says "g"."""
    return Edit(
        issue=ISSUE,
        block=block,
        value=value,
        base=fingerprint_text(base),
        over=fingerprint_text("g"),
        at=at,
    )


def test_an_edit_holds_and_outlives_the_process(engine: Engine, store_url: str) -> None:
    store = EditStore(engine)
    assert store.history(ISSUE).values == {}
    made = store.record([write("subject", "一"), write("intro", "二")])
    assert made.values == {"subject": "一", "intro": "二"}
    assert made.edits["subject"].at == NOW
    assert len(made.done) == 1
    again = EditStore(connect(store_url)).history(ISSUE)
    assert again == made
    assert store.history("other").values == {}


def test_undo_names_its_step_and_redo_brings_it_back(engine: Engine) -> None:
    store = EditStore(engine)
    store.record([write("subject", "一")])
    second = store.record([write("intro", "二")])
    undone = store.undo(ISSUE, NOW)
    assert undone.values == {"subject": "一"}
    assert undone.undone[-1].blocks == ("intro",)
    assert store.undo(ISSUE, NOW).values == {}
    with pytest.raises(NothingToDo, match="nothing to undo"):
        store.undo(ISSUE, NOW)
    assert store.redo(ISSUE, NOW).values == {"subject": "一"}
    assert store.redo(ISSUE, NOW).values == second.values
    with pytest.raises(NothingToDo, match="nothing to redo"):
        store.redo(ISSUE, NOW)


def test_an_undo_of_another_step_than_the_last_is_refused(engine: Engine) -> None:
    store = EditStore(engine)
    first = store.record([write("subject", "一")]).done[-1].number
    store.record([write("intro", "二")])
    with pytest.raises(NothingToDo, match="is not the one to undo"):
        store.undo(ISSUE, NOW, step=first)
    assert len(store.history(ISSUE).done) == 2


def test_a_new_edit_after_an_undo_ends_the_redo(engine: Engine) -> None:
    store = EditStore(engine)
    store.record([write("subject", "一")])
    store.undo(ISSUE, NOW)
    store.record([write("subject", "二", later(0.5))])
    with pytest.raises(NothingToDo):
        store.redo(ISSUE, NOW)
    assert store.undo(ISSUE, NOW).values == {}


def test_typing_is_one_step_and_one_row(engine: Engine) -> None:
    store = EditStore(engine)
    said = "g"
    for number, value in enumerate(["一", "一二", "一二三"]):
        made = store.record([write("subject", value, later(number * 1.5), base=said)])
        said = value
    assert len(made.done) == 1
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar() == 1
    assert store.undo(ISSUE, later(5)).values == {}


def test_typing_after_a_pause_or_elsewhere_is_a_step_of_its_own(engine: Engine) -> None:
    store = EditStore(engine)
    store.record([write("subject", "一")])
    store.record([write("subject", "一二", later(2.5), base="一")])
    store.record([write("intro", "x", later(3))])
    made = store.record([write("subject", "一二三", later(3.5), base="一二")])
    assert [step.blocks for step in made.done] == [
        ("subject",),
        ("subject",),
        ("intro",),
        ("subject",),
    ]


def test_other_blocks_merge_and_the_same_one_conflicts_with_both_texts(engine: Engine) -> None:
    store = EditStore(engine)
    store.record([write("subject", "她的")])
    store.record([write("intro", "他的", later(10))])
    with pytest.raises(ConflictError) as caught:
        store.record([write("subject", "他的", later(11))])
    assert (caught.value.mine, caught.value.theirs) == ("他的", "她的")
    assert caught.value.base == fingerprint_text("她的")
    made = store.record([write("subject", "他的", later(12), base="她的")])
    assert made.values == {"subject": "他的", "intro": "他的"}


def test_a_conflict_in_one_of_several_saves_none(engine: Engine) -> None:
    store = EditStore(engine)
    store.record([write("subject", "一")])
    with pytest.raises(ConflictError):
        store.record([write("intro", "二", later(9)), write("subject", "三", later(9))])
    assert store.history(ISSUE).values == {"subject": "一"}


def test_what_the_generator_says_is_nobodys_work_and_never_in_the_way(engine: Engine) -> None:
    store = EditStore(engine)
    assert store.record([write("subject", "一", base="an older word")]).values
    store.record([write("subject", None, later(9), base="一")])
    assert store.record([write("subject", "二", later(20), base="一")]).values == {"subject": "二"}


def test_many_writers_at_once_lose_nothing(engine: Engine) -> None:
    store = EditStore(engine)

    def work(number: int) -> int:
        store.record([write(f"title/p{number}", f"題 {number}", later(number))])
        try:
            store.record([write("subject", f"主旨 {number}", later(number))])
        except ConflictError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        won = sum(pool.map(work, range(16)))
    history = store.history(ISSUE)
    assert won == 1
    assert len(history.values) == 17
    assert len(history.done) == 17


def test_a_revision_in_the_making_keeps_its_number(engine: Engine) -> None:
    store = IssueStore(engine)
    first = store.save(revision())
    assert not first.open
    made = store.save(revision(hash="1" * 64, created=later(1)), open_=True)
    again = store.save(revision(hash="2" * 64, created=later(2)), open_=True)
    assert (first.number, made.number, again.number) == (1, 2, 2)
    assert store.load() == again
    assert again.open
    assert store.load(ISSUE, 1).hash == "0" * 64


def test_one_that_was_shown_is_not_changed_any_more(engine: Engine) -> None:
    store = IssueStore(engine)
    shown = store.save(revision(hash="1" * 64), open_=True)
    store.close(shown)
    assert not store.load().open
    after = store.save(revision(hash="2" * 64, created=later(1)), open_=True)
    assert after.number == 2
    assert store.load(ISSUE, 1).hash == "1" * 64


def test_a_draft_never_takes_the_place_of_an_edited_revision(engine: Engine) -> None:
    store = IssueStore(engine)
    store.save(revision(hash="1" * 64), open_=True)
    drafted = store.save(revision(hash="2" * 64, created=later(1)))
    assert (drafted.number, drafted.open) == (2, False)


def test_an_approved_revision_stays_what_leaves_while_another_is_made(engine: Engine) -> None:
    store = IssueStore(engine)
    approved = store.approve(store.save(revision()), NOW)
    copy = store.reopen(ISSUE, later(1))
    assert (copy.number, copy.open, copy.approved) == (2, True, None)
    assert copy.hash == approved.hash
    assert store.reopen(ISSUE, later(2)) == copy
    edited = store.save(revision(hash="1" * 64, created=later(3)), open_=True)
    assert edited.number == 2
    leaves = store.approved(ISSUE)
    assert leaves is not None
    assert (leaves.number, leaves.hash) == (1, approved.hash)
    store.approve(edited, later(4))
    leaves = store.approved(ISSUE)
    assert leaves is not None
    assert (leaves.number, leaves.open) == (2, False)


def test_what_is_not_there_cannot_be_opened(engine: Engine) -> None:
    with pytest.raises(StoreError, match="there is none"):
        IssueStore(engine).reopen(ISSUE, NOW)


def test_bytes_that_nobody_saw_are_not_approved(engine: Engine) -> None:
    store = IssueStore(engine)
    seen = store.save(revision(hash="1" * 64), open_=True)
    store.save(revision(hash="2" * 64, created=later(1)), open_=True)
    with pytest.raises(DraftError, match="was edited since you looked"):
        store.approve(seen, later(2))
    assert store.approved(ISSUE) is None
    assert store.fates("weekly") == {}
    assert store.approve(store.load(), later(3)).approved == later(3)


def test_what_the_generator_made_comes_back_as_it_was(engine: Engine) -> None:
    store = IssueStore(engine)
    assert store.generated(ISSUE) is None
    told = story()
    made = GeneratedIssue(
        issue=ISSUE,
        edition=EDITION,
        period=PERIOD,
        sources=("blog",),
        posts=("a", "b"),
        selection=Selection(picks=(told.pick,), also=(post("b"),)),
        stories=(told,),
        wishes="x",
    )
    store.keep(made)
    assert store.generated(ISSUE) == made
    store.keep(replace(made, wishes="y"))
    kept = store.generated(ISSUE)
    assert kept is not None
    assert kept.wishes == "y"
