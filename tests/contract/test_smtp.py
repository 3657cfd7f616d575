"""SMTP against real servers: what arrives, what a dropped connection means, who is to be blamed."""

import sqlite3
import ssl
import subprocess
from collections import Counter
from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path

import pytest
from sqlalchemy import event

from digest.delivery.mailers import smtp
from digest.delivery.pacing import RetryPolicy
from digest.delivery.sender import deliver_mailing
from digest.model import Receipt
from digest.model.errors import ConfigError, DigestError, StoreError
from tests.mailing import FAST, Office, address, opened_office
from tests.smtp import Sink
from tests.smtp_server import SmtpServer, smtp_serving

READERS = 12


@pytest.fixture
def office(store_path: Path) -> Iterator[Office]:
    with opened_office(f"sqlite:///{store_path}", READERS) as opened:
        yield opened


@pytest.fixture(params=[True, False], ids=["pipelining", "one by one"])
def server(request: pytest.FixtureRequest) -> Iterator[SmtpServer]:
    with smtp_serving(pipelining=request.param) as running:
        yield running


def mailer(server: SmtpServer | Sink, **options: object) -> smtp.SmtpMailer:
    place = {"host": server.host, "port": server.port, "security": "none", "timeout": 5}
    return smtp.build({**place, "connections": 3, **options})


def test_each_reader_gets_one_whole_copy(office: Office, smtp_sink: Sink) -> None:
    receipts = office.send(mailer(smtp_sink))
    assert [one.status for one in receipts] == ["sent"] * READERS
    assert office.counts() == {"sent": READERS}
    arrived = {one.recipients[0]: one for one in smtp_sink.delivered()}
    assert sorted(arrived) == sorted(address(n) for n in range(1, READERS + 1))
    assert {one.id for one in receipts} == {one.message["Message-ID"] for one in arrived.values()}
    for number in range(1, READERS + 1):
        one = arrived[address(number)]
        assert one.sender == f"b+{number}@blog.example.org"
        assert parseaddr(str(one.message["To"])) == (f"讀者{number}", address(number))
        assert f"/u/t.{number}>" in one.message["List-Unsubscribe"]
        body = one.message.get_body(("plain",))
        assert body
        assert body.get_content().splitlines()[:3] == ["船還沒開。", ".", "..兩點"]
        assert f"/u/t.{number}" in body.get_content()


def test_equal_bytes_outside_the_slots(office: Office, server: SmtpServer) -> None:
    office.send(mailer(server))
    outside = set()
    for one in server.kept:
        head, _, body = one.raw.partition(b"\r\n\r\n")
        lines = [x for x in head.split(b"\r\n") if not x.startswith((b"To:", b" <reader"))]
        lines = [x for x in lines if not x.startswith((b"Date:", b"Message-ID:", b"List-Unsub"))]
        number = one.sender.partition("+")[2].partition("@")[0].encode()
        outside.add(b"\r\n".join(lines) + body.replace(b"t." + number, b"TOKEN"))
    assert len(outside) == 1


@pytest.mark.parametrize(
    ("step", "state"),
    [
        ("MAIL", "sent"),
        ("RCPT", "sent"),
        ("DATA", "sent"),
        (".", "unknown"),
        ("kept", "unknown"),
        ("said", "sent"),
    ],
)
def test_a_connection_that_drops(office: Office, server: SmtpServer, step: str, state: str) -> None:
    """Before the content it is tried again; after it, nobody knows: it is never sent twice."""
    victim, times = address(5), Counter[str]()

    def fault(at: str, to: str) -> str | None:
        times[at] += 1
        if at != step or (step != "MAIL" and to != victim) or times["dropped"]:
            return None
        times["dropped"] += 1
        return "drop"

    server.fault = fault
    receipts = office.send(mailer(server))
    assert max(Counter(server.recipients).values()) == 1
    last = {one.target: one.status for one in receipts}
    assert last[victim] == state or step == "MAIL"
    unknown = {to for to, status in last.items() if status == "unknown"}
    missing = {address(n) for n in range(1, READERS + 1)} - set(server.recipients)
    assert missing <= unknown
    if step == "said":  # the next message may have been on its way when the server hung up
        assert len(unknown) <= 1
    else:
        assert unknown == ({victim} if state == "unknown" else set())
    assert office.counts().get("unknown", 0) == len(unknown)


