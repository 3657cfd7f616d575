"""Edits laid over what the generator says: any of them, in any order, twice as well as once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial import edits
from digest.editorial.edits import (
    apply_edits,
    arrange_sections,
    locate_words,
    read_wishes,
    tell_stories,
    write_outline,
)
from digest.model import Image, Issue, PullQuote, Quote, Section, Story
from tests.make import issue, post, story

TEXT = "林渡說：「船會等人。」又說：「橋不會走。」岸上的人沒有說話。"
NAMES = ("a", "b", "c")


def telling(name: str) -> Story:
    """Return a story of a post with two quotations and a picture."""
    picture = Image(url="https://blog.example.org/boat.jpg", alt="船")
    made = story(post(name, TEXT, image=picture))
    at = TEXT.index("橋")
    second = Quote(
        text="橋不會走。", start=at, end=at + 5, speech=True, utterance=1, speaker="林渡"
    )
    reading = replace(made.reading, quotes=(*made.reading.quotes, second))
    return replace(made, reading=reading)


def week() -> Issue:
    lead, *others = (telling(name) for name in NAMES)
    sections = (
        Section(title="", stories=(lead,)),
        Section(title="河", stories=(others[0],)),
        Section(title="山", stories=(others[1],)),
    )
    quote = lead.reading.quotes[0]
    shown = PullQuote(quote=quote, url=lead.post.url, title=lead.post.title)
    return replace(issue(), sections=sections, pull_quote=shown)


WEEK = week()
QUOTE = WEEK.sections[0].stories[0].reading.quotes[0]
PLACE = f"{QUOTE.start}:{QUOTE.end}"
AT = TEXT.index("橋不會走。")

posts = st.sampled_from(NAMES)
words = st.text("船橋人 x「」#\n", min_size=1, max_size=8)
places = st.sampled_from(
    [f"{PLACE} {QUOTE.text}", f"{AT}:{AT + 5} 橋不會走。", "0:2 林渡", "3:9 沒有人說過的話"]
)
orders = st.permutations([*NAMES, "gone", "# 河", "# 新"]).map("\n".join)


def block(kind: str, value: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, str]]:
    return st.tuples(posts.map(lambda name: f"{kind}/{name}"), value)


values = st.dictionaries(st.nothing(), st.nothing()) | st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["subject", "preheader", "headline", "intro"]), words),
        block("title", words),
        block("summary", words),
        block("alt", words),
        block("quote", places),
        st.tuples(
            posts.map(lambda name: f"speaker/{name}/{PLACE}"),
            st.sampled_from([f"何青\n{QUOTE.text}", f"\n{QUOTE.text}"]),
        ),
        st.tuples(st.just("pull-quote"), st.builds("{} {}".format, posts, places) | st.just("")),
        st.tuples(st.just("order"), orders),
        st.tuples(
            st.sampled_from(["note/x", "note/y"]), words.map(lambda w: f"place: also\n\n.{w}")
        ),
    ),
    max_size=8,
).map(dict)


@given(values)
def test_laying_edits_over_twice_changes_nothing(values: dict[str, str]) -> None:
    once = apply_edits(WEEK, values)
    assert apply_edits(once, values) == once


@given(values, st.randoms(use_true_random=False))
def test_the_order_in_which_blocks_were_edited_makes_no_difference(values, random) -> None:
    shuffled = list(values.items())
    random.shuffle(shuffled)
    one, other = apply_edits(WEEK, values), apply_edits(WEEK, dict(shuffled))
    assert replace(one, notes=()) == replace(other, notes=())
    assert {note.name: note for note in one.notes} == {note.name: note for note in other.notes}


@given(values)
def test_no_story_is_lost_or_doubled_and_the_lead_stands_alone(values: dict[str, str]) -> None:
    made = apply_edits(WEEK, values)
    assert sorted(s.post.id for s in made.stories) == sorted(NAMES)
    assert len(made.sections[0].stories) == 1
    assert all(section.stories for section in made.sections)


@given(values)
def test_a_block_that_is_not_edited_says_what_the_generator_says(values: dict[str, str]) -> None:
    made = apply_edits(WEEK, values)
    for name in ("subject", "preheader", "headline", "intro"):
        assert getattr(made, name) == values.get(name, getattr(WEEK, name))
    before = {one.post.id: one for one in WEEK.stories}
    for after in made.stories:
        name = after.post.id
        assert after.post.title == values.get(f"title/{name}", before[name].post.title)
        assert after.reading.summary == values.get(f"summary/{name}", before[name].reading.summary)


def test_the_editors_word_is_marked_as_such() -> None:
    values = {"summary/a": "編輯說的。", "title/b": "新題", "alt/c": "一艘船"}
    edited = {one.post.id: one for one in apply_edits(WEEK, values).stories}
    assert edited["a"].edited == ("summary",)
    assert edited["b"].edited == ("title",)
    assert edited["c"].edited == ("alt",)
    assert edited["c"].post.image == Image(url="https://blog.example.org/boat.jpg", alt="一艘船")


def test_a_corrected_speaker_is_everywhere_and_marked_as_by_the_editor() -> None:
    made = apply_edits(WEEK, {f"speaker/a/{PLACE}": f"何青\n{QUOTE.text}"})
    (lead,) = made.sections[0].stories
    assert (lead.reading.quotes[0].speaker, lead.reading.quotes[0].why) == ("何青", edits.BY_EDITOR)
    assert made.pull_quote is not None
    assert made.pull_quote.quote.speaker == "何青"
    assert lead.reading.quotes[1].speaker == "林渡"


def test_what_holds_for_one_span_of_an_utterance_holds_for_all() -> None:
    made = telling("a")
    quotes = tuple(replace(quote, utterance=0) for quote in made.reading.quotes)
    made = replace(made, reading=replace(made.reading, quotes=quotes))
    (edited,) = tell_stories([made], {f"speaker/a/{PLACE}": f"何青\n{QUOTE.text}"})
    assert [quote.speaker for quote in edited.reading.quotes] == ["何青", "何青"]


def test_nobody_said_it_is_a_correction_too() -> None:
    made = apply_edits(WEEK, {f"speaker/a/{PLACE}": f"\n{QUOTE.text}"})
    assert next(made.stories).reading.quotes[0].speaker is None


def test_a_quotation_is_found_again_when_the_text_around_it_has_changed() -> None:
    longer = f"先有一句新的話。{TEXT}"
    moved = replace(post("a"), document=replace(post("a").document, text=longer))
    fresh = replace(telling("a"), pick=replace(telling("a").pick, post=moved))
    quotes = tuple(replace(q, start=q.start + 8, end=q.end + 8) for q in fresh.reading.quotes)
    fresh = replace(fresh, reading=replace(fresh.reading, quotes=quotes))
    values = {"quote/a": f"{AT}:{AT + 5} 橋不會走。", f"speaker/a/{PLACE}": f"何青\n{QUOTE.text}"}
    (edited,) = tell_stories([fresh], values)
    best, other = edited.reading.quotes
    assert best.text == "橋不會走。"
    assert best.stands_in(longer)
    assert best.speaker == "林渡"
    assert other.speaker == "何青"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("0:2", (0, 2, "林渡")),
        ("0:2 林渡", (0, 2, "林渡")),
        ("9:11 林渡", (0, 2, "林渡")),
        ("0:5 橋不會走。", (AT, AT + 5, "橋不會走。")),
        ("3:9 沒有這句", (3, 9, "沒有這句")),
    ],
)
def test_a_place_is_where_its_words_are(value: str, found: tuple[int, int, str]) -> None:
    assert locate_words(value, TEXT) == found


def test_of_equal_words_the_nearest_are_meant() -> None:
    text = "等。" * 5
    assert locate_words("6:8 等。", text)[:2] == (6, 8)
    assert locate_words("5:7 等。", text)[:2] == (4, 6)


def test_words_that_nobody_said_are_kept_and_not_verbatim() -> None:
    made = apply_edits(WEEK, {"quote/a": f"{PLACE} 船不等人。"})
    quote = next(made.stories).reading.quotes[0]
    assert quote.text == "船不等人。"
    assert quote.speaker == "林渡"
    assert not quote.stands_in(TEXT)


def test_any_words_of_a_post_can_be_shown() -> None:
    start = TEXT.index("岸上")
    made = apply_edits(WEEK, {"pull-quote": f"b {start}:{len(TEXT)}"})
    assert made.pull_quote is not None
    assert made.pull_quote.quote.text == "岸上的人沒有說話。"
    assert made.pull_quote.quote.speaker is None
    assert made.pull_quote.url.endswith("/b/")
    assert made.pull_quote.quote in list(made.stories)[1].reading.quotes


def test_a_part_of_a_quotation_keeps_its_speaker() -> None:
    made = apply_edits(WEEK, {"pull-quote": f"a {QUOTE.start}:{QUOTE.end - 1}"})
    assert made.pull_quote is not None
    assert (made.pull_quote.quote.text, made.pull_quote.quote.speaker) == ("船會等人", "林渡")


def test_no_pull_quote_is_a_choice() -> None:
    assert apply_edits(WEEK, {"pull-quote": ""}).pull_quote is None


def test_a_pull_quote_of_a_story_that_is_gone_waits() -> None:
    assert apply_edits(WEEK, {"pull-quote": f"gone {PLACE}"}).pull_quote == WEEK.pull_quote


def test_an_outline_orders_stories_and_sections_and_names_them() -> None:
    assert write_outline(WEEK.sections) == "a\n# 河\nb\n# 山\nc"
    made = arrange_sections(WEEK.sections, "c\n# 水邊\nb\na")
    assert [(s.title, [one.post.id for one in s.stories]) for s in made] == [
        ("", ["c"]),
        ("水邊", ["b", "a"]),
    ]


def test_a_story_that_an_outline_does_not_know_stays_in_its_section() -> None:
    made = arrange_sections(WEEK.sections, "b\na")
    assert [s.title for s in made] == ["", "", "山"]
    assert [one.post.id for s in made for one in s.stories] == ["b", "a", "c"]


def test_an_outline_without_a_story_that_is_there_changes_nothing() -> None:
    assert arrange_sections(WEEK.sections, "x\n# 河\ny") == WEEK.sections


def test_wishes_come_from_choices_and_additions() -> None:
    extra = post("extra")
    values = {
        "choice/a": "pin",
        "choice/b": "list",
        "choice/c": "ban",
        "added/extra": edits.encode_added_post(extra),
    }
    asked = read_wishes(values)
    assert (asked.pins, asked.lists, asked.bans) == (("a", "extra"), ("b",), ("c",))
    assert asked.added == (extra,)
    assert asked.mark == read_wishes(dict(reversed(values.items()))).mark
    assert asked.mark != read_wishes({**values, "choice/c": "pin"}).mark


def test_a_post_added_that_is_known_by_now_is_told_once() -> None:
    extra, known = post("extra"), post("known")
    known = replace(known, url=extra.url + "/")
    asked = read_wishes({"added/extra": edits.encode_added_post(extra)})
    assert asked.joined([known]) == (known,)
    assert asked.pinned([known]) == ("known",)
    assert asked.joined([post("a")]) == (post("a"), extra)


def test_an_added_post_can_be_listed_only() -> None:
    asked = read_wishes(
        {"added/extra": edits.encode_added_post(post("extra")), "choice/extra": "list"}
    )
    assert (asked.pins, asked.lists) == ((), ("extra",))


@given(values, st.sets(st.sampled_from(NAMES)), st.booleans())
def test_edits_hold_for_whatever_is_left_of_a_week(values, gone, rewritten) -> None:
    """A story may fall out, and what the generator says of the others may change."""
    week = [one for one in WEEK.stories if one.post.id not in gone]
    if rewritten:
        week = [replace(one, reading=replace(one.reading, summary="新的摘要。")) for one in week]
    made = tell_stories(week, values)
    assert {one.post.id for one in made} == set(NAMES) - gone
    for one in made:
        name = one.post.id
        generated = "新的摘要。" if rewritten else next(WEEK.stories).reading.summary
        assert one.reading.summary == values.get(f"summary/{name}", generated)
        if f"quote/{name}" in values:
            *_, words = locate_words(values[f"quote/{name}"], TEXT)
            assert one.reading.quotes[0].text == words
    outlined = [line for line in values.get("order", "").split("\n") if line in NAMES]
    told_order = [one.post.id for one in made if one.post.id in outlined]
    assert told_order == [name for name in outlined if name not in gone]
