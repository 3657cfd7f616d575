"""What a server's refusal is about: by its words, then its status, never the address in it."""

import pytest

from digest.model.refusals import find_refusal_cause, is_greylisting, suggest_remedy

READER = (
    "550 5.1.1 <lin@example.org>: Recipient address rejected: User unknown in relay table",
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient lin@example.org not found",
    "550 5.4.1 Recipient address rejected: Access denied. [x.prod.protection.outlook.com]",
    "550-5.1.1 The email account that you tried to reach does not exist.",
    "550 5.2.1 The email account that you tried to reach is disabled.",
    "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).",
    "554 delivery error: dd This user doesn't have an account here [-5]",
    "550 User not found: lin@163.example",
    "550 Mailbox not found. http://service.mail.example/help",
    "550 5.1.1 该用户不存在",
    "550 收件人信箱不存在",
    "550 5.1.1 宛先のアドレスが存在しません",
    "550 Empfänger unbekannt",
    "550 5.1.1 <blocked.spam@relay-denied.example>: no such user",
    "550 5.1.1 User unknown; see our policy on spam folders at https://mx.example/policy",
)
SENDER = (
    "554 5.7.1 <lin@example.org>: Relay access denied",
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    "550 5.7.1 Unable to relay recipient in non-accepted domain",
    "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
    "550 5.4.5 Daily user sending quota exceeded.",
    "451 4.7.1 You have reached your hourly sending limit",
    "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.7]",
    "550 5.1.8 <weekly@example.org>: Sender address rejected: Domain not found",
    "550 Sender verify failed: no such user",
    "550 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using a list",
    "550 message blocked, sender IP is on a blocklist",
    "550 5.5.0 message refused, spam",
    "550 5.7.26 This mail is unauthenticated: SPF and DKIM did not pass",
    "554 DT:SPM 163 smtp, please see the list of codes",
    "550 Mail content denied.",
    "550 Ip frequency limited. http://service.mail.example/help",
    "550 该邮件被认为是垃圾邮件",
    "554 5.7.9 Message not accepted for policy reasons.",
    "432 4.3.2 sender thread limit exceeded",
    "530 5.7.0 Must issue a STARTTLS command first",
    "554 Sending paused for this account.",
    "550 5.7.1 x",
)
OTHERS = (
    ("552 5.2.2 The email account that you tried to reach is over quota.", "mailbox"),
    ("452 4.2.2 Mailbox full", "mailbox"),
    ("552 邮箱容量已满", "mailbox"),
    ("552 5.3.4 Message size exceeds fixed limit", "message"),
    ("Host or domain name not found. Name service error for name=x.example type=MX", "route"),
    ("451 4.7.1 Greylisting in action, please come back later", "route"),
    ("450 4.1.2 <lin@x.example>: Recipient address rejected: Domain not found", "route"),
    ("550 no", "unclear"),
    ("554 Transaction failed", "unclear"),
)


@pytest.mark.parametrize("text", READER)
def test_what_is_said_of_the_reader(text: str) -> None:
    assert find_refusal_cause(text) == "reader"


@pytest.mark.parametrize("text", SENDER)
def test_what_is_said_of_the_sender(text: str) -> None:
    assert find_refusal_cause(text) == "sender"


@pytest.mark.parametrize(("text", "concern"), OTHERS)
def test_what_is_said_of_neither(text: str, concern: str) -> None:
    assert find_refusal_cause(text) == concern


def test_a_status_told_beside_it_decides_where_no_words_do() -> None:
    assert find_refusal_cause("failed", "5.1.1") == "reader"
    assert find_refusal_cause("failed", "5.7.1") == "sender"
    assert find_refusal_cause("failed", "5.0.0") == "unclear"
    assert find_refusal_cause("550 sending IP is on our block list", "5.1.1") == "sender"
    assert find_refusal_cause("550 5.1.1 Sender address rejected: user unknown") == "sender"
    assert find_refusal_cause("550 5.1.2 lin@x.example: domain not found") == "reader"


def test_greylisting_is_known_and_a_remedy_is_found() -> None:
    assert is_greylisting("450 4.2.0 <x@example.org>: Recipient address rejected: Greylisted")
    assert not is_greylisting("450 4.7.1 cannot find your reverse hostname")
    assert "hostname" in suggest_remedy("504 5.5.2 <vm>: Helo command rejected")
    assert "digest login smtp" in suggest_remedy("554 5.7.1 <helo@x.example>: Relay access denied")
    assert suggest_remedy("550 no") == ""
