"""What sending costs, with the ledger durable, against sending with none."""

import multiprocessing
import resource
import smtplib
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from digest.delivery.mailers import smtp
from digest.render import mime
from digest.render.personalize import Personalizer, RecipientLinks
from tests.bench.measure import Figure, pair, seconds
from tests.mailing import Office, address, content, office_at
from tests.relay import relay
from tests.smtp import Sink, sink

SIZES = (10_000, 60_000)
MESSAGES = 1000


def _rate(messages: int, work: Callable[[], object]) -> float:
    """Return the seconds a message takes, by the clock: what waits is what is measured."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / messages


def _bare(there: Sink, template: bytes, messages: int) -> None:
    """The ceiling: the bytes spliced and sent by smtplib, one connection, nothing remembered."""
    with smtplib.SMTP(there.host, there.port, "bench.example.org") as connection:
        for number in range(messages):
            values = {
                "to": address(number),
                "token": f"t.{number}",
                "date": mime.format_rfc_date(datetime.now(UTC)),
                "message-id": mime.make_message_id(str(number), "example.org"),
            }
            copy = mime.fill_message(template, values)
            connection.sendmail("weekly@blog.example.org", address(number), copy)


def _plain(there: Sink, template: bytes, messages: int) -> None:
    """What a script does: a message of the standard library for each reader."""
    from email import message_from_bytes
    from email.policy import default

    parsed = message_from_bytes(
        mime.fill_message(template, mime.make_dummy_values()), policy=default
    )
    parts = {k: parsed.get_body((k,)).get_content() for k in ("plain", "html")}
    with smtplib.SMTP(there.host, there.port, "bench.example.org") as connection:
        for number in range(messages):
            message = EmailMessage()
            message["From"] = "渡口週報 <weekly@blog.example.org>"
            message["To"], message["Subject"] = address(number), "渡口週報：船會等人"
            message["List-Unsubscribe"] = f"<https://blog.example.org/u/t.{number}>"
            message.set_content(parts["plain"])
            message.add_alternative(parts["html"], subtype="html")
            connection.send_message(message)


class _Sender:
    """Sends one mailing after the other from one store."""

    def __init__(self, office: Office, host: str, port: int, connections: int = 10) -> None:
        place = {"host": host, "port": port, "security": "none"}
        self.office = office
        self.mailer = smtp.build({**place, "connections": connections})
        self.turn = 0

    def __call__(self) -> None:
        self.turn += 1
        job = f"bench-{self.turn}"
        self.office.mailing(job)
        sent = self.office.send(self.mailer, job=job)
        assert {one.status for one in sent} == {"sent"}


def bench_ceiling(folder: Path) -> Iterator[Figure]:
    """Mail a message with the ledger durable, against the same bytes sent with no ledger."""
    for size in SIZES:
        with sink(keep=False) as there, office_at(folder / f"{size}.db", MESSAGES, size) as office:
            send = _Sender(office, there.host, there.port)
            template, kb = office.template, size // 1000

            def ours(send: Callable[[], None] = send) -> float:
                return _rate(MESSAGES, send)

            def bare(there: Sink = there, template: bytes = template) -> float:
                return _rate(MESSAGES, lambda: _bare(there, template, MESSAGES))

            cost, ratio = pair(ours, bare, rounds=5)
            yield Figure(
                what=f"{kb} KB, seconds a message, times 1000",
                value=cost * 1000,
                unit="ms",
                yardstick="smtplib with no ledger",
                ratio=ratio,
                bar=2.0 if kb == 60 else None,
            )

            def plain(there: Sink = there, template: bytes = template) -> float:
                return _rate(MESSAGES, lambda: _plain(there, template, MESSAGES))

            _, ratio = pair(ours, plain, rounds=3)
            yield Figure(
                what=f"{kb} KB",
                value=1 / cost,
                unit="msg/s",
                yardstick="an EmailMessage for each reader",
                ratio=ratio,
                bar=1 / 3 if kb == 60 else None,
            )


def bench_relay(folder: Path) -> Iterator[Figure]:
    """A relay that takes 20 ms a command and 100 ms to accept: 50 connections against one."""
    with relay(0.02, 0.1) as (host, port):
        rates = {}
        for connections, messages in ((1, 40), (50, 2000)):
            with office_at(folder / f"{connections}.db", messages, 10_000) as office:
                send = _Sender(office, host, port, connections)
                send()  # warm
                rates[connections] = 1 / _rate(messages, send)
                yield Figure(
                    what=f"{connections} connections", value=rates[connections], unit="msg/s"
                )
    yield Figure(
        what="one message through 50 against one through 1",
        value=rates[50] / rates[1],
        unit="times",
        yardstick="of 50 there could be",
        ratio=rates[1] / rates[50],
        bar=1 / 35,
    )


def bench_dkim(folder: Path) -> Iterator[Figure]:
    """Sign a message of 60 KB with a key of 2048 bits."""
    from digest.render.personalize import DkimKey, sign_message

    path = folder / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True, capture_output=True)
    key = DkimKey.load(path, domain="blog.example.org", selector="weekly")
    copier = Personalizer.of(
        content(60_000), job="x", digest="h", passes=lambda _n: RecipientLinks(token="t")
    )
    made = copier.made(address(1), "", RecipientLinks(token="t"), key="k", moment=datetime.now(UTC))
    costs = [seconds(lambda: sign_message(made.content, key)) for _ in range(20)]
    yield Figure(what="messages signed", value=1 / statistics.median(costs), unit="1/s CPU")


MILLION = 1_000_000


def _million(path: Path, queue: "multiprocessing.Queue[tuple[float, float, float, float]]") -> None:
    with office_at(path, MILLION) as office:
        start = time.perf_counter()
        mailing = office.mailing("bench")
        froze = time.perf_counter() - start
        assert mailing.audience == MILLION
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.perf_counter()
        with office.ledger.writing(mailing) as writer:
            for _ in range(50):
                writer.claim(datetime.now(UTC), 200)
        claimed = time.perf_counter() - start
        size = path.stat().st_size / MILLION
        queue.put((froze, before, claimed, size))


def bench_million(folder: Path) -> Iterator[Figure]:
    """An audience of a million frozen, and the first ten thousand claimed."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_million, args=(folder / "million.db", queue))
    process.start()
    froze, memory, claimed, size = queue.get(timeout=600)
    process.join()
    yield Figure(what="frozen", value=froze, unit="s", bar=30)
    yield Figure(what="peak memory, readers written and all", value=memory, unit="MiB", bar=300)
    yield Figure(what="10 000 copies claimed", value=claimed, unit="s")
    yield Figure(what="store, a reader and a copy", value=size, unit="bytes")
