"""What a flood held back is listed, and let in once a person says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.editorial.collect import release_held
from digest.model import HELD_TIME, Collected
from digest.model.errors import SourceError
from digest.render.export import build_post_json, report_posts
from digest.store.engine import connect
from digest.store.posts import PostStore
from tests.command import digest
from tests.http_server import HttpServer, text
from tests.make import NOW, post
from tests.memory import Memory
from tests.unit.test_collect import NOW as MARCH
from tests.unit.test_collect import XML, collected, item, rss


def flooded(server: HttpServer) -> tuple[Memory, Collected]:
    """Return a store after a second poll that brought thirty old posts at once."""
    known = [item(f"k{n}", 2 + n, f"{n}號的正文。") for n in range(3)]
    old = [item(f"o{n}", 1, f"第{n}篇舊文說的是別的事情。") for n in range(30)]
    server.put("/feed.xml", [text(rss(*known), XML), text(rss(*known, *old), XML)])
    store = Memory()
    collected(server, store)
    return store, collected(server, store, MARCH + timedelta(days=1))


def test_a_flood_is_reported_with_the_way_out(http_server: HttpServer) -> None:
    store, found = flooded(http_server)
    assert (len(found.held), found.new) == (30, ())
    assert "digest collect --release" in found.warnings[0]
    count, newest = store.newest("blog", held=True, most=4)
    assert (count, len(newest)) == (30, 4)


def test_what_is_let_in_is_new_from_now_on_and_only_once(http_server: HttpServer) -> None:
    store, _ = flooded(http_server)
    later = MARCH + timedelta(days=2)
    freed = release_held(["blog"], store, store, urls=(), now=later)
    assert {(p.new_at, p.note, bool(p.document.text)) for p in freed} == {(later, "", True)}
    assert len(freed) == 30
    assert release_held(["blog"], store, store, urls=(), now=later) == ()
    again = collected(http_server, store, later)
    assert (again.new, again.held) == ((), ())


def test_one_address_lets_in_one_post(http_server: HttpServer) -> None:
    store, found = flooded(http_server)
    (one,) = release_held(["blog"], store, store, urls=[found.held[3].url], now=MARCH)
    assert one.id == found.held[3].id
    assert len(store.held("blog")) == 29
    with pytest.raises(SourceError, match="show posts --held"):
        release_held(["blog"], store, store, urls=["https://nowhere.example/"], now=MARCH)


def dated(name: str, date: str) -> str:
    return item(name, 1, f"{name}的正文。").replace("01 Mar 2026 08:00:00 +0800", date)


def test_a_date_nobody_reads_is_never_today_and_takes_its_own_once_it_is_read(
    http_server: HttpServer,
) -> None:
    first = rss(item("a", 2), dated("b", "Moonday the 3rd"))
    mended = rss(item("a", 2), dated("b", "3. März 2026"))
    http_server.put("/feed.xml", [text(first, XML), text(mended, XML)])
    store = Memory()
    found = collected(http_server, store)
    assert [p.title for p in found.new] == ["a"]
    assert [p.note for p in found.held] == ["held: its date “Moonday the 3rd” cannot be read"]
    assert "“b”: its date “Moonday the 3rd” cannot be read" in found.warnings[0]
    (changed,) = collected(http_server, store, MARCH + timedelta(days=1)).changed
    assert (changed.published, changed.new_at) == (datetime(2026, 3, 3, tzinfo=UTC),) * 2
    assert (changed.dated, changed.note) == (True, "")


def test_what_has_no_date_is_held_at_the_first_poll_and_new_when_it_comes_later(
    http_server: HttpServer,
) -> None:
    known = [dated(name, "") for name in "ab"]
    http_server.put("/feed.xml", [text(rss(*known), XML), text(rss(*known, dated("c", "")), XML)])
    store, later = Memory(), MARCH + timedelta(days=1)
    first = collected(http_server, store)
    assert (first.new, [p.title for p in first.held]) == ((), ["a", "b"])
    second = collected(http_server, store, later)
    assert [(p.title, p.new_at) for p in second.new] == [("c", later)]


def test_a_first_poll_where_all_posts_are_of_one_moment_is_held(http_server: HttpServer) -> None:
    rebuilt = [dated(f"r{n}", "04 Mar 2026 09:00:00 +0000") for n in range(30)]
    http_server.put("/feed.xml", text(rss(item("a", 2), *rebuilt), XML))
    found = collected(http_server, Memory())
    assert ([p.title for p in found.new], len(found.held)) == (["a"], 30)


def test_what_a_filter_left_out_is_let_in_by_its_address_alone() -> None:
    refused = post(new_at=HELD_TIME, note="left out by the filter: 河")
    store = Memory(posts={"a": refused})
    assert release_held(["blog"], store, store, urls=(), now=NOW) == ()
    assert len(release_held(["blog"], store, store, urls=[refused.url], now=NOW)) == 1


def test_the_list_tells_state_reason_and_how_many_there_are() -> None:
    held = post("b", new_at=HELD_TIME, note="held: it came in a flood")
    said = report_posts(7, [post("a"), held], {})
    assert said.splitlines()[0] == "2026-03-11  new   第 a 班船"
    assert "2026-03-11  held  第 b 班船" in said
    assert held.url in said
    assert held.note in said
    assert said.endswith("2 of 7; more with --most N")
    assert build_post_json(held)["state"] == "held"
    late = replace(post("a"), published=datetime(2026, 3, 11, 17, tzinfo=UTC))
    assert report_posts(1, [late], {late.source: "Asia/Taipei"}).startswith("2026-03-12")


def test_the_command_lists_and_lets_in(tmp_path: Path) -> None:
    settings = (
        'store = "posts.db"\n[[sources]]\nkind="feed"\nname="blog"\nurl="https://b.example/"\n'
    )
    (tmp_path / "digest.toml").write_text(settings)
    digest("show", "posts", cwd=tmp_path, status=3)
    engine = connect(f"sqlite:///{tmp_path / 'posts.db'}")
    held = post("b", new_at=HELD_TIME, note="held: it came in a flood")
    PostStore(engine).commit("blog", [post("a"), held])
    engine.dispose()
    assert digest("show", "posts", "--held", "--json", cwd=tmp_path).json()["id"] == "b"
    assert "第 a 班船" in digest("show", "posts", cwd=tmp_path).out
    assert "1 of 2" in digest("show", "posts", "--most", "1", cwd=tmp_path).out
    assert digest("show", "posts", "--url", held.url, "--json", cwd=tmp_path).json()["text"]
    assert held.url in digest("show", "posts", "--url", held.url, cwd=tmp_path).out
    digest("show", "posts", "--url", "https://nowhere.example/", cwd=tmp_path, status=3)
    digest("show", "posts", "--source", "other", cwd=tmp_path, status=3)
    assert "show posts" in digest("show", "--held", cwd=tmp_path, status=2).complaint
    assert "--release" in digest("collect", held.url, cwd=tmp_path, status=2).complaint
    assert digest("collect", "--release", "--json", cwd=tmp_path).json()["state"] == "new"
    digest("collect", "--release", cwd=tmp_path, status=3)
