"""What comes from outside is never a slot, whatever it reads like and wherever it stands."""

import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.delivery.campaigns import Campaigns
from digest.delivery.mailers import buttondown, listmonk
from digest.delivery.mailers._campaign import read_campaign
from digest.model.draft import Slot
from digest.model.errors import TemplateError
from digest.render import mime
from digest.render.email import render_email
from digest.render.personalize import Personalizer, RecipientLinks
from digest.render.slots import (
    SlotMarks,
    SlottedText,
    fill_text,
    read_html,
    read_slots,
    read_text,
    split_slots,
)
from digest.render.templates import Templates
from digest.render.transactional import Letter, render_correction, render_letter
from tests import make
from tests.issues import chinese, letterhead
from tests.outside import issue_of, letterhead_of

TEMPLATES = Templates.load()
MOMENT = datetime(2026, 3, 16, 8, tzinfo=UTC)
SLOTS = (
    "token",
    "recipient",
    "to",
    "date",
    "message-id",
    "original",
    "unsubscribe",
    "literal",
    "x",
)
READERS = {"anna@readers.example": "anna-7f3a", "bo@readers.example": "bo-99c1"}
OWN = ("https://digest.example.org/u/", "https://digest.example.org/p/")
OLD_TO = (b"\r\nTo: SLOT--to--SLOT\r\n", b"\r\nTo: SLOT--recipient--SLOT\r\n")


@st.composite
def marks(draw):
    """Draw words with marks in them, one inside another, cut, joined, or told in other letters."""
    text = draw(st.sampled_from(["", "The ferry ", "渡輪"]))
    for _ in range(draw(st.integers(1, 4))):
        mark = f"SLOT--{draw(st.sampled_from(SLOTS))}--SLOT"
        mark = draw(st.sampled_from([mark, mark.lower(), mark[:6], mark[-6:], f"{mark}{mark}"]))
        at = draw(st.integers(0, len(text)))
        between = draw(st.sampled_from(["", "", "\n", "\u200b", "\x00", "{", "&#45;", "=2D", " "]))
        text = f"{text[:at]}{between}{mark}{text[at:]}"
    return text


def copies_of(message, name=""):
    """Return the copy of each reader, by address, made from *message*."""
    copier = Personalizer.of(
        message, job="j", digest="h", passes=lambda _n: RecipientLinks(token="t")
    )
    return {
        address: copier.made(address, name, RecipientLinks(token=token), key=address, moment=MOMENT)
        for address, token in READERS.items()
    }


def check_copies(message, name="", tokens=5):
    """Each copy is the preview but for its own: an address in To, tokens in its own links."""
    fixed = b"".join(message.content[a:b] for a, b in between(message))
    for address, copy in copies_of(message, name).items():
        token = READERS[address].encode()
        assert copy.content.count(token) == tokens
        assert copy.content.count(address.encode()) == 1
        whole = message_from_bytes(copy.content, policy=email.policy.default)
        assert whole["To"].addresses[0].addr_spec == address
        assert whole["Message-ID"] == copy.id
        preview = mime.fill_message(message, mime.make_dummy_values())
        values = {
            "to": mime.write_address_header("To", (name, address))
            .removeprefix("To: ")
            .lstrip("\r\n ")
        }
        values |= {"token": READERS[address], "date": mime.format_rfc_date(MOMENT)}
        values |= {"message-id": copy.id, "original": mime.make_message_id("", "blog.example.org")}
        assert without(copy.content, message, values) == fixed
        assert without(preview, message, mime.make_dummy_values()) == fixed
        bodies = [part.get_content() for part in whole.walk() if not part.is_multipart()]
        for body in bodies:
            places = body.split(READERS[address])[:-1]
            assert all(place.endswith(OWN) for place in places)


def between(message):
    """Return where the words between the slots of *message* begin and end."""
    ends = (0, *(slot.end for slot in message.slots))
    starts = (*(slot.start for slot in message.slots), len(message.content))
    return zip(ends, starts, strict=True)


def without(filled, message, values):
    """Return *filled* without *values*, taken out where they should stand; it must hold them."""
    words, at = b"", 0
    for slot, (start, end) in zip((*message.slots, None), between(message), strict=True):
        words += filled[at : at + end - start]
        at += end - start
        if slot is not None:
            value = values[slot.name].encode()
            assert filled[at : at + len(value)] == value
            at += len(value)
    assert at == len(filled)
    return words


@settings(max_examples=60, deadline=None)
@given(marks(), st.sampled_from(["default", "letter"]))
def test_no_words_in_any_field_become_a_slot(words, theme):
    issue = issue_of(words)
    issue = replace(issue, edition=replace(issue.edition, theme=theme))
    made = render_email(issue, TEMPLATES, letterhead_of(words))
    check_copies(mime.open_message(made), name=words)
    assert render_email(issue, TEMPLATES, letterhead_of(words)) == made
    for slotted in (read_html(made), read_text(made)):
        shown = fill_text(slotted, {"token": "anna-7f3a"})
        assert shown.count("anna-7f3a") == len(slotted.slots) == 2
        assert fill_text(slotted, {"token": "SLOT--token--SLOT"}) == slotted.text


