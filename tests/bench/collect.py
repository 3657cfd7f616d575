"""What collecting costs: an unchanged feed, a page, a flood of pages, a store that is full."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.draft import VERBS, WORDS
from tests.bench.measure import Cost, Figure, command, median, pair, seconds
from tests.bench.start import python_path
from tests.http_server import Answer, HttpServer, Request, serving, text
from tests.shared import shared

PAGES = 600
STORED = 50_000
NOTHING_NEW = 3
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


class Site:
    """A blog of *count* long posts on a loopback server: its feed lists all, openings alone."""

    def __init__(self, server: HttpServer, count: int) -> None:
        self._server, self._count = server, count
        self.feed = server.url + "/feed.xml"
        self.publish()
        for n in range(count + 50):
            server.put(f"/posts/{n}/", self._page)

    def publish(self, more: int = 0) -> None:
        """Let the feed list the posts, and *more* that are newer."""
        items = "".join(self._item(n) for n in reversed(range(self._count + more)))
        head = f"<title>渡口</title><link>{self._server.url}/</link><language>zh-TW</language>"
        body = f'<rss version="2.0"><channel>{head}{items}</channel></rss>'
        self._server.put("/feed.xml", text(body, "application/rss+xml"))

    def _item(self, n: int) -> str:
        link = f"{self._server.url}/posts/{n}/"
        date = (BEGIN + timedelta(hours=n)).strftime("%a, %d %b %Y %H:%M:%S +0000")
        return (
            f"<item><title>第 {n} 封信</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{date}</pubDate><description>{said(n)[0]}</description></item>"
        )

    def _page(self, request: Request) -> Answer:
        n = int(request.path.split("/")[2])
        body = "".join(f"<p>{paragraph}</p>" for paragraph in said(n))
        menu = "".join(f'<li><a href="/posts/{k}/">第 {k} 封信</a></li>' for k in range(40))
        head = f'<title>第 {n} 封信</title><meta name="description" content="第 {n} 封，寫海。">'
        return text(
            f'<!doctype html><html lang="zh-TW"><head>{head}</head><body><nav><ul>{menu}</ul></nav>'
            f"<main><article><h1>第 {n} 封信</h1><div>{body}</div></article></main></body></html>"
        )


def said(n: int) -> list[str]:
    """Return the paragraphs of the post *n*: about 2,500 characters in all."""
    return [
        "".join(
            f"那一年的{WORDS[(n + k) % 26]}很靜，守{WORDS[(n * 5 + k) % 26]}的人說："
            f"「{WORDS[k % 26]}會{VERBS[(n + k) % 12]}我們，第 {n * 60 + k} 個名字也一樣。」"
            for k in range(5 * part, 5 * part + 5)
        )
        for part in range(12)
    ]


def collect(folder: Path) -> Cost:
    """Return what `digest collect` costs in *folder*; nothing new is as good as something."""
    words = [sys.executable, "-m", "digest", "collect", "--json"]
    return command(words, folder, python_path(), well=(0, NOTHING_NEW))


def configure(folder: Path, feed: str) -> Path:
    """Write a configuration with the one source *feed* to *folder* and return the folder."""
    folder.mkdir(exist_ok=True)
    lines = ('store = "digest.db"', "[[sources]]", 'kind = "feed"', f'url = "{feed}"')
    (folder / "digest.toml").write_text("\n".join(lines), "utf-8")
    return folder


def bench_unchanged(folder: Path) -> Iterator[Figure]:
    """`digest collect` of a feed that answers 304, with the start and everything in it."""
    with serving() as server:
        home = configure(folder / "small", Site(server, 262).feed)
        collect(home)
        asked = len(server.log)
        cost = median(lambda: collect(home).cpu, 5)
        yield Figure(what="an unchanged feed", value=cost, unit="s CPU", bar=0.9)
        yield Figure(what="requests each time", value=(len(server.log) - asked) / 6, unit="", bar=1)


def bench_flood(folder: Path) -> Iterator[Figure]:
    """`digest collect` of 600 new posts and their pages, from a server without delay."""
    with serving() as server:
        cost = collect(configure(folder / "flood", Site(server, PAGES).feed))
        got = len([one for one in server.log if one.path.startswith("/posts/")])
    yield Figure(what=f"{PAGES} new posts, {got} pages", value=cost.cpu, unit="s CPU", bar=6)
    yield Figure(what="peak memory", value=cost.memory, unit="MiB", bar=150)


def bench_page(folder: Path) -> Iterator[Figure]:
    """A post's page to its text and facts, in process."""
    from digest.sources import _article

    pages = list(_pages())
    cost = median(lambda: seconds(lambda: [_article.read_article(*page) for page in pages]), 5)
    what = f"a page (mean of {len(pages)})"
    yield Figure(what=what, value=cost / len(pages) * 1000, unit="ms CPU", bar=3)


