"""What a look outside finds before a mail leaves, and what it keeps silent about."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from digest.delivery.preflight import (
    check_links,
    examine_sender,
    find_lacks,
    make_resolver,
    score_spam,
)
from digest.http.client import Client
from digest.model import Mail
from digest.render import mime
from tests import make
from tests.dns_server import dns_serving
from tests.faults import dropped, stalled
from tests.http_server import Answer, HttpServer, text
from tests.mailing import content

TOKEN = "SLOT--token--SLOT"
GOOD = {
    "blog.example.org": ["v=spf1 include:mail.example.org -all", "something else"],
    "_dmarc.example.org": ["v=DMARC1; p=none"],
    "weekly._domainkey.blog.example.org": ["v=DKIM1; k=rsa; p=MIGf"],
}


def mail(html: str, **fields: str) -> Mail:
    made = make.revision().mail
    return replace(made, html=html, mime=content().content, **fields)


def found(server: HttpServer, html: str, **how: float) -> dict[str, str]:
    client = Client(origin=server.url, pace=0)
    return {one.subject: one.cause for one in check_links(mail(html), (), client, **how)}


def test_links_that_answer_are_not_told(http_server: HttpServer) -> None:
    http_server.put("/a", text("<p>here</p>"))
    http_server.put("/large.mp3", Answer(body=b"x" * 300_000, type="audio/mpeg"))
    http_server.put("/shy", text("no", status=403))
    http_server.put("/p.png", Answer(body=b"\x89PNG", type="image/png"))
    root = http_server.url
    html = (
        f'<a href="{root}/a#part">a</a><a href="{root}/a">again</a><a href="{root}/shy">s</a>'
        f'<a href="{root}/large.mp3">m</a><img alt="" src="{root}/p.png">'
        f'<a href="https://x.invalid/u/{TOKEN}">leave</a><a href="mailto:a@b.example">m</a>'
        '<a href="https://x.invalid/">reserved</a>'
    )
    assert found(http_server, html) == {}
    assert len(http_server.requests("/a")) == 1


def test_what_does_not_answer_is_named(http_server: HttpServer) -> None:
    http_server.put("/a", text("<p>here</p>"))
    http_server.put("/gone", text("gone", status=410))
    http_server.put("/dropped", dropped())
    http_server.put("/page.png", text("<p>no picture</p>"))
    root = http_server.url
    html = "".join(f'<a href="{root}/{one}">x</a>' for one in ("a", "gone", "dropped"))
    told = found(http_server, f'{html}<img src="{root}/page.png" alt="">')
    assert told[f"link {root}/gone"] == "answers 410"
    assert told[f"link {root}/dropped"].startswith("answered badly")
    assert told[f"picture {root}/page.png"] == "is no picture but text/html; charset=utf-8"
    assert len(told) == 3


def test_without_a_network_one_line_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    html = "".join(f'<a href="http://127.0.0.1:{port}/{n}">x</a>' for n in range(4))
    client = Client(origin=f"http://127.0.0.1:{port}", pace=0)
    (one,) = check_links(mail(html), (), client)
    assert (one.subject, one.cause) == ("links", "none of 4 could be reached")


def test_a_stalling_host_does_not_hold_everything_up(http_server: HttpServer) -> None:
    http_server.put("/a", text("fine"))
    http_server.put("/slow", stalled())
    told = found(
        http_server,
        f'<a href="{http_server.url}/slow">s</a><a href="{http_server.url}/a">a</a>',
        seconds=0.5,
    )
    assert list(told) == [f"link {http_server.url}/slow"]


def test_a_well_kept_domain_is_not_told() -> None:
    with dns_serving(GOOD) as port:
        look = make_resolver("127.0.0.1", port)
        assert look
        assert list(examine_sender("blog.example.org", look, "weekly")) == []


@pytest.mark.parametrize(
    ("records", "causes"),
    [
        (
            {"blog.example.org": []},
            ["has no SPF record", "has no DMARC record", "has no DKIM key"],
        ),
        (
            {**GOOD, "blog.example.org": ["v=spf1 -all", "v=spf1 +all"]},
            ["has more than one SPF record, so none counts"],
        ),
        (
            {**GOOD, "blog.example.org": ["v=spf1 +all"]},
            ["lets anybody send in its name (+all)"],
        ),
        (
            {**GOOD, "weekly._domainkey.blog.example.org": ["v=DKIM1; p=;"]},
            ["has no DKIM key"],
        ),
    ],
    ids=["nothing", "two SPF", "all", "revoked"],
)
def test_what_a_domain_lacks_is_named(records: dict[str, list[str]], causes: list[str]) -> None:
    with dns_serving(records) as port:
        look = make_resolver("127.0.0.1", port)
        assert look
        assert [one.cause for one in examine_sender("blog.example.org", look, "weekly")] == causes


def test_a_domain_that_is_not_there_is_named_once() -> None:
    with dns_serving({"other.example.org": ["v=spf1 -all"]}) as port:
        look = make_resolver("127.0.0.1", port)
        assert look
        (found,) = examine_sender("blog.example.org", look, "weekly")
        assert (found.subject, found.cause) == (
            "DNS of blog.example.org",
            "there is no such domain",
        )


def test_where_dns_does_not_answer_nothing_is_said() -> None:
    assert list(examine_sender("blog.example.org", lambda _name: None)) == []


def test_spamassassin_is_asked_where_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = mime.fill_message(content(), mime.make_dummy_values())
    program = tmp_path / "spamassassin"
    program.write_text(
        "#!/bin/sh\ncat >/dev/null\n"
        "echo 'X-Spam-Status: Yes, score=7.1 required=5.0 tests=NO_RELAYS,SHOUTING,'\n"
        "printf '\\tPILLS autolearn=no\\n'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    (one,) = score_spam(message)
    assert one.cause == "SpamAssassin gives it 7.1 of 5.0: SHOUTING, PILLS"
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    assert list(score_spam(message)) == []


def test_a_letter_without_sender_or_way_out_is_an_error() -> None:
    leave = f'<a href="https://blog.example.org/u/{TOKEN}">leave</a>'
    assert list(find_lacks(mail(leave), postal_address=True)) == []
    lacking = replace(mail("<p>x</p>"), mime=b"From: <nobody@example.invalid>\r\n\r\nx")
    told = list(find_lacks(lacking, postal_address=False))
    assert [one.cause for one in told if one.level == "error"] == [
        "nobody sends it",
        "it has no way to unsubscribe",
    ]
    assert [one.subject for one in told if one.level == "warning"] == ["mail.postal_address"]


@pytest.mark.parametrize(
    ("subject", "level"),
    [("", "error"), ("字" * 121, "warning"), ("RE: hello", "warning"), ("BUY IT NOW", "warning")],
    ids=["empty", "long", "answer", "shouting"],
)
def test_a_subject_is_sane(subject: str, level: str) -> None:
    leave = f'<a href="https://blog.example.org/u/{TOKEN}">leave</a>'
    (one,) = find_lacks(mail(leave, subject=subject), postal_address=True)
    assert (one.subject, one.level) == ("subject", level)