def test_a_connection_that_drops_in_the_content(office: Office, server: SmtpServer) -> None:
    victim, dropped = address(5), []

    def fault(at: str, to: str) -> str | None:
        if at == "body" and to == victim and not dropped:
            dropped.append(to)
            return "drop"
        return None

    server.fault = fault
    office.send(mailer(server))
    assert max(Counter(server.recipients).values()) == 1
    unknown = office.counts().get("unknown", 0)
    assert len(server.kept) + unknown == READERS


@pytest.mark.parametrize("reply", ["421 4.7.0 slow down", "454 4.7.0 Throttling failure"])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "."])
def test_throttling_pauses_and_costs_no_attempt(
    office: Office, server: SmtpServer, step: str, reply: str
) -> None:
    burst = Counter[str]()

    def fault(at: str, to: str) -> str | None:
        if at == step and len(server.kept) >= 4 and burst["n"] < 9:
            burst["n"] += 1
            return reply
        return None

    server.fault = fault
    office.send(mailer(server))
    assert burst["n"] == 9
    assert Counter(server.recipients) == Counter(address(n) for n in range(1, READERS + 1))
    assert office.counts() == {"sent": READERS}
    sent = office.ledger.deliveries(office.mailing(), ["sent"])
    assert {one.attempts for one in sent} == {1}


def test_throttling_without_end_stops_and_keeps_the_rest(
    office: Office, server: SmtpServer
) -> None:
    server.fault = lambda at, to: "421 4.7.0 not today" if at == "MAIL" else None
    short = RetryPolicy(backoff=(0.01, 0.02), patience=0.1, retries=(0.0,), sits_out=0.5)
    with pytest.raises(DigestError, match=r"smtp: puts everybody off: 421 4\.7\.0 not today"):
        office.send(mailer(server), short)
    assert not server.kept
    assert set(office.counts()) <= {"queued", "deferred"}
    server.fault = lambda at, to: None
    office.send(mailer(server))
    assert Counter(server.recipients) == Counter(address(n) for n in range(1, READERS + 1))


def test_a_refused_reader_is_rejected_and_the_rest_go_on(
    office: Office, server: SmtpServer
) -> None:
    server.fault = lambda at, to: (
        "550 5.1.1 no such user" if at == "RCPT" and to == address(3) else None
    )
    receipts = {one.target: one for one in office.send(mailer(server))}
    assert receipts[address(3)].status == "rejected"
    assert receipts[address(3)].reason == "550 5.1.1 no such user"
    assert office.counts() == {"sent": READERS - 1, "rejected": 1}


def test_a_greylisting_server_is_tried_again_and_given_up_in_the_end(
    office: Office, server: SmtpServer
) -> None:
    tries = Counter[str]()

    def fault(at: str, to: str) -> str | None:
        if at == "RCPT":
            tries[to] += 1
            if to == address(2) or (to == address(4) and tries[to] < 3):
                return "450 4.2.0 greylisted"
        return None

    server.fault = fault
    office.send(mailer(server))
    assert office.counts() == {"sent": READERS - 1, "rejected": 1}
    assert tries[address(2)] == 1 + len(FAST.retries)
    (given_up,) = office.ledger.deliveries(office.mailing(), ["rejected"])
    assert given_up.reason == "given up after 4 attempts: 450 4.2.0 greylisted"


