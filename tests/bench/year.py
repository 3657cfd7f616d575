"""A year of a blog, of its editor and of a machine that dies: has every post one fate?

52 weeks of 20 to 80 posts: late, back-dated, dated ahead, undated, edited, renamed, written over,
from one template, parts of series, copies; a feed that moves; issues approved early, in time, late
or not at all; a weekly and a monthly digest; processes that die at any commit. Every choice is
drawn from a seed. ``python -m tests.bench year`` lives through SEEDS of them (DIGEST_SEEDS).
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from digest.app.composition import App
from digest.config.settings import load_settings
from digest.editorial import pipeline
from digest.editorial.periods import find_span, find_week
from digest.model import HELD_TIME, Period, Post, Summary, SummaryFrom
from digest.model.choice import DetailedSummary
from digest.model.errors import DraftError, NothingToDo
from tests.bench.measure import Figure
from tests.blog import prose
from tests.http_server import HttpServer, serving
from tests.http_server import text as http_text

WEEKS, SEEDS = 52, 30
ZONE = ZoneInfo("Asia/Taipei")
START = datetime(2026, 1, 5, tzinfo=ZONE)
LISTED = 110  # what the feed lists, newest first
PAGE = (
    "<!doctype html><html lang='zh-TW'><head><title>{title}</title></head><body>"
    "<article><h1>{title}</h1><div><p>{text}</p></div></article></body></html>"
)
Action = Callable[[datetime], None]
FEEDS = ("/index.xml", "/feed.xml", "/posts/feed.xml?full=1", "/atom.xml")
KINDS = {  # of a hundred posts
    "plain": 58, "late": 7, "back-dated": 5, "ahead": 2, "unread date": 2, "undated": 1,
    "template": 8, "series": 8, "copy": 5, "one link": 2, "home link": 2,
}  # fmt: skip


@dataclass(kw_only=True)
class Written:
    """One thing the blog wrote: ``key`` names what readers may be told once."""

    key: str
    kind: str
    title: str
    text: str
    link: str
    guid: str
    date: str
    appears: datetime
    of: str = ""  # the key of what it copies
    version: int = 0

    def xml(self, host: str) -> str:
        link, guid = self.link.replace("HOST", host), self.guid.replace("HOST", host)
        date = f"<pubDate>{self.date}</pubDate>" if self.date else ""
        return (
            f"<item><title>{self.title}</title><link>{link}</link><guid>{guid}</guid>{date}"
            f"<description>&lt;p&gt;{self.text}&lt;/p&gt;</description></item>"
        )


class Crash(BaseException):
    """The process dies."""


@dataclass(kw_only=True)
class Mortal:
    """A port of which every commit may be the last that the process makes, done or not done."""

    port: Any
    dies: Any
    deadly: frozenset[str] = frozenset({"commit", "save", "approve", "keep", "adopt"})

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)
        if name not in self.deadly:
            return method

        def call(*args: Any, **more: Any) -> Any:
            if self.dies():
                raise Crash
            done = method(*args, **more)
            if self.dies():
                raise Crash
            return done

        return call


class Silent:
    """A summarizer that reads nothing: what becomes of posts does not hang on their summaries."""

    version = "silent"

    def read(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> Summary:
        return Summary(summary=post.title[:max_chars], summary_from="extract")

    def study(self, post: Post, *, max_chars: int, prefer: SummaryFrom) -> DetailedSummary:
        return DetailedSummary(reading=self.read(post, max_chars=max_chars, prefer=prefer))

    def score(self, post: Post) -> float:
        return 0.0


@dataclass(kw_only=True)
class Blog:
    """What the blog has written, and how its feed lists it now."""

    servers: list[HttpServer]
    random: Random
    excerpts: bool
    written: list[Written] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)  # title -> key
    host: int = 0
    feed: str = FEEDS[0]
    series: tuple[str, list[int]] = ("", [])
    count: int = 0

    @property
    def url(self) -> str:
        return self.servers[self.host].url

    def write(self, kind: str, appears: datetime) -> Written:
        """Write one post of *kind*, which the feed lists from *appears* on."""
        self.count += 1
        key = _word(self.count)
        title, text, of = f"關於{key}的事", prose(self.count * 7, 30), ""
        link, shift = f"HOST/p/{key}/", timedelta()
        if kind == "late":
            shift = -timedelta(hours=self.random.randint(20, 150))
        elif kind == "back-dated":
            shift = -timedelta(days=self.random.randint(8, 300))
        elif kind == "ahead":
            shift = timedelta(hours=self.random.randint(5, 100))
        elif kind == "template":
            title = f"船班 {self.count}"
            text = f"今日船班，第 {self.count} 號。早班在六點，晚班在九點，其餘照常。"
        elif kind == "series":
            title, text = self._part(key, text)
        elif kind == "one link":
            link = "HOST/poll/"
        elif kind == "home link":
            link = "HOST/"
        originals = [one for one in self.written[-60:] if one.kind == "plain" and not one.version]
        if kind == "copy" and originals:
            original = self.random.choice(originals)
            title, text, of = f"再說{key}", original.text, original.key
        date = format_datetime(appears + shift)
        date = {"unread date": "Someday, the 3rd of Foo", "undated": ""}.get(kind, date)
        one = Written(
            key=key,
            kind=kind,
            title=title,
            text=text,
            link=link,
            guid={"one link": "poll", "home link": f"note-{key}"}.get(kind, link),
            date=date,
            appears=appears,
            of=of,
        )
        self.keys[title] = key
        self.written.append(one)
        return one

    def _part(self, key: str, text: str) -> tuple[str, str]:
        """Return title and text of the next part of a series, behind the list of its parts."""
        name, left = self.series
        if not left:
            name, left = f"讀書會{key}", list(range(self.random.randint(3, 6)))
        left.pop()
        self.series = name, left
        listed = "。".join(
            f"{name}的第{n}篇，整理自倉庫裡的錄音，主持人謝謝了老屋主" for n in range(1, 8)
        )
        return f"{name}：{key}", f"{listed}。{text}"

    def publish(self, now: datetime) -> None:
        """Put the feed, and the pages it leads to, on the server as they are *now*."""
        listed = sorted((o for o in self.written if o.appears <= now), key=lambda o: o.appears)
        server = self.servers[self.host]
        items = "".join(self._excerpt(one).xml(self.url) for one in reversed(listed[-LISTED:]))
        head = f"<title>渡口</title><link>{self.url}/</link><language>zh-TW</language>"
        feed = f"<rss version='2.0'><channel>{head}{items}</channel></rss>"
        server.put(self.feed.partition("?")[0], http_text(feed, "application/rss+xml"))
        for one in listed[-LISTED:]:
            if one.kind not in ("one link", "home link"):
                path = one.link.removeprefix("HOST")
                server.put(path, http_text(PAGE.format(title=one.title, text=one.text)))

    def _excerpt(self, one: Written) -> Written:
        return replace(one, text=one.text[:150]) if self.excerpts else one

    def edit(self, now: datetime) -> None:
        """Edit, rename or write over something that was published lately."""
        kinds = ("plain", "late", "series", "template")
        some = [o for o in self.written[-120:] if o.appears <= now and o.kind in kinds]
        if not some:
            return
        one, chance = self.random.choice(some), self.random.random()
        one.version += 1
        if chance < 0.5:
            one.text += f"更正第{one.version}次。"
        elif chance < 0.9:
            one.link = one.guid = f"HOST/p/{one.key}-v{one.version}/"
        else:
            one.text, one.date = (
                prose(90_000 + self.count * 7 + one.version, 30),
                format_datetime(now),
            )
            one.title = f"重寫{one.key}"
            self.keys[one.title] = one.key


@dataclass(kw_only=True)
class Year:
    """One life of blog, machine and editor; what went wrong is in ``faults``."""

    folder: Path
    servers: list[HttpServer]
    seed: int
    weeks: int = WEEKS
    deaths: int = 0
    posts: int = 0
    issues: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)
    checked: list[str] = field(default_factory=list)
    mortality: float = 0.0
    polled: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    moves: int = 0
    later: list[tuple[datetime, Action]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.blog = Blog(servers=self.servers, random=self.random, excerpts=self.seed % 2 == 0)
        self.named = self.seed % 3 == 0
        self.configure()

    def configure(self) -> None:
        """Write digest.toml for where the feed is now; two of three editors name no source."""
        name = 'name = "blog"\n' if self.named else ""
        (self.folder / "digest.toml").write_text(
            'title = "渡口"\nlanguage = "zh-TW"\ntimezone = "Asia/Taipei"\nstore = "digest.db"\n'
            '[fetch]\nallow_private = ["127.0.0.0/8"]\n[digests.monthly]\nstories = 10\n'
            f'[[sources]]\nkind = "feed"\n{name}url = "{self.blog.url}{self.blog.feed}"\n'
        )
        self.app = App(load_settings(str(self.folder / "digest.toml"), {}))
        plain = self.app.kit()
        self.kit = replace(
            plain,
            feeds=Mortal(port=plain.feeds, dies=self.dies),
            issues=Mortal(port=plain.issues, dies=self.dies),
            find_summarizer=lambda _name: Silent(),
            scorer=Silent(),
            networks=(),
        )

    def dies(self) -> bool:
        return self.random.random() < self.mortality

    def run(self) -> None:
        """Live through the year, then settle what is left."""
        for n in range(20):
            self.blog.write("plain", START - timedelta(days=20 - n))
        self.act(START, self.poll)
        for number in range(self.weeks):
            self.live(number)
        end = START + timedelta(weeks=self.weeks, days=3)
        self.act(end, self.poll)
        self.mortality = 0.0
        last = START + timedelta(weeks=self.weeks)
        self.issue("weekly", last - timedelta(days=7), last, end)
        self.issue("monthly", last - timedelta(days=28), last, end)
        self.posts = len(self.blog.written)

    def live(self, number: int) -> None:
        """Live through one week."""
        monday = START + timedelta(weeks=number)
        kinds, weights = list(KINDS), list(KINDS.values())
        for _ in range(self.random.randint(20, 80)):
            at = monday + timedelta(minutes=self.random.randint(0, 7 * 24 * 60 - 1))
            self.blog.write(self.random.choices(kinds, weights)[0], at)
        events = [
            (monday + timedelta(hours=self.random.uniform(0, 167)), self.poll) for _ in range(3)
        ]
        events += [
            (monday + timedelta(hours=self.random.uniform(0, 167)), self.edit) for _ in range(3)
        ]
        if number % 13 == 7:
            events.append((monday + timedelta(hours=80), self.move))
        mode = self.random.choices(["early", "in time", "late", "never"], [25, 55, 10, 10])[0]
        hours = {"early": self.random.randint(100, 160), "in time": 172, "late": 300}.get(mode)
        if hours:
            start = monday

            def tell(now: datetime) -> None:
                self.issue("weekly", start, start + timedelta(days=7), now)

            self.later.append((monday + timedelta(hours=hours), tell))
        if number % 4 == 3:
            first = monday - timedelta(weeks=3)

            def sum_up(now: datetime) -> None:
                self.issue("monthly", first, first + timedelta(weeks=4), now)

            self.later.append((monday + timedelta(hours=self.random.choice([150, 175])), sum_up))
        end = monday + timedelta(days=7)
        events += [one for one in self.later if one[0] < end]
        self.later = [one for one in self.later if one[0] >= end]
        for at, action in sorted(events, key=lambda one: one[0]):
            self.act(at, action)

    def act(self, now: datetime, action: Any) -> None:
        """Do something that may die on the way; what died is begun anew a minute later."""
        self.mortality = 0.05 if self.random.random() < 0.3 else 0.0
        for attempt in range(5):
            try:
                action(now + timedelta(minutes=attempt))
            except Crash:
                self.deaths += 1
                self.mortality *= 0.5
            else:
                return
        self.mortality = 0.0
        action(now + timedelta(minutes=5))

    def poll(self, now: datetime) -> None:
        self.blog.publish(now)
        listed = [one.key for one in self.blog.written if one.appears <= now]
        for found in pipeline.poll_sources(self.kit, now):
            self.said.extend(found.warnings)
        self.polled.update(listed)

    def edit(self, now: datetime) -> None:
        self.blog.edit(now)

    def move(self, _now: datetime) -> None:
        """Move the feed, and every second time the blog."""
        self.moves += 1
        self.blog.feed = FEEDS[self.moves % len(FEEDS)]
        self.blog.host = (self.moves // 2) % 2
        self.configure()

    def issue(self, name: str, first: datetime, end: datetime, now: datetime) -> None:
        """Draft and approve an issue, of an ISO week or of days."""
        self.poll(now)
        edition = self.app.edition(name)
        days = first.date(), (end - timedelta(days=1)).date()
        label = f"{first.isocalendar()[0]}-W{first.isocalendar()[1]:02}"
        by_week = name == "weekly" and self.random.random() < 0.7

        def window(zone: str) -> Period:
            return find_week(label, zone) if by_week else find_span(*days, zone)

        try:
            drafted = pipeline.draft_issue(self.kit, edition, window, now)
            pipeline.approve_revision(self.kit.issues, drafted.revision, now)
            self.issues += 1
        except (NothingToDo, DraftError):  # what there is was told already
            return

    def found(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what may not be, each with the posts it is true of."""
        for what, posts in self._found():
            self.checked.append(what)
            yield what, posts

    def _found(self) -> Iterator[tuple[str, list[str]]]:
        posts, issues = self.app.posts, self.app.issues
        _, stored = posts.newest(most=100_000)
        keys = {post.id: self.blog.keys[post.title] for post in stored}
        of = {one.key: one.of or one.key for one in self.blog.written}
        named = {
            key for title, key in self.blog.keys.items() if f"“{title}”" in " ".join(self.said)
        }
        yield "lost without a line", sorted(self.polled - set(keys.values()) - named)
        yield (
            "held without a reason",
            [p.title for p in stored if p.new_at == HELD_TIME and not p.note],
        )
        for name in ("weekly", "monthly"):
            told, fates = issues.all_approved(name), issues.fates(name)
            first = min(one.issue.period.start for one in told)
            last = max(one.issue.period.end for one in told)
            times = Counter(
                of[keys[post]]
                for one in told
                for post, fate in one.issue.fates.items()
                if fate in ("featured", "listed")
            )
            yield f"told twice by the {name}", [key for key, n in times.items() if n > 1]
            due = [
                p
                for p in stored
                if p.new_at != HELD_TIME and first <= p.new_at and p.published < last
            ]
            yield f"without a fate in the {name}", [p.title for p in due if p.id not in fates]
            reasons = [s for one in told for s in one.issue.skipped]
            yield (
                f"left out by the {name} without a reason",
                [s.url for s in reasons if not s.reason],
            )


