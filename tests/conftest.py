"""What holds for every test: the servers of ``tests.servers``, and no skips where CI is set."""

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

_SETTINGS = ("DIGEST__", "DIGEST_X_", "DIGEST_BLUESKY_", "DIGEST_MASTODON_")

pytest_plugins = ["tests.servers", "tests.posting"]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the user's own configuration, store and settings."""
    for name in [key for key in os.environ if key.startswith(_SETTINGS)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "data"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run what is marked ``whole_texts`` without a tracer: it makes long loops four times slower.

    Every line that such a test runs is run by smaller tests too, and measured there.
    """
    tracer = sys.gettrace()
    if not item.get_closest_marker("whole_texts"):
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


class _NoSkips:
    """Fails a run in which a test was skipped or expected to fail: CI has every component."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped or hasattr(report, "wasxfail"):
            self.seen.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.seen.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.seen and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for node in self.seen:
            terminalreporter.write_line(f"NOT RUN where CI=true allows no skips: {node}", red=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose list of cases is empty: nothing was to be tested, none skipped."""
    empty = [item for item in items if _is_empty(item)]
    if empty:
        config.hook.pytest_deselected(items=empty)
        items[:] = [item for item in items if item not in empty]


def _is_empty(item: pytest.Item) -> bool:
    reasons = (str(mark.kwargs.get("reason", "")) for mark in item.iter_markers("skip"))
    return any(reason.startswith("got empty parameter set") for reason in reasons)


def pytest_configure(config: pytest.Config) -> None:
    # CI tries the same examples each time, so that a run tells of the change it runs on; at the
    # desk every run tries new ones.
    settings.register_profile("ci", derandomize=True, database=None)
    if os.environ.get("CI") == "true":
        settings.load_profile("ci")
    if os.environ.get("CI") == "true" and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_NoSkips(), "no-skips")