def test_a_server_that_refuses_the_mail_itself_is_not_asked_a_thousand_times(
    store_path: Path, server: SmtpServer
) -> None:
    server.fault = lambda at, to: "554 5.7.1 spam" if at == "." else None
    with (
        opened_office(f"sqlite:///{store_path}", 60) as office,
        pytest.raises(DigestError, match=r"refuses everybody: 554 5\.7\.1 spam"),
    ):
        office.send(mailer(server))
    assert office.counts()["queued"] >= 57


def test_a_sender_that_is_refused_stops_at_once(office: Office, server: SmtpServer) -> None:
    server.fault = lambda at, to: "550 5.7.1 not your address" if at == "MAIL" else None
    with pytest.raises(DigestError, match=r"refuses everybody: 550 5\.7\.1 not your address"):
        office.send(mailer(server))
    assert set(office.counts()) <= {"queued", "deferred"}


def test_who_unsubscribes_between_freeze_and_send_gets_nothing(
    office: Office, server: SmtpServer
) -> None:
    office.mailing()
    office.leave(7)
    receipts = {one.target: one for one in office.send(mailer(server))}
    assert receipts[address(7)].status == "skipped"
    assert address(7) not in server.recipients
    assert office.counts() == {"sent": READERS - 1, "skipped": 1}


def test_who_unsubscribes_while_the_mail_is_on_its_way_gets_nothing(
    office: Office, server: SmtpServer
) -> None:
    """The last of a batch that was claimed already leaves when the first message arrives."""
    server.on_kept = lambda one: office.leave(READERS) if len(server.kept) == 1 else None
    office.send(mailer(server, connections=1))
    assert address(READERS) not in server.recipients
    assert office.counts() == {"sent": READERS - 1, "skipped": 1}


def agreed(office: Office, server: SmtpServer, lanes: int) -> None:
    """Nobody got it twice; who may have got it is unknown, and no more than were on their way."""
    counts = office.counts()
    assert max(Counter(server.recipients).values()) == 1
    missing = {address(n) for n in range(1, READERS + 1)} - set(server.recipients)
    unknown = {one.address for one in office.ledger.deliveries(office.mailing(), ["unknown"])}
    assert missing <= unknown
    assert 1 <= len(unknown) <= lanes
    assert counts == {"sent": READERS - len(unknown), "unknown": len(unknown)}


def test_a_store_that_is_busy_after_acceptance_stops_and_says_unknown(
    office: Office, server: SmtpServer, store_path: Path
) -> None:
    """Another process holds the store for longer than is waited, after four were accepted."""
    event.listen(
        office.engine, "connect", lambda made, _record: made.execute("PRAGMA busy_timeout=200")
    )
    other = sqlite3.connect(store_path, isolation_level=None, check_same_thread=False)

    def hold(_one: object) -> None:
        if len(server.kept) == 4:
            other.execute("BEGIN IMMEDIATE")

    server.on_kept = hold
    told: list[Receipt] = []
    run = deliver_mailing(office.mailing(), office.ledger, mailer(server), office.copier(), FAST)
    with pytest.raises(StoreError, match="locked"):
        told.extend(run)
    kept = len(server.kept)
    assert 4 <= kept <= 7
    assert {one.status for one in told} == {"sent", "unknown"}
    server.on_kept = lambda _one: None
    other.execute("ROLLBACK")
    other.close()
    office.send(mailer(server))
    agreed(office, server, 3)


def test_a_disk_that_is_full_after_acceptance_stops_and_says_unknown(
    office: Office, server: SmtpServer, store_path: Path
) -> None:
    """The store cannot grow beyond what it has after the first few."""
    from tests.mail_crashing import FULL, start

    office.mailing()
    process = start(store_path, f"{server.host}:{server.port}", room=60_000)
    process.join(60)
    assert process.exitcode == FULL
    assert 1 <= len(server.kept) < READERS
    office.send(mailer(server))
    agreed(office, server, 4)


