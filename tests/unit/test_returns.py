"""Mail that came back: what it reports, of whom, and what it does not."""

import mailbox
from email import message_from_bytes
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.bounces import parse_returned_mail, read_maildir, read_mbox
from digest.config.link_tokens import Keyring, make_bounce_address
from digest.model.errors import ConfigError

RING = Keyring([b"k" * 32])
TOKEN = RING.sign(7, "bounce")
BACK = make_bounce_address("bounces@example.org", TOKEN)


def status(*recipients: tuple[str, str, str], to: str = BACK, key: str = "<1@mx.example>") -> bytes:
    """Return a delivery status notification (RFC 3464): (recipient, action, status) each."""
    report = MIMEMultipart("report", report_type="delivery-status")
    report["From"], report["To"], report["Message-ID"] = "MAILER-DAEMON@mx.example", to, key
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report.attach(MIMEText("This is the mail system at host mx.example."))
    blocks = ["Reporting-MTA: dns; mx.example\n"]
    blocks += [
        f"Final-Recipient: rfc822; {whom}\nAction: {action}\nStatus: {code}\n"
        for whom, action, code in recipients
    ]
    head = "Content-Type: message/delivery-status\n\n"
    return (
        report.as_bytes()[: -len(f"--{report.get_boundary()}--\n")]
        + (
            f"--{report.get_boundary()}\n{head}"
            + "\n".join(blocks)
            + f"\n--{report.get_boundary()}--\n"
        ).encode()
    )


def complaint(kind: str = "abuse", *, original: str = "", **fields: str) -> bytes:
    """Return a feedback report (RFC 5965) about a mail whose head is *original*."""
    report = MIMEMultipart("report", report_type="feedback-report")
    report["From"], report["Message-ID"] = "staff@isp.example", "<fbl-1@isp.example>"
    report.attach(MIMEText("This is an email abuse report."))
    named = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    part = MIMEText("")
    part.replace_header("Content-Type", "message/feedback-report")
    del part["Content-Transfer-Encoding"]
    part.set_payload(f"Feedback-Type: {kind}\nUser-Agent: isp/1.0\nVersion: 1\n{named}")
    report.attach(part)
    message = EmailMessage()
    for line in original.splitlines():
        name, _, value = line.partition(": ")
        message[name] = value
    message.set_content("text")
    report.attach(MIMEMessage(message))
    return report.as_bytes()


def kinds(raw: bytes) -> list[tuple[str, str]]:
    return [(report.kind, report.address) for report in parse_returned_mail(raw)]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("5.1.1", "hard"),
        ("5.1.10", "hard"),
        ("5.0.0", "hard"),
        ("5.2.1", "hard"),
        ("5.2.2", "soft"),
        ("5.3.4", "refused"),
        ("5.7.1", "refused"),
        ("5.1.8", "refused"),
        ("4.4.7", "soft"),
        ("", "hard"),
    ],
)
def test_a_status_tells_what_kind_of_failure_it_was(code: str, kind: str) -> None:
    assert kinds(status(("lin@example.org", "failed", code))) == [(kind, "lin@example.org")]


def with_diagnostic(code: str, diagnostic: str, status_code: str) -> bytes:
    raw = status(("lin@example.org", "failed", status_code))
    line = f"Status: {status_code}\nDiagnostic-Code: {code}; {diagnostic}\n"
    return raw.replace(f"Status: {status_code}\n".encode(), line.encode())


@pytest.mark.parametrize(
    ("status_code", "diagnostic", "kind"),
    [
        ("5.0.0", "554 DT:SPM the mail looks like spam, see the list of codes", "refused"),
        ("5.0.0", "550 Mail content denied. http://service.mail.example/help", "refused"),
        ("5.0.0", "550 message blocked, sender IP is on a blocklist", "refused"),
        ("5.5.2", "504 5.5.2 <vm>: Helo command rejected: need a full name", "refused"),
        ("5.5.0", "550 5.5.0 message refused, spam", "refused"),
        ("5.1.0", "550 5.1.0 sender rejected", "refused"),
        ("5.4.4", "Host or domain name not found. Name service error for name=x", "refused"),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied.", "hard"),
        ("5.0.0", "550 user not found: lin@example.org", "hard"),
        ("5.0.0", "550 收件人信箱不存在", "hard"),
        ("5.2.2", "552 5.2.2 mailbox full", "soft"),
        ("5.0.0", "552 邮箱容量已满", "soft"),
        ("5.0.0", "550 refused", "soft"),
        ("4.4.7", "delivery time expired", "soft"),
    ],
)
def test_what_the_server_said_decides_where_the_status_is_vague(
    status_code: str, diagnostic: str, kind: str
) -> None:
    (report,) = parse_returned_mail(with_diagnostic("smtp", diagnostic, status_code))
    assert (report.kind, report.reason) == (kind, diagnostic)


