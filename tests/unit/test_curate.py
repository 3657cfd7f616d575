"""The choice: one fate for every post, no episode twice, reasons a person can read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editorial.curate import curate_posts
from digest.editorial.periods import current_week, find_span, find_week
from digest.model import Digest, Document, Period, Post, Quota, Selection
from digest.model.errors import ConfigError

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
PERIOD = Period(start=MONDAY, end=MONDAY + timedelta(days=7), label="2026-W10")
EDITION = Digest(language="en", stories=3)
WORDS = {
    "tide": "tide mill miller moon almanac sluice harbour flood ebb grain",
    "bees": "bees hive keeper drone wax swarm clover queen smoker honey",
    "rail": "train track whistle boiler station signal coal tunnel guard ticket",
}


def told(name: str, topic: str) -> str:
    """Return a text about *topic* that only the post *name* has."""
    random = Random(name)
    return "\n".join(
        f"{name}: {' '.join(random.choices(WORDS[topic].split(), k=9))}." for _ in range(9)
    )


def post(name: str, topic: str = "tide", **given: Any) -> Post:
    moment = MONDAY + timedelta(hours=len(name))
    values = {
        "id": name,
        "source": "blog",
        "url": f"https://blog.example/{name}/",
        "title": f"Notes on {name}",
        "published": moment,
        "first_seen": moment,
        "text_from": "page",
        "document": Document(text=told(name, topic)),
    }
    return Post(**{**values, **given})


def ids(selection: Selection) -> list[str]:
    return [pick.post.id for pick in selection.picks]


def test_a_week_is_a_half_open_span_of_the_blogs_own_days() -> None:
    period = find_week("2026-W02", "Asia/Taipei")
    assert period.start == datetime(2026, 1, 4, 16, tzinfo=UTC)
    assert period.end == datetime(2026, 1, 11, 16, tzinfo=UTC)
    assert period.label == "2026-W02"


@pytest.mark.parametrize("label", ["2025-W53", "2026-02", "W02", "2026-W00", "", "next"])
def test_a_week_that_does_not_exist_is_refused_with_a_remedy(label: str) -> None:
    with pytest.raises(ConfigError, match="Write it like 2026-W02"):
        find_week(label, "UTC")


def test_the_week_of_a_clock_change_is_an_hour_short() -> None:
    period = find_week("2026-W13", "Europe/Berlin")
    assert period.end - period.start == timedelta(days=7, hours=-1)


def test_a_span_includes_its_last_day() -> None:
    period = find_span(date(2026, 1, 1), date(2026, 1, 31), "UTC")
    assert datetime(2026, 1, 31, 23, 59, tzinfo=UTC) in period
    assert datetime(2026, 2, 1, tzinfo=UTC) not in period


def test_a_reversed_span_and_an_unknown_zone_are_refused() -> None:
    with pytest.raises(ConfigError, match="ends before it starts"):
        find_span(date(2026, 2, 1), date(2026, 1, 1), "UTC")
    with pytest.raises(ConfigError, match="no such zone"):
        find_week("2026-W02", "Mars/Olympus")


@pytest.mark.parametrize("hour", [0, 12, 23])
@pytest.mark.parametrize("day", range(7))
def test_the_current_week_is_the_last_complete_one(day: int, hour: int) -> None:
    now = datetime(2026, 3, 9 + day, hour, tzinfo=UTC)
    assert current_week(now, "UTC").label == "2026-W10"


def test_one_story_an_episode_and_the_others_beside_it() -> None:
    posts = [post(name, episode="https://talk.example/1") for name in ("a", "bb", "ccc")]
    posts.append(post("dddd", "bees"))
    selection = curate_posts(posts, PERIOD, EDITION)
    assert len(selection.picks) == 2
    chosen = next(pick for pick in selection.picks if pick.post.episode)
    assert len(chosen.siblings) == 2
    assert set(chosen.siblings) <= set(selection.also)
    assert "3 posts on this episode" in chosen.reasons


def test_the_reason_names_the_show_and_a_theme_is_named_once() -> None:
    posts = [
        post(f"{show}{n}", topic, tags=("Wax",), episode=f"urn:{show}", episode_name=show)
        for show, topic in (("Harbour Radio", "bees"), ("Pier Talks", "tide"))
        for n in range(2)
    ]
    posts += [post(f"rail{n}", "rail") for n in range(7)]
    picks = curate_posts(posts, PERIOD, Digest(language="en", stories=4)).picks
    said = [reason for pick in picks for reason in pick.reasons]
    assert "2 posts on this episode: Harbour Radio" in said
    assert "2 posts on this episode: Pier Talks" in said
    assert sum("Wax" in reason for reason in said) == 1


def test_a_category_that_one_story_stands_for_is_named() -> None:
    posts = [post(f"b{n}", "bees", categories=("Bees",)) for n in range(5)]
    posts.append(post("mill", "tide", categories=("Tide",)))
    picks = {pick.post.id: pick for pick in curate_posts(posts, PERIOD, EDITION).picks}
    assert "the only new post in Tide" in picks["mill"].reasons


def test_reasons_speak_the_language_of_the_edition() -> None:
    posts = [post(name, episode="https://talk.example/1") for name in ("a", "bb", "ccc")]
    edition = Digest(language="zh-Hant-TW", stories=3)
    [pick] = curate_posts(posts, PERIOD, edition).picks
    assert "3" in pick.reasons[0]
    assert not pick.reasons[0].isascii()


def test_an_episode_of_many_posts_leads() -> None:
    posts = [post(f"talk{n}", "bees", episode="https://talk.example/1") for n in range(4)]
    posts += [post("one", "tide"), post("two", "rail")]
    assert curate_posts(posts, PERIOD, EDITION).picks[0].post.episode


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"title": "  "}, "no title"),
        ({"document": Document(text="Soon."), "abstract": ""}, "too short (1 words or characters)"),
        ({"url": "https://blog.example/about/"}, "a page of the site, not a post"),
        ({"document": Document(text=told("first", "tide"))}, "the same text as “Notes on first”"),
    ],
)
def test_what_is_not_fit_is_skipped_with_its_reason(given: dict[str, Any], reason: str) -> None:
    posts = [post("first", published=MONDAY), post("second", "bees"), post("odd", **given)]
    selection = curate_posts(posts, PERIOD, EDITION)
    assert [(skipped.url, skipped.reason) for skipped in selection.skipped] == [
        (posts[2].url, reason)
    ]
    assert "odd" not in ids(selection)


def test_a_notice_gives_way_to_a_whole_post() -> None:
    posts = [post(f"p{n}", "bees") for n in range(4)]
    words = [line.replace("p", "q") for line in told("notice", "bees").splitlines()[:3]]
    posts.append(post("notice", document=Document(text="\n".join(words)), source="desk"))
    edition = Digest(language="en", stories=4)
    assert "notice" not in ids(curate_posts(posts, PERIOD, edition))


def test_a_paragraph_after_much_noise_is_not_too_short() -> None:
    noisy = Document(text="「" * 3_000 + "\n" + told("noisy", "tide"))
    posts = [post("noisy", document=noisy), post("bee", "bees"), post("rail", "rail")]
    assert not curate_posts(posts, PERIOD, EDITION).skipped


def test_a_blog_of_short_notes_is_not_too_short_for_itself() -> None:
    notes = [post(f"n{n}", document=Document(text=told(f"n{n}", "bees")[:60])) for n in range(4)]
    assert not curate_posts(notes, PERIOD, EDITION).skipped


def test_what_was_told_is_not_told_again_but_what_was_skipped_may_be() -> None:
    posts = [post("a"), post("bb", "bees"), post("ccc", "rail"), post("dddd")]
    fates = {"a": "featured", "bb": "listed", "ccc": "skipped", "dddd": "carried"}
    selection = curate_posts(posts, PERIOD, EDITION, fates=fates)
    assert set(ids(selection)) == {"ccc", "dddd"}
    assert {skipped.reason for skipped in selection.skipped} == {"already in an earlier issue"}


def test_a_repeated_text_of_an_earlier_issue_is_not_told_again() -> None:
    earlier = post("old", published=MONDAY - timedelta(days=9))
    again = post("new", document=earlier.document)
    fresh = post("fresh", "bees")
    selection = curate_posts(
        [again, fresh], PERIOD, EDITION, before=[earlier], fates={"old": "featured"}
    )
    assert ids(selection) == ["fresh"]
    assert selection.skipped[0].reason == "the same text as “Notes on old”"


def test_a_pin_is_in_and_a_ban_is_out() -> None:
    posts = [post(f"p{n}", "bees") for n in range(8)]
    posts.append(post("short", document=Document(text="Too short to tell.")))
    edition = Digest(language="en", stories=2)
    selection = curate_posts(posts, PERIOD, edition, pins=["short", "p0"], bans=["p1", "p0"])
    assert "short" in ids(selection)
    assert not {"p0", "p1"} & set(ids(selection))
    pinned = next(pick for pick in selection.picks if pick.post.id == "short")
    assert pinned.reasons[0] == "chosen by the editor"
    assert {skipped.reason for skipped in selection.skipped} == {"left out by the editor"}


def test_pins_beyond_the_size_make_the_issue_grow() -> None:
    posts = [post(f"p{n}", "bees", episode="https://talk.example/1") for n in range(4)]
    edition = Digest(language="en", stories=1)
    assert set(ids(curate_posts(posts, PERIOD, edition, pins=["p1", "p3"]))) == {"p1", "p3"}


def test_of_two_copies_the_pinned_one_is_told() -> None:
    whole, copy = post("whole"), post("copy")
    copy = replace(copy, document=Document(text=whole.document.text.rsplit("\n", 1)[0]))
    selection = curate_posts([whole, copy, post("other", "bees")], PERIOD, EDITION, pins=["copy"])
    assert set(ids(selection)) == {"copy", "other"}
    assert selection.skipped[0].title == "Notes on whole"


def test_a_series_says_its_part_starts_at_the_first_and_does_not_fill_the_issue() -> None:
    year = [post(f"y{n}", title=f"A year at the mill ({n})") for n in (1, 2, 3)]
    others = [post("bee", "bees"), post("rail", "rail"), post("wax", "bees")]
    selection = curate_posts([*year, *others], PERIOD, EDITION)
    [pick] = [pick for pick in selection.picks if pick.post in year]
    assert pick.post.id == "y1"
    assert "part 1 of the series A year at the mill" in pick.reasons
    assert curate_posts([year[2], *others], PERIOD, EDITION, before=year[:2]).picks


def test_the_strongest_quotation_is_a_reason_and_counts() -> None:
    posts = [post(f"p{n}", "bees") for n in range(6)]
    edition = Digest(language="en", stories=1)
    [pick] = curate_posts(posts, PERIOD, edition, strength={"p4": 0.9, "p1": 0.2}).picks
    assert pick.post.id == "p4"
    assert "strongest quotation of all new posts" in pick.reasons


def test_quotas_of_the_edition_hold() -> None:
    posts = [post(f"s{n}", "bees", categories=("sea",)) for n in range(5)]
    posts += [post(f"l{n}", "rail", categories=("land",)) for n in range(5)]
    edition = Digest(language="en", stories=4, quotas={"sea": Quota(most=1)})
    picked = [pick.post.categories for pick in curate_posts(posts, PERIOD, edition).picks]
    assert sorted(picked) == [("land",), ("land",), ("land",), ("sea",)]


def test_a_new_theme_is_named_with_its_numbers() -> None:
    posts = [post(f"p{n}", "bees", tags=("Wax",)) for n in range(2)]
    posts += [post(f"q{n}", "tide") for n in range(4)]
    before = [
        post(f"b{n}", "rail", published=MONDAY - timedelta(days=n + 1), text_from="page")
        for n in range(6)
    ]
    selection = curate_posts(posts, PERIOD, EDITION, before=before)
    assert [(theme.name, theme.posts, theme.change) for theme in selection.themes] == [
        ("Wax", 2, 2)
    ]
    told_of = next(pick for pick in selection.picks if pick.post.tags)
    assert "new theme: Wax, 2 posts" in told_of.reasons


def test_what_was_never_read_is_no_measure_of_a_rise() -> None:
    posts = [post(f"p{n}", "bees", tags=("Wax",), text_from="page") for n in range(2)]
    posts += [post(f"q{n}", "tide") for n in range(4)]
    days = [MONDAY - timedelta(days=n + 1) for n in range(6)]
    unread = [post(f"b{n}", "rail", published=d, text_from="feed") for n, d in enumerate(days)]
    (theme,) = curate_posts(posts, PERIOD, EDITION, before=unread).themes
    assert (theme.name, theme.change) == ("Wax", None)
    labelled = [replace(one, tags=("Rail",)) for one in unread]
    assert curate_posts(posts, PERIOD, EDITION, before=labelled).themes[0].change == 2


def test_no_posts_make_an_empty_selection() -> None:
    assert curate_posts([], PERIOD, EDITION) == Selection(picks=())


def test_the_oddest_texts_make_no_noise() -> None:
    odd = ["", "🎉" * 500, "字" * 50_000, "((((", "\n\n\n", "שלום עולם " * 60, "「" * 200]
    posts = [post(f"p{n}", document=Document(text=text)) for n, text in enumerate(odd)]
    assert_one_fate(posts, curate_posts(posts, PERIOD, EDITION))


def assert_one_fate(posts: Sequence[Post], selection: Selection) -> None:
    """Check that every post has exactly one fate, and every reason is said."""
    skipped = {skipped.url for skipped in selection.skipped}
    fates = [*(p.post.id for p in selection.picks), *(p.id for p in selection.also)]
    fates += [one.id for one in {post.id: post for post in posts}.values() if one.url in skipped]
    assert sorted(fates) == sorted({post.id for post in posts})
    assert all(pick.reasons and all(pick.reasons) for pick in selection.picks)
    assert all(one.reason for one in selection.skipped)


@st.composite
def weeks(draw: st.DrawFn) -> list[Post]:
    names = draw(st.lists(st.sampled_from([f"n{n}" for n in range(14)]), max_size=9, unique=True))
    topic, mark = st.sampled_from(sorted(WORDS)), st.sampled_from(["", "", " (1)", " (2)"])
    return [
        post(
            name,
            draw(topic),
            title=draw(st.sampled_from(["Notes", "Letters", " "])) + draw(mark),
            episode=draw(st.sampled_from(["", "", "https://talk.example/1", "urn:2"])),
            categories=draw(st.sampled_from([(), ("sea",), ("land", "sea")])),
            tags=draw(st.sampled_from([(), ("Wax",), ("Wax", "Coal")])),
        )
        for name in names
    ]


NAMES = st.sets(st.sampled_from([f"n{n}" for n in range(14)]), max_size=3)


@settings(max_examples=60, deadline=None)
@given(weeks(), NAMES, NAMES, st.randoms(use_true_random=False), st.integers(0, 5))
def test_every_post_has_one_fate_whatever_the_order(
    posts: list[Post], pins: set[str], bans: set[str], random: Random, size: int
) -> None:
    edition = Digest(language="en", stories=size)
    shuffled = random.sample(posts, len(posts))
    selection = curate_posts(posts, PERIOD, edition, pins=pins, bans=bans)
    assert selection == curate_posts(
        shuffled, PERIOD, edition, pins=sorted(pins), bans=sorted(bans)
    )
    assert_one_fate(posts, selection)
    assert not bans & {*ids(selection), *(one.id for one in selection.also)}
    titled = {one.id for one in posts if one.title.strip()}
    assert (pins - bans) & titled <= set(ids(selection))


@settings(max_examples=40, deadline=None)
@given(weeks(), st.integers(1, 5))
def test_no_episode_is_told_twice_and_no_issue_is_too_long(posts: list[Post], size: int) -> None:
    selection = curate_posts(posts, PERIOD, Digest(language="en", stories=size))
    episodes = [pick.post.episode or pick.post.id for pick in selection.picks]
    assert len(episodes) == len(set(episodes)) <= size
    scores = [pick.score for pick in selection.picks]
    assert scores == sorted(scores, reverse=True)
