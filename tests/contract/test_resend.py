"""Resend on the wire: once each, whatever breaks; nothing is asked of a person within its key."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from digest.delivery.mailers import resend
from digest.model.errors import ConfigError, DigestError
from digest.store.schema import deliveries
from tests.http_server import Answer, HttpServer, as_json
from tests.mail_services import HTML_ERROR, Resend, busy
from tests.mailing import FAST, Office, address, later, opened_office

READERS = 25


@pytest.fixture
def office(store_path: Path) -> Iterator[Office]:
    with opened_office(f"sqlite:///{store_path}", READERS) as opened:
        yield opened


@pytest.fixture
def service(http_server: HttpServer) -> Resend:
    return Resend(http_server)


def mailer(service: Resend, **options: object) -> resend.ResendMailer:
    mine = {
        "api_key": "re_test",
        "url": service.server.url,
        "batch": 10,
        "per_second": 1e6,
        "timeout": 5,
    }
    return resend.build({**mine, **options})


def got(service: Resend) -> Counter[str]:
    return Counter(one["to"][0].partition("<")[2].rstrip(">") for one in service.sent)


EVERYBODY = Counter(address(n) for n in range(1, READERS + 1))


def test_what_arrives_is_what_was_frozen(office: Office, service: Resend) -> None:
    receipts = office.send(mailer(service))
    assert got(service) == EVERYBODY
    assert sorted(one.id for one in receipts) == sorted(f"re-{n + 1}" for n in range(READERS))
    assert [len(r.json()) for r in service.server.requests("/emails/batch")] == [10, 10, 5]
    one = service.sent[2]
    assert one["subject"] == "渡口週報：船會等人"
    assert one["from"] == "渡口週報 <weekly@blog.example.org>"
    assert one["headers"]["List-Unsubscribe"] == "<https://blog.example.org/u/t.3>"
    assert one["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert one["text"].startswith("船還沒開。\n.\n..兩點\n")
    assert "渡口的風，a lamp, 一封信。" in one["html"]


@pytest.mark.parametrize(
    "fault",
    ["lost", "unheard", HTML_ERROR, as_json({}, 503)],
    ids=["lost", "unheard", "html", "503"],
)
def test_a_lost_answer_is_asked_for_again_under_the_same_key(
    office: Office, service: Resend, fault: "str | Answer"
) -> None:
    service.fault(fault)
    office.send(mailer(service))
    assert got(service) == EVERYBODY
    assert office.counts() == {"sent": READERS}


def test_what_stays_lost_is_asked_for_again_by_the_next_run(
    office: Office, service: Resend
) -> None:
    service.fault("lost", "unheard", "unheard")
    office.send(mailer(service))
    assert office.counts() == {"sent": READERS - 10, "unknown": 10}
    office.send(mailer(service))
    assert office.counts() == {"sent": READERS}
    assert got(service) == EVERYBODY


def test_a_key_that_is_too_old_settles_nothing(office: Office, service: Resend) -> None:
    service.fault("lost", "unheard", "unheard")
    office.send(mailer(service))
    with office.engine.begin() as connection:
        connection.execute(update(deliveries).values(armed=later(-25 * 3600)))
    office.send(mailer(service))
    assert office.counts() == {"sent": READERS - 10, "unknown": 10}


def test_a_lost_request_of_which_a_reader_left_waits_for_a_person(
    office: Office, service: Resend
) -> None:
    service.fault("unheard", "unheard", "unheard")
    office.send(mailer(service))
    office.leave(4)
    office.send(mailer(service))
    assert office.counts() == {"sent": READERS - 10, "unknown": 10}
    assert address(4) not in got(service)


def test_asked_to_wait_it_waits_and_costs_no_attempt(office: Office, service: Resend) -> None:
    service.fault(busy(1), busy(1))
    office.send(mailer(service), replace(FAST, patience=10.0, sits_out=5.0))
    assert got(service) == EVERYBODY
    assert {one.attempts for one in office.ledger.deliveries(office.mailing(), ["sent"])} == {1}


def test_one_malformed_address_does_not_refuse_the_others(office: Office, service: Resend) -> None:
    service.refused.add(f"讀者7 <{address(7)}>")
    receipts = {one.target: one for one in office.send(mailer(service))}
    assert receipts[address(7)].status == "rejected"
    assert receipts[address(7)].reason == "Invalid `to` field."
    assert office.counts() == {"sent": READERS - 1, "rejected": 1}


@pytest.mark.parametrize(
    "answer", [as_json({"message": "no"}, 403), as_json({}, 422)], ids=["403", "422"]
)
def test_a_refusal_of_everybody_stops_and_keeps_the_rest(
    office: Office, service: Resend, answer: Answer
) -> None:
    service.fault(answer)
    with pytest.raises(DigestError, match="resend: refuses everybody: 4"):
        office.send(mailer(service))
    assert not service.sent
    assert set(office.counts()) == {"queued", "deferred"}


def test_an_answer_for_too_few_is_unknown(office: Office, service: Resend) -> None:
    few = as_json({"data": [{"id": "x"}]})
    service.fault(few, few, few)
    receipts = office.send(mailer(service))
    assert Counter(one.status for one in receipts)["unknown"] == 10


def test_a_wrong_or_missing_key_is_named(service: Resend) -> None:
    with pytest.raises(ConfigError, match="does not take the key: 401 API key is invalid"):
        mailer(service, api_key="re_wrong").check()
    with pytest.raises(ConfigError, match="DIGEST_RESEND_API_KEY is not set"):
        mailer(service, api_key="")
    assert mailer(service).check().endswith(service.server.url)
    assert mailer(service).traits.key_lasts < timedelta(hours=24)