def test_a_reason_in_an_encoding_of_its_own_is_read() -> None:
    raw = with_diagnostic("smtp", "550 REASON", "5.0.0").replace(
        b"REASON", "收件人不存在".encode("gb18030")
    )
    (report,) = parse_returned_mail(raw)
    assert (report.kind, report.reason) == ("hard", "550 收件人不存在")


@pytest.mark.parametrize(
    ("sender", "subject", "text", "kind"),
    [
        ("PostMaster@mail.example", "系统退信", "您的邮件被退回：收件人不存在。", "hard"),
        ("postmaster@mail.example", "退信通知", "原因：550 该邮件被判为垃圾邮件", "refused"),
        ("MAILER-DAEMON@mx.example", "Rücksendung", "Etwas ging schief.", "unread"),
        ("noreply@mx.example", "Undeliverable: letters", "It did not work out.", "unread"),
    ],
)
def test_what_came_back_in_a_form_of_its_own_is_read_by_its_words_or_told(
    sender: str, subject: str, text: str, kind: str
) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, BACK, subject
    letter["Message-ID"] = "<own@mx.example>"
    letter.set_content(text)
    (report,) = parse_returned_mail(letter.as_bytes())
    assert (report.kind, report.token) == (kind, TOKEN)
    del letter["To"]
    letter["To"] = "bounces@example.org"  # whose it was nobody can tell
    assert parse_returned_mail(letter.as_bytes()) == ()


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_no_failure_is_no_bounce(action: str) -> None:
    assert kinds(status(("lin@example.org", action, "4.4.1"))) == []


def test_each_recipient_of_a_status_is_reported() -> None:
    raw = status(("a@example.org", "failed", "5.1.1"), ("b@example.org", "delayed", "4.0.0"))
    assert kinds(raw) == [("hard", "a@example.org")]


def test_the_address_it_came_back_to_names_the_reader() -> None:
    for to in (BACK, BACK.upper(), f"<{BACK}>"):
        (report,) = parse_returned_mail(status(("x@example.org", "failed", "5.1.1"), to=to))
        assert RING.verify(report.token, "bounce").subject == "7"
    (report,) = parse_returned_mail(
        status(("x@example.org", "failed", "5.1.1"), to="bounces@example.org")
    )
    assert report.token == ""


def test_without_a_bounce_address_the_link_to_leave_names_the_reader() -> None:
    reader = RING.sign(7, "reader")
    raw = status(("forwarded@elsewhere.example", "failed", "5.1.1"), to="bounces@example.org")
    boundary = message_from_bytes(raw).get_boundary()
    head = f"Subject: x\nList-Unsubscribe: <https://letters.example.org/u/{reader}>\n"
    part = f"--{boundary}\nContent-Type: text/rfc822-headers\n\n{head}\n--{boundary}--\n"
    (report,) = parse_returned_mail(raw.replace(f"--{boundary}--\n".encode(), part.encode()))
    assert report.token == reader


def test_the_same_message_has_the_same_key_and_another_another() -> None:
    raw = status(("a@example.org", "failed", "5.1.1"))
    again = b"Received: from elsewhere\n" + raw
    other = status(("a@example.org", "failed", "5.1.1"), key="<2@mx.example>")
    assert (
        parse_returned_mail(raw)[0].key
        == parse_returned_mail(again)[0].key
        != parse_returned_mail(other)[0].key
    )


def test_an_answer_of_somebody_away_is_no_bounce() -> None:
    for name, value in (
        ("Auto-Submitted", "auto-replied"),
        ("X-Autoreply", "yes"),
        ("Precedence", "auto_reply"),
    ):
        away = EmailMessage()
        away["From"], away["To"], away["Subject"] = "lin@example.org", BACK, "Away until Monday"
        away[name] = value
        away.set_content("The mailbox lin@example.org is not read until Monday.")
        assert parse_returned_mail(away.as_bytes()) == ()


def test_a_letter_of_a_person_is_no_bounce() -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "lin@example.org", BACK, "Re: 渡口週報"
    letter.set_content("Thank you. My old address wang@example.org bounced, did it not?")
    assert parse_returned_mail(letter.as_bytes()) == ()


def test_an_older_form_of_bounce_is_understood() -> None:
    raw = (
        f"From: MAILER-DAEMON@mx.example\nTo: {BACK}\nSubject: failure notice\n"
        "Message-ID: <q@mx.example>\n\n"
        "Hi. This is the qmail-send program at mx.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<lin@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\n"
    )
    assert kinds(raw.encode()) == [("hard", "lin@example.org")]


