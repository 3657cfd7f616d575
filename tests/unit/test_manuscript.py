from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.delivery.networks import bluesky, linkedin, mastodon, threads, x
from digest.model import Attachment, Thread
from digest.model.errors import DraftError
from digest.model.ports.social import Network
from digest.render.thread import PlannedPart, ThreadOptions, make_thread, plan_thread
from digest.render.thread_edit import read_manuscript, write_manuscript
from tests.unit.thread_issues import chinese, english

NETWORKS: tuple[Network, ...] = (
    x.build({}),
    bluesky.build({}),
    mastodon.build({"numbering": True}),
    threads.build({}),
    linkedin.build({}),
)
CARD = Attachment(path="cards/2.png", alt="A whole quotation: all of it.")
BOTH = tuple(product(NETWORKS, (chinese(), english())))


@pytest.mark.parametrize(("network", "made"), BOTH)
def test_a_thread_is_read_back_as_it_was_written(network, made) -> None:
    thread = plan_thread(made, network, taste=ThreadOptions(card=CARD))
    assert read_manuscript(write_manuscript(thread), network) == thread


def test_each_part_shows_its_length_in_the_networks_unit() -> None:
    thread = make_thread(x.build({}), [PlannedPart(text="港邊"), PlannedPart(text="notes")])
    assert write_manuscript(thread) == "--- 1/2 · 4 of 280\n港邊\n--- 2/2 · 5 of 280\nnotes\n"


def test_a_card_and_a_link_beside_the_text_stand_in_brackets() -> None:
    idea = PlannedPart(text="Hook.", link="https://harbour.example.org/a", media=(CARD,))
    thread = make_thread(bluesky.build({}), [idea])
    text = write_manuscript(thread)
    assert "[link] https://harbour.example.org/a\n[image] cards/2.png: A whole quotation" in text
    assert read_manuscript(text, bluesky.build({})) == thread


def test_a_manual_rule_wins() -> None:
    text = "One.\n---\nTwo. It goes on.\n\nAnd on.\r\n--- anything here\r\n\r\n---\nThree."
    assert [part.text for part in read_manuscript(text, x.build({})).parts] == [
        "One.",
        "Two. It goes on.\n\nAnd on.",
        "Three.",
    ]


def test_text_without_a_rule_is_divided() -> None:
    thread = read_manuscript("一句十二個字寫成的短句子。" * 30, x.build({}))
    assert [part.length for part in thread.parts] == [260, 260, 260]
    assert thread.warnings == ("part 1 was 500 too long and is now 3 parts",)


def test_a_part_too_long_is_divided_and_said() -> None:
    thread = read_manuscript("One.\n---\n" + "A sentence here. " * 20, x.build({}))
    assert len(thread.parts) == 3
    assert thread.warnings == ("part 2 was 59 too long and is now 2 parts",)


def test_numbers_are_made_anew() -> None:
    network = x.build({"numbering": True})
    thread = read_manuscript("Root.\n---\nSecond 2/5\n---\nThird 3/5", network)
    assert [part.text for part in thread.parts] == ["Root.", "Second 2/3", "Third 3/3"]
    kept = read_manuscript("Root.\n---\nA score of 3/5", x.build({}))
    assert kept.parts[1].text == "A score of 3/5"


def test_lines_that_look_like_ours_are_kept() -> None:
    texts = ["--- not a rule", "[link] not a link", r"\--- nor this", "[image] none: x\n---"]
    thread = make_thread(x.build({}), [PlannedPart(text=text) for text in texts])
    assert read_manuscript(write_manuscript(thread), x.build({})) == thread


def test_the_link_of_an_edited_part_is_the_one_in_its_text() -> None:
    thread = read_manuscript("Hook.\n---\nAll of it: https://a.tw/b, and more.", x.build({}))
    assert [part.link for part in thread.parts] == [None, "https://a.tw/b"]
    assert thread.cost_usd == 0.215


def test_nothing_is_nothing() -> None:
    assert read_manuscript(" \n---\n\n", x.build({"numbering": "true"})) == Thread(
        network="x", parts=(), cost_usd=0
    )


def test_a_link_longer_than_a_part_is_said() -> None:
    with pytest.raises(DraftError, match="cannot be divided; a part holds 300"):
        read_manuscript("See https://a.tw/" + "a" * 400, bluesky.build({}))


def test_many_parts_are_said_and_too_many_refused() -> None:
    def of(count: int, network: Network) -> Thread:
        return read_manuscript("\n---\n".join(["One."] * count), network)

    assert of(10, x.build({})).warnings == ()
    assert of(11, x.build({})).warnings == ("a thread of 11 parts is long",)
    assert of(2, linkedin.build({})).warnings == ("linkedin takes one part, these are 2",)
    with pytest.raises(DraftError, match="a thread of 21 parts"):
        of(21, x.build({}))


LINES = st.lists(
    st.sampled_from(["---", "[link] x", "[image] a: b", "\\---", "港邊。", "Two words", "3/4", ""]),
    max_size=8,
).map("\n".join)


@settings(max_examples=80, deadline=None)
@given(st.lists(LINES.map(str.strip).filter(bool), max_size=5), st.sampled_from(NETWORKS))
def test_any_thread_is_read_back(texts: list[str], network: Network) -> None:
    ideas = [PlannedPart(text=text) for text in texts]
    if network.limits.numbering:
        ideas = [
            replace(i, text=f"{i.text} {n}/{len(ideas)}") if n > 1 else i
            for n, i in enumerate(ideas, 1)
        ]
    thread = make_thread(network, ideas)
    assert read_manuscript(write_manuscript(thread), network).parts == thread.parts
