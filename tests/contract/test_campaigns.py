"""Buttondown and listmonk on the wire: an issue leaves once, whatever is lost on the way."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from digest.app import mailer_factory
from digest.app.composition import App
from digest.config.settings import Settings, parse_settings
from digest.delivery.resume import Leftovers
from digest.model import Revision, TickStep
from digest.model.errors import ConfigError, DigestError, NothingToDo
from digest.store.engine import connect
from digest.store.issues import IssueStore
from tests import make
from tests.http_server import Answer, HttpServer, as_json
from tests.mail_services import HTML_ERROR, Buttondown, Listmonk, busy

TOKEN = "SLOT--token--SLOT"
HTML = (
    "<p>{{ not theirs }} {% nor this %} 渡口</p>"
    f'<a href="https://blog.example.org/u/{TOKEN}">leave</a>'
    f'<a href="https://blog.example.org/p/{TOKEN}">choose</a>'
)
MIME = f"From: w@example.org\r\nList-Unsubscribe: <https://blog.example.org/u/{TOKEN}>\r\n\r\nx".encode()
NAMES = ["buttondown", "listmonk"]
FAULTS = {"lost": "lost", "unheard": "unheard", "html": HTML_ERROR, "busy": busy(0)}


def revision() -> Revision:
    made = make.revision(approved=make.NOW, number=1)
    text = f"渡口 https://blog.example.org/u/{TOKEN}"
    return replace(made, mail=replace(made.mail, html=HTML, text=text, mime=MIME))


World = Callable[[str], tuple[Settings, Any]]


@pytest.fixture
def world(http_server: HttpServer, store_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("DIGEST_BUTTONDOWN_API_KEY", "bd_test")
    monkeypatch.setenv("DIGEST_LISTMONK_TOKEN", "lm_test")
    url = http_server.url

    def opened(name: str) -> tuple[Settings, Any]:
        service = Buttondown(http_server) if name == "buttondown" else Listmonk(http_server)
        own = (
            f'url = "{url}/v1"'
            if name == "buttondown"
            else f'url = "{url}"\nuser = "digest"\nlists = [3]'
        )
        text = (
            f'store = "{store_path}"\n[mail]\nmailer = "{name}"\nfrom = "w@example.org"\n'
            'preferences = "https://blog.example.org/p"\n'
            f"[mailers.{name}]\n{own}\ntimeout = 5\n"
        )
        return parse_settings(text), service

    return opened


@pytest.mark.parametrize("name", NAMES)
def test_an_issue_is_one_campaign_with_the_services_own_links(world: World, name: str) -> None:
    settings, service = world(name)
    plan = App(settings).mail_sender.plan(revision())
    assert (plan.audience, plan.left) == (None, 1)
    (receipt,) = App(settings).mail_sender.send(revision())
    assert (receipt.target, receipt.status) == (name, "sent")
    (one,) = service.sent
    assert one["subject"] == "船會等人"
    assert "&#123;&#8204;&#123; not theirs }} &#123;&#8204;% nor this %}" in one["body"]
    assert TOKEN not in str(one)
    leave = {"buttondown": "{{ unsubscribe_url }}", "listmonk": "{{ UnsubscribeURL }}"}[name]
    choose = {"buttondown": "{{ manage_subscription_url }}", "listmonk": "{{ ManageURL }}"}[name]
    assert f'<a href="{leave}">leave</a><a href="{choose}">choose</a>' in one["body"]
    if name == "listmonk":
        assert one["altbody"] == f"渡口 {leave}"
        assert one["lists"] == [3]


@pytest.mark.parametrize("name", NAMES)
def test_it_leaves_once(world: World, name: str) -> None:
    settings, service = world(name)
    list(App(settings).mail_sender.send(revision()))
    with pytest.raises(NothingToDo, match=f"it was sent with {name} already"):
        list(App(settings).mail_sender.send(revision()))
    assert len(service.sent) == 1
    assert App(settings).mail_sender.plan(revision()).left == 0


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", ["draft", "launch"])
@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_lost_it_leaves_once(world: World, name: str, step: str, fault: str) -> None:
    settings, service = world(name)
    fine = "fine"  # no fault of that name: the request goes through
    service.fault(*([fine] if step == "launch" else []), FAULTS[fault])
    list(App(settings).mail_sender.send(revision()))
    with contextlib.suppress(NothingToDo):
        list(App(settings).mail_sender.send(revision()))
    assert len(service.sent) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_refusal_is_told_and_can_be_mended(world: World, name: str) -> None:
    settings, service = world(name)
    service.fault(as_json({"message": "subject: too long"}, 400))
    (receipt,) = App(settings).mail_sender.send(revision())
    assert (receipt.status, receipt.reason) == ("rejected", "400 subject: too long")
    (receipt,) = App(settings).mail_sender.send(revision())
    assert receipt.status == "sent"
    assert len(service.sent) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_test_goes_to_one_address_and_to_no_reader(world: World, name: str) -> None:
    settings, service = world(name)
    (receipt,) = App(settings).mail_sender.send_test(revision(), ["me@example.org"])
    assert (receipt.target, receipt.status) == ("me@example.org", "sent")
    assert service.sent == []
    assert "me@example.org" in str(service.tests)
    list(App(settings).mail_sender.send(revision()))
    assert len(service.sent) == 1


@pytest.mark.parametrize("name", NAMES)
def test_what_is_set_wrong_is_named(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, service = world(name)
    secret = {"buttondown": "DIGEST_BUTTONDOWN_API_KEY", "listmonk": "DIGEST_LISTMONK_TOKEN"}[name]
    monkeypatch.setenv(secret, "wrong")
    with pytest.raises(ConfigError, match=f"{name}: does not take the key: 401"):
        App(settings).mail_sender.plan(revision())
    monkeypatch.delenv(secret)
    with pytest.raises(ConfigError, match=f"{secret} is not set"):
        App(settings).mail_sender.plan(revision())
    with pytest.raises(ConfigError, match="sends whole issues only"):
        App(settings).mail_sender.notify("a@example.org", "x", "y")
    monkeypatch.setenv(secret, service.key.rpartition(" ")[2].rpartition(":")[2])
    path = {"buttondown": "/v1/subscribers", "listmonk": "/api/lists"}[name]
    service.server.put(path, Answer(body=b"<html>a wiki</html>", etag=""))
    with pytest.raises(ConfigError, match="is not its API"):
        App(settings).mail_sender.plan(revision())


def test_a_list_that_is_not_there_is_named(world: World) -> None:
    settings, service = world("listmonk")
    empty = as_json({"data": {"results": [{"id": 1, "name": "other"}]}})
    service.server.put("/api/lists", empty)
    with pytest.raises(ConfigError, match=r"there is no list 3\. There is: 1 \(other\)"):
        App(settings).mail_sender.plan(revision())


def test_mail_cannot_be_taken_back(world: World) -> None:
    from digest.model.outbox import make_entry

    settings, _ = world("buttondown")
    service = mailer_factory.open_campaigner(settings)
    with pytest.raises(DigestError, match="mail cannot be taken back"):
        service.delete(make_entry("x", "buttondown", "{}"))
    service.close()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_service_put_off_goes_on_with_a_tick(world: World, name: str) -> None:
    settings, service = world(name)
    store, now = IssueStore(connect(settings.store_url)), datetime.now(UTC)
    approved = store.approve(store.save(replace(revision(), approved=None)), now)

    def tried() -> Iterator[TickStep]:
        return Leftovers(
            mail=App(settings).mail_sender,
            issues=App(settings).issues,
            now=datetime.now(UTC) + timedelta(seconds=2),
            in_hand=lambda *_: False,
            tell=lambda *_: None,
        ).go_on()

    assert [*tried()] == []  # it was never begun: nobody asked for it
    service.fault(*["unheard"] * 20)
    assert {one.status for one in App(settings).mail_sender.send(approved)} == {"deferred"}
    service.script.clear()
    assert [one.receipt.status for one in tried()] == ["sent"]
    assert [*tried()] == []
    assert len(service.sent) == 1