def test_a_complaint_is_found_by_whom_it_was_sent_from_or_by_the_link_to_leave() -> None:
    (report,) = parse_returned_mail(complaint(Original_Mail_From=f"<{BACK}>"))
    assert (report.kind, report.token) == ("complaint", TOKEN)
    reader = RING.sign(7, "reader")
    head = f"Subject: x\nList-Unsubscribe: <https://letters.example.org/u/{reader}>"
    (report,) = parse_returned_mail(complaint(original=head))
    assert (report.kind, report.token) == ("complaint", reader)
    (report,) = parse_returned_mail(complaint(Original_Rcpt_To="<lin@example.org>"))
    assert (report.token, report.address) == ("", "lin@example.org")


@pytest.mark.parametrize(
    ("kind", "found"),
    [("abuse", ["complaint"]), ("opt-out", ["leave"]), ("not-spam", []), ("auth-failure", [])],
)
def test_not_every_feedback_is_a_complaint(kind: str, found: list[str]) -> None:
    raw = complaint(kind, Original_Rcpt_To="lin@example.org")
    assert [report.kind for report in parse_returned_mail(raw)] == found


@pytest.mark.parametrize("depth", [50, 2_000, 50_000])
@pytest.mark.parametrize(
    "part",
    [
        "Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n",
        "CONTENT-TYPE:\n Message/RFC822\n\n",
        "Content-Type: multipart/digest; boundary=b{0}\n\n--b{0}\n\n",
    ],
)
def test_no_depth_of_parts_breaks_the_reading(part: str, depth: int) -> None:
    raw = "".join(part.format(number) for number in range(depth)) + "\ntext\n"
    assert parse_returned_mail(raw.encode()) == ()


@given(st.binary(max_size=400))
def test_no_bytes_at_all_break_the_reading(raw: bytes) -> None:
    for head in (b"", b"Content-Type: multipart/report; report-type=delivery-status\n\n"):
        assert isinstance(parse_returned_mail(head + raw), tuple)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_status_at_all_breaks_the_reading(action: str, code: str) -> None:
    tail = f"Content-Type: message/delivery-status\n\nAction: {action}\nStatus: {code}\n"
    for kind in ("delivery-status", "feedback-report"):
        head = f'Content-Type: multipart/report; report-type={kind}; boundary="x"\n\n--x\n'
        body = tail.replace("delivery-status", "feedback-report") if "feed" in kind else tail
        assert isinstance(
            parse_returned_mail(f"{head}{body}\n--x--\n".encode("utf-8", "replace")), tuple
        )


def test_a_maildir_is_read_once(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "box")
    box.add(b"Subject: one\n\n1")
    box.add(b"Subject: two\n\n2")
    assert sorted(raw[:12] for raw in read_maildir(tmp_path / "box")) == [
        b"Subject: one",
        b"Subject: two",
    ]
    assert list(read_maildir(tmp_path / "box")) == []
    box.add(b"Subject: three\n\n3")
    assert len(list(read_maildir(tmp_path / "box"))) == 1
    assert len(list(mailbox.Maildir(tmp_path / "box"))) == 3


def test_a_message_that_was_not_acted_on_is_read_again(tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "box").add(b"Subject: one\n\n1")
    next(read_maildir(tmp_path / "box"))  # the program ends here
    assert len(list(read_maildir(tmp_path / "box"))) == 1


def test_an_mbox_is_read_and_left_alone(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    box.add(b"Subject: one\n\n1")
    box.close()
    before = (tmp_path / "box").read_bytes()
    assert [raw[:12] for raw in read_mbox(tmp_path / "box")] == [b"Subject: one"]
    assert (tmp_path / "box").read_bytes() == before


def test_what_is_no_mailbox_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no maildir"):
        list(read_maildir(tmp_path))
    with pytest.raises(ConfigError, match="there is no such file"):
        list(read_mbox(tmp_path / "none"))


def test_a_mail_that_asks_to_leave_is_one_report() -> None:
    token = RING.sign(7, "reader")
    for subject in (f"unsubscribe {token}", f"  UNSUBSCRIBE   {token.upper()} "):
        (report,) = parse_returned_mail(f"From: lin@example.org\nSubject: {subject}\n\n".encode())
        assert (report.kind, report.token) == ("leave", token)
        assert report.address == "lin@example.org"
    for subject in (f"Re: unsubscribe {token}", "unsubscribe", "unsubscribe me please"):
        assert parse_returned_mail(f"From: lin@example.org\nSubject: {subject}\n\n".encode()) == ()
    away = f"Auto-Submitted: auto-replied\nSubject: unsubscribe {token}\n\n"
    assert parse_returned_mail(away.encode()) == ()
