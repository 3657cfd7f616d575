"""A small audience and a mail for it, in a store of their own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, insert, update

from digest.delivery.pacing import RetryPolicy
from digest.delivery.sender import Scribe, deliver_mailing
from digest.model import Mail, Receipt
from digest.model.draft import Slots
from digest.model.mailing import Mailing
from digest.model.ports.mail import Mailer
from digest.render import mime
from digest.render.personalize import Personalizer, RecipientLinks
from digest.render.slots import SlotMarks
from digest.store.engine import connect
from digest.store.mailings import LedgerStore
from digest.store.schema import subscribers

STARTED = datetime(2026, 3, 16, 8, tzinfo=UTC)
FAST = RetryPolicy(backoff=(0.01, 0.05), patience=2.0, retries=(0.0, 0.0, 0.0), sits_out=2.0)
JOB = "weekly-2026-W11"


def address(number: int) -> str:
    """Return the address of reader *number*."""
    return f"reader{number}@example.org"


def content(size: int = 2000) -> mime.OpenMessage:
    """Return a mail with open slots, about *size* bytes long, with lines that begin with dots."""
    headers = mime.Headers(
        subject="渡口週報：船會等人",
        sender=("渡口週報", "weekly@blog.example.org"),
        unsubscribe=("https://blog.example.org/u/",),
    )
    marks = SlotMarks()
    words = f"船還沒開。\n.\n..兩點\nhttps://blog.example.org/u/{marks.mark('token')}\n"
    html = "<p>" + "渡口的風，a lamp, 一封信。<br>\n" * (size // 80) + "</p>"
    return mime.build_message(headers, marks.lift(words), html)


def posted(mail: Mail, size: int = 2000) -> Mail:
    """Return *mail* with that message in it."""
    message = content(size)
    return replace(mail, mime=message.content, slots=Slots(mime=message.slots))


def readers(numbers: Sequence[int]) -> list[dict[str, object]]:
    """Return the rows of readers *numbers*."""
    return [
        {
            "id": number,
            "address": address(number),
            "normal": address(number),
            "name": f"讀者{number}",
            "language": "",
            "digests": ",weekly,",
            "state": "active",
            "created": STARTED,
            "changed": STARTED,
            "consent_how": "form",
            "consent_at": STARTED,
            "consent_source": "",
            "softs": 0,
        }
        for number in numbers
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A store with readers, and a ledger in it."""

    engine: Engine
    ledger: LedgerStore
    template: mime.OpenMessage

    def copier(self, job: str = JOB) -> Scribe:
        """Return what makes the copies."""

        def own(number: int) -> RecipientLinks:
            return RecipientLinks(token=f"t.{number}", return_path=f"b+{number}@blog.example.org")

        return Personalizer.of(self.template, job=job, digest="h" * 64, passes=own)

    def mailing(self, job: str = JOB, *, mailer: str = "smtp", of: str = "") -> Mailing:
        """Freeze the mailing *job*."""
        wanted = Mailing(
            job=job,
            issue=JOB,
            edition="weekly",
            revision=1,
            hash="h" * 64,
            mailer=mailer,
            started=STARTED,
            of=of,
        )
        return self.ledger.freeze(wanted)

    def send(self, mailer: Mailer, tempo: RetryPolicy = FAST, job: str = JOB) -> list[Receipt]:
        """Send what is left of *job*."""
        mailing = self.mailing(job, mailer=mailer.name)
        return list(deliver_mailing(mailing, self.ledger, mailer, self.copier(job), tempo))

    def counts(self, job: str = JOB) -> dict[str, int]:
        """Return how many copies are in each state."""
        return dict(self.ledger.tally(self.mailing(job)).counts)

    def leave(self, number: int) -> None:
        """Let reader *number* unsubscribe."""
        with self.engine.begin() as connection:
            gone = update(subscribers).where(subscribers.c.id == number)
            connection.execute(gone.values(state="unsubscribed"))


def people(engine: Engine, count: int) -> None:
    """Put *count* readers into the store."""
    with engine.begin() as connection:
        for start in range(1, count + 1, 10_000):
            rows = readers(range(start, min(start + 10_000, count + 1)))
            connection.execute(insert(subscribers), rows)


@contextmanager
def opened_office(url: str, count: int = 0, size: int = 2000) -> Iterator[Office]:
    """Yield an office on the store at *url*, with *count* readers more."""
    engine = connect(url)
    people(engine, count)
    yield Office(engine=engine, ledger=LedgerStore(engine), template=content(size))
    engine.dispose()


def office_at(path: Path, count: int = 0, size: int = 2000) -> "object":
    """Return an office on the SQLite file *path*, as a context manager."""
    return opened_office(f"sqlite:///{path}", count, size)


def later(seconds: float) -> datetime:
    """Return the time *seconds* from now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)
