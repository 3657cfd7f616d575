"""A blog in a folder, its digest.toml and schedules, and ticks at moments of our choice."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from digest.app.composition import App
from digest.config.settings import Settings, load_settings
from digest.model import Occurrence, Revision, TickStep
from digest.model.errors import DigestError
from digest.model.ports.schedule import Occurrences
from digest.schedule.explain import ScheduleFacts
from digest.store.engine import connect
from digest.store.issues import IssueStore
from digest.store.schema import subscribers
from tests.blog import prose
from tests.mailing import readers

ZONE = ZoneInfo("Asia/Taipei")
CONFIG = """\
title = "渡口週報"
language = "zh-Hant-TW"
timezone = "Asia/Taipei"
site = "https://blog.example.org/"
store = "digest.db"

[[sources]]
kind = "hugo"
folder = "posts"

[mail]
from = "渡口週報 <weekly@example.org>"
reply_to = "editor@example.org"
unsubscribe = "https://digest.example.org/u"

[serve]
url = "https://letters.example.org"
port = 0

[digests.daily]

[digests.monthly]
"""
WEEKLY = 'when = "Mon 08:00"\nunapproved = "send"\n'


def taipei(text: str) -> datetime:
    """Return the moment that the clocks of Taipei show as *text*: "2026-02-02 08:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@dataclass(kw_only=True)
class World:
    """A user's folder; ``warnings`` is what ticks said on stderr."""

    folder: Path
    language: str = "zh-Hant-TW"
    warnings: list[str] = field(default_factory=list)
    written: int = 0

    def __post_init__(self) -> None:
        (self.folder / "posts").mkdir(parents=True, exist_ok=True)
        (self.folder / "schedules").mkdir(exist_ok=True)
        if not (self.folder / "digest.toml").exists():
            (self.folder / "digest.toml").write_text(
                CONFIG.replace("zh-Hant-TW", self.language), "utf-8"
            )

    @property
    def settings(self) -> Settings:
        return load_settings(str(self.folder / "digest.toml"), {})

    def schedule(self, text: str = WEEKLY, name: str = "weekly") -> None:
        (self.folder / "schedules" / f"{name}.toml").write_text(text, "utf-8")

    def post(self, name: str, at: datetime, *, seed: int | None = None) -> None:
        """Write the post *name*, dated *at*; an edit where it is there already."""
        self.written += 1
        text = prose(seed if seed is not None else self.written * 7)
        path = self.folder / "posts" / f"{name}.md"
        head = f'---\ntitle: "{name} 的故事"\ndate: {at.isoformat()}\n---\n'
        path.write_text(f"{head}\n「{text[:24]}」船夫說。{text}\n", "utf-8")

    def tick(self, at: str | datetime) -> list[TickStep]:
        """Tick at a moment of Taipei's clocks."""
        now = taipei(at) if isinstance(at, str) else at
        return list(App(self.settings).tick_runner(self.warnings.append).run(now))

    def broken(self, at: str) -> str:
        """Tick; return what the DigestError says that ends it."""
        try:
            self.tick(at)
        except DigestError as error:
            return str(error)
        return ""

    def facts(self, at: str) -> ScheduleFacts:
        """Return the facts of the weekly schedule at a moment of Taipei's clocks."""
        return ScheduleFacts.of(self.of(), self.occurrences, taipei(at))

    @property
    def occurrences(self) -> Occurrences:
        return App(self.settings).occurrences

    def runs(self, digest: str = "weekly") -> list[Occurrence]:
        """Return the occurrences, oldest first."""
        return list(reversed(self.occurrences.latest(digest, 1000)))

    def states(self, digest: str = "weekly") -> list[tuple[str, str]]:
        return [(one.key[5:10], one.state) for one in self.runs(digest)]

    @property
    def issues(self) -> IssueStore:
        return IssueStore(connect(self.settings.store_url))

    def readers_got(self) -> list[int]:
        """Return how many mails of issues each reader got."""
        names = [str(mail["to"]) for mail in self.mails() if "auto-submitted" not in mail]
        return sorted(Counter(names).values())

    def subscribe(self, count: int = 3) -> None:
        """Let *count* readers subscribe to every digest."""
        engine = connect(self.settings.store_url)
        rows = [
            {**row, "digests": ",weekly,daily,monthly,"} for row in readers(range(1, count + 1))
        ]
        with engine.begin() as connection:
            connection.execute(insert(subscribers), rows)

    def mails(self) -> list[EmailMessage]:
        """Return all mails that left, in the order they did."""
        files = sorted(
            (self.folder / "outgoing").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns
        )
        return [message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def links(self) -> dict[str, str]:
        """Return the tokens in the newest review mail, by what they do; none without a link."""
        bodies = [mail.get_body(("plain",)) for mail in self.mails()]
        texts = [body.get_content() for body in bodies if body]
        found = [re.findall(r"https://letters.example.org/review/(\S+)", text) for text in texts]
        newest = [tokens for tokens in found if tokens][-1:]
        return {("hold" if "-hold." in one else "approve"): one for all_ in newest for one in all_}

    def subjects(self, to: str) -> list[str]:
        """Return the subjects of the mails to *to*."""
        return [str(mail["subject"]) for mail in self.mails() if to in str(mail["to"])]

    def unknown(self, issue: str) -> int:
        """Return how many copies of *issue* the ledger lists as unknown."""
        ledger = App(self.settings).ledger
        mailing = ledger.find(issue)
        return ledger.tally(mailing)["unknown"] if mailing else 0

    def told(self, digest: str = "weekly") -> list[list[str]]:
        """Return the names of the posts that each approved issue tells, oldest issue first."""
        return [_names(one) for one in self.issues.all_approved(digest)]

    def of(self, **fields: Any) -> Any:
        return App(self.settings).schedules.find(fields.get("name", "weekly"))


def _names(revision: Revision) -> list[str]:
    """Return the posts that *revision* features or lists, by file name, sorted."""
    issue = revision.issue
    urls = [story.post.url for story in issue.stories]
    urls += [post.url for story in issue.stories for post in story.pick.siblings]
    urls += [link.url for link in issue.also]
    return sorted(url.rstrip("/").rpartition("/")[2] for url in urls)
