"""The public pages as readers, mailbox providers, scanners and strangers use them."""

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from digest.app.composition import App
from digest.config.settings import load_settings
from digest.model import SubscriberEvent
from digest.web.public import limits
from tests.make import NOW, issue, post, revision, story
from tests.public_site import TOML, Running, links, running
from tests.shared import REPOSITORY

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def site(tmp_path: Path):
    with running(tmp_path) as made:
        yield made


def confirmed(site: Running, address: str = "lin@example.org", **fields: object) -> dict[str, str]:
    """Subscribe and confirm *address*; return the links of the welcome mail."""
    before = len(list((site.folder / "outgoing").glob("*.eml")))
    assert site.subscribe(address, **fields).status == 200
    link = links(site.letters(before + 1)[-1])["c"]
    assert site.post(link).status == 200
    return links(site.letters(before + 2)[-1])


def token(site: Running, purpose: str = "reader", expires: datetime | None = None) -> str:
    """Return a token for the subscriber, made with the site's own key."""
    return site.keyring.sign(site.audience.find("lin@example.org").id, purpose, expires)


def test_a_reader_subscribes_confirms_chooses_and_leaves(site: Running) -> None:
    assert "渡口月報" in site.get("/").text
    said = site.subscribe(name="林渡", digest=["weekly", "monthly"], lang="zh-Hant")
    assert said.status == 200
    assert "lin@example.org" in said.text
    assert site.state() == "pending"
    (mail,) = site.letters(1)
    assert (mail["to"], mail["subject"]) == ("lin@example.org", "請確認訂閱：渡口週報")
    assert mail["auto-submitted"] == "auto-generated"
    assert "林渡" not in mail.get_body(("html",)).get_content()

    link = links(mail)["c"]
    asked = site.get(link)
    assert (asked.status, site.state()) == (200, "pending")
    assert "l…@example.org" in asked.text
    assert "lin@" not in asked.text
    assert "訂閱完成" in site.post(link).text
    one = site.audience.find("lin@example.org")
    assert (one.state, one.digests, one.name) == ("active", ("weekly", "monthly"), "林渡")
    assert one.consent.how == "form"
    assert "127.0.0.1" not in one.consent.source

    welcome = site.letters(2)[1]
    assert welcome["list-unsubscribe"].startswith("<https://letters.example.org/u/")
    assert welcome["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    found = links(welcome)
    assert site.get(found["p"]).status == 200
    chosen = {"digest": "monthly", "name": "林", "language": "ja"}
    assert "保存しました" in site.post(found["p"], chosen).text
    one = site.audience.get(one.id)
    assert (one.digests, one.name, one.language) == (("monthly",), "林", "ja")
    assert site.post(found["p"], {"name": ""}).status == 200
    assert site.state() == "unsubscribed"
    assert site.post(found["p"], {"digest": "weekly"}).status == 200
    assert site.state() == "unsubscribed"


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_one_click_ends_a_subscription_without_cookie_or_redirect(site: Running, kind: str) -> None:
    link = confirmed(site)["u"]
    for _ in range(2):
        if kind == "urlencoded":
            said = site.post(link, ONE_CLICK)
        else:
            head = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
            body = f"{head}One-Click\r\n--x--\r\n"
            said = site.ask("POST", link, body, content_type="multipart/form-data; boundary=x")
        assert said.status == 200
        assert "set-cookie" not in said.headers
        assert site.state() == "unsubscribed"
    events = [e.what for e in site.audience.events(site.audience.find("lin@example.org").id)]
    assert events.count("left") == 1


@pytest.mark.parametrize("page", ["c", "u", "p"])
def test_who_only_looks_changes_nothing(site: Running, page: str) -> None:
    site.subscribe()
    links_of = {"c": links(site.letters(1)[0])["c"]}
    if page != "c":
        site.post(links_of["c"])
        links_of |= links(site.letters(2)[1])
    before = site.audience.find("lin@example.org")
    for method in ("GET", "HEAD", "OPTIONS"):
        said = site.ask(method, links_of[page])
        assert said.status == (204 if method == "OPTIONS" else 200)
        assert method == "GET" or said.text == ""
    assert site.ask("PUT", links_of[page]).status == 405
    assert site.ask("DELETE", links_of[page]).status == 405
    assert site.audience.find("lin@example.org") == before


def test_a_post_that_does_not_say_one_click_shows_the_page_again(site: Running) -> None:
    link = confirmed(site)["u"]
    for fields in ({}, {"List-Unsubscribe": "no"}, {"x": "One-Click"}):
        assert site.post(link, fields).status == 400
    assert site.ask("POST", link, b"{}", content_type="application/json").status == 415
    assert site.state() == "active"


def test_a_forged_or_foreign_token_is_no_token(site: Running) -> None:
    confirmed(site)
    good = token(site)
    head, _, mac = good.rpartition(".")
    other = head.replace(".1.u", ".2.u")
    for bad in ("x", good[:-1], f"{head}.{mac[::-1]}", f"{other}.{mac}", token(site, "bounce")):
        assert site.post(f"/u/{bad}", ONE_CLICK).status == 404
        assert site.get(f"/p/{bad}").status == 404
        assert site.post(f"/c/{bad}").status == 404
    assert site.state() == "active"
    assert (
        site.post(
            f"/u/{token(site, 'confirm', datetime(2100, 1, 1, tzinfo=UTC))}", ONE_CLICK
        ).status
        == 404
    )


def test_a_link_to_confirm_grows_old(site: Running) -> None:
    site.subscribe()
    old = token(site, "confirm", datetime.now(UTC) - timedelta(seconds=1))
    assert site.get(f"/c/{old}").status == 410
    assert site.post(f"/c/{old}").status == 410
    assert site.state() == "pending"


def test_an_old_mail_found_again_brings_nobody_back(site: Running) -> None:
    site.subscribe()
    link = links(site.letters(1)[0])["c"]
    assert site.post(link).status == 200
    assert site.post(link).status == 200
    site.post(links(site.letters(2)[1])["u"], ONE_CLICK)
    assert site.post(link).status == 410
    assert site.state() == "unsubscribed"


def test_who_left_may_come_back_by_their_own_word(site: Running) -> None:
    site.post(confirmed(site)["u"], ONE_CLICK)
    assert site.audience.suppressed("lin@example.org") == "unsubscribed"
    confirmed(site)
    assert site.state() == "active"
    assert site.audience.suppressed("lin@example.org") is None


def test_the_form_tells_nobody_who_is_subscribed(site: Running) -> None:
    unknown = site.subscribe()
    pending = site.subscribe()
    site.post(links(site.letters(1)[0])["c"])
    active = site.subscribe()
    site.audience.change(
        site.audience.find("lin@example.org").id,
        lambda it: replace(it, state="complained"),
        SubscriberEvent(at=datetime.now(UTC), what="complained"),
    )
    complained = site.subscribe()
    assert unknown.text == pending.text == active.text == complained.text
    assert {a.status for a in (unknown, pending, active, complained)} == {200}
    assert len({frozenset(a.headers) for a in (unknown, pending, active, complained)}) == 1
    assert len(site.letters(2)) == 2  # to confirm, and welcome: nothing to who complained


def test_who_is_subscribed_already_is_told_by_mail(site: Running) -> None:
    confirmed(site)
    one = site.audience.find("lin@example.org")
    earlier = datetime.now(UTC) - timedelta(hours=2)
    site.audience.change(
        one.id,
        lambda it: replace(it, asked=earlier),
        SubscriberEvent(at=earlier, what="test"),
    )
    site.subscribe()
    assert "already" in site.letters(3)[2]["subject"]


def test_nobody_is_flooded_with_mail(site: Running) -> None:
    for _ in range(5):
        assert site.subscribe().status == 200
    assert len(site.letters(1)) == 1


def test_of_eight_forms_at_once_one_makes_a_subscriber(site: Running) -> None:
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: site.subscribe().status, range(8)))
    assert said == [200] * 8
    assert len(list(site.audience.everyone())) == 1
    time.sleep(0.3)
    link = links(site.letters(1)[0])["c"]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: site.post(link).status, range(8))) == [200] * 8
    found = links(site.letters(2)[1])
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: site.post(found["u"], ONE_CLICK).status, range(8))) == {200}
    events = [e.what for e in site.audience.events(site.audience.find("lin@example.org").id)]
    assert [events.count(what) for what in ("confirmed", "left")] == [1, 1]


