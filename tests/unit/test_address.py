"""Addresses, names and languages as people type them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config.settings import parse_settings
from digest.config.validation import check_mailbox
from digest.model.errors import ConfigError, DraftError
from digest.render import mime
from digest.text.address import Unfit, address, language, mailbox, masked, name, shown

LOCAL = st.from_regex(r"[A-Za-z0-9_+-]{1,20}(\.[A-Za-z0-9_+-]{1,20}){0,2}", fullmatch=True)
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(
    lambda label: not label.startswith("xn--") and label[2:4] != "--"
)
DOMAIN = st.builds(lambda a, b: f"{a}.{b}.org", LABEL, LABEL)


@given(LOCAL, DOMAIN)
def test_spellings_that_differ_in_case_are_one_reader(local, domain):
    one, other = address(f"{local}@{domain}"), address(f" {local.upper()}@{domain.upper()} ")
    assert one.normal == other.normal
    assert one.sent_to == f"{local}@{domain}"
    assert address(one.sent_to) == one
    assert address(one.normal).normal == one.normal


@given(st.text(max_size=60))
def test_whatever_is_typed_is_an_address_or_told_why_not(text):
    try:
        found = address(text)
    except Unfit as unfit:
        found = None
        why = str(unfit)
    if found is None:
        assert why
        return
    assert found.sent_to.isascii()
    assert found.sent_to.isprintable()
    assert found.sent_to.count("@") >= 1
    assert not set(found.sent_to) & set("\r\n\0<>, ")


@given(st.text(max_size=80))
def test_a_name_never_ends_a_header(text):
    try:
        kept = name(text)
    except Unfit:
        return
    assert not set(kept) & set("\r\n\0\x0b\x0c\x85\u2028\u2029\u202e")
    assert kept == unicodedata.normalize("NFC", kept)
    assert name(kept) == kept


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("lin@EXAMPLE.org", "lin@example.org"),
        ("<lin@example.org>", "lin@example.org"),
        ('"林渡" <lin@example.org>', "lin@example.org"),
        ("Lin Du <lin@EXAMPLE.org>", "lin@example.org"),
        ("mailto:lin@example.org", "lin@example.org"),
        ("lin＠example．org", "lin@example.org"),
        ("lin@example。org", "lin@example.org"),
        ("\ufefflin@example.org\u3000", "lin@example.org"),
        ("l.i.n+news@example.org", "l.i.n+news@example.org"),
        ("lin@bücher.example", "lin@xn--bcher-kva.example"),
        ("lin@bu\u0308cher.example", "lin@xn--bcher-kva.example"),
        ("lin@例子.台灣", "lin@xn--fsqu00a.xn--kpry57d"),
        ("o'hara@example.org", "o'hara@example.org"),
    ],
)
def test_an_address_is_kept_as_mail_is_sent_to_it(typed, sent_to):
    assert address(typed).sent_to == sent_to


def test_dots_and_tags_are_mailboxes_of_their_own():
    spellings = ["lin@gmail.com", "l.in@gmail.com", "lin+a@gmail.com"]
    assert len({address(one).normal for one in spellings}) == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("lin", "@"),
        ("@example.org", "before the @"),
        ("lin@", "after the @"),
        ("lin@example", "period"),
        ("lin@@example.org", "@"),
        ("lin@example..org", "period"),
        ("lin@-example.org", "hyphen"),
        ("lin@example.org\nBcc: x@example.org", "line break"),
        ("lin\0@example.org", "control character"),
        ("lin@example.org, wang@example.org", ""),
        ("林@example.org", "not ASCII"),
        ("lin@localhost", ""),
        ("lin@printer.local", ""),
        ("lin@example.invalid", ""),
        ("a" * 65 + "@example.org", "too long"),
        ("lin@" + "a" * 250 + ".org", "too long"),
    ],
)
def test_what_is_no_address_is_told(typed, said):
    with pytest.raises(Unfit) as caught:
        address(typed)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "typed",
    [
        "林\r\nBcc: x@example.org",
        "a\nb",
        "a\0b",
        "a\u2028b",
        "\u202egnal",
        "a\x1bb",
        "\ud800",
        "x" * 101,
    ],
)
def test_a_name_that_could_do_harm_is_refused(typed):
    with pytest.raises(Unfit, match="the name"):
        name(typed)


def test_a_name_is_kept_tidy():
    assert name("  林   渡\t ".strip("\t ")) == "林 渡"
    assert name("👩‍👧 家") == "👩‍👧 家"
    assert name("") == ""


def test_languages_are_tags():
    assert language("zh_Hant_TW") == "zh-Hant-TW"
    assert language(" ") == ""
    with pytest.raises(Unfit, match="no language tag"):
        language("中文")


def test_people_read_an_address_in_their_script():
    assert shown("lin@xn--bcher-kva.example") == "lin@bücher.example"
    assert shown("lin@xn--a.example") == "lin@xn--a.example"
    assert masked("lin@example.org") == "l…@example.org"


LAWLESS = [
    "editor@localhost",
    "a b@example.org",
    "a@b@example.org",
    "a.@example.org",
    "a@-b.example.org",
]


@pytest.mark.parametrize("typed", LAWLESS)
def test_one_law_holds_wherever_an_address_is_written(typed: str) -> None:
    """In the settings, in a schedule, after --to and in a header: what one refuses all refuse."""
    for key in ("from", "reply_to", "unsubscribe_mail"):
        with pytest.raises(ConfigError, match=f"mail.{key}: .* is no mail address"):
            parse_settings(f'[mail]\n{key} = "Lin <{typed}>"\n')
    with pytest.raises(ConfigError, match=r"notify\.email: .* is no mail address"):
        check_mailbox("weekly.toml", "notify.email", typed)
    with pytest.raises(DraftError, match="not an address"):
        mime.write_address_header("From", ("Lin", typed))


@pytest.mark.parametrize(
    ("written", "sent_to"),
    [
        ("lin@example.org", "lin@example.org"),
        ("林渡 <lin@Example.org>", "lin@example.org"),
        ("<lin@example.org>", "lin@example.org"),
        ('"Lin, Du" <lin@編輯部.tw>', "lin@xn--jh0av76a2ib.tw"),
    ],
)
def test_a_mailbox_has_an_address_with_or_without_a_name(written: str, sent_to: str) -> None:
    assert mailbox(written).sent_to == sent_to


@pytest.mark.parametrize(
    "written", ["Lin", "Lin, Du <lin@example.org>", "a@example.org, b@example.org", "A <a@b.org"]
)
def test_what_mail_programs_would_read_otherwise_is_no_mailbox(written: str) -> None:
    with pytest.raises(Unfit):
        mailbox(written)
