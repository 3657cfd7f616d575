"""Exports of other tools: who left, bounced or never confirmed is taken over as such, or asked."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.audience.csv_reader import read_layout
from digest.audience.importer import Terms, day_first, examine_columns, read_applicant
from digest.audience.suppression_columns import mark_of
from digest.model.errors import ConfigError
from digest.sources._dates import parse_moment

NOW = datetime(2026, 3, 1, tzinfo=UTC)
A, B, C, D = (f"{name}@example.org" for name in ("ada", "bo", "cai", "du"))


def read(tmp_path: Path, text: str, told: dict[str, str] | None = None) -> list[tuple[str, ...]]:
    """Return (state, name, day of consent) of each row, as under --confirmed."""
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")
    listed = read_layout(path, told=told)
    language = "en-GB" if day_first(listed) else "en-US"
    terms = Terms(
        confirmed=True,
        digests=("weekly",),
        known=frozenset({"weekly"}),
        read_time=lambda cell: parse_moment(cell, UTC, language),
    )
    examine_columns(listed, terms)
    people = [read_applicant(row, terms, NOW) for row in listed.rows()]
    return [(one.state, one.name, one.consent.at.date().isoformat()) for one in people]


def states(tmp_path: Path, text: str, told: dict[str, str] | None = None) -> list[str]:
    return [state for state, _, _ in read(tmp_path, text, told)]


ON, OFF, BOUNCED, SPAM, PENDING = "active", "unsubscribed", "bounced", "complained", "pending"
EXPORTS = {
    "mailchimp unsubscribed": (
        (
            "Email Address,First Name,OPTIN_TIME,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON\n"
            f"{A},Ada,2024-05-06 07:08:09,2025-01-02 03:04:05,Ferries,NO_LONGER_INTERESTED\n"
        ),
        [OFF],
    ),
    "mailchimp cleaned": (
        f"Email Address,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE\n{A},2025-01-02 03:04:05,Ferries\n",
        [BOUNCED],
    ),
    "buttondown": (
        f"email,notes,tags,type\n{A},,,regular\n{B},,,unsubscribed\n{C},,,unactivated\n",
        [ON, OFF, PENDING],
    ),
    "substack": (
        (
            "Email,active_subscription,plan,email_disabled,created_at\n"
            f"{A},false,free,false,2024-05-06T07:08:09Z\n{B},true,paid,true,2024-05-06T07:08:09Z\n"
        ),
        [ON, OFF],
    ),
    "ghost": (
        (
            "id,email,name,subscribed_to_emails,created_at,deleted_at\n"
            f"1,{A},Ada,true,2024-05-06T07:08:09.000Z,\n2,{B},Bo,false,2024-05-06T07:08:09.000Z,\n"
            f"3,{C},Cai,true,2024-05-06T07:08:09.000Z,2025-01-02T03:04:05.000Z\n"
        ),
        [ON, OFF, OFF],
    ),
    "beehiiv": (
        (
            f"email,status,subscribed_at\n{A},active,2024-05-06 07:08\n{B},inactive,2024-05-06\n"
            f"{C},validating,2024-05-06\n{D},invalid,2024-05-06\n"
        ),
        [ON, OFF, PENDING, BOUNCED],
    ),
    "kit": (
        (
            "First Name,Email,Status,Created_at\n"
            f"Ada,{A},active,2024-05-06\nBo,{B},cancelled,2024-05-06\n"
            f"Cai,{C},bounced,2024-05-06\nDu,{D},complained,2024-05-06\n"
        ),
        [ON, OFF, BOUNCED, SPAM],
    ),
    "brevo": (
        f"EMAIL,FIRSTNAME,EMAIL_BLACKLISTED,DOUBLE_OPT-IN\n{A},Ada,no,Yes\n{B},Bo,yes,Yes\n{C},Cai,,No\n",
        [ON, OFF, PENDING],
    ),
    "hubspot": (
        (
            "Email,Unsubscribed from all email,Email hard bounce reason,Opted out of email: F\n"
            f"{A},,,\n{B},true,,\n{C},,UNKNOWN_USER,\n{D},,,Yes\n"
        ),
        [ON, OFF, BOUNCED, OFF],
    ),
    "mailpoet": (
        (
            f"Email,Global status,List status\n{A},Subscribed,Subscribed\n"
            f"{B},Subscribed,Unsubscribed\n"
            f"{C},Bounced,Subscribed\n"
        ),
        [ON, OFF, BOUNCED],
    ),
    "phplist": (
        (
            f"id,email,confirmed,blacklisted,optedin,disabled\n1,{A},1,0,1,0\n2,{B},0,0,1,0\n3,{C},1,1,1,0\n"
            f"4,{D},1,0,1,1\n"
        ),
        [ON, PENDING, OFF, OFF],
    ),
    "listmonk": (
        (
            f"uuid,email,name,attributes,status\nu,{A},Ada,{{}},enabled\nu,{B},Bo,{{}},blocklisted\n"
            f"u,{C},Cai,{{}},disabled\n"
        ),
        [ON, SPAM, OFF],
    ),
    "sendy": (
        (
            f"Name,Email,Joined,Status\nAda,{A},2024-05-06,Subscribed\nBo,{B},2024-05-06,Unsubscribed\n"
            f"Cai,{C},2024-05-06,Marked as spam\nDu,{D},2024-05-06,Soft bounced\n"
        ),
        [ON, OFF, SPAM, ON],
    ),
    "mailerlite": (
        (
            f"Subscriber,Subscribed,Unsubscribed\n{A},2024-05-06 07:08:09,\n"
            f"{B},2024-05-06 07:08:09,2025-01-02 03:04:05\n"
        ),
        [ON, OFF],
    ),
    "a list of one's own": (
        f"信箱,退訂,unsubscribedAt\n{A},否,null\n{B},是,\n{C},,2025-01-02\n",
        [ON, OFF, OFF],
    ),
}


@pytest.mark.parametrize("tool", EXPORTS)
def test_who_left_bounced_or_never_confirmed_is_taken_over(tmp_path: Path, tool: str) -> None:
    text, expected = EXPORTS[tool]
    assert states(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"email,Unsubscribed?\n{A},\n{B},vielleicht\n",
            r"'Unsubscribed\?'.*'vielleicht' .line 3.",
        ),
        (f"email,Bounces\n{A},0\n{B},3\n", "'Bounces'.*'3' .line 3."),
        (f"email,Segment\n{A},vip\n{B},unsubscribed\n", "'Segment'.*'unsubscribed' .line 3."),
        (f"電子郵件,分組\n{A},一般\n{B},已退訂\n", "'分組'.*'已退訂' .line 3."),
    ],
)
def test_a_column_that_may_say_so_and_cannot_be_read_stops_the_import(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=f"{said} cannot be read.*--column"):
        states(tmp_path, text)


def test_a_person_says_what_a_column_means(tmp_path: Path) -> None:
    text = f"email,Segment,Bounces\n{A},active,0\n{B},unsubscribed,3\n"
    assert states(tmp_path, text, {"segment": "state", "Bounces": "ignore"}) == [ON, OFF]
    with pytest.raises(ConfigError, match="has no column 'Group'"):
        states(tmp_path, text, {"Group": "ignore"})
    with pytest.raises(ConfigError, match="nobody knows what that means"):
        states(tmp_path, text, {"Segment": "gone"})


def test_a_time_of_consent_is_kept_in_the_first_column_that_can_be_read(tmp_path: Path) -> None:
    def days(text: str) -> list[str]:
        return [day for _, _, day in read(tmp_path, text)]

    both = f"email,CONFIRM_TIME,OPTIN_TIME\n{A},2024-05-06 07:08:09,2024-05-05 01:02:03\n"
    assert days(both) == ["2024-05-06"]
    assert days(f"email,CONFIRM_TIME,OPTIN_TIME\n{A},,2024-05-05 01:02:03\n") == ["2024-05-05"]
    forms = ("05/06/2024 07:08", "2024年5月6日", "6.5.2024", "May 6, 2024", "2024/5/6 下午 1:02")
    assert days("email,訂閱時間\n" + "".join(f'{A},"{one}"\n' for one in forms)) == (
        ["2024-05-06"] * len(forms)
    )
    assert days(f"email,Joined\n{A},05/06/2024\n{B},31/05/2024\n") == ["2024-06-05", "2024-05-31"]
    assert days(f"email,Joined\n{A},soon\n") == ["2026-03-01"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"Email (必填),姓,名\n{A},林,渡\n", "林渡"),
        (f"Email Address,First Name,Last Name\n{A},渡,林\n", "林渡"),
        (f"您的電子郵件 / Your email,First Name,Last Name\n{A},Ada,Lovelace\n", "Ada Lovelace"),
        (f"請輸入您的電子信箱（必填）,稱呼\n{A},林渡\n", "林渡"),
        (f"Email *,Name\n{A},Ada\n", "Ada"),
        (f"联络方式,姓名\n{A},林渡\n", "林渡"),
    ],
)
def test_headings_and_names_are_read_as_people_write_them(
    tmp_path: Path, text: str, name: str
) -> None:
    assert [called for _, called, _ in read(tmp_path, text)] == [name]


def test_what_says_nothing_of_leaving_is_passed_over(tmp_path: Path) -> None:
    for heading in ("Company", "Spam score", "active_subscription", "City", "Notes", "Leftovers"):
        assert mark_of(heading) == ""
    assert states(tmp_path, f"email,Company,City\n{A},Clean Left Ltd,Bounce City\n") == [ON]
