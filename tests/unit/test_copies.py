"""A copy is told by whole texts, kept as such, shown, and let in by a person."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from digest.editorial.collect import collect_sources, complete_texts, release_held
from digest.model import Post
from digest.text import copies
from tests.blog import prose
from tests.command import digest
from tests.http_server import HttpServer, text
from tests.memory import Memory
from tests.prose import NOON, post
from tests.unit.test_collect import NOW, XML, item, page, rss, source

PARTS = "，".join(f"第{n}講：{name}" for n, name in enumerate(["河", "橋", "船", "渡口"], 1))
NAVIGATION = f"本文整理自讀書會的錄音，共四篇。{PARTS}。主持人先謝謝老屋主，也謝謝帶板凳來的人。"


def series(server: HttpServer) -> None:
    """Serve four posts of one excerpt; each page has a text of its own under the same list."""
    names = ["river", "bridge", "boat", "ferry"]
    server.put("/feed.xml", text(rss(*(item(n, 1, NAVIGATION * 4, n) for n in names)), XML))
    for seed, name in enumerate(names):
        server.put(f"/posts/{name}/", text(page(NAVIGATION * 4 + prose(seed))))


def read(server: HttpServer, store: Memory) -> list[Post]:
    """Poll and read every page."""
    (found,) = collect_sources([source(server)], store, store, now=NOW)
    return list(complete_texts([source(server)], store, store, found.new))


def test_parts_of_a_series_share_their_list_and_are_posts(http_server: HttpServer) -> None:
    series(http_server)
    store = Memory()
    assert [post.copy_of for post in read(http_server, store)] == [""] * 4
    assert len(store.posts) == 4


def ghosts(server: HttpServer) -> None:
    """Serve a post, and its text once more under another title, with a date nobody believes."""
    one = item("whole", 1, prose(1), "整理過的訪談")
    ghost = item("ghost", 1, prose(1)[:200], "訪談").replace("01 Mar 2026", "20 Mar 2026")
    server.put("/feed.xml", text(rss(ghost, one, item("other", 2, prose(2))), XML))
    for name, seed in (("whole", 1), ("ghost", 1), ("other", 2)):
        server.put(f"/posts/{name}/", text(page(prose(seed, 80))))


def test_of_two_that_say_the_same_the_one_with_the_believed_date_stays(
    http_server: HttpServer,
) -> None:
    ghosts(http_server)
    store = Memory()
    copies = {p.title: p.copy_of for p in read(http_server, store)}
    assert copies.pop("訪談") == f"{http_server.url}/posts/whole/"
    assert set(copies.values()) == {""}
    assert sum(bool(post.copy_of) for post in store.posts.values()) == 1


def test_a_copy_that_a_person_lets_in_is_a_post_of_its_own(http_server: HttpServer) -> None:
    ghosts(http_server)
    store, later = Memory(), NOW + timedelta(days=1)
    read(http_server, store)
    (freed,) = release_held(
        ["blog"], store, store, urls=[f"{http_server.url}/posts/ghost"], now=later
    )
    assert (freed.copy_of, freed.new_at, freed.released) == ("", later, True)
    assert copies.find_copies(list(store.posts.values())) == {}


def test_the_commands_name_what_is_left_out_and_show_it(
    http_server: HttpServer, tmp_path: Path
) -> None:
    ghosts(http_server)
    (tmp_path / "digest.toml").write_text(
        'store = "d.db"\nlanguage = "zh-TW"\n[fetch]\nallow_private = ["127.0.0.1"]\n'
        f'[[sources]]\nkind = "feed"\nname = "blog"\nurl = "{http_server.url}/feed.xml"\n'
    )
    whole, ghost = (f"{http_server.url}/posts/{name}/" for name in ("whole", "ghost"))
    said = digest("collect", cwd=tmp_path).out
    assert "2 new, 1 copy" in said
    assert f"copy     訪談: it has the text of {whole}; let it in: digest collect --release" in said
    rows = [
        json.loads(line)
        for line in digest("show", "posts", "--json", cwd=tmp_path).out.splitlines()
    ]
    assert {row["url"]: row.get("copy_of") for row in rows if row["state"] == "copy"} == {
        ghost: whole
    }
    digest("collect", "--release", ghost, cwd=tmp_path)
    assert '"copy"' not in digest("show", "posts", "--json", cwd=tmp_path).out


COUNTED = "今日船班，第{}號。早班在六點，晚班在九點，其餘照常。"
ALIKE = "早班在六點，晚班在九點，其餘都照常開。"


def notes(*titles: str, body: str = COUNTED) -> list[Post]:
    """Return short notes of one template, a day apart."""
    return [
        replace(
            post(body.format(n), title=title, text_from="page"),
            id=str(n),
            published=NOON + timedelta(days=n),
        )
        for n, title in enumerate(titles, 1)
    ]


def test_short_posts_of_one_template_are_posts_by_title_or_date() -> None:
    assert copies.find_copies(notes("船班 1", "船班 2", "船班 3")) == {}
    assert copies.find_copies(notes("船班", "船班", "船班", body=ALIKE)) == {}
    one = notes("船班", body=ALIKE)[0]
    assert copies.find_copies([one, replace(one, id="again")]) == {1: 0}


def test_a_long_text_under_another_number_is_a_post_and_an_edited_one_is_a_copy() -> None:
    long = prose(1, 80).replace("，", "。")
    one = post(long, title="第一講", text_from="page")
    assert (
        copies.find_copies([one, post(f"{long}第二講而已。", title="第二講", text_from="page")])
        == {}
    )
    edited = post(f"{long}後來更正了一個字。", title="另一個題目", text_from="page")
    assert copies.find_copies([one, edited]) == {0: 1}