def _word(number: int) -> str:
    """Return *number* in letters: a title that counts is told apart by its figures."""
    letters = ""
    while number:
        number, digit = divmod(number, 20)
        letters = "bcdfghjklmnpqrstvwxz"[digit] + letters
    return letters.rjust(4, "a")


def live(seed: int, weeks: int = WEEKS) -> Year:
    """Return the year of *seed*, lived through in a folder that is gone afterwards."""
    with (
        TemporaryDirectory(prefix="digest-year-") as folder,
        serving() as one,
        serving("127.0.0.2") as other,
    ):
        year = Year(folder=Path(folder), servers=[one, other], seed=seed, weeks=weeks)
        year.run()
        year.faults = {what: names for what, names in year.found() if names}
        year.app.engine.dispose()
        return year


def bench_year(_folder: Path) -> Iterator[Figure]:
    """Posts without a fate, told twice or left out without a word, in years of a blog."""
    seeds = int(os.environ.get("DIGEST_SEEDS", SEEDS))
    years = [live(seed) for seed in range(seeds)]
    for what in ("posts", "issues", "deaths"):
        yield Figure(
            what=f"{what}, {seeds} years", value=sum(getattr(y, what) for y in years), unit=""
        )
    kinds = sorted({what for year in years for what in year.checked})
    for what in kinds:
        count = sum(len(year.faults.get(what, ())) for year in years)
        yield Figure(what=what, value=count, unit="", bar=0.5)
