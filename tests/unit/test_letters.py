"""Letters to single readers: in real checkers, in four languages, with nobody's words but ours."""

import email
import email.policy
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from digest.audience.welcome_mail import Letters
from digest.config.link_tokens import Keyring
from digest.model import Consent, NewSubscriber
from digest.model.errors import ConfigError, DigestError
from digest.model.mailing import Message
from digest.render.branding import Branding
from digest.render.templates import Templates
from digest.render.transactional import Letter, render_letter
from digest.store.audience import AudienceStore
from digest.store.engine import connect
from tests import email_gate
from tests.make import NOW

HEAD = Branding(sender="渡口週報 <weekly@example.org>", postal_address="河邊路 1 號")
LINK = "https://letters.example.org/c/abcd.1.c.1795986223.zqe2oaszbqsl4nw76kd4qvllgi"
KINDS = ("confirm", "welcome", "known", "link")


def about(kind: str, language: str = "zh-Hant-TW", **fields: object) -> Letter:
    plain = Letter(
        kind=kind,
        recipient="lin@example.org",
        language=language,
        title="渡口週報",
        url=LINK,
        name="林 <b>渡</b>",
        titles=("渡口週報", "渡口月報"),
        days=7,
        leave="" if kind == "confirm" else LINK.replace("/c/", "/u/"),
        archive="https://blog.example.org/letters/",
    )
    return replace(plain, **fields)


def content(one: Letter) -> bytes:
    return render_letter(one, HEAD, Templates.load(), key="key", moment=NOW).content


def made(one: Letter) -> email.message.EmailMessage:
    raw = content(one)
    return email.message_from_bytes(raw, policy=email.policy.default)


@pytest.mark.parametrize("language", ["zh-Hant-TW", "zh-Hans", "ja", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_is_well_made_in_every_language(kind: str, language: str) -> None:
    one = about(kind, language)
    mail = made(one)
    raw = content(one)
    failures = email_gate.failures(mail.get_body(("html",)).get_content())
    assert failures == (["way_out: no unsubscribe link"] if kind == "confirm" else [])
    assert mail["to"] == "lin@example.org"
    assert mail["auto-submitted"] == "auto-generated"
    lines = raw.decode("ascii").split("\r\n")
    assert not [line for line in lines if len(line) > 78 and "List-Unsubscribe:" not in line]
    for part in ("plain", "html"):
        said = mail.get_body((part,)).get_content()
        assert LINK in said
        assert "河邊路 1 號" in said
        assert "{" not in said or part == "html"


def test_a_letter_to_a_stranger_holds_nothing_that_a_stranger_typed() -> None:
    for kind in ("confirm", "known"):
        assert "林 " not in made(about(kind)).as_string()
        assert "林" not in made(about(kind)).get_body(("plain",)).get_content()
    html = made(about("welcome")).get_body(("html",)).get_content()
    assert "林 &lt;b&gt;渡&lt;/b&gt;" in html


def test_only_a_subscriber_is_given_the_way_out() -> None:
    assert made(about("confirm"))["list-unsubscribe"] is None
    mail = made(about("welcome"))
    assert mail["list-unsubscribe"] == f"<{LINK.replace('/c/', '/u/')}>"
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"


def test_one_day_is_one_day() -> None:
    text = made(about("confirm", "en", days=1)).get_body(("plain",)).get_content()
    assert "The link works for 1 day. If it was not you" in text


def test_spamassassin_has_no_quarrel_with_it() -> None:
    for kind in KINDS:
        one = about(kind, "en", title="The Ferry", name="Anna", titles=("The Ferry",))
        score, report = email_gate.spam_score(content(one))
        assert score <= 1.5, report


def letters(tmp_path: Path, **fields: object) -> Letters:
    sent: list[Message] = []
    ring = Keyring([b"k" * 32])
    audience = AudienceStore(connect(f"sqlite:///{tmp_path / 'digest.db'}"), ring)
    consent = Consent(how="import", at=NOW)
    one = NewSubscriber(address="lin@example.org", normal="lin@example.org", consent=consent)
    audience.enrol([one], NOW)
    plain = {
        "audience": audience,
        "keyring": ring,
        "letterhead": HEAD,
        "templates": Templates.load(),
        "send": sent.append,
        "title": "渡口週報",
        "titles": {},
        "url": "https://letters.example.org",
        "language": "zh-Hant-TW",
        "days": 7,
    }
    return Letters(**(plain | fields))


def test_a_letter_that_cannot_leave_is_logged_without_its_address(tmp_path: Path, caplog) -> None:
    def refuse(_message: Message) -> None:
        raise DigestError("smtp.example.org", "does not answer")

    caplog.set_level(logging.INFO)
    some = letters(tmp_path, send=refuse)
    some.welcome(some.audience.get(1))
    assert "letter welcome to subscriber 1: smtp.example.org: does not answer" in caplog.text
    assert "lin@" not in caplog.text
    with pytest.raises(DigestError):
        some.ask_listed(some.audience.get(1))
    assert some.audience.get(1).asked is not None


def test_without_an_address_of_the_site_nothing_is_recorded_or_sent(tmp_path: Path) -> None:
    some = letters(tmp_path, url="")
    with pytest.raises(ConfigError, match=r"serve\.url"):
        some.ask_listed(some.audience.get(1))
    assert some.audience.get(1).asked is None
