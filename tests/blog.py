"""A blog in memory that publishes a feed: posts are added, edited, renamed and moved by tests."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape

from digest.editorial.collect import collect_sources
from digest.model import Collected
from digest.sources import feed
from tests.http_server import HttpServer, text
from tests.memory import Memory

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
XML = "application/rss+xml"
_THINGS = ("燈塔", "渡船", "鹽田", "磚窯", "果園", "溪流", "市集", "鐘樓", "山路", "書店", "麵店")
_DEEDS = ("老了", "開張了", "搬走了", "被人記得", "換了主人", "等來一場雨", "忽然安靜", "重新上漆")


def prose(seed: int, clauses: int = 40) -> str:
    """Return a text that shares few clauses with that of another *seed*."""
    words = (
        f"第{seed * 97 + n}年的{_THINGS[(seed + n) % 11]}{_DEEDS[(seed * 3 + n) % 8]}，"
        for n in range(clauses)
    )
    return "".join(words)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry; ``guid`` None means that it is the link, "" that there is none."""

    name: str
    at: datetime | None = NOW
    title: str | None = None
    summary: str = ""
    guid: str | None = None
    section: str = "posts"
    link: str | None = None

    def xml(self, base: str) -> str:
        link = self.link if self.link is not None else f"{base}/{self.section}/{self.name}/"
        guid = link if self.guid is None else self.guid
        title = f"關於 {self.name}" if self.title is None else self.title
        date = f"<pubDate>{self.at.isoformat()}</pubDate>" if self.at else ""
        return (
            f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
            f"{f'<guid>{escape(guid)}</guid>' if guid else ''}{date}"
            f"<description>{escape(f'<p>{self.summary}</p>')}</description></item>"
        )


def entries(first: int, count: int, *, day: int = 0, **fields: object) -> list[Entry]:
    """Return *count* entries of their own text, an hour apart, *day* days after ``NOW``."""
    start = NOW + timedelta(days=day)
    return [
        replace(
            Entry(name=f"p{n}", at=start + timedelta(minutes=n), summary=prose(n)),
            **fields,
        )
        for n in range(first, first + count)
    ]


@dataclass
class Blog:
    """A feed on a real server and the store it is collected into."""

    server: HttpServer
    base: str = "https://blog.example"
    store: Memory = field(default_factory=Memory)

    def publish(self, *posts: Entry, closed: bool = True) -> None:
        """Put the feed of *posts* on the server, cut off in its last post if not *closed*."""
        body = "".join(post.xml(self.base) for post in posts)
        whole = f"<rss version='2.0'><channel><title>部落格</title>{body}"
        ending = "</channel></rss>" if closed else ""
        self.server.put("/feed.xml", text(whole[: None if closed else -60] + ending, XML))

    def collect(self, day: float = 0) -> Collected:
        """Collect *day* days after ``NOW``."""
        source = feed.build({"url": f"{self.server.url}/feed.xml", "name": "blog"})
        now = NOW + timedelta(days=day)
        (found,) = collect_sources([source], self.store, self.store, now=now)
        return found
