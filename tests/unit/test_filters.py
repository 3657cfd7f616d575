"""A source gives what is wanted of it, by category, tag, word, language and path."""

from dataclasses import replace
from pathlib import Path

import pytest

from digest.editorial.collect import collect, complete
from digest.model.errors import ConfigError
from digest.sources import hugo
from digest.sources._normalize import Filter, Wanted, wanted
from tests.blog import NOW
from tests.make import post
from tests.memory import Memory

POST = replace(
    post("a", "海會記得誰來過。"),
    categories=("產業",),
    tags=("AI", "海"),
    language="zh-Hant-TW",
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
    assert Filter(**{kind: (miss, hit)}).finds(POST) == hit
    assert Filter(**{kind: (miss,)}).finds(POST) == ""
    assert Wanted(without=Filter(**{kind: (hit,)})).refusal(POST)
    assert not Wanted(only=Filter(**{kind: (hit,)})).refusal(POST)
    assert Wanted(only=Filter(**{kind: (miss,)})).refusal(POST)


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
    (found,) = collect([source], store, store, now=NOW)
    assert [s.reason for s in found.skipped] == ["left out by the filter: 廣告"]
    assert [p.title for p in complete([source], store, store, found.new)] == ["a"]
    assert [p.note for p in store.posts.values() if p.title == "b"] == [
        "left out by the filter: it has nothing of what is wanted"
    ]


def test_an_unknown_kind_of_filter_is_a_setting_gone_wrong() -> None:
    with pytest.raises(ConfigError, match="unknown key"):
        wanted({"only": {"colour": ["red"]}})