def old_form(made):
    """Return *made* as it was frozen before places were kept: every mark on a line of its own."""

    def marked(text):
        return SlottedText(
            text, tuple(Slot(name=m[1], start=m.start(), end=m.end()) for m in found(text))
        )

    found = re.compile("SLOT--([a-z-]+)--SLOT").finditer
    headers = mime.Headers(subject="x", sender=("", "weekly@example.org"))
    body = mime.build_message(headers, marked(made.text), marked(made.html)).content
    head = made.mime.partition(b"\r\n\r\n")[0].replace(*OLD_TO, 1)
    return replace(made, mime=head + body[body.index(b"\r\n\r\n") :], slots=None)


@settings(max_examples=40, deadline=None)
@given(marks())
def test_a_mail_from_before_places_were_kept_is_as_safe(words):
    old = old_form(render_email(issue_of(words), TEMPLATES, letterhead_of(words)))
    check_copies(mime.open_message(old), name=words)


def test_a_mail_from_before_gives_the_same_copies():
    made = render_email(chinese(), TEMPLATES, letterhead(unsubscribe_mail="leave@example.org"))
    old = old_form(made)
    assert read_slots(old).html == made.slots.html
    assert read_slots(old).text == made.slots.text
    now, before = copies_of(mime.open_message(made)), copies_of(mime.open_message(old))
    assert {a: c.content for a, c in now.items()} == {a: c.content for a, c in before.items()}


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/?to=https://digest.example.org/u/",
        "https://digest.example.org@evil.example/",
        "https://digest.example.org.evil.example/",
        "https://[broken/",
    ],
)
def test_a_strange_address_is_none_of_ours_in_a_mail_from_before(url):
    mark = "SLOT--token--SLOT"
    made = render_email(chinese(), TEMPLATES, letterhead())
    html = made.html.replace("</body>", f'<a href="{url}{mark}">x</a></body>')
    old = replace(made, html=html, slots=None)
    assert read_slots(old).html == made.slots.html
    assert [slot.name for slot in read_slots(old).mime] == ["date", "message-id", "token"]


@settings(max_examples=40, deadline=None)
@given(marks())
def test_a_correction_has_one_slot_in_its_words(words):
    plain = make.revision(issue_of(words))
    plain = replace(plain, mail=render_email(plain.issue, TEMPLATES, letterhead()))
    made = render_correction(plain, f"{words} x", letterhead_of(words), words)
    message = mime.open_message(made)
    assert [slot.name for slot in message.slots].count("original") == 2
    check_copies(message, name=words, tokens=3)


@settings(max_examples=20, deadline=None)
@given(marks())
def test_a_letter_has_no_slot_in_its_words(words):
    about = Letter(
        kind="welcome",
        recipient="anna@readers.example",
        language="en",
        title=words,
        url="https://digest.example.org/p/anna-7f3a",
        name=words,
        titles=(words,),
        leave="https://digest.example.org/u/anna-7f3a",
    )
    made = render_letter(about, letterhead_of(words), TEMPLATES, key="k", moment=MOMENT)
    whole = message_from_bytes(made.content, policy=email.policy.default)
    assert whole["To"] == "anna@readers.example"
    assert whole["List-Unsubscribe"] == "<https://digest.example.org/u/anna-7f3a>"
    assert b"preview" not in made.content
    assert made.content.count(b"<preview@") == 0


CAMPAIGNS = Campaigns(
    service="listmonk", open_service=None, outbox=None, preferences="https://digest.example.org/p"
)


@settings(max_examples=40, deadline=None)
@given(marks())
def test_a_service_gets_its_tags_where_the_template_had_links(words):
    made = render_email(issue_of(words), TEMPLATES, letterhead_of(words))
    entry = CAMPAIGNS.make_entry("j", 1, made)
    for service in (buttondown, listmonk):
        sent = read_campaign(entry, service.TAGS)
        for text, slotted in ((sent.html, read_html(made)), (sent.text, read_text(made))):
            for tag in service.TAGS.values():
                assert text.count(tag) == 1
            assert text.count("SLOT--") == sum(p.count("SLOT--") for p in split_slots(slotted)[::2])


def test_what_a_template_does_to_the_token_is_told():
    own = SlotMarks()
    for change in (str.upper, lambda mark: mark[:-8], lambda mark: mark[:30]):
        with pytest.raises(TemplateError, match="the reader's token in it"):
            own.lift(f"<a>{change(own.mark('token'))}</a>")
    assert own.lift("SLOT--token--SLOT").slots == ()
    assert SlotMarks().mark("token") != own.mark("token")
    assert split_slots(SlottedText("words")) == ["words"]
