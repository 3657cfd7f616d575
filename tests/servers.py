"""Real servers on the loopback interface, as fixtures: HTTP, PostgreSQL, SMTP, a browser."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests import postgres, smtp
from tests.http_server import HttpServer, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


@pytest.fixture
def http_server() -> Iterator[HttpServer]:
    """Yield a web server on 127.0.0.1 without routes; see ``tests.http_server``."""
    with serving() as server:
        yield server


@pytest.fixture
def other_server() -> Iterator[HttpServer]:
    """Yield a second web server: another origin."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """Yield a running PostgreSQL, one for each process of the test run."""
    with postgres.running() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster) -> Iterator[str]:
    """Yield the SQLAlchemy URL of an empty database that goes when the test ends."""
    name = postgres_cluster.create()
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


@pytest.fixture
def smtp_sink() -> Iterator[smtp.Sink]:
    """Yield an SMTP server that accepts everything; ``tests.smtp.sink`` makes less kind ones."""
    with smtp.sink() as running:
        yield running


@contextmanager
def browsing() -> Iterator["Browser"]:
    """Yield Chromium, which resolves no name but localhost."""
    from playwright.sync_api import sync_playwright

    path = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    assert path, "Chromium is missing: apt install chromium"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=list(_QUIET), chromium_sandbox=False
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Yield the browser of this process of the test run."""
    with browsing() as running:
        yield running


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """Yield an empty page of a browser context of its own, 1200 by 900 pixels."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, locale="zh-TW")
    yield context.new_page()
    context.close()
