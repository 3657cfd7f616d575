"""A source gives what is wanted of it, by category, tag, word, language and path."""

from dataclasses import replace
from pathlib import Path

import pytest

from digest.editorial.collect import collect_sources, complete_texts
from digest.model import HELD_TIME, NOTHING_WANTED
from digest.model.errors import ConfigError
from digest.sources import hugo
from digest.sources._normalize import PostFilter, SourceFilter, read_source_filter
from tests.blog import NOW
from tests.make import post
from tests.memory import Memory

POST = replace(
    post("a", "海會記得誰來過。"),
    categories=("產業",),
    tags=("AI", "海"),
    language="zh-Hant-TW",
    text_from="page",
)


@pytest.mark.parametrize(
    ("kind", "hit", "miss"),
    [
        ("categories", "產業", "人物"),
        ("tags", "ai", "A"),
        ("words", "記得", "忘記"),
        ("languages", "zh", "en"),
        ("paths", "/posts/", "/notes/"),
    ],
)
def test_each_kind_of_filter_finds_its_own(kind: str, hit: str, miss: str) -> None:
    assert PostFilter(**{kind: (miss, hit)}).finds(POST) == hit
    assert PostFilter(**{kind: (miss,)}).finds(POST) == ""
    assert SourceFilter(without=PostFilter(**{kind: (hit,)})).refusal(POST)
    assert not SourceFilter(only=PostFilter(**{kind: (hit,)})).refusal(POST)
    assert SourceFilter(only=PostFilter(**{kind: (miss,)})).refusal(POST)


def test_what_is_not_wanted_is_left_out_with_its_reason(tmp_path: Path) -> None:
    for name, tag in (("a", "海"), ("b", "山"), ("c", "廣告")):
        (tmp_path / f"{name}.md").write_text(
            f"---\ntitle: {name}\ndate: 2026-03-01\ntags: [{tag}]\n---\n{name}說了一句話。"
        )
    options = {
        "folder": str(tmp_path),
        "only": {"tags": ["海", "廣告"]},
        "without": {"tags": "廣告"},
    }
    source, store = hugo.build(options), Memory()
    (found,) = collect_sources([source], store, store, now=NOW)
    assert [p.title for p in found.new] == ["a", "b", "c"]
    read = complete_texts([source], store, store, found.new)
    assert {p.title: source.refusal(p) for p in read} == {"a": "", "b": NOTHING_WANTED, "c": "廣告"}
    assert all(p.new_at == p.published for p in store.posts.values())


def test_what_a_filter_held_once_is_let_go_and_judged_by_the_filter_of_now(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: a\ndate: 2026-03-01\n---\na說了一句話。")
    source, store = hugo.build({"folder": str(tmp_path)}), Memory()
    (found,) = collect_sources([source], store, store, now=NOW)
    (post,) = found.new
    store.posts[post.id] = replace(post, new_at=HELD_TIME, note="left out by the filter: a")
    collect_sources([source], store, store, now=NOW)
    assert store.posts[post.id].new_at == post.published


def test_an_unknown_kind_of_filter_is_a_setting_gone_wrong() -> None:
    with pytest.raises(ConfigError, match="unknown key"):
        read_source_filter({"only": {"colour": ["red"]}})