def test_a_rate_is_kept(office: Office, server: SmtpServer) -> None:
    import time

    begun = time.monotonic()
    office.send(mailer(server, per_second=40))
    assert time.monotonic() - begun >= (READERS - 1) / 40


def test_a_connection_is_opened_anew_after_so_many_messages(
    office: Office, server: SmtpServer
) -> None:
    office.send(mailer(server, connections=1, per_connection=5))
    assert server.sessions == 3


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        (
            f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {cert} -days 2"
            " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        ).split(),
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture
def context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate)
    return made


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_with_a_password(
    office: Office, context: ssl.SSLContext, certificate: tuple[Path, Path], security: str
) -> None:
    with smtp_serving(password="geheim", context=context, implicit=security == "tls") as server:
        options = {
            "host": "localhost",
            "security": security,
            "user": "weekly",
            "password": "geheim",
            "ca_file": str(certificate[0]),
        }
        office.send(mailer(server, **options))
        assert len(server.kept) == READERS
        wrong = mailer(server, **{**options, "password": "falsch"})
        with pytest.raises(ConfigError, match="does not accept the password of weekly"):
            wrong.check()
        with pytest.raises(ConfigError, match="its certificate is not good"):
            mailer(server, **{**options, "ca_file": ""}).check()
        with pytest.raises(ConfigError, match="its certificate is not good"):
            mailer(server, **{**options, "host": "127.0.0.1"}).check()


def test_what_is_set_wrong_is_named_before_anything_is_sent(server: SmtpServer) -> None:
    with pytest.raises(ConfigError, match=r"there is no such host\. Mend host in \[mailers.smtp\]"):
        mailer(server, host="no-such-host.invalid").check()
    with pytest.raises(DigestError, match="cannot be reached"):
        mailer(server, port=1).check()
    with pytest.raises(ConfigError, match="cannot: STARTTLS"):
        mailer(server, security="starttls").check()
    with pytest.raises(ConfigError, match=r"\[mailers.smtp\] hots: .*Did you mean 'host'"):
        smtp.build({"hots": "x"})
    with pytest.raises(ConfigError, match=r"\[mailers.smtp\] host: is missing\. Write it: host"):
        smtp.build({})
    with pytest.raises(ConfigError, match="the password would be sent in the open"):
        smtp.build({"host": "mail.example.org", "security": "none", "user": "a", "password": "b"})
    with pytest.raises(ConfigError, match=r"\[mailers.smtp\] connections"):
        smtp.build({"host": "x", "connections": 0})


def test_an_address_beyond_ascii_asks_for_smtputf8_and_no_other_does(server: SmtpServer) -> None:
    from datetime import UTC, datetime

    from digest.render.personalize import Personalizer, RecipientLinks
    from tests.mailing import content

    copier = Personalizer.of(
        content(), job="x", digest="h", passes=lambda _n: RecipientLinks(token="t")
    )
    with smtp_serving(enable_SMTPUTF8=True) as modern:
        lane = mailer(modern).lane()
        for to in ("讀者@example.org", "reader@例子.example.org"):
            made = copier.made(to, "", RecipientLinks(token="t"), key=to, moment=datetime.now(UTC))
            (outcome,) = lane.send([made], made.key)
            assert outcome.status == "sent", outcome
        lane.close()
        assert [sum("UTF8" in o for o in one.options) for one in modern.kept] == [1, 0]
        assert modern.kept[1].recipient == "reader@xn--fsqu00a.example.org"
        assert str(modern.kept[0].message["To"]) == "讀者@example.org"
    made = copier.made(
        "讀者@example.org", "", RecipientLinks(token="t"), key="k", moment=datetime.now(UTC)
    )
    lane = mailer(server).lane()
    (outcome,) = lane.send([made], made.key)
    lane.close()
    assert (outcome.status, outcome.general) == ("rejected", False)
    assert "SMTPUTF8" in outcome.reason