def test_a_program_that_fills_every_field_subscribes_nobody(site: Running) -> None:
    person = site.subscribe()
    assert site.subscribe("robot@example.org", website="https://spam.example").status == 200
    assert site.state("robot@example.org") == ""
    assert person.status == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "lin"}, "typing error"),
        ({"email": ""}, "typing error"),
        ({"email": "lin@example.org\r\nBcc: x@example.org"}, "typing error"),
        ({"email": "lin@example.org", "name": "a\r\nBcc: x@example.org"}, "cannot be used"),
        ({"email": "<script>alert(1)</script>@x"}, "&lt;script&gt;"),
        ({"email": "lin@example.org", "name": "x" * 101}, "cannot be used"),
        ({"email": "lin@example.org", "choosing": "1"}, "Choose at least one"),
        ({"email": "lin@example.org", "choosing": "1", "digest": "none"}, "Choose at least one"),
    ],
)
def test_what_cannot_be_kept_is_told_on_the_form(site: Running, fields, said) -> None:
    answer = site.post("/subscribe", {"lang": "en"} | fields)
    assert answer.status == 422
    assert said in answer.text
    assert "<script>" not in answer.text
    assert not list(site.audience.everyone())


@pytest.mark.parametrize(
    ("accepted", "path", "lang"),
    [
        ("", "/", "zh-Hant"),
        ("ja,en;q=0.5", "/", "ja"),
        ("nl, en;q=0.8, zh;q=0.1", "/", "en"),
        ("pl", "/", "zh-Hant"),
        ("fr-CA, en;q=0.8", "/", "fr"),
        ("zh-CN", "/", "zh-Hans"),
        ("en;q=x, *;q=0", "/", "zh-Hant"),
        ("en", "/?lang=ja", "ja"),
        ("en", "/?lang=xx", "en"),
    ],
)
def test_a_page_speaks_the_readers_language(site: Running, accepted, path, lang) -> None:
    assert f'<html lang="{lang}">' in site.get(path, accept_language=accepted).text


