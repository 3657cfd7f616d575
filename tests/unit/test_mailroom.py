"""Single mails, and what the mailroom refuses before anything leaves."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import insert

from digest.app.composition import App
from digest.config.settings import Settings, parse_settings
from digest.delivery import send_mail
from digest.delivery.pacing import RateLimiter, RetryPolicy
from digest.model.errors import ConfigError, DraftError, NothingToDo
from digest.render import mime
from digest.render.personalize import Personalizer, RecipientLinks
from digest.store.engine import connect
from digest.store.schema import subscribers
from tests import make
from tests.mailing import content, posted, readers
from tests.smtp_server import smtp_serving

MOMENT = datetime(2026, 3, 16, 8, tzinfo=UTC)


@pytest.fixture
def settings(store_path: Path, tmp_path: Path) -> Settings:
    text = (
        f'store = "{store_path}"\n[mail]\nfrom = "渡口週報 <weekly@example.org>"\n'
        'reply_to = "editor@example.org"\nreturn_path = "back@example.org"\n'
    )
    return parse_settings(text, str(tmp_path / "digest.toml"))


def written(tmp_path: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((tmp_path / "outgoing").iterdir())]


def test_a_notice_is_one_plain_mail(settings: Settings, tmp_path: Path) -> None:
    receipt = App(settings).mail_sender.notify(
        "editor@example.org", "沒有寄出\r\nBcc: x@y.org", "為什麼\n"
    )
    assert (receipt.target, receipt.status) == ("editor@example.org", "sent")
    (raw,) = written(tmp_path)
    found = message_from_bytes(raw, policy=policy.default)
    assert found["Subject"] == "沒有寄出 Bcc: x@y.org"
    assert found["Bcc"] is None
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Reply-To"] == "editor@example.org"
    assert found["Message-ID"] == receipt.id
    assert found.get_content_type() == "text/plain"
    assert found.get_content().strip() == "為什麼"


def test_a_notice_with_html_has_both(settings: Settings, tmp_path: Path) -> None:
    App(settings).mail_sender.notify("a@example.org", "x", "text", html="<p>html</p>", name="讀者")
    found = message_from_bytes(written(tmp_path)[0], policy=policy.default)
    assert found["To"].addresses[0].display_name == "讀者"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


def test_without_a_sender_nothing_is_written(settings: Settings) -> None:
    import msgspec

    blank = msgspec.structs.replace(settings, mail=msgspec.structs.replace(settings.mail, from_=""))
    with pytest.raises(ConfigError, match=r"mail\.from: is not set"):
        App(blank).mail_sender.notify("a@example.org", "x", "y")
    with pytest.raises(DraftError, match="not an address"):
        App(settings).mail_sender.notify("a b", "x", "y")


def test_an_issue_that_may_not_leave_is_refused(settings: Settings) -> None:
    made = make.revision()
    with pytest.raises(DraftError, match="is not approved"):
        list(App(settings).mail_sender.send(made))
    approved = replace(made, approved=make.NOW)
    with pytest.raises(DraftError, match="has no way to unsubscribe"):
        list(App(settings).mail_sender.send(approved))
    with pytest.raises(DraftError, match="its email was not approved"):
        list(App(settings).mail_sender.send(replace(approved, withheld=("email",))))
    whole = replace(approved, mail=posted(approved.mail))
    nobody = whole.mail.mime.replace(b"<weekly@blog.example.org>", b"<nobody@example.invalid>")
    with pytest.raises(DraftError, match="nobody sends it"):
        list(App(settings).mail_sender.send(replace(whole, mail=replace(whole.mail, mime=nobody))))
    with pytest.raises(NothingToDo, match="nobody gets 'weekly'"):
        list(App(settings).mail_sender.send(whole))
    assert App(settings).ledger.mailings() == ()


def enrolled(settings: Settings, *addresses: str) -> None:
    engine = connect(settings.store_url)
    with engine.begin() as connection:
        for number, address in enumerate(addresses, 1):
            (row,) = readers([number])
            connection.execute(insert(subscribers), {**row, "address": address, "normal": address})
    engine.dispose()


def test_another_revision_makes_way_only_before_a_copy_left(settings: Settings) -> None:
    enrolled(settings, "a@example.org", "b@example.org")
    made = replace(make.revision(approved=make.NOW), number=1)
    first = replace(made, mail=posted(made.mail))
    second = replace(first, number=2, mail=posted(made.mail, 4000))
    books = App(settings).ledger
    books.freeze(replace(send_mail.make_mailing(first), mailer="folder"))
    assert [one.status for one in App(settings).mail_sender.send(second)] == ["sent", "sent"]
    with pytest.raises(DraftError, match="revision 2 is on its way"):
        list(App(settings).mail_sender.send(first))


def test_an_address_that_does_not_exist_is_not_written_to_again(settings: Settings) -> None:
    import msgspec

    enrolled(settings, "gone@example.org", "full@example.org", "here@example.org")
    made = make.revision(approved=make.NOW)
    made = replace(made, mail=posted(made.mail))
    with smtp_serving() as server:
        answers = {"gone@example.org": "550 5.1.1 nobody", "full@example.org": "552 5.2.2 full"}
        server.fault = lambda at, to: answers.get(to) if at == "RCPT" else None
        place = {"host": server.host, "port": server.port, "security": "none"}
        mine = msgspec.structs.replace(
            settings,
            mailers={"smtp": place},
            mail=msgspec.structs.replace(settings.mail, mailer="smtp"),
        )
        list(App(mine).mail_sender.send(made))
        assert server.recipients == ["here@example.org"]
        token = server.kept[0].sender.removeprefix("back+")
        assert token.endswith("@example.org")
    audience = App(settings).audience
    states = {one.address: one.state for one in audience.everyone()}
    assert states == {
        "gone@example.org": "bounced",
        "full@example.org": "active",
        "here@example.org": "active",
    }


def test_a_name_cannot_reach_into_the_head() -> None:
    copier = Personalizer.of(
        content(), job="x", digest="h", passes=lambda _n: RecipientLinks(token="t")
    )
    name = "讀者\r\nBcc: thief@example.org"
    made = copier.made("a@example.org", name, RecipientLinks(token="t"), key="k", moment=MOMENT)
    found = message_from_bytes(made.content, policy=policy.default)
    assert found["Bcc"] is None
    assert found["To"].addresses[0].addr_spec == "a@example.org"
    with pytest.raises(DraftError, match="cannot stand in a message"):
        copier.made(
            "a@example.org", "", RecipientLinks(token="t\r\nBcc: x"), key="k", moment=MOMENT
        )
    for unfit in ("a@example.org\r\nBcc: x@y.org", "a b@example.org", "a@b>,<c@d", "", "@b"):
        with pytest.raises(DraftError):
            copier.made(unfit, "", RecipientLinks(token="t"), key="k", moment=MOMENT)


def test_a_mail_without_a_sender_cannot_be_copied() -> None:
    nameless = mime.OpenMessage(content=b"Subject: x\r\n\r\nx", slots=())
    with pytest.raises(DraftError, match="has no sender"):
        Personalizer.of(nameless, job="x", digest="h", passes=lambda _n: RecipientLinks(token="t"))


def test_dots_are_doubled_on_the_wire() -> None:
    from digest.delivery.mailers.smtp import stuff_dots

    assert stuff_dots(b"a\r\n.\r\n..b\r\n") == b"a\r\n..\r\n...b\r\n.\r\n"
    assert stuff_dots(b".a") == b"..a\r\n.\r\n"


def test_pauses_grow_are_shared_and_end_with_success() -> None:
    gate = RateLimiter(0, RetryPolicy(backoff=(0.02, 0.05), patience=0.2))
    assert gate.ahead() == 0.0
    assert 0.01 < gate.refused(None) < 0.021
    assert gate.refused(None) < 0.021  # those in flight are refused together
    assert gate.enter()
    assert 0.03 < gate.refused(None) < 0.041
    assert not gate.hopeless()
    gate.accepted()
    assert gate.enter()
    assert gate.refused(None) < 0.021


def test_the_slots_of_a_preview_hold_no_token() -> None:
    assert mime.make_dummy_values()["token"] == "preview"
