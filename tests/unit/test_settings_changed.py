"""A source that moves, leaves and returns, and a filter written later: the posts are the same."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from digest.app.composition import App
from digest.app.init import BlogFeed, Found, write_toml
from digest.editorial import pipeline
from digest.editorial.collect import collect_sources
from digest.model import FeedInfo, Revision
from digest.sources import feed
from tests.blog import NOW, XML, Blog, entries
from tests.http_server import HttpServer, text
from tests.memory import Memory
from tests.ticking import World, taipei
from tests.unit.test_late_posts import drafted


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(folder=tmp_path, language="en")


@pytest.fixture
def blog(http_server: HttpServer) -> Blog:
    blog = Blog(http_server)
    blog.publish(*entries(0, 12))
    return blog


def poll(store: Memory, **options: str) -> tuple:
    (found,) = collect_sources([feed.build(options)], store, store, now=NOW)
    return found.new, found.changed, found.moved


def test_a_feed_at_another_address_is_the_source_it_was(
    blog: Blog, http_server: HttpServer
) -> None:
    store = blog.store
    assert len(poll(store, url=f"{http_server.url}/feed.xml")[0]) == 12
    for post in list(store.posts.values()):
        whole = replace(post, text_from="page")
        store.commit(post.source, [whole])
    ids = set(store.posts)
    assert poll(store, url=f"{http_server.url}/feed.xml?all=1") == ((), (), ())
    assert poll(store, url=f"{http_server.url}/feed.xml", name="journal") == ((), (), ())
    assert {post.source for post in store.posts.values()} == {"journal"}
    assert (set(store.posts), {p.text_from for p in store.posts.values()}) == (ids, {"page"})


def test_a_feed_that_moves_with_its_blog_keeps_its_posts(
    blog: Blog, http_server: HttpServer
) -> None:
    poll(blog.store, url=f"{http_server.url}/feed.xml")
    blog.base = "https://elsewhere.example"
    blog.publish(*entries(0, 12), *entries(40, 1, day=1))
    new, changed, moved = poll(blog.store, url=f"{http_server.url}/feed.xml", name="new")
    assert ([post.title for post in new], changed, len(moved)) == (["關於 p40"], (), 12)


def test_another_blog_is_another_source(blog: Blog, http_server: HttpServer) -> None:
    poll(blog.store, url=f"{http_server.url}/feed.xml", name="one")
    blog.publish(*entries(100, 12))
    assert len(poll(blog.store, url=f"{http_server.url}/feed.xml", name="two")[0]) == 12
    assert {post.source for post in blog.store.posts.values()} == {"one", "two"}
    http_server.put("/empty.xml", text("<rss><channel><title>x</title></channel></rss>", XML))
    assert poll(blog.store, url=f"{http_server.url}/empty.xml", name="three") == ((), (), ())


def test_a_source_under_a_new_name_tells_nothing_twice(world: World) -> None:
    world.post("salt", taipei("2026-01-19 10:00"))
    approve(world, drafted(world, "2026-01-26 09:00", "2026-W04"))
    early = drafted(world, "2026-01-27 09:00", "2026-W04")
    config = world.folder / "digest.toml"
    named = config.read_text("utf-8").replace('kind = "hugo"', 'kind = "hugo"\nname = "b"')
    config.write_text(named, "utf-8")
    world.post("lamp", taipei("2026-01-27 10:00"))
    approve(world, drafted(world, "2026-02-02 09:00", "2026-W05"))
    assert world.told() == [["salt"], ["lamp"]]
    again = pipeline.redraft_issue(
        App(world.settings).kit(), early.issue.id, taipei("2026-02-03 09:00")
    )
    assert len(list(again.revision.issue.stories)) == 1


def approve(world: World, revision: Revision) -> None:
    pipeline.approve_revision(world.issues, revision, revision.created)


def test_a_filter_written_later_holds_for_what_is_stored_and_is_taken_back(world: World) -> None:
    for name in ("salt", "lamp"):
        world.post(name, taipei("2026-01-20 10:00"))
    assert len(list(drafted(world, "2026-01-26 09:00", "2026-W04").issue.stories)) == 2
    config = world.folder / "digest.toml"
    before = config.read_text("utf-8")
    here = 'folder = "posts"\n'
    config.write_text(before.replace(here, f'{here}without = {{words = ["lamp"]}}\n'), "utf-8")
    issue = drafted(world, "2026-01-26 10:00", "2026-W04").issue
    assert [(s.title, s.reason) for s in issue.skipped] == [
        ("lamp 的故事", "left out by the filter: lamp")
    ]
    config.write_text(before.replace(here, f'{here}only = {{words = ["nothing"]}}\n'), "utf-8")
    issue = drafted(world, "2026-01-26 11:00", "2026-W04").issue
    assert len(issue.skipped) == 2
    assert "nothing of what is wanted" in issue.skipped[0].reason
    config.write_text(before, "utf-8")
    assert len(list(drafted(world, "2026-01-26 12:00", "2026-W04").issue.stories)) == 2


def test_a_configuration_that_is_written_for_a_blog_names_its_source() -> None:
    best = BlogFeed(url="https://www.blog.example.org/feed.xml", title="渡口")
    found = Found(feeds=(best,), about=FeedInfo())
    settings = tomllib.loads(write_toml("blog.example.org", found))
    assert settings["sources"][0]["name"] == "blog.example.org"
