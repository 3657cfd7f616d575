"""What DNS says of mail from here, against a real name server on the loopback interface."""

from collections.abc import Mapping, Sequence

import pytest

from digest.delivery.deliverability import SenderSetup, Verdict, examine, make_ask, related
from tests.dns_server import dns_serving

SENDING = SenderSetup(
    domain="ferries.example",
    bounce_domain="bounce.ferries.example",
    selector="weekly",
    public_key="MIIB",
    host="mx.ferries.example",
    own_host=True,
    unsubscribe="https://letters.ferries.example/u",
    report_to="editor@ferries.example",
)
GOOD = {
    "ferries.example": ["site=1"],
    "bounce.ferries.example": ["v=spf1 a:mx.ferries.example -all"],
    "weekly._domainkey.ferries.example": ["v=DKIM1; k=rsa; p=MIIB"],
    "_dmarc.ferries.example": ["v=DMARC1; p=quarantine"],
    "A mx.ferries.example": ["9.9.9.9"],
    "PTR 9.9.9.9.in-addr.arpa": ["mx.ferries.example."],
}


def verdicts(records: Mapping[str, Sequence[str]], sending: SenderSetup = SENDING) -> list[Verdict]:
    with dns_serving(records) as port:
        ask = make_ask("127.0.0.1", port)
        assert ask
        return list(examine(sending, ask))


def levels(found: list[Verdict]) -> dict[str, str]:
    return {one.subject: one.level for one in found}


def test_what_is_right_is_told_as_that() -> None:
    found = verdicts(GOOD)
    assert {one.level for one in found} == {"ok"}, found
    subjects = " | ".join(one.subject for one in found)
    for what in ("SPF", "_domainkey", "_dmarc", "alignment", "one-click", "reverse name"):
        assert what in subjects


@pytest.mark.parametrize(
    ("records", "subject", "finding", "record"),
    [
        ({"bounce.ferries.example": []}, "SPF of", "there is none", "v=spf1 a:mx.ferries.example"),
        ({"bounce.ferries.example": ["v=spf1 -all", "v=spf1 ~all"]}, "SPF of", "several", ""),
        ({"bounce.ferries.example": ["v=spf1 +all"]}, "SPF of", "lets anybody send", ""),
        ({"weekly._domainkey.ferries.example": []}, "weekly._d", "there is no key", "p=MIIB"),
        (
            {"weekly._domainkey.ferries.example": ["v=DKIM1; p=OTHER"]},
            "weekly._d",
            "it is another key",
            "p=MIIB",
        ),
        (
            {"_dmarc.ferries.example": []},
            "_dmarc",
            "there is none",
            "rua=mailto:editor@ferries.example",
        ),
        ({"PTR 9.9.9.9.in-addr.arpa": []}, "reverse name", "there is none", ""),
        (
            {"PTR 9.9.9.9.in-addr.arpa": ["vps.example."]},
            "reverse name",
            "vps.example does not lead back",
            "",
        ),
        ({"A 9.9.9.9.zen.spamhaus.org": ["127.0.0.4"]}, "address 9", "is on zen.spamhaus", ""),
        ({"A ferries.example.dbl.spamhaus.org": ["127.0.1.2"]}, "domain", "is on dbl", ""),
    ],
)
def test_what_is_wrong_is_told_with_the_record_to_publish(
    records: dict[str, list[str]], subject: str, finding: str, record: str
) -> None:
    found = verdicts({**GOOD, **records})
    (wrong,) = [one for one in found if one.level == "error"]
    assert wrong.subject.startswith(subject)
    assert finding in wrong.finding
    assert record in wrong.record


def test_a_list_that_may_not_be_asked_from_here_says_nothing() -> None:
    refused = {"A ferries.example.dbl.spamhaus.org": ["127.255.255.254"]}
    found = verdicts({**GOOD, **refused})
    assert levels(found)["domain ferries.example"] == "note"


def test_alignment_and_one_click_are_looked_at() -> None:
    import dataclasses

    elsewhere = dataclasses.replace(
        SENDING, bounce_domain="esp.example", selector="", unsubscribe="http://x.example/u"
    )
    found = levels(verdicts({**GOOD, "esp.example": ["v=spf1 -all"]}, elsewhere))
    assert found["alignment with ferries.example"] == "warning"
    assert found["one-click unsubscription"] == "error"
    assert related("ferries.example", "mail.ferries.example")
    assert not related("notferries.example", "ferries.example")


def test_without_an_answer_nothing_is_claimed() -> None:
    (only,) = examine(SENDING, lambda _name, _kind: None)
    assert (only.level, only.subject) == ("warning", "DNS")