def test_every_answer_is_safe_and_bare(site: Running) -> None:
    for path in ("/", "/nothing", "/u/x", "/health", "/hooks/none"):
        said = site.get(path)
        policy = said.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script" not in policy
        assert said.headers["x-content-type-options"] == "nosniff"
        assert said.headers["referrer-policy"] == "no-referrer"
        assert not {"server", "set-cookie", "access-control-allow-origin"} & set(said.headers)
    assert site.ask("OPTIONS", "/").headers["allow"] == "GET, HEAD, OPTIONS"
    assert site.ask("OPTIONS", "/subscribe").headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_too_much_and_too_slow_is_refused(site: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = b"email=" + b"x" * 20_000
    assert site.ask("POST", "/subscribe", huge).status == 413
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as chunked:
        head = b"POST /subscribe HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunked.sendall(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(huge), huge))
        assert chunked.recv(100).startswith(b"HTTP/1.1 413")
    many = "&".join(f"a{n}=1" for n in range(60))
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert site.ask("POST", "/subscribe", many, **form).status == 400
    assert site.ask("POST", "/subscribe", b"email=\xff\xfe", **form).status == 400
    assert site.ask("POST", "/subscribe", b"--x", content_type="multipart/form-data").status == 400
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as slow:
        slow.sendall(b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nemail")
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_a_client_that_never_finishes_its_request_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PATIENCE_SECONDS", 0.4)
    with running(tmp_path) as site:
        with socket.create_connection(("127.0.0.1", site.port), timeout=10) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nHost: ")
            assert idle.recv(100) == b""
        assert site.get("/health").status == 200


def test_a_client_may_ask_so_often_and_a_genuine_token_always(tmp_path: Path) -> None:
    with running(tmp_path, per_minute="40") as site:
        link = confirmed(site)["u"]
        assert site.get("/").status == 200
        assert refused_after(site, "/")
        refused = site.get("/", x_forwarded_for="203.0.113.9")
        assert refused.status == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert site.get("/u/forged").status == 429
        assert [site.post(link, ONE_CLICK).status for _ in range(60)] == [200] * 60


def refused_after(site: Running, path: str, **headers: str) -> int:
    """Return after how many requests the client is told to wait; 0 if never."""
    asked = (n for n in range(1, 400) if site.get(path, **headers).status == 429)
    return next(asked, 0)


def test_a_trusted_proxy_says_who_asks(tmp_path: Path) -> None:
    with running(tmp_path, per_minute="10", trusted_proxies='["127.0.0.0/8"]') as site:
        assert refused_after(site, "/", x_forwarded_for="198.51.100.1, 203.0.113.7")
        assert site.get("/", x_forwarded_for="203.0.113.7, 203.0.113.8").status == 200


def test_a_site_may_stand_under_a_path_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    with running(tmp_path, archive='"web"', url='"https://blog.example.org/週報"') as site:
        assert site.get(quote("/週報/")).status == 200
        assert site.get(quote("/週報/archive")).headers["location"] == quote("/週報/archive/")


@pytest.mark.parametrize("path", ["/letters", "/letters/", "/"])
def test_a_site_may_stand_under_a_path(tmp_path: Path, path: str) -> None:
    with running(tmp_path, url='"https://blog.example.org/letters"') as site:
        said = site.get(path)
        assert said.status == 200
        assert 'action="/letters/subscribe"' in said.text
        assert site.post("/letters/subscribe", {"email": "lin@example.org"}).status == 200
        text = site.letters(1)[0].get_body(("plain",)).get_content()
        assert "https://blog.example.org/letters/c/" in text


def test_the_log_knows_numbers_and_no_addresses(site: Running, caplog) -> None:
    caplog.set_level(logging.INFO)
    found = confirmed(site, name="林渡")
    site.get(f"/u/{token(site)}?email=lin@example.org")
    site.post(found["u"], ONE_CLICK)
    deadline = time.monotonic() + 10
    while "POST /u 200" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.02)  # a line is written when its answer is out
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "POST /u 200" in said
    assert "subscriber=1" in said
    assert "example.org" not in said
    assert "林渡" not in said
    assert token(site) not in said


def test_a_broken_store_is_told_and_nothing_else(site: Running, caplog) -> None:
    (site.folder / "digest.db").write_bytes(b"no database" * 1000)
    assert site.get("/health").status == 503
    said = site.subscribe()
    assert said.status == 503
    assert "我們這邊出了問題" in said.text
    assert "lin@example.org" not in caplog.text


def test_the_archive_is_served_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "web" / "weekly-1").mkdir(parents=True)
    (tmp_path / "web" / "weekly-1" / "index.html").write_text("<p>第一期</p>", "utf-8")
    (tmp_path / "secret").write_text("secret")
    with running(tmp_path, archive='"web"') as site:
        said = site.get("/archive/weekly-1/")
        assert (said.status, said.text) == (200, "<p>第一期</p>")
        assert "'unsafe-inline'" in said.headers["content-security-policy"]
        for path in (
            "/archive/../secret",
            "/archive/%2e%2e/secret",
            "/archive/..%2fsecret",
            "/archive//etc/passwd",
        ):
            assert site.get(path).status == 404


