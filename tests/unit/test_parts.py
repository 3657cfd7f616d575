"""What an editor does to the parts of a thread: done as asked, or refused and nothing changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.delivery.networks import bluesky, mastodon, x
from digest.model import Attachment, Thread
from digest.model.errors import DraftError
from digest.render.thread import PlannedPart, ThreadOptions, make_thread, plan_thread
from digest.render.thread_edit import (
    describe_picture,
    leave_out_part,
    merge_parts,
    move_part,
    read_manuscript,
    rewrite_part,
    split_part,
    write_manuscript,
)
from tests.unit.thread_issues import chinese

X, BLUESKY = x.build({}), bluesky.build({})
NUMBERED = mastodon.build({"numbering": True})
CARD = Attachment(path="card.png", alt="「船會等人。」——林渡")
LINK = "https://harbour.example.org/a"


def thread(network=X, *texts: str) -> Thread:
    first, *rest = texts or ("一。", "二。", "三。")
    ideas = [
        PlannedPart(text=first, link=LINK, media=(CARD,)),
        *(PlannedPart(text=text) for text in rest),
    ]
    return read_manuscript(write_manuscript(make_thread(network, ideas)), network)


def texts(made: Thread) -> list[str]:
    return [part.text for part in made.parts]


def test_a_part_says_something_else() -> None:
    made = rewrite_part(thread(), X, 2, " 換過的。\n")
    assert texts(made) == ["一。", "換過的。", "三。"]
    assert made.parts[1].length == X.measure("換過的。")


def test_a_part_over_its_limit_is_refused_with_how_much() -> None:
    with pytest.raises(DraftError, match=r"x, part 2: it is 2 over the limit of 280"):
        rewrite_part(thread(), X, 2, "字" * 141)
    assert len(rewrite_part(thread(), X, 2, "字" * 140).parts) == 3


def test_the_room_of_a_number_is_kept_free() -> None:
    most = NUMBERED.limits.characters - len(" 3/3")
    made = rewrite_part(thread(NUMBERED), NUMBERED, 2, "字" * most)
    assert made.parts[1].text.endswith("字 2/3")
    with pytest.raises(DraftError, match="it is 1 over"):
        rewrite_part(thread(NUMBERED), NUMBERED, 2, "字" * (most + 1))


def test_bytes_count_too() -> None:
    family = "👨‍👩‍👧‍👦"
    with pytest.raises(DraftError, match="over the limit"):
        rewrite_part(thread(BLUESKY), BLUESKY, 1, family * 140)


def test_a_part_that_says_nothing_is_refused() -> None:
    with pytest.raises(DraftError, match="says nothing"):
        rewrite_part(thread(), X, 1, " \n")


def test_text_that_looks_like_a_rule_stays_text() -> None:
    made = rewrite_part(thread(), X, 2, "上面\n--- 不是線\n[image] 也不是: 圖")
    assert texts(made)[1] == "上面\n--- 不是線\n[image] 也不是: 圖"
    assert len(made.parts) == 3


def test_splitting_and_merging_undo_each_other() -> None:
    before = thread(BLUESKY, "一句。\n\n又一句。", "二。")
    made = split_part(before, BLUESKY, 1, 3)
    assert texts(made) == ["一句。", "又一句。", "二。"]
    assert (made.parts[0].link, made.parts[0].media) == (LINK, (CARD,))
    assert (made.parts[1].link, made.parts[1].media) == (None, ())
    assert merge_parts(made, BLUESKY, 1) == before


@pytest.mark.parametrize("at", [0, 2, 9])
def test_there_is_nothing_to_divide_at_the_ends_of_a_text(at: int) -> None:
    with pytest.raises(DraftError, match="nothing to divide"):
        split_part(thread(), X, 1, at)


def test_parts_that_do_not_fit_together_stay_apart() -> None:
    with pytest.raises(DraftError, match="part 1: it is 2 over"):
        merge_parts(thread(X, "字" * 70, "字" * 70), X, 1)
    with pytest.raises(DraftError, match="none below"):
        merge_parts(thread(), X, 3)


def test_a_merged_part_has_as_many_pictures_as_the_network_takes() -> None:
    many = make_thread(X, [PlannedPart(text=str(n), media=(CARD,) * 3) for n in range(2)])
    assert len(merge_parts(many, X, 1).parts[0].media) == X.limits.images


def test_parts_move_and_are_numbered_anew() -> None:
    made = move_part(thread(NUMBERED), NUMBERED, 3, 1)
    assert texts(made) == ["三。", "一。 2/3", "二。 3/3"]
    assert texts(move_part(thread(), X, 1, 99)) == ["二。", "三。", "一。"]


def test_a_part_is_left_out_but_never_the_only_one() -> None:
    made = leave_out_part(thread(), X, 2)
    assert texts(made) == ["一。", "三。"]
    with pytest.raises(DraftError, match="the only one"):
        leave_out_part(thread(X, "一。"), X, 1)


def test_a_picture_is_described_in_other_words() -> None:
    made = describe_picture(thread(), X, 1, 1, " 一艘\n船 ")
    assert made.parts[0].media == (Attachment(path="card.png", alt="一艘 船"),)
    with pytest.raises(DraftError, match="no picture 2"):
        describe_picture(thread(), X, 1, 2, "船")


@pytest.mark.parametrize("part", [0, 4, -1])
def test_a_part_that_is_not_there_is_told_with_how_many_there_are(part: int) -> None:
    with pytest.raises(DraftError, match="there are 3 parts"):
        rewrite_part(thread(), X, part, "x")


@settings(max_examples=40)
@given(st.data())
def test_whatever_is_done_every_part_fits_and_the_text_can_be_kept(data: st.DataObject) -> None:
    network = data.draw(st.sampled_from([X, BLUESKY, NUMBERED]))
    made = plan_thread(chinese(), network, taste=ThreadOptions(card=CARD))
    for _ in range(data.draw(st.integers(1, 4))):
        part = data.draw(st.integers(1, len(made.parts)))
        act = data.draw(st.sampled_from(["say", "split", "merge", "move", "leave_out"]))
        try:
            if act == "say":
                made = rewrite_part(
                    made, network, part, data.draw(st.text("字 x。\n-", max_size=300))
                )
            elif act == "split":
                made = split_part(made, network, part, data.draw(st.integers(0, 200)))
            elif act == "move":
                made = move_part(made, network, part, data.draw(st.integers(1, 9)))
            elif act == "merge":
                made = merge_parts(made, network, part)
            else:
                made = leave_out_part(made, network, part)
        except DraftError:
            continue
        assert all(one.length <= one.limit for one in made.parts)
        assert texts(read_manuscript(write_manuscript(made), network)) == texts(made)
