"""What readers and reports do to a record, on a real store."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from digest.audience import subscriptions
from digest.audience.bounces import DeliveryReport, apply_report
from digest.config.link_tokens import Keyring
from digest.model import Consent, NewSubscriber, Subscriber
from digest.store.audience import AudienceStore
from digest.store.engine import connect
from tests.make import NOW

RING = Keyring([b"k" * 32])


@pytest.fixture
def audience(tmp_path: Path) -> Iterator[AudienceStore]:
    engine = connect(f"sqlite:///{tmp_path / 'digest.db'}")
    yield AudienceStore(engine, RING)
    engine.dispose()


def applicant(**fields: object) -> NewSubscriber:
    plain = {"address": "lin@example.org", "normal": "lin@example.org", "digests": ("weekly",)}
    return NewSubscriber(consent=Consent(how="form", at=NOW), **(plain | fields))


@pytest.fixture
def reader(audience: AudienceStore) -> Subscriber:
    audience.enrol([applicant(state="active")], NOW)
    return audience.find("lin@example.org")


def act(audience, kind, key, *, most=3, **whom):
    report = DeliveryReport(kind=kind, key=key, **(whom or {"address": "lin@example.org"}))
    return apply_report(audience, RING, report, NOW, most=most)


def test_a_hard_bounce_ends_a_subscription_at_once(audience, reader) -> None:
    assert act(audience, "hard", "1").state == "bounced"
    assert audience.suppressed("lin@example.org") == "bounced"


def test_soft_bounces_end_it_when_they_are_many(audience, reader) -> None:
    states = [act(audience, "soft", str(n)).state for n in range(3)]
    assert states == ["active", "active", "bounced"]


def test_a_report_counts_once_however_often_it_comes(audience, reader) -> None:
    for _ in range(5):
        assert act(audience, "soft", "1").softs == 1
    assert len(audience.events(reader.id)) == 1


def test_a_complaint_is_for_good(audience, reader) -> None:
    assert act(audience, "complaint", "1").state == "complained"
    assert subscriptions.ask_to_subscribe(audience, applicant(), NOW) is None
    after, fresh = subscriptions.confirm_subscription(audience, reader.id, NOW, NOW)
    assert (after.state, fresh) == ("complained", False)
    audience.erase(reader.id, NOW)
    assert subscriptions.ask_to_subscribe(audience, applicant(), NOW) is None


def test_who_complains_after_leaving_is_suppressed_as_such(audience, reader) -> None:
    subscriptions.end_subscription(audience, reader.id, NOW, "one click")
    act(audience, "complaint", "1")
    assert audience.suppressed("lin@example.org") == "complained"
    assert act(audience, "hard", "2").state == "complained"
    assert (
        subscriptions.end_subscription(audience, reader.id, NOW, "one click").state == "complained"
    )


def test_a_token_comes_before_an_address(audience, reader) -> None:
    audience.enrol([applicant(address="w@example.org", normal="w@example.org")], NOW)
    token = RING.sign(reader.id, "bounce")
    act(audience, "hard", "1", token=token, address="w@example.org")
    assert audience.get(reader.id).state == "bounced"
    assert audience.find("w@example.org").state == "pending"


@pytest.mark.parametrize(
    "whom", [{"address": "no address"}, {"address": "x@example.org"}, {"token": "forged"}]
)
def test_a_report_about_nobody_changes_nothing(audience, reader, whom) -> None:
    assert act(audience, "hard", "1", **whom) is None


def test_a_report_that_somebody_left_is_believed(audience, reader) -> None:
    assert act(audience, "leave", "1").state == "unsubscribed"


def test_bounces_before_a_confirmation_do_not_count_after_it(audience, reader) -> None:
    act(audience, "soft", "1")
    act(audience, "hard", "2")
    subscriptions.ask_to_subscribe(audience, applicant(), NOW)
    after, fresh = subscriptions.confirm_subscription(audience, reader.id, NOW, NOW)
    assert (after.state, after.softs, fresh) == ("active", 0, True)


def test_who_waits_may_choose_otherwise_by_asking_again(audience) -> None:
    subscriptions.ask_to_subscribe(audience, applicant(name="", language="en"), NOW)
    later = NOW + timedelta(hours=1)
    subscriptions.ask_to_subscribe(audience, applicant(digests=("monthly",), name="林"), later)
    found = audience.find("lin@example.org")
    assert (found.digests, found.name, found.language) == (("monthly",), "林", "en")


def test_a_stranger_cannot_change_who_is_subscribed(audience, reader) -> None:
    asked = subscriptions.ask_to_subscribe(audience, applicant(digests=("monthly",), name="x"), NOW)
    assert asked.mail == "known"
    found = audience.get(reader.id)
    assert (found.digests, found.name) == (("weekly",), "")


def test_three_mails_a_day_are_enough(audience) -> None:
    mails = [
        subscriptions.ask_to_subscribe(audience, applicant(), NOW + timedelta(hours=n)).mail
        for n in range(6)
    ]
    assert mails == ["confirm"] * 3 + ["nothing"] * 3
    assert (
        subscriptions.ask_to_subscribe(audience, applicant(), NOW + timedelta(days=2)).mail
        == "confirm"
    )


def test_an_old_mail_counts_while_its_reader_waits(audience) -> None:
    subscriptions.ask_to_subscribe(audience, applicant(), NOW)
    number = audience.find("lin@example.org").id
    subscriptions.ask_to_subscribe(audience, applicant(), NOW + timedelta(hours=1))
    after, fresh = subscriptions.confirm_subscription(
        audience, number, NOW + timedelta(hours=2), NOW
    )
    assert (after.state, fresh) == ("active", True)
    subscriptions.end_subscription(audience, number, NOW, "one click")
    subscriptions.ask_to_subscribe(audience, applicant(), NOW + timedelta(days=1))
    assert subscriptions.confirm_subscription(audience, number, NOW, NOW)[0].state == "unsubscribed"


def test_who_is_gone_is_nobody(audience) -> None:
    assert subscriptions.end_subscription(audience, 99, NOW, "one click") is None
    assert subscriptions.confirm_subscription(audience, 99, NOW, NOW) == (None, False)
    assert subscriptions.record_confirm_request(audience, 99, NOW) is None


def test_a_token_that_was_renewed_counts_from_its_readers_own_address_alone(audience, reader):
    renewed = Keyring([b"k" * 32], lambda: 1)
    old = RING.sign(reader.id, "reader")
    for key, address in (("1", ""), ("2", "stranger@example.org"), ("3", "lin@example.org")):
        report = DeliveryReport(kind="leave", key=key, token=old, address=address)
        apply_report(audience, renewed, report, NOW, most=3)
        left = address == "lin@example.org"
        assert audience.get(reader.id).state == ("unsubscribed" if left else "active")


def test_a_new_link_is_sent_three_times_a_day_and_to_active_readers_alone(audience, reader):
    minutes = [timedelta(minutes=at) for at in (0, 9, 10, 20, 30, 23 * 60, 24 * 60)]
    due = [
        subscriptions.ask_link(audience, reader.id, NOW + after) is not None for after in minutes
    ]
    assert due == [True, False, True, True, False, False, True]
    subscriptions.end_subscription(audience, reader.id, NOW, "one click")
    assert subscriptions.ask_link(audience, reader.id, NOW + timedelta(days=3)) is None
    assert subscriptions.ask_link(audience, 4711, NOW) is None
