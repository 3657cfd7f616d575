"""The message: what a strict reader gets back, and what a slot or a title can never do."""

import dataclasses
import email
import email.policy
import quopri
import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.errors import DraftError
from digest.render import mime
from digest.render.slots import SlotMarks, fill_text

LETTERS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)
VALUES = {
    "to": "reader@example.org",
    "token": "k1.42.0123456789abcdef",
    "date": "Mon, 12 Jan 2026 08:00:00 +0800",
    "message-id": "<abc@example.org>",
}
MARKS = SlotMarks()
OWN = MARKS.mark("token")
LONG_URL = "https://digest.example.org/u/" + "a" * 180


def message(subject="週報", text="文字\n", html="<p>文字</p>\n", **changes):
    headers = mime.Headers(
        subject=subject,
        sender=changes.pop("sender", ("潮間帶週報", "weekly@example.org")),
        **changes,
    )
    return mime.build_message(headers, text, html)


def parsed(raw, values=VALUES):
    return email.message_from_bytes(mime.fill_message(raw, values), policy=email.policy.default)


def bodies(parsed_message):
    return [part.get_content().replace("\r\n", "\n") for part in parsed_message.iter_parts()]


@given(LETTERS)
def test_a_subject_survives_and_stays_within_the_lines(subject):
    raw = message(subject)
    head = raw.content.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    assert all(len(word) <= 75 for word in re.findall(rb"=\?.*?\?=", head))
    wanted = " ".join(subject.split())
    assert " ".join(str(parsed(raw)["Subject"]).split()) == wanted


@given(st.lists(st.one_of(LETTERS, st.just("\n"), st.just(OWN)), max_size=30))
def test_a_body_survives_with_its_slots_filled_and_no_line_too_long(parts):
    text = "".join(parts) + "\n"
    raw = mime.fill_message(message(text=MARKS.lift(text)), VALUES)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    body = bodies(email.message_from_bytes(raw, policy=email.policy.default))[0]
    assert body.split() == text.replace(OWN, VALUES["token"]).split()


def test_text_comes_before_html_and_both_are_quoted_printable():
    kinds = [
        (p.get_content_type(), p["Content-Transfer-Encoding"])
        for p in parsed(message()).iter_parts()
    ]
    assert kinds == [("text/plain", "quoted-printable"), ("text/html", "quoted-printable")]
    assert parsed(message()).defects == []


def test_every_slot_of_the_head_is_filled():
    whole = parsed(message())
    assert [whole["To"], whole["Message-ID"]] == ["reader@example.org", "<abc@example.org>"]
    assert whole["Date"].datetime.isoformat() == "2026-01-12T08:00:00+08:00"


def test_a_copy_differs_from_another_only_in_its_slots():
    raw = message(html=MARKS.lift(f'<a href="https://example.org/u/{OWN}">x</a>'))
    one, other = (mime.fill_message(raw, VALUES | {"token": token}) for token in ("one", "other"))
    assert one.replace(b"one", b"other") == other


@pytest.mark.parametrize(
    ("slot", "value"),
    [
        ("to", "reader@example.org\r\nBcc: x@example.org"),
        ("token", "a b"),
        ("token", "x" * 71),
        ("message-id", "<a@b>\r\nX: y"),
        ("date", "Mon\nX: y"),
    ],
)
def test_a_value_that_could_break_out_is_refused(slot, value):
    with pytest.raises(DraftError, match="cannot stand in a message"):
        mime.fill_message(message(), VALUES | {slot: value})


def test_a_slot_without_a_value_is_named():
    with pytest.raises(DraftError, match="no value for its date"):
        mime.fill_message(message(), {"to": "a@example.org", "message-id": "<a@b>"})


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?Hi=0D=0ABcc:_all@example.org?=",
        "Hi\r\nBcc: all@example.org",
        "Hi\u2028Bcc: all@example.org",
        "=?utf-8?b?SGkNCkJjYzogYQ==?= and more",
    ],
)
def test_a_title_cannot_inject_a_header(subject):
    whole = parsed(message(subject, sender=(subject, "weekly@example.org")))
    assert whole["Bcc"] is None
    again = email.message_from_bytes(whole.as_bytes(), policy=email.policy.default)
    assert again["Bcc"] is None
    assert "\n" not in str(whole["Subject"])
    assert again["From"].addresses[0].addr_spec == "weekly@example.org"


