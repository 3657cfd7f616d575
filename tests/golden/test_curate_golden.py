"""A week chosen as an editor would choose it; the judgement stands beside the posts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from digest.editorial.curate import curate_posts
from digest.model import Digest, Document, Period, Post, Selection

WEEK = yaml.safe_load(Path(__file__).with_name("curate_week.yaml").read_text(encoding="utf-8"))
WANTED = WEEK["expected"]
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def posts(entries: list[dict[str, Any]], start: datetime) -> list[Post]:
    return [
        Post(
            id=entry["id"],
            source="island",
            url=f"https://island.example/{entry['id']}/",
            title=entry["title"],
            published=start + timedelta(hours=8 * number),
            first_seen=start + timedelta(hours=8 * number),
            abstract=entry.get("abstract", ""),
            tags=tuple(entry.get("tags", ())),
            categories=tuple(entry.get("categories", ())),
            episode=entry.get("episode", ""),
            document=Document(text=entry["text"].strip()),
            text_from="page",
        )
        for number, entry in enumerate(entries)
    ]


@pytest.fixture(scope="module")
def selection() -> Selection:
    edition = Digest(language="zh-Hant-TW", timezone="Asia/Taipei", stories=WEEK["stories"])
    before = posts(WEEK["before"], MONDAY - timedelta(days=5))
    period = Period(start=MONDAY, end=MONDAY + timedelta(days=7), label="2026-W10")
    return curate_posts(posts(WEEK["posts"], MONDAY), period, edition, before=before)


def test_the_episode_with_most_posts_leads(selection: Selection) -> None:
    assert selection.picks[0].post.episode == WANTED["lead_episode"]
    assert len(selection.picks[0].siblings) == 2


@pytest.mark.parametrize("wanted", WANTED["one_of_each"], ids=lambda ids: ids[0])
def test_each_matter_of_the_week_is_told(selection: Selection, wanted: list[str]) -> None:
    assert {pick.post.id for pick in selection.picks} & set(wanted)


def test_copies_and_announcements_are_left_out(selection: Selection) -> None:
    assert sorted(s.url.split("/")[-2] for s in selection.skipped) == sorted(WANTED["skipped"])


def test_the_theme_of_the_week_and_its_change(selection: Selection) -> None:
    found = [(theme.name, theme.posts, theme.change) for theme in selection.themes]
    wanted = WANTED["theme"]
    assert (wanted["name"], wanted["posts"], wanted["change"]) in found


@pytest.mark.parametrize(("post", "words"), WANTED["reasons"].items())
def test_a_reason_tells_its_story_from_the_others(
    selection: Selection, post: str, words: str
) -> None:
    [pick] = [pick for pick in selection.picks if pick.post.id == post]
    assert any(words in reason for reason in pick.reasons)
