"""Parts of the public pages that need no server: the log, the language of a page."""

import logging
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from digest.app.composition import App
from digest.config.link_tokens import Keyring
from digest.config.settings import parse_settings
from digest.model.errors import DigestError
from digest.web.public.app import Redacting, configure_logs, serve_public
from digest.web.public.public_pages import choose_language


def test_no_address_and_no_token_gets_through_the_log() -> None:
    token = Keyring([b"k" * 32]).sign(7, "reader")
    said = f"lin@example.org <Wang@例子.台灣> https://x.example/u/{token} ('a@b.example', 3)"
    record = logging.LogRecord("x", logging.INFO, "", 0, said, (), None)
    line = Redacting("%(message)s").format(record)
    assert "@" not in line
    assert token not in line
    assert "https://x.example/u/[token]" in line
    try:
        int("lin@example.org")
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, "", 0, "it broke", (), sys.exc_info())
    assert "lin@" not in Redacting().format(record)


@pytest.fixture
def kept_logs():
    loggers = [logging.getLogger(name) for name in ("digest", "uvicorn", "uvicorn.error")]
    before = [(one, one.handlers, one.propagate, one.level) for one in loggers]
    yield
    for one, handlers, propagate, level in before:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


def test_whatever_logs_is_redacted(capsys, kept_logs) -> None:
    configure_logs()
    logging.getLogger("uvicorn.error").info("from lin@example.org")
    logging.getLogger("digest.serve").info("to lin@example.org")
    said = capsys.readouterr().err
    assert said.count("[address]") == 2
    assert "lin@" not in said


def test_an_address_that_is_taken_is_told(tmp_path, kept_logs) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = parse_settings(f'store = "{tmp_path}/d.db"\n[serve]\nport = {port}\n')
        with ThreadPoolExecutor(1) as apart, pytest.raises(DigestError, match="cannot be listened"):
            apart.submit(
                serve_public, App(settings)
            ).result()  # this thread may have an event loop already


def test_a_language_that_is_asked_for_comes_first() -> None:
    assert choose_language("ja", "en", "zh-Hant") == "en"
    assert choose_language("ja", "", "zh-Hant") == "ja"
    assert choose_language("sv, pl;q=0.9", "", "zh-TW") == "zh-Hant"
    assert choose_language("sv, de;q=0.9", "", "zh-TW") == "de"
    assert choose_language("", "", "sv") == "en"
    assert choose_language("x" * 10_000, "", "ja") == "ja"
