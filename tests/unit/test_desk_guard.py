"""Nobody but the desk's own pages, in the browser that was given its address, is answered."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from digest.web.desk import access
from tests import unprivileged
from tests.desk_server import TOKEN, Running, desk_serving, sample


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with desk_serving(sample(tmp_path_factory.mktemp("guard"))) as running:
        yield running


def test_without_its_cookie_a_page_is_refused_and_says_what_to_do(desk: Running) -> None:
    answer = desk.ask("/history", cookie=False)
    assert answer.status == 403
    assert "digest preview" in answer.text


@pytest.mark.parametrize("cookie", ["digest_desk=wrong", "digest_desk=", "other=a", "a,b;;="])
def test_a_wrong_cookie_is_none(desk: Running, cookie: str) -> None:
    assert desk.ask("/history", cookie=False, Cookie=cookie).status == 403


def test_the_address_with_the_token_gives_a_cookie_and_loses_the_token(desk: Running) -> None:
    answer = desk.ask(f"/history?token={TOKEN}&lang=en", cookie=False)
    assert (answer.status, answer.headers["location"]) == (303, "/history?lang=en")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_the_way_in_never_leads_to_another_host(desk: Running) -> None:
    answer = desk.ask(f"//evil.example/?token={TOKEN}", cookie=False)
    assert answer.headers["location"].startswith("/evil.example")


@pytest.mark.parametrize("host", ["desk.example.org", "127.0.0.1", "localhost:1", "[::1]:80", ""])
def test_another_name_of_this_computer_is_not_answered(desk: Running, host: str) -> None:
    """A page that makes its own name resolve to 127.0.0.1 must not get in (DNS rebinding)."""
    assert desk.ask("/history", Host=host).status == 421


@pytest.mark.parametrize(
    "origin", ["", "null", "http://desk.example.org", "https://127.0.0.1", "http://127.0.0.1:1"]
)
def test_what_changes_anything_must_come_from_the_desk(desk: Running, origin: str) -> None:
    headers = {"Origin": origin} if origin else {}
    answer = desk.ask("/history", method="POST", body="a=1", **headers)
    assert answer.status == 403
    assert desk.ask("/history", method="POST", body="a=1", Origin=desk.base).status == 405


def test_every_answer_is_sealed(desk: Running) -> None:
    for path in ("/history", "/static/desk.css", "/nothing"):
        headers = desk.ask(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


def test_the_mail_is_framed_without_scripts_and_from_its_own_hosts_only(desk: Running) -> None:
    frame = _frame(desk)
    policy = desk.ask(frame).headers["content-security-policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "sandbox allow-same-origin" in policy
    assert "sandbox allow-scripts" not in policy
    assert (
        "img-src 'none'" in desk.ask(_frame(desk, "data-bare")).headers["content-security-policy"]
    )


def _frame(desk: Running, name: str = "data-src") -> str:
    page = desk.ask(desk.ask("/").headers["location"]).text
    return page.split(f'{name}="')[1].partition('"')[0].replace("&amp;", "&")


@pytest.mark.parametrize(
    "path", ["/r/nothing/mail.html", "/r/a@1/mail.html", "/i/none", "/r/x@9/y"]
)
def test_what_is_not_there_is_said(desk: Running, path: str) -> None:
    assert desk.ask(path).status == 404


def test_files_outside_the_folder_of_pictures_are_not_lent(desk: Running) -> None:
    base = _frame(desk).rpartition("/")[0]
    for url in ("https://blog.example.org/../hugo.toml", "file:///etc/hostname.png", "x.png"):
        assert desk.ask(f"{base}/picture?url={url}").status == 404


def test_markup_in_a_path_is_not_shown_as_such(desk: Running) -> None:
    answer = desk.ask("/i/%3Cscript%3E")
    assert answer.headers["content-type"].startswith("text/plain")


def test_what_leaks_to_another_user_of_the_computer_opens_nothing(
    desk: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cookie goes to other ports of the host, the address stands in a command line."""
    assert desk.ask("/history").status == 200
    monkeypatch.setattr(access.os, "getuid", lambda: 12345)  # as if the desk were somebody else's
    root = os.geteuid() == 0
    assert desk.ask("/history").status == (200 if root else 403)  # root may do anything anyway


def test_a_process_of_another_user_is_told_by_the_kernel(desk: Running) -> None:
    ask = (
        "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]));"
        "c.request('GET', '/?token=' + sys.argv[2]); print(c.getresponse().status)"
    )
    command = [sys.executable, "-I", "-S", "-c", ask, str(desk.port), TOKEN]
    whom = unprivileged.identity()
    if whom:
        command[0] = "/usr/bin/python3"
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", **whom)
    assert done.stdout.strip() == ("403" if whom else "303")
