"""What a server says of the sender is booked on no reader, at whatever step, of however many."""

from collections import Counter
from pathlib import Path

import pytest

from digest.delivery.mailers import smtp
from digest.delivery.pacing import RetryPolicy
from digest.model.errors import DigestError
from tests.mailing import FAST, address, opened_office
from tests.smtp_server import SmtpServer, smtp_serving

IMPATIENT = RetryPolicy(backoff=(0.01, 0.02), patience=0.1, retries=(0.0, 0.0), sits_out=0.5)
OF_THE_SENDER = (
    "554 5.7.1 <{to}>: Relay access denied",
    "550 5.4.5 Daily user sending limit exceeded",
    "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
    "450 4.7.1 Client host rejected: cannot find your reverse hostname",
    "421 4.7.0 Too many concurrent connections",
    "550 not today",
    "451 not today",
    "554 5.2.2 mailbox full; the submission exceeded its quota",
)
STEPS = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", ".")


def mailer(server: SmtpServer, **options: object) -> smtp.SmtpMailer:
    place = {"host": server.host, "port": server.port, "security": "none", "timeout": 5}
    return smtp.build({**place, "connections": 4, **options})


def everybody(readers: int) -> Counter[str]:
    return Counter(address(number) for number in range(1, readers + 1))


CASES = [
    *((step, reply, 2, 0) for step in STEPS for reply in OF_THE_SENDER[::3]),
    *(("RCPT", reply, 20, 7) for reply in OF_THE_SENDER),
    (".", OF_THE_SENDER[1], 20, 7),
    ("RCPT", "550 5.1.1 <{to}>: User unknown in local recipient table", 5, 0),
    ("RCPT", "550 5.1.1 <{to}>: User unknown in local recipient table", 30, 0),
]


@pytest.mark.parametrize(("step", "reply", "readers", "accepted"), CASES)
def test_it_stops_the_run_and_everybody_gets_it_once_when_it_is_mended(
    store_path: Path, step: str, reply: str, readers: int, accepted: int
) -> None:
    """Said of all, or of all after so many were accepted."""
    with smtp_serving() as server, opened_office(f"sqlite:///{store_path}", readers) as office:
        server.fault = lambda at, to: (
            reply.format(to=to) if at == step and len(server.kept) >= accepted else None
        )
        with pytest.raises(DigestError, match=r"smtp: (refuses|puts) everybody"):
            office.send(mailer(server), IMPATIENT)
        counts = office.counts()
        assert set(counts) <= {"queued", "deferred", "sent"}, counts
        assert counts.get("sent", 0) == len(server.kept)
        server.fault = lambda at, to: None
        office.send(mailer(server), IMPATIENT)
        assert office.counts() == {"sent": readers}
        assert Counter(server.recipients) == everybody(readers)


@pytest.mark.parametrize("reply", ["550 not today", "451 not today", "450 4.7.1 Greylisted"])
def test_a_list_of_one_is_as_safe(store_path: Path, reply: str) -> None:
    with smtp_serving() as server, opened_office(f"sqlite:///{store_path}", 1) as office:
        server.fault = lambda at, to: reply if at == "RCPT" else None
        with pytest.raises(DigestError, match="refuses everybody"):
            office.send(mailer(server), IMPATIENT)
        assert office.counts() == {"deferred": 1}
        server.fault = lambda at, to: None
        office.send(mailer(server), IMPATIENT)
        assert office.counts() == {"sent": 1}


def test_a_reader_who_is_refused_among_others_is_rejected_alone(store_path: Path) -> None:
    """The words name nobody; the next copy is accepted, so it is about this reader."""
    with smtp_serving() as server, opened_office(f"sqlite:///{store_path}", 20) as office:
        server.fault = lambda at, to: "550 no" if (at, to) == ("RCPT", address(5)) else None
        receipts = office.send(mailer(server), FAST)
        assert office.counts() == {"sent": 19, "rejected": 1}
        last = {one.target: one for one in receipts}
        assert (last[address(5)].status, last[address(5)].reason) == ("rejected", "550 no")


def test_a_server_that_takes_two_connections_is_asked_for_few_more(store_path: Path) -> None:
    with smtp_serving() as server, opened_office(f"sqlite:///{store_path}", 60) as office:
        server.most = 2
        office.send(mailer(server, connections=10), FAST)
        assert office.counts() == {"sent": 60}
        assert 1 <= server.refused <= 4


def test_connections_that_are_one_too_many_later_are_given_up(store_path: Path) -> None:
    said = "432 4.3.2 sender thread limit exceeded"
    with smtp_serving() as server, opened_office(f"sqlite:///{store_path}", 40) as office:
        burst = Counter[str]()

        def fault(at: str, _to: str) -> str | None:
            if at == "." and server.live > 2 and len(server.kept) > 3:
                burst["n"] += 1
                return said
            return None

        server.fault = fault
        office.send(mailer(server), FAST)
        assert office.counts() == {"sent": 40}
        assert burst["n"] <= 4


def test_ehlo_says_a_full_name_or_an_address(store_path: Path) -> None:
    from digest.delivery.mailers import _smtp_server

    with smtp_serving() as server, opened_office(f"sqlite:///{store_path}", 3) as office:
        office.send(mailer(server))
        (name,) = set(server.names)
        assert name == (_smtp_server._full_name() or "[127.0.0.1]")
        office.send(mailer(server, hostname="mx.example.org"), job="weekly-2")
        assert set(server.names) == {name, "mx.example.org"}
