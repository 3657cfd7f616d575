"""`digest preview` as a person starts and ends it."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.command import digest
from tests.desk_server import sample
from tests.shared import REPOSITORY


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample(tmp_path_factory.mktemp("preview"))


@contextmanager
def running(here: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield the command at work, and the address that it printed on stderr."""
    command = [sys.executable, "-m", "digest", "preview", "--no-open", *words]
    desk = subprocess.Popen(
        command,
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert desk.stderr
    try:
        yield desk, desk.stderr.readline().strip()
    finally:
        desk.kill()
        desk.communicate()


def opened(address: str, **headers: str) -> tuple[int, str]:
    """Return the status that *address* is answered with, and the cookie that it gives."""
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/\?token=[\w-]+)", address)
    assert found, address
    connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=20)
    try:
        connection.request("GET", found[2], headers=headers)
        answer = connection.getresponse()
        return answer.status, str(answer.getheader("set-cookie")).partition(";")[0]
    finally:
        connection.close()


def test_its_address_opens_the_desk_and_ctrl_c_ends_it_quietly(here: Path) -> None:
    with running(here, "--port", "0", "--watch") as (desk, address):
        status, cookie = opened(address)
        assert status == 303
        assert opened(address, Cookie=cookie)[0] == 303
        desk.send_signal(signal.SIGINT)
        out, err = desk.communicate(timeout=20)
        assert desk.returncode == 0, err
        assert "Traceback" not in err
        assert out == ""


def test_another_desk_takes_another_port_and_a_named_one_that_is_taken_is_said(here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = digest("preview", "--no-open", "--port", port, cwd=here, status=2)
    assert port in refused.complaint
    with running(here) as (_, one), running(here) as (_, other):
        assert opened(one)[0] == opened(other)[0] == 303
        assert one.partition("?")[0] != other.partition("?")[0]


def test_the_preview_is_written_as_files(here: Path, tmp_path: Path) -> None:
    told = digest("preview", "--static", tmp_path / "look", cwd=here)
    assert str(tmp_path / "look" / "index.html") in told.err
    page = (tmp_path / "look" / "index.html").read_text("utf-8")
    for kept in ("mail.html", "web.html", "static/desk.css"):
        assert kept in page
        assert (tmp_path / "look" / kept).is_file()
    assert not re.search(r'(src|href)="/', page)


def test_an_issue_that_is_not_there_is_said(here: Path) -> None:
    assert "there is none" in digest("preview", "nothing", cwd=here, status=1).complaint
