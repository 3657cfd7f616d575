"""A real Bluesky server from npm, started on the loopback interface.

Its packages are installed once, into ``.test-env/pds`` or where ``DIGEST_TEST_PDS`` says, from the
lock file in ``tests/pds``; no install script runs and no compiler is needed.
"""

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.npm import install, tool
from tests.shared import REPOSITORY

SOURCE = REPOSITORY / "tests" / "pds"
HANDLE, PASSWORD = "ferry.test", "ferry-pass-word"


@contextmanager
def bluesky_serving() -> Iterator[str]:
    """Run a server with one account, ``HANDLE``; yield its URL."""
    home = install(SOURCE, "pds")
    server = subprocess.Popen(
        [tool("node"), "pds.cjs"],
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "LOG_ENABLED": "false"},
    )
    assert server.stdin
    assert server.stdout
    try:
        url = json.loads(next(line for line in server.stdout if line.startswith('{"url"')))["url"]
        _sign_up(url)
        yield url
    finally:
        server.stdin.close()
        server.wait(15)
        server.stdout.close()


def _sign_up(url: str) -> None:
    account = {"handle": HANDLE, "email": "ferry@example.org", "password": PASSWORD}
    request = urllib.request.Request(
        f"{url}/xrpc/com.atproto.server.createAccount",
        data=json.dumps(account).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


def records(url: str) -> list[dict[str, object]]:
    """Return all posts of the account, the newest first."""
    found: list[dict[str, object]] = []
    cursor = ""
    while True:
        query = f"repo={HANDLE}&collection=app.bsky.feed.post&limit=100&cursor={cursor}"
        where = f"{url}/xrpc/com.atproto.repo.listRecords?{query}"
        with urllib.request.urlopen(where, timeout=30) as answer:
            page = json.loads(answer.read())
        found += page["records"]
        cursor = page.get("cursor", "")
        if not cursor or not page["records"]:
            return found