def _pages() -> Iterator[tuple[str, str]]:
    """Yield pages with their addresses: of a real blog where it is at hand, else of the sample."""
    from digest.app.demo import SAMPLE

    site = shared("blog", "replay", "02-20260115") or SAMPLE / "public"
    for file in sorted((site / "posts").glob("*/index.html"))[:100]:
        yield file.read_text("utf-8"), f"https://blog.example.org/posts/{file.parent.name}/"


def bench_store(folder: Path) -> Iterator[Figure]:
    """The same commands on a store with 50,000 posts, against a store with the feed's alone."""
    with serving() as server:
        site = Site(server, 262)
        small = configure(folder / "small", site.feed)
        full = configure(folder / "full", site.feed)
        collect(small), collect(full)
        _fill(full / "digest.db", STORED)
        turns = {"small": small, "full": full}

        def unchanged(name: str) -> float:
            return collect(turns[name]).cpu

        more = {"yardstick": "a store of 262", "unit": "s CPU", "bar": 1.2}
        ours, ratio = pair(lambda: unchanged("full"), lambda: unchanged("small"), rounds=5)
        yield Figure(what=f"unchanged, {STORED} stored", value=ours, ratio=ratio, **more)
        costs = [_one_more(site, n, (full, small)) for n in range(1, 6)]
        ours = sorted(a for a, _ in costs)[2]
        ratio = sorted(a / b for a, b in costs)[2]
        yield Figure(what=f"one new post, {STORED} stored", value=ours, ratio=ratio, **more)
        words = [sys.executable, "-m", "digest", "draft", "--week", "2026-W02", "--json"]
        ours, ratio = pair(
            lambda: command(words, full, python_path()).cpu,
            lambda: command(words, small, python_path()).cpu,
            rounds=3,
        )
        yield Figure(what=f"draft, {STORED} stored", value=ours, ratio=ratio, **more)


def _one_more(site: Site, n: int, homes: Sequence[Path]) -> tuple[float, float]:
    """Return what it costs each of the two *homes* to collect the *n*-th post that is new."""
    site.publish(more=n)
    first, second = (collect(home).cpu for home in homes)
    return first, second


def _fill(database: Path, count: int) -> None:
    """Put older posts into the store at *database*, copies of one that is there, up to *count*."""
    from digest.store.engine import connect
    from digest.store.posts import PostStore

    store = PostStore(connect(f"sqlite:///{database}"))
    (name,) = _sources(database)
    known = store.known(name)
    whole = store.within([name], _all_time())[0]
    for begin in range(len(known), count, 1000):
        batch = []
        for n in range(begin, min(begin + 1000, count)):
            link = re.sub(r"/posts/\d+/", f"/archive/{n}/", whole.url)
            when = BEGIN - timedelta(days=90, minutes=n)
            batch.append(
                replace(
                    whole, id=f"{n:064x}", url=link, guid=link, published=when, new_at=when,
                    title=f"舊信 {n}",
                )
            )  # fmt: skip
        store.commit(name, batch)


def _sources(database: Path) -> list[str]:
    import sqlite3

    with sqlite3.connect(database) as connection:
        return [name for (name,) in connection.execute("select name from sources")]


def _all_time() -> "object":
    from digest.model import Period

    return Period(start=BEGIN - timedelta(days=1), end=BEGIN + timedelta(days=365))