def test_list_headers_are_never_encoded_words():
    raw = message(
        unsubscribe=(LONG_URL, "mailto:u@example.org?subject=x"), list_id=("週報", "w.example.org")
    )
    whole = parsed(raw)
    assert LONG_URL.encode() in raw.content
    assert whole["List-Unsubscribe"].split(",")[0] == f"<{LONG_URL}{VALUES['token']}>"
    assert whole["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert whole["List-Id"] == "週報 <w.example.org>"


def test_one_click_is_not_promised_for_an_address():
    assert parsed(message(unsubscribe=("mailto:u@example.org",)))["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("address", ["nobody", "a b@example.org", "a@example.org>, <b@example.org"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(DraftError, match="not an address"):
        message(sender=("X", address))


def test_a_domain_is_written_in_ascii():
    whole = parsed(message(sender=("", "weekly@例え.example")))
    assert whole["From"] == "weekly@xn--r8jz45g.example"
    assert mime.make_message_id("key", "例え.example").endswith("@xn--r8jz45g.example>")


def test_a_message_id_is_stable_and_differs_by_key():
    assert mime.make_message_id("a", "example.org") == mime.make_message_id("a", "example.org")
    assert mime.make_message_id("a", "example.org") != mime.make_message_id("b", "example.org")


def test_the_date_is_written_as_mail_wants_it():
    moment = datetime(2026, 1, 12, 8, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    assert mime.format_rfc_date(moment) == "Mon, 12 Jan 2026 08:00:05 +0800"


def test_a_preview_carries_no_token():
    assert fill_text(MARKS.lift(f"x {OWN} y"), mime.make_dummy_values()) == "x preview y"
    assert (
        mime.fill_message(message(), mime.make_dummy_values("me@example.org")).count(
            b"To: me@example.org"
        )
        == 1
    )


def test_the_encoding_is_what_the_standard_library_decodes():
    text = "空格在行尾 \n.\nFrom here\n" + "字" * 90 + "=3D\n"
    raw = mime.fill_message(message(text=text, html=""), VALUES).partition(b"\r\n\r\n")[2]
    assert quopri.decodestring(raw).decode() == text.replace("\n", "\r\n") + "\r\n"


def test_plain_ascii_is_quoted_or_folded_and_never_base64() -> None:
    subject = "What the harbour master wrote in the margins of the timetable, and who read it aloud"
    for name in ("Tidal Inc.", 'The "Ferry" \\ Letters (weekly)', "A, B & C", "Plain Name " * 8):
        head = mime.Headers(
            subject=subject, sender=(name, "weekly@example.org"), list_id=(name, "w.example.org")
        )
        raw = mime.build_message(head, "text").content
        assert b"=?" not in raw
        assert max(len(line) for line in raw.split(b"\r\n")) <= 78
        whole = parsed(mime.build_message(head, "text"), mime.make_dummy_values())
        assert whole["Subject"] == subject
        assert whole["From"].addresses[0].display_name == " ".join(name.split())
        assert whole["From"].addresses[0].addr_spec == "weekly@example.org"


def test_a_sender_in_a_domain_of_any_script_is_written_in_ascii() -> None:
    head = mime.Headers(
        subject="x",
        sender=("渡口", "weekly@編輯部.tw"),
        reply_to=("", "faß@straße.example"),
        list_id=("渡口", "digest.編輯部.tw"),
    )
    with pytest.raises(DraftError):  # the part before the @ has no form in ASCII
        mime.build_message(dataclasses.replace(head, reply_to=("", "a b@example.org")), "text")
    head = dataclasses.replace(head, reply_to=("", "reply@straße.example"))
    whole = parsed(mime.build_message(head, "text"), mime.make_dummy_values())
    assert whole["From"].addresses[0].addr_spec == "weekly@xn--jh0av76a2ib.tw"
    assert str(whole["List-Id"]).endswith("<digest.xn--jh0av76a2ib.tw>")
    assert "reply@xn--strae-oqa.example" in str(whole["Reply-To"])