def test_a_redirect_stays_on_the_site_whatever_host_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "web" / "weekly-1").mkdir(parents=True)
    (tmp_path / "web" / "weekly-1" / "index.html").write_text("x")
    with running(tmp_path, archive='"web"', url='"https://blog.example.org/letters"') as site:
        for path in ("/archive", "/archive/weekly-1", "//evil.example/archive"):
            said = site.get(f"/letters{path}" if "evil" not in path else path, host="evil.example")
            assert "evil" not in said.headers.get("location", "")
        said = site.get("/letters/archive/weekly-1", host="evil.example")
        assert said.headers["location"] == "/letters/archive/weekly-1/"
        assert site.get("/letters/archive").headers["location"] == "/letters/archive/"
        assert site.post("/letters/subscribe/", {"email": "lin@example.org"}).status == 404


@pytest.mark.parametrize(
    "path",
    ["/u/%00", "/u/%ff%fe", "/u/..%2f..", "/%e6%b8%a1", "/u/" + "x" * 5000, "/?lang=" + "%" * 500],
)
def test_no_path_at_all_breaks_the_site(site: Running, path: str) -> None:
    assert site.get(path).status in (200, 404)
    assert site.post(path, ONE_CLICK).status in (404, 405, 204)


def test_the_form_shows_what_came_out_last_and_is_there_already(tmp_path: Path) -> None:
    (tmp_path / "digest.toml").write_text('store = "digest.db"\n')
    issues = App(load_settings(str(tmp_path / "digest.toml"), {})).issues
    for number in (1, 2, 3):
        made = issue(story(post(str(number))), id=f"weekly-{number}", subject=f"第 {number} 封信")
        mail = replace(revision().mail, subject=f"第 {number} 封信")
        kept = issues.save(replace(revision(made), mail=mail, hash=f"{number}" * 64))
        issues.approve(kept, NOW + timedelta(days=number))
        if number < 3:
            (tmp_path / "web" / f"weekly-{number}").mkdir(parents=True)
            (tmp_path / "web" / f"weekly-{number}" / "index.html").write_text("x")
    with running(tmp_path, archive='"web"') as site:
        said = site.get("/").text
        assert 'href="https://letters.example.org/archive/weekly-2/">第 2 封信</a>' in said
        assert "第 3 封信" not in said
    with running(tmp_path) as site:
        assert "最新一期" not in site.get("/").text


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    (tmp_path / "digest.toml").write_text(TOML, "utf-8")
    command = [sys.executable, "-m", "digest", "serve"]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stderr
        line = next(line for line in child.stderr if "running on" in line)
        port = int(re.search(r"127\.0\.0\.1:(\d+)", line)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert client.recv(15) == b"HTTP/1.1 200 OK"
        child.terminate()
        rest = child.stderr.read()
        assert child.wait(20) in (0, -signal.SIGTERM), rest
    assert "Traceback" not in rest


def test_a_link_that_was_renewed_does_nothing_and_offers_a_new_one(site: Running) -> None:
    old = confirmed(site)
    reader = site.audience.find("lin@example.org")
    App(load_settings(str(site.folder / "digest.toml"), {})).renew_tokens(datetime.now(UTC))
    for path in (old["u"], old["p"]):
        shown = site.get(path, accept_language="en")
        assert (shown.status, site.state()) == (200, "active")
        assert "This link is outdated" in shown.text
        assert "l…@example.org" in shown.text
        assert reader.address not in shown.text
        assert f'action="{path}"' in shown.text
    site.post(old["p"], {"name": "stranger", "digest": "monthly"})
    said = site.post(old["u"], ONE_CLICK)
    assert said.status == 200
    assert (site.audience.get(reader.id).digests, site.state()) == (reader.digests, "active")
    mail = site.letters(3)[-1]  # one for both requests: they came close together
    assert mail["to"] == "lin@example.org"
    fresh = links(mail)
    assert fresh["u"] != old["u"]
    assert site.get(fresh["p"]).status == 200
    assert site.post(fresh["u"], ONE_CLICK).status == 200
    assert site.state() == "unsubscribed"
    assert site.post(old["u"], ONE_CLICK).status == 200
    assert site.get(f"{old['u'][:-1]}x").status == 404
    assert len(list((site.folder / "outgoing").glob("*.eml"))) == 3
