"""The subscribers' store keeps its promises on SQLite and on PostgreSQL alike."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from digest.config.link_tokens import Keyring
from digest.model import Consent, NewSubscriber, SubscriberEvent
from digest.model.mailing import Mailing
from digest.store.audience import AudienceStore
from digest.store.mailings import LedgerStore, select_receivers
from digest.store.renewals import count_renewals, find_last_renewal, renew_tokens
from digest.store.schema import deliveries, subscriber_events, subscribers, suppressions
from digest.text import address
from tests.make import NOW

LATER = NOW + timedelta(hours=1)
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def store(engine: Engine) -> AudienceStore:
    return AudienceStore(engine, Keyring([OLD]))


def person(typed: str = "lin@example.org", **fields: object) -> NewSubscriber:
    found = address.address(typed)
    consent = Consent(how="form", at=NOW, source="9f2c")
    plain = NewSubscriber(address=found.sent_to, normal=found.normal, consent=consent)
    return replace(plain, **({"digests": ("weekly",), "state": "active"} | fields))


def became(store: AudienceStore, normal: str, state: str) -> None:
    """Move a subscriber to *state*."""
    found = store.find(normal)
    assert found
    store.change(
        found.id, lambda it: replace(it, state=state), SubscriberEvent(at=LATER, what=state)
    )


def test_a_subscriber_comes_back_as_they_were(store: AudienceStore) -> None:
    one = person(
        "Lin@Example.ORG", name="林渡", language="zh-Hant-TW", digests=("weekly", "monthly")
    )
    assert store.enrol([one], NOW) == ["added"]
    found = store.find("lin@example.org")
    assert found == store.get(found.id)
    assert (found.address, found.name, found.language) == ("Lin@example.org", "林渡", "zh-Hant-TW")
    assert (found.digests, found.state) == (("weekly", "monthly"), "active")
    assert (found.created, found.changed, found.confirmed) == (NOW, NOW, NOW)
    assert found.consent == one.consent
    assert store.get(found.id + 1) is None
    assert store.find("nobody@example.org") is None


def test_the_same_people_again_change_nothing(store: AudienceStore) -> None:
    people = [person(f"r{n}@example.org") for n in range(3)]
    assert store.enrol(people, NOW) == ["added"] * 3
    assert store.enrol(people, LATER) == ["unchanged"] * 3
    assert {one.changed for one in store.everyone()} == {NOW}


def test_two_of_one_address_are_one(store: AudienceStore) -> None:
    taken = store.enrol([person("A@example.org"), person("a@EXAMPLE.org", name="later")], NOW)
    assert taken == ["added", "updated"]
    assert [(one.address, one.name) for one in store.everyone()] == [("A@example.org", "later")]


def test_a_later_list_adds_what_it_knows_and_takes_nothing_away(store: AudienceStore) -> None:
    store.enrol([person(name="林渡", state="pending")], NOW)
    assert store.enrol([person(digests=("monthly",), language="en")], LATER) == ["updated"]
    found = store.find("lin@example.org")
    assert (found.name, found.language, found.digests) == ("林渡", "en", ("weekly", "monthly"))
    assert (found.state, found.confirmed) == ("active", LATER)
    assert store.enrol([person(state="pending")], LATER) == ["unchanged"]


def test_a_trial_changes_nothing(store: AudienceStore) -> None:
    assert store.enrol([person()], NOW, dry=True) == ["added"]
    assert not list(store.everyone())


@pytest.mark.parametrize("state", ["unsubscribed", "bounced", "complained"])
def test_who_left_is_not_taken_in_again_unless_asked_for(store: AudienceStore, state: str) -> None:
    store.enrol([person()], NOW)
    became(store, "lin@example.org", state)
    assert store.suppressed("lin@example.org") == state
    assert store.enrol([person("LIN@example.org")], LATER) == ["suppressed"]
    assert store.enrol([person()], LATER, lift=True) == ["updated"]
    assert store.suppressed("lin@example.org") is None
    assert store.find("lin@example.org").state == "active"


def test_who_is_asked_again_stays_suppressed_until_they_confirm(store: AudienceStore) -> None:
    store.enrol([person()], NOW)
    store.erase(store.find("lin@example.org").id, NOW)
    assert store.enrol([person(state="pending")], LATER, lift=True) == ["added"]
    assert store.suppressed("lin@example.org") == "erased"
    became(store, "lin@example.org", "active")
    assert store.suppressed("lin@example.org") is None


def test_a_list_of_those_who_left_is_taken_over(store: AudienceStore) -> None:
    assert store.enrol([person(state="unsubscribed")], NOW) == ["added"]
    assert store.suppressed("lin@example.org") == "unsubscribed"
    assert store.enrol([person()], LATER) == ["suppressed"]


def test_what_is_erased_is_gone_and_stays_suppressed(store: AudienceStore, engine: Engine) -> None:
    store.enrol([person(name="林渡")], NOW)
    one = store.find("lin@example.org")
    became(store, "lin@example.org", "unsubscribed")
    assert store.erase(one.id, LATER)
    assert not store.erase(one.id, LATER)
    with engine.connect() as connection:
        assert connection.execute(select(subscribers)).all() == []
        assert connection.execute(select(subscriber_events)).all() == []
        kept = connection.execute(select(suppressions)).all()
    assert [(len(row.mark), row.reason) for row in kept] == [(16, "unsubscribed")]
    assert store.suppressions() == {"unsubscribed": 1}
    assert store.enrol([person("Lin@example.org")], LATER) == ["suppressed"]


def test_who_never_confirms_is_removed_and_may_sign_up_again(
    store: AudienceStore, engine: Engine
) -> None:
    people = ("asked", "listed", "lately", "reads")
    for name in people:
        state = "active" if name == "reads" else "pending"
        store.enrol([person(f"{name}@example.org", state=state)], NOW)
    for name, at in (("asked", NOW), ("lately", LATER), ("reads", NOW)):
        one = store.find(f"{name}@example.org")
        event = SubscriberEvent(at=at, what="was asked to confirm")
        store.change(one.id, lambda it, at=at: replace(it, asked=at), event)
    assert store.end_unconfirmed(LATER, LATER) == 1
    assert store.end_unconfirmed(LATER, LATER) == 0
    assert [one.address.partition("@")[0] for one in store.everyone()] == list(people[1:])
    assert store.suppressions() == {}
    assert store.enrol([person("asked@example.org", state="pending")], LATER) == ["added"]
    with engine.connect() as connection:
        assert len(connection.execute(select(subscriber_events)).all()) == 2


def test_the_ledger_shows_what_a_reader_got_and_forgets_who_they_were(
    store: AudienceStore, engine: Engine
) -> None:
    store.enrol([person(), person("w@example.org")], NOW)
    one, other = store.find("lin@example.org").id, store.find("w@example.org").id
    books = LedgerStore(engine)
    first = Mailing(
        job="weekly-1",
        issue="weekly-1",
        edition="weekly",
        revision=1,
        hash="0",
        mailer="smtp",
        started=NOW,
    )
    books.freeze(first)
    with engine.begin() as connection:
        said = {"state": "rejected", "reason": "550 5.1.1 <lin@example.org>: no such user"}
        connection.execute(update(deliveries).values(**said))
    assert [(e.what, e.detail) for e in store.copies(one)] == [("weekly-1", "rejected")]
    store.erase(one, LATER)
    with engine.connect() as connection:
        rows = connection.execute(select(deliveries.c.subscriber, deliveries.c.reason)).all()
    assert dict(map(tuple, rows)) == {one: None, other: said["reason"]}


def test_a_number_is_never_given_again(store: AudienceStore) -> None:
    store.enrol([person()], NOW)
    first = store.find("lin@example.org").id
    store.erase(first, NOW)
    store.enrol([person("other@example.org")], NOW)
    assert store.find("other@example.org").id > first


def test_a_mark_made_with_an_old_key_still_counts(store: AudienceStore, engine: Engine) -> None:
    store.enrol([person()], NOW)
    store.erase(store.find("lin@example.org").id, NOW)
    rotated = AudienceStore(engine, Keyring([NEW, OLD]))
    assert rotated.suppressed("lin@example.org") == "erased"
    assert rotated.enrol([person()], LATER) == ["suppressed"]
    assert rotated.enrol([person()], LATER, lift=True) == ["added"]
    assert rotated.suppressed("lin@example.org") is None


def test_a_change_is_recorded_once_for_each_notice(store: AudienceStore) -> None:
    store.enrol([person()], NOW)
    one = store.find("lin@example.org")
    for key in ("m1", "m1", "m2"):
        event = SubscriberEvent(at=LATER, what="bounced for now", detail=key)
        store.change(one.id, lambda it: replace(it, softs=it.softs + 1), event, key)
    assert store.get(one.id).softs == 2
    assert [event.detail for event in store.events(one.id)] == ["m1", "m2"]
    assert store.get(one.id).changed == LATER
    event = SubscriberEvent(at=LATER, what="none")
    assert store.change(one.id, lambda it: it, event) == store.get(one.id)
    assert len(store.events(one.id)) == 2
    assert store.change(one.id + 1, lambda it: it, event) is None


def test_of_eight_that_change_at_once_none_is_lost(store: AudienceStore) -> None:
    store.enrol([person()], NOW)
    number = store.find("lin@example.org").id

    def count(n: int) -> None:
        event = SubscriberEvent(at=LATER, what="bounced", detail=str(n))
        store.change(number, lambda it: replace(it, softs=it.softs + 1), event)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(8)))
    assert store.get(number).softs == 8
    assert len(store.events(number)) == 8


def test_of_eight_that_take_one_in_at_once_one_adds(store: AudienceStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = [t for ts in pool.map(lambda _: store.enrol([person()], NOW), range(8)) for t in ts]
    assert sorted(taken) == ["added"] + ["unchanged"] * 7


def test_a_digest_goes_to_the_active_who_are_on_it(store: AudienceStore, engine: Engine) -> None:
    store.enrol(
        [
            person("w@example.org"),
            person("m@example.org", digests=("monthly",)),
            person("both@example.org", digests=("monthly", "weekly")),
            person("pending@example.org", state="pending"),
            person("gone@example.org", state="unsubscribed"),
            person("near@example.org", digests=("weekly_", "weekl%")),
        ],
        NOW,
    )
    with engine.connect() as connection:
        chosen = set(connection.execute(select_receivers("weekly")).scalars())
    by_number = {one.id: one.address for one in store.everyone()}
    assert {by_number[n] for n in chosen} == {"w@example.org", "both@example.org"}
    assert store.active(list(by_number), "weekly") == chosen
    assert [one.address for one in store.everyone("pending")] == ["pending@example.org"]
    assert [one.address for one in store.everyone("active", "monthly")] == [
        "m@example.org",
        "both@example.org",
    ]
    assert store.counts()["active", ("weekly",)] == 1


def test_thousands_are_taken_in_and_listed_in_order(store: AudienceStore) -> None:
    people = [person(f"r{n}@example.org") for n in range(12_001)]
    store.enrol([person("x@example.org", state="complained")], NOW)
    assert store.enrol(people, NOW) == ["added"] * 12_001
    numbers = [one.id for one in store.everyone()]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 12_002


def test_a_long_address_and_a_hostile_name_are_text_like_any_other(store: AudienceStore) -> None:
    long = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".org"
    store.enrol([person(long, name="'); DROP TABLE subscribers; --")], NOW)
    assert store.find(long).name == "'); DROP TABLE subscribers; --"


def test_rows_of_one_person_in_one_list_are_laid_together(store: AudienceStore) -> None:
    rows = [
        person(digests=("weekly",), state="pending"),
        person("LIN@example.org", digests=("monthly",), name="林渡"),
        person("LIN@example.org", digests=("monthly",)),
        person("w@example.org"),
        person("w@example.org", state="unsubscribed"),
        person("w@example.org"),
    ]
    taken = store.enrol(rows, NOW)
    assert taken == ["added", "updated", "unchanged", "added", "updated", "unchanged"]
    one = store.find("lin@example.org")
    assert (one.digests, one.name, one.state) == (("weekly", "monthly"), "林渡", "active")
    assert store.find("w@example.org").state == "unsubscribed"
    assert store.suppressed("w@example.org") == "unsubscribed"


def test_marks_of_another_store_end_the_subscriptions_of_those_whose_they_are(
    store: AudienceStore,
) -> None:
    keyring = Keyring([OLD])
    names = ("a@example.org", "b@example.org", "c@example.org")
    store.enrol([person(name) for name in names], NOW)
    gone = {"a@example.org": "bounced", "b@example.org": "erased", "z@example.org": "erased"}
    marks = {keyring.marks(name)[0]: why for name, why in gone.items()}
    assert store.keep_out(marks, LATER) == 2
    assert store.find("a@example.org").state == "bounced"
    assert store.find("b@example.org") is None
    assert store.find("c@example.org").state == "active"
    assert store.suppressed("z@example.org") == "erased"
    assert store.keep_out(marks, LATER) == 0


def test_tokens_are_renewed_for_every_process(engine: Engine) -> None:
    rings = [Keyring([OLD], lambda: count_renewals(engine)) for _ in range(2)]
    token = rings[0].sign(7, "reader")
    assert (count_renewals(engine), find_last_renewal(engine)) == (0, None)
    assert renew_tokens(engine, NOW) == 1
    assert find_last_renewal(engine) == NOW
    assert all(ring.verify(token, "reader").outdated for ring in rings)
    fresh = rings[0].sign(7, "reader")
    assert not rings[1].verify(fresh, "reader").outdated
    assert renew_tokens(engine, LATER) == 2
    assert rings[1].verify(fresh, "reader").outdated
