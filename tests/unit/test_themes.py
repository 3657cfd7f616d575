"""Themes of a period: from tags, people and titles, measured in the texts, against before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.editorial import themes
from digest.model import Document, Post, Theme

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
FILLER = "The ferry leaves at six and the gulls follow it across the bay until the bell."


def post(number: int, text: str = "", **given: Any) -> Post:
    moment = given.pop("published", MONDAY + timedelta(hours=number))
    values = {
        "id": f"{moment:%j}-{number}",
        "source": "blog",
        "url": f"https://blog.example/{number}/",
        "title": f"Log {number}",
        "published": moment,
        "first_seen": moment,
        "document": Document(text=f"{FILLER} {text}"),
    }
    return Post(**{**values, **given})


def plain(count: int, weeks_ago: int = 0, start: int = 50) -> list[Post]:
    when = MONDAY - timedelta(weeks=weeks_ago)
    return [post(start + n, tags=("ferry",), published=when) for n in range(count)]


def named(found: Sequence[Theme]) -> dict[str, tuple[int, int | None]]:
    return {theme.name: (theme.posts, theme.change) for theme in found}


def test_a_theme_counts_its_posts_by_tag_title_abstract_and_text() -> None:
    posts = [
        post(1, "A lamp was lit.", tags=("Lighthouse",)),
        post(2, "A lamp in the lighthouse.", tags=("Lighthouse",)),
        post(3, title="The lighthouse at noon"),
        post(4, abstract="We climb the Lighthouse."),
        post(5, "Lighthouse here, lighthouse there: the lighthouse, a lighthouse. Lighthouse!"),
        *plain(9),
    ]
    assert named(themes.find_themes(posts, [])) == {"Lighthouse": (5, None)}


def test_the_change_is_against_the_usual_week() -> None:
    posts = [post(n, "kelp", tags=("Kelp",)) for n in range(5)] + plain(9)
    past = [
        post(20, "kelp", tags=("Kelp",), published=MONDAY - timedelta(days=2)),
        post(21, "kelp", tags=("Kelp",), published=MONDAY - timedelta(days=15)),
        *plain(6, weeks_ago=2),
    ]
    assert named(themes.find_themes(posts, past)) == {"Kelp": (5, 4)}


def test_what_there_never_was_is_new() -> None:
    posts = [post(n, "kelp", tags=("Kelp",)) for n in range(3)] + plain(6)
    [subject] = themes.find_subjects(posts, plain(9, weeks_ago=1))
    assert subject.theme == Theme(name="Kelp", posts=3, change=3)
    assert subject.rises


def test_too_little_before_gives_no_change() -> None:
    posts = [post(n, "kelp", tags=("Kelp",)) for n in range(3)] + plain(6)
    assert named(themes.find_themes(posts, plain(2, weeks_ago=1))) == {"Kelp": (3, None)}


@pytest.mark.parametrize("tag", ["Podcast", "CEO", "執行長", "Field notes", "Harbour Radio"])
def test_forms_roles_sections_and_shows_are_no_themes(tag: str) -> None:
    posts = [
        post(
            n,
            f"A {tag} about {tag}.",
            tags=(tag,),
            categories=("Field notes",),
            episode_name="Harbour Radio",
        )
        for n in range(3)
    ]
    assert tag not in named(themes.find_themes([*posts, *plain(9)], []))


def test_one_post_or_one_episode_makes_no_theme() -> None:
    posts = [post(1, "kelp", tags=("Kelp",))]
    posts += [
        post(n, "coral", tags=("Coral",), episode="https://talk.example/9") for n in (2, 3, 4)
    ]
    assert named(themes.find_themes([*posts, *plain(9)], [])) == {}


def test_the_host_of_a_show_is_no_theme_but_a_guest_of_two_is() -> None:
    shows = ("Harbour Radio", "Harbour Radio", "Pier Talks")
    posts = [
        post(n, "Rowan Tinsel and Ada Quay.", people=("Rowan Tinsel",), episode_name=show)
        for n, show in enumerate(shows)
    ]
    hosted = [replace(one, people=("Ada Quay", *one.people)) for one in posts[:2]]
    assert named(themes.find_themes([*hosted, *plain(9)], [])) == {}
    assert named(themes.find_themes([*posts, *plain(9)], [])) == {"Rowan Tinsel": (3, None)}


def test_what_covers_nearly_everything_is_no_theme() -> None:
    posts = [post(n, "salt", tags=("Salt",)) for n in range(8)] + plain(4)
    assert "Salt" not in named(themes.find_themes(posts, []))


def test_two_spellings_and_a_longer_name_are_one_theme() -> None:
    posts = [
        post(1, "潮汐 AI", tags=("潮汐 AI",)),
        post(2, "潮汐AI 的事", tags=("潮汐AI",)),
        post(3, "潮汐 AI", tags=("潮汐 AI", "潮汐 AI 模型")),
        post(4, "潮汐 AI 模型", tags=("潮汐 AI 模型",)),
        *plain(9),
    ]
    found = named(themes.find_themes(posts, []))
    assert found == {"潮汐 AI": (3, None)}


def test_a_name_in_two_scripts_is_one_theme() -> None:
    posts = [
        post(1, "今天訪問溫若汀（Rowan Tinsel），溫若汀談海藻。", tags=("溫若汀",)),
        post(2, "溫若汀說了很多。", tags=("溫若汀",)),
        post(3, "Rowan Tinsel again.", tags=("Rowan Tinsel",)),
        post(4, "Rowan Tinsel once more.", tags=("Rowan Tinsel",)),
        *plain(9),
    ]
    [theme] = themes.find_themes(posts, [])
    assert theme.posts == 4
    assert theme.name in {"溫若汀", "Rowan Tinsel"}


def test_themes_of_the_same_posts_are_told_once() -> None:
    posts = [post(n, "kelp and algae", tags=("Kelp", "Algae")) for n in range(3)] + plain(9)
    assert len(themes.find_themes(posts, [])) == 1


def test_a_blog_without_tags_has_themes_by_its_titles() -> None:
    titles = ["Storing Solar Power at sea", "Why Solar Power won the island", "Night on the pier"]
    posts = [post(n, title=title, abstract=title.lower()) for n, title in enumerate(titles)]
    posts[0] = post(0, "solar power " * 3, title=titles[0])
    bare = [post(30 + n) for n in range(5)]
    assert named(themes.find_themes([*posts, *bare], [])) == {"Solar Power": (2, None)}


def test_chinese_titles_give_phrases_and_no_mere_words() -> None:
    posts = [
        post(1, "資料中心很大。", title="海上的資料中心", tags=("海",)),
        post(2, "資料中心很冷。", title="誰需要資料中心？", tags=("冰",)),
        *plain(9),
    ]
    assert named(themes.find_themes(posts, [])) == {"資料中心": (2, None)}


def test_a_name_is_not_found_inside_another() -> None:
    posts = [post(n, "The arc of the ark.", tags=("Ark",)) for n in range(2)]
    posts += [post(5, "A sharkskin market", title="Market and sharks"), *plain(9)]
    assert named(themes.find_themes(posts, [])) == {"Ark": (2, None)}


def test_nothing_has_no_themes() -> None:
    assert themes.find_themes([], []) == ()
    assert themes.find_themes([post(1)], [post(2)]) == ()


def test_there_are_never_more_than_a_reader_takes_in() -> None:
    names = [f"Reef {letter}" for letter in "ABCDEFGHIJKLM"]
    posts = [post(n, name, tags=(name,)) for n, name in enumerate([*names, *names])]
    assert len(themes.find_themes(posts, [])) == themes.MOST
