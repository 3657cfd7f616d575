"""Readers are counted day by day, in the commit of each change, and nothing of them is kept."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, select, text

from digest.audience import subscriptions
from digest.config.link_tokens import Keyring
from digest.model import (
    MEMBERSHIPS,
    Consent,
    Membership,
    NewSubscriber,
    Subscriber,
    SubscriberEvent,
)
from digest.store import engine
from digest.store.audience import AudienceStore
from digest.store.backup import copy_store, fill_from_copy
from digest.store.daily_counts import (
    EVERYBODY,
    OTHER,
    SOURCES,
    CountChanges,
    DailyCounts,
    Subscription,
)
from digest.store.daily_counts import find_events as events_of
from digest.store.engine import connect
from digest.store.schema import daily_events, daily_states

NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
KEYRING = Keyring([b"k" * 32])


@pytest.fixture
def audience(engine: Engine) -> AudienceStore:
    return AudienceStore(engine, KEYRING)


@pytest.fixture
def daily(engine: Engine) -> DailyCounts:
    return DailyCounts(engine)


def person(name: str = "su", **fields: object) -> NewSubscriber:
    address = f"{name}@example.org"
    consent = Consent(how="form", at=NOW, source="9f2c")
    plain = NewSubscriber(address=address, normal=address, consent=consent, digests=("weekly",))
    return replace(plain, **fields)


def imported(name: str, state: Membership = "active", *digests: str) -> NewSubscriber:
    consent = Consent(how="held elsewhere", at=NOW, source="readers-of-su.csv")
    return person(name, consent=consent, state=state, digests=digests or ("weekly",))


def number_of(audience: AudienceStore, name: str = "su") -> int:
    found = audience.find(f"{name}@example.org")
    assert found
    return found.id


def happened(daily: DailyCounts, digest: str = EVERYBODY, day: date = TODAY) -> dict[str, int]:
    """Return how often what happened on *day*, as "event source"."""
    found = daily.events(day, day + DAY)
    return {f"{one.event} {one.source}": one.number for one in found if one.digest == digest}


def recounted(audience: AudienceStore) -> Counter[tuple[str, Membership]]:
    """Return what the subscribers themselves say, one by one."""
    counts: Counter[tuple[str, Membership]] = Counter()
    for one in audience.everyone():
        counts.update((digest, one.state) for digest in {EVERYBODY, *one.digests})
    return counts


def test_a_reader_who_asks_confirms_and_leaves_is_counted_at_each_step(
    audience: AudienceStore, daily: DailyCounts
) -> None:
    assert subscriptions.ask_to_subscribe(audience, person(), NOW)
    assert daily.subscribers(TODAY) == {(EVERYBODY, "pending"): 1, ("weekly", "pending"): 1}
    assert happened(daily) == {"joined form": 1}

    subscriptions.confirm_subscription(audience, number_of(audience), NOW + DAY, NOW)
    assert daily.subscribers(TODAY + DAY) == {(EVERYBODY, "active"): 1, ("weekly", "active"): 1}
    assert happened(daily, "weekly", TODAY + DAY) == {"confirmed form": 1}

    subscriptions.end_subscription(audience, number_of(audience), NOW + 2 * DAY, "one click")
    subscriptions.end_subscription(audience, number_of(audience), NOW + 2 * DAY, "one click")
    assert happened(daily, day=TODAY + 2 * DAY) == {"left one click": 1}
    assert daily.subscribers(TODAY) == {(EVERYBODY, "pending"): 1, ("weekly", "pending"): 1}
    assert daily.subscribers(TODAY + 9 * DAY)["weekly", "unsubscribed"] == 1
    assert daily.subscribers(TODAY - DAY) == {}
    assert daily.first_day() == TODAY


def test_who_comes_back_joins_and_confirms_again(
    audience: AudienceStore, daily: DailyCounts
) -> None:
    audience.enrol([person(state="active")], NOW)
    subscriptions.end_subscription(audience, number_of(audience), NOW, "the editor")
    later = NOW + DAY
    subscriptions.ask_to_subscribe(audience, person(), later)
    assert happened(daily, day=TODAY + DAY) == {}
    subscriptions.confirm_subscription(audience, number_of(audience), later, later)
    assert happened(daily, day=TODAY + DAY) == {"joined form": 1, "confirmed form": 1}


def test_a_second_digest_is_joined_and_left_by_itself(
    audience: AudienceStore, daily: DailyCounts
) -> None:
    audience.enrol([person(state="active")], NOW)
    number = number_of(audience)
    subscriptions.choose_digests(
        audience, number, NOW + DAY, digests=("monthly",), name="", language=""
    )
    assert happened(daily, EVERYBODY, TODAY + DAY) == {}
    assert happened(daily, "monthly", TODAY + DAY) == {"joined chose": 1, "confirmed chose": 1}
    assert happened(daily, "weekly", TODAY + DAY) == {"left chose": 1}
    subscriptions.choose_digests(audience, number, NOW + 2 * DAY, digests=(), name="", language="")
    assert happened(daily, "monthly", TODAY + 2 * DAY) == {"left chose": 1}
    assert happened(daily, EVERYBODY, TODAY + 2 * DAY) == {"left chose": 1}


def test_bounces_and_complaints_count_once_for_each_notice(
    audience: AudienceStore, daily: DailyCounts
) -> None:
    audience.enrol([person(name, state="active") for name in ("su", "lin", "he")], NOW)
    hard, soft, angry = (number_of(audience, name) for name in ("su", "lin", "he"))
    for _ in range(2):
        subscriptions.record_bounce(audience, hard, NOW, hard=True, notice="h", most=2)
    for notice in ("s1", "s1", "s2"):
        subscriptions.record_bounce(audience, soft, NOW, hard=False, notice=notice, most=2)
    subscriptions.end_subscription(audience, angry, NOW, "reported", "l")
    subscriptions.record_complaint(audience, angry, NOW, "c")
    assert happened(daily) == {
        "joined form": 3,
        "confirmed form": 3,
        "bounced bounced": 1,
        "bounced bounced for now": 1,
        "left reported": 1,
        "complained complained": 1,
    }
    assert daily.subscribers(TODAY) == recounted(audience)


def test_a_list_is_counted_by_what_it_changes(audience: AudienceStore, daily: DailyCounts) -> None:
    audience.enrol([person(), person("gone", state="active")], NOW)
    subscriptions.end_subscription(audience, number_of(audience, "gone"), NOW, "the editor")
    people = [
        *(imported(f"r{n}") for n in range(7)),
        *(imported("su"), imported("gone"), imported("elsewhere", "unsubscribed")),
        *(imported("both", "active", "weekly", "monthly"), imported("r0", "active", "monthly")),
    ]
    audience.enrol(people, NOW + DAY, dry=True)
    assert happened(daily, day=TODAY + DAY) == {}
    audience.enrol(people, NOW + DAY)
    audience.enrol(people, NOW + DAY)
    assert happened(daily, day=TODAY + DAY) == {
        "joined held elsewhere": 8,
        "confirmed held elsewhere": 9,
    }
    assert happened(daily, "monthly", TODAY + DAY) == {
        "joined held elsewhere": 2,
        "confirmed held elsewhere": 2,
    }
    assert daily.subscribers(TODAY + DAY) == recounted(audience)


def test_rows_of_somebody_known_are_laid_one_over_the_other(
    audience: AudienceStore, daily: DailyCounts
) -> None:
    audience.enrol([imported("su"), imported("lin")], NOW)
    rows = [
        *(imported("su", "active", "monthly"), imported("su", "active", "yearly")),
        *(imported("lin", "unsubscribed"), imported("lin", "active", "monthly")),
    ]
    assert audience.enrol(rows, NOW) == ["updated", "updated", "updated", "suppressed"]
    assert audience.get(number_of(audience)).digests == ("weekly", "monthly", "yearly")
    assert audience.get(number_of(audience, "lin")).state == "unsubscribed"
    assert daily.subscribers(TODAY) == recounted(audience)


def test_who_is_lifted_by_the_last_of_their_rows_is_written_to(audience: AudienceStore) -> None:
    audience.enrol([imported("su")], NOW)
    audience.enrol([imported("su", "unsubscribed"), imported("su")], NOW, lift=True)
    assert audience.get(number_of(audience)).state == "active"
    assert audience.suppressed("su@example.org") is None


def test_what_is_erased_stays_counted_and_nothing_of_it_is_kept(
    audience: AudienceStore, daily: DailyCounts, engine: Engine
) -> None:
    audience.enrol([replace(person(state="active"), name="蘇渡")], NOW)
    subscriptions.end_subscription(audience, number_of(audience), NOW, "as asked by su@example.org")
    audience.erase(number_of(audience), NOW + DAY)
    assert happened(daily, day=TODAY + DAY) == {"erased the editor": 1}
    assert happened(daily) == {"joined form": 1, "confirmed form": 1, f"left {OTHER}": 1}
    assert daily.subscribers(TODAY + DAY) == {}
    with engine.connect() as connection:
        rows = [
            *connection.execute(select(daily_states)),
            *connection.execute(select(daily_events)),
        ]
    words = {value for row in rows for value in row if isinstance(value, str)}
    known = {EVERYBODY, "weekly", *MEMBERSHIPS, *SOURCES}
    assert words <= known | {"joined", "confirmed", "left", "erased"}


def test_marks_of_a_store_before_a_restore_are_counted(
    audience: AudienceStore, daily: DailyCounts
) -> None:
    audience.enrol([imported("a"), imported("b")], NOW)
    reasons = {"a@example.org": "unsubscribed", "b@example.org": "erased"}
    marks = {KEYRING.marks(normal)[0]: why for normal, why in reasons.items()}
    assert audience.keep_out(marks, NOW + DAY) == 2
    assert happened(daily, day=TODAY + DAY) == {
        "left before the restore": 1,
        "erased before the restore": 1,
    }
    assert daily.subscribers(TODAY + DAY) == recounted(audience)


def test_a_change_that_fails_counts_nothing(audience: AudienceStore, daily: DailyCounts) -> None:
    audience.enrol([person(state="active")], NOW)
    before = daily.events(TODAY, TODAY + DAY)
    event = SubscriberEvent(at=NOW, what="left", detail="one click")
    with pytest.raises(Exception, match="zone"):
        audience.change(
            number_of(audience),
            lambda it: replace(it, state="unsubscribed", asked=NOW.replace(tzinfo=None)),
            event,
        )
    assert daily.events(TODAY, TODAY + DAY) == before
    assert daily.subscribers(TODAY) == recounted(audience)


def any_step(audience: AudienceStore, chance: random.Random, at: datetime) -> Callable[[], object]:
    """Return one thing that may happen to one of a few readers."""
    name = chance.choice(["su", "lin", "he", "wu"])
    digests = tuple(chance.sample(["weekly", "monthly", "yearly"], chance.randint(0, 3)))
    state = chance.choice(MEMBERSHIPS)
    found = audience.find(f"{name}@example.org")
    number = found.id if found else 0
    notice = str(chance.random())

    def bounce() -> Subscriber | None:
        hard = chance.random() < 0.3
        return subscriptions.record_bounce(audience, number, at, hard=hard, notice=notice, most=2)

    steps: list[Callable[[], object]] = [
        lambda: subscriptions.ask_to_subscribe(audience, person(name, digests=digests), at),
        lambda: audience.enrol([imported(name, state, *digests)] * 2, at),
        lambda: audience.enrol([imported(name, state, *digests)], at, lift=True),
        lambda: subscriptions.confirm_subscription(audience, number, at, at),
        lambda: subscriptions.end_subscription(audience, number, at, "one click"),
        lambda: subscriptions.choose_digests(
            audience, number, at, digests=digests, name="", language=""
        ),
        lambda: subscriptions.record_complaint(audience, number, at, notice),
        lambda: audience.erase(number, at),
        lambda: audience.keep_out({KEYRING.marks(f"{name}@example.org")[0]: "bounced"}, at),
        bounce,
    ]
    return chance.choice(steps)


def test_whatever_happens_the_days_add_up_to_the_subscribers(
    audience: AudienceStore, daily: DailyCounts
) -> None:
    chance, seen = random.Random(20260316), {}
    for hour in range(70):
        at = NOW + timedelta(hours=hour)
        any_step(audience, chance, at)()
        seen[at.date()] = recounted(audience)
        assert daily.subscribers(at.date()) == seen[at.date()]
    assert {day: daily.subscribers(day) for day in seen} == seen
    found = daily.events(TODAY, TODAY + 30 * DAY)
    assert {one.event for one in found} >= {"joined", "confirmed", "left", "bounced", "erased"}
    assert {one.source for one in found} <= SOURCES - {OTHER}


def test_of_eight_that_count_at_once_none_is_lost(engine: Engine, daily: DailyCounts) -> None:
    def save(n: int) -> None:
        tally = CountChanges()
        tally.count(None, Subscription("active", ("weekly", f"d{n % 2}")), "form")
        with engine.begin() as connection:
            tally.save(connection, NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(40)))
    assert daily.subscribers(TODAY)["weekly", "active"] == 40
    assert daily.subscribers(TODAY)["d1", "active"] == 20
    assert happened(daily) == {"joined form": 40, "confirmed form": 40}


def test_one_that_is_late_for_midnight_counts_for_its_day_and_those_after(
    engine: Engine, daily: DailyCounts
) -> None:
    for at in (NOW + DAY, NOW):
        tally = CountChanges()
        tally.count(None, Subscription("pending", ()), "form")
        with engine.begin() as connection:
            tally.save(connection, at)
    assert daily.subscribers(TODAY) == {(EVERYBODY, "pending"): 1}
    assert daily.subscribers(TODAY + DAY) == {(EVERYBODY, "pending"): 2}


def test_a_day_is_one_of_utc(audience: AudienceStore, daily: DailyCounts) -> None:
    taipei = datetime.fromisoformat("2026-03-17T07:59:00+08:00")
    audience.enrol([person()], taipei)
    assert daily.first_day() == date(2026, 3, 16)


def older_store(url: str, revision: str) -> Engine:
    """Return the engine on a new store as it was at *revision*."""
    made = create_engine(url)
    config = Config()
    folder = Path(engine.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with made.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return made


def test_a_store_with_readers_counts_from_the_day_it_is_brought_up_to_date(store_url: str) -> None:
    old = older_store(store_url, "0012")
    row = (
        "INSERT INTO subscribers (address, normal, name, language, digests, state, created,"
        " changed, consent_how, consent_at, consent_source, softs) VALUES (:a, :a, '', '', :d, :s,"
        " '2026-01-01', '2026-01-01', 'form', '2026-01-01', '', 0)"
    )
    readers = [
        *({"a": f"w{n}@example.org", "d": ",weekly,", "s": "active"} for n in range(3)),
        {"a": "b@example.org", "d": ",weekly,monthly,", "s": "active"},
        {"a": "p@example.org", "d": ",monthly,", "s": "pending"},
        {"a": "n@example.org", "d": "", "s": "bounced"},
    ]
    with old.begin() as connection:
        connection.execute(text(row), readers)
    old.dispose()
    before = datetime.now(UTC).date()
    new = connect(store_url)
    daily, audience = DailyCounts(new), AudienceStore(new, KEYRING)
    began = daily.first_day()
    assert began in (before, datetime.now(UTC).date())
    assert daily.subscribers(began) == {
        (EVERYBODY, "active"): 4,
        (EVERYBODY, "pending"): 1,
        (EVERYBODY, "bounced"): 1,
        ("weekly", "active"): 4,
        ("monthly", "active"): 1,
        ("monthly", "pending"): 1,
    }
    assert daily.events(date(2026, 1, 1), began + DAY) == ()
    at = datetime(began.year, began.month, began.day, tzinfo=UTC) + DAY
    subscriptions.end_subscription(audience, number_of(audience, "b"), at, "one click")
    assert daily.subscribers(began + DAY) == recounted(audience)
    new.dispose()


def test_an_empty_store_has_counted_from_its_first_reader_on(daily: DailyCounts) -> None:
    assert daily.first_day() is None
    assert daily.subscribers(TODAY) == {}


def test_counts_go_with_a_backup_and_come_back(
    audience: AudienceStore,
    daily: DailyCounts,
    engine: Engine,
    tmp_path: Path,
    postgres_url: str,
) -> None:
    audience.enrol([imported("su"), imported("lin", "active", "monthly")], NOW)
    subscriptions.end_subscription(audience, number_of(audience), NOW, "one click")
    copy_store(engine, tmp_path / "kept.db")
    for url in (f"sqlite:///{tmp_path / 'back.db'}", fresh(postgres_url, engine)):
        if url:
            fill_from_copy(tmp_path / "kept.db", url)
            again = connect(url)
            assert DailyCounts(again).subscribers(TODAY) == daily.subscribers(TODAY)
            assert DailyCounts(again).events(TODAY, TODAY + DAY) == daily.events(TODAY, TODAY + DAY)
            again.dispose()


def fresh(url: str, engine: Engine) -> str:
    """Return *url* where it is another store than that of *engine*, "" where it is the same."""
    return "" if engine.dialect.name == "postgresql" else url


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        (None, "pending", ["joined"]),
        ("pending", "active", ["confirmed"]),
        ("pending", "unsubscribed", ["left"]),
        ("active", None, ["left"]),
        ("active", "bounced", ["bounced"]),
        ("unsubscribed", "complained", ["complained"]),
        ("complained", "active", ["joined", "confirmed"]),
        ("bounced", "pending", ["joined"]),
        (None, "unsubscribed", []),
        (None, "bounced", []),
        ("unsubscribed", None, []),
        ("active", "active", []),
    ],
)
def test_what_a_change_of_state_counts_as(
    before: Membership | None, after: Membership | None, events: list[str]
) -> None:
    assert list(events_of(before, after)) == events
