"""The ledger keeps its promises on SQLite and on PostgreSQL alike."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, inspect, text, update

from digest.delivery.mailers import smtp
from digest.model.errors import StoreError
from digest.model.mailing import Delivery
from digest.model.ports.mail import LedgerBatch
from digest.store import schema
from digest.store.engine import connect
from digest.store.mailings import LedgerStore
from digest.store.schema import subscribers
from tests.mailing import JOB, Office, address, opened_office
from tests.smtp_server import smtp_serving

NOW = datetime(2026, 3, 16, 8, 0, 0, tzinfo=UTC)
READERS = 8


@pytest.fixture
def office(store_url: str) -> Iterator[Office]:
    with opened_office(store_url, READERS) as opened:
        yield opened


def armed(one: Delivery) -> Delivery:
    return replace(one, armed=NOW, key=f"k{one.subscriber}")


def test_the_migrations_make_the_tables_that_the_queries_name(office: Office) -> None:
    found = inspect(office.engine)
    for table in (schema.mailings, schema.deliveries, schema.marks):
        columns = {one["name"]: one["nullable"] for one in found.get_columns(table.name)}
        assert columns == {c.name: bool(c.nullable) for c in table.columns}, table.name
    assert [one["name"] for one in found.get_indexes("deliveries")] == ["deliveries_unsettled"]


def test_an_audience_is_frozen_once(office: Office) -> None:
    mailing = office.mailing()
    assert (mailing.audience, office.counts()) == (READERS, {"queued": READERS})
    office.leave(3)
    again = office.ledger.freeze(replace(mailing, id=0, hash="other", audience=0))
    assert again == mailing == office.ledger.find(JOB)
    assert office.ledger.receivers("weekly") == READERS - 1
    assert office.ledger.receivers("monthly") == 0


def test_of_eight_that_freeze_at_once_one_does(office: Office, store_url: str) -> None:
    def freeze(_n: int) -> int:
        engine = connect(store_url)
        wanted = replace(office.mailing("other"), job=JOB, id=0)
        try:
            return LedgerStore(engine).freeze(wanted).id
        finally:
            engine.dispose()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(freeze, range(8)))) == 1
    assert office.counts() == {"queued": READERS}


def test_copies_are_claimed_in_turn_armed_and_settled(office: Office) -> None:
    mailing = office.mailing()
    with office.ledger.writing(mailing) as writer:
        first = writer.claim(NOW, 5)
        assert [one.subscriber for one in first] == [1, 2, 3, 4, 5]
        assert [one.subscriber for one in writer.claim(NOW, 5)] == [6, 7, 8]
        assert writer.claim(NOW, 5) == []
        assert first[0].address == address(1)
        assert writer.commit(LedgerBatch(arming=[armed(one) for one in first[:2]])) == {1, 2}
        sent = replace(armed(first[0]), state="sent", id="<1@x>", attempts=1)
        writer.commit(LedgerBatch(settled=[sent], arming=[armed(first[2])]))
        later = NOW + timedelta(minutes=5)
        put_off = replace(armed(first[1]), state="deferred", until=later, reason="450 later")
        writer.commit(LedgerBatch(settled=[put_off]))
        assert writer.due() == later
        assert writer.claim(NOW, 5) == []
        (again,) = writer.claim(later, 5)
        assert (again.subscriber, again.reason) == (2, "450 later")
    assert office.counts() == {"sent": 1, "armed": 1, "queued": 6}
    (one,) = office.ledger.deliveries(mailing, ["sent"])
    assert (one.id, one.attempts, one.armed, one.key) == ("<1@x>", 1, NOW, "k1")


def test_what_a_run_left_is_settled_by_the_next(office: Office) -> None:
    mailing = office.mailing()
    with office.ledger.writing(mailing) as writer:
        first, second, *_ = writer.claim(NOW, 5)
        writer.commit(LedgerBatch(arming=[armed(first)]))
    with office.ledger.writing(mailing):
        assert office.counts() == {"unknown": 1, "queued": READERS - 1}
    (lost,) = office.ledger.deliveries(mailing, ["unknown"])
    assert (lost.subscriber, lost.reason) == (1, "the program ended while it was being sent")
    assert second.subscriber == 2


def test_who_left_or_was_erased_is_skipped_when_it_counts(office: Office) -> None:
    mailing = office.mailing()
    with office.ledger.writing(mailing) as writer:
        claimed = writer.claim(NOW, 5)
        office.leave(2)
        with office.engine.begin() as connection:
            connection.execute(delete(subscribers).where(subscribers.c.id == 3))
        assert writer.commit(LedgerBatch(arming=[armed(one) for one in claimed])) == {1, 4, 5}
        assert writer.still([1, 2, 3, 6]) == {1, 6}
        assert [o.subscriber for o in writer.claim(NOW, 5)] == [6, 7, 8]
    assert office.counts() == {"armed": 3, "skipped": 2, "queued": 3}
    skipped = list(office.ledger.deliveries(mailing, ["skipped"]))
    assert [(one.subscriber, one.address) for one in skipped] == [(2, address(2)), (3, "")]


def test_a_paused_mailing_gives_nothing_out(office: Office) -> None:
    mailing = office.mailing()
    office.ledger.pause(mailing, paused=True)
    with office.ledger.writing(mailing) as writer:
        assert writer.paused()
        assert writer.claim(NOW, 5) == ()
        office.ledger.pause(mailing, paused=False)
        assert len(writer.claim(NOW, 5)) == 5


def test_a_mailing_for_the_readers_of_another(office: Office) -> None:
    """A correction: to whom it was sent, and who still is a reader."""
    first = office.mailing()
    with office.engine.begin() as connection:
        got = update(schema.deliveries).where(schema.deliveries.c.subscriber <= 4)
        connection.execute(got.values(state="sent"))
    office.leave(1)
    assert office.ledger.receivers("weekly", first.job) == 3
    second = office.mailing(f"{JOB}.correction-1", of=first.job)
    found = office.ledger.deliveries(second, ["queued"])
    assert [one.subscriber for one in found] == [2, 3, 4]
    assert office.ledger.mailings(JOB) == (first, second)


def test_what_waits_is_settled_by_a_person(office: Office) -> None:
    mailing = office.mailing()
    with office.engine.begin() as connection:
        connection.execute(update(schema.deliveries).values(state="unknown", attempts=3))
    assert office.ledger.settle(mailing, ["unknown"], "skipped", "by you", address(1)) == 1
    assert office.ledger.settle(mailing, ["unknown", "held"], "queued", "") == READERS - 1
    assert office.counts() == {"queued": READERS - 1, "skipped": 1}
    assert {o.attempts for o in office.ledger.deliveries(mailing, ["queued"])} == {0}
    with pytest.raises(ValueError, match="armed cannot become queued"):
        office.ledger.settle(mailing, ["armed"], "queued", "")


def test_a_mailing_of_which_nothing_left_can_be_removed(office: Office) -> None:
    office.ledger.drop(office.mailing())
    assert office.ledger.find(JOB) is None
    assert office.ledger.mailings() == ()
    assert office.mailing().audience == READERS


def test_one_at_a_time_writes_a_mailing(office: Office, store_url: str) -> None:
    other = connect(store_url)
    with (
        office.ledger.exclusive("mail-smtp"),
        pytest.raises(StoreError, match="another digest is at it"),
        LedgerStore(other).exclusive("mail-smtp"),
    ):
        pass
    other.dispose()


def test_many_copies_are_read_a_page_at_a_time(office: Office) -> None:
    ledger = LedgerStore(office.engine, page=3)
    found = ledger.deliveries(office.mailing(), ["queued"])
    assert [one.subscriber for one in found] == list(range(1, READERS + 1))


def test_a_connection_to_the_database_that_is_cut_stops_and_says_unknown(
    postgres_url: str,
) -> None:
    """PostgreSQL goes away after four messages were accepted; the next run goes on."""
    with smtp_serving() as server, opened_office(postgres_url, 12) as office:
        other = connect(postgres_url)

        def cut(_one: object) -> None:
            if len(server.kept) == 4:
                with other.connect() as connection:
                    connection.execute(
                        text(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        )
                    )

        server.on_kept = cut
        place = {"host": server.host, "port": server.port, "security": "none", "connections": 3}
        mailer = smtp.build(place)
        with pytest.raises(StoreError):
            office.send(mailer)
        assert 4 <= len(server.kept) < 12  # it stopped, with what was on the wire
        server.on_kept = lambda _one: None
        office.send(mailer)
        other.dispose()
        unknown = {o.address for o in office.ledger.deliveries(office.mailing(), ["unknown"])}
        missing = {address(n) for n in range(1, 13)} - set(server.recipients)
        assert missing <= unknown
        assert 1 <= len(unknown) <= 6  # a connection has one message under way and one at hand
        assert max(Counter(server.recipients).values()) == 1
