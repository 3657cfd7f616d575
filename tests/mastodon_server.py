"""mastodon-mock, a Mastodon on SQLite in memory, in a process of its own."""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.x_server import until

TOKEN = "mock_token"


@contextmanager
def mastodon_serving() -> Iterator[str]:
    """Run a server with one account, which ``TOKEN`` opens; yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([*command, "--log-level", "error"], **quiet)
    try:
        until(lambda: _answers(url) or server.poll() is not None)
        yield url
    finally:
        server.terminate()
        server.wait(15)


def _answers(url: str) -> bool:
    with suppress(urllib.error.URLError, ConnectionError):
        return bool(get(url, "/api/v1/instance"))
    return False


def get(url: str, path: str) -> object:
    """Return the JSON at *path*, asked for by the account."""
    request = urllib.request.Request(url + path, headers={"authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read())


def statuses(url: str) -> list[dict[str, object]]:
    """Return all posts of the account, the newest first."""
    me = get(url, "/api/v1/accounts/verify_credentials")["id"]
    found: list[dict[str, object]] = []
    before = ""
    while True:
        page = get(url, f"/api/v1/accounts/{me}/statuses?limit=40{before}")
        found += page
        if not page:
            return found
        before = f"&max_id={found[-1]['id']}"
