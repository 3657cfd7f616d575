"""The text of a page whose densest element is not the post, by trafilatura where that is there.

It runs in one process of its own, with bounded memory and a deadline a page: what a page does to
it, it does not do to us. The process reads a page and its address as a line of JSON on stdin and
writes what it found as a line on stdout; it ends with its stdin.
"""

import atexit
import importlib.util
import logging
import subprocess
import sys
import threading
from functools import cache

import msgspec

from digest.model import Document
from digest.text.document import flatten_html, parse_html

_MOST = 2_000_000  # characters of a page; a post is never so long, and the search is not linear
_SECONDS, _BYTES = 10.0, 1 << 30


def extract_document(html: str, url: str) -> Document:
    """Return the main text of the page *html* at *url*; empty where there is none to be told.

    Empty too where the extra ``fulltext`` is not installed. The caller proves that it is the post.
    """
    if not html.strip() or len(html) > _MOST or not _is_installed():
        return Document()
    found = _start_worker().ask(flatten_html(html), url)
    return parse_html(found, url) if found else Document()


@cache
def _is_installed() -> bool:
    return importlib.util.find_spec("trafilatura") is not None


class ExtractWorker:
    """A process that extracts; one that does not answer within *seconds* is killed."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._one_at_a_time = threading.Lock()

    def ask(self, html: str, url: str) -> str:
        """Return the main part of the page *html* as HTML, "" where there is none in time."""
        with self._one_at_a_time:
            process = self._running()
            deadline = threading.Timer(self._seconds, process.kill)
            deadline.start()
            try:
                return self._told(process, html, url)
            finally:
                deadline.cancel()

    def _told(self, process: "subprocess.Popen[bytes]", html: str, url: str) -> str:
        assert process.stdin  # noqa: S101 - both are pipes
        assert process.stdout  # noqa: S101 - as above
        try:
            process.stdin.write(msgspec.json.encode((html, url)) + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = b""
        if not answer.endswith(b"\n"):
            self._end()
            return ""
        return msgspec.json.decode(answer, type=str)

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            command = [sys.executable, "-m", "digest.sources._trafilatura"]
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process

    def close(self) -> None:
        """End the process."""
        with self._one_at_a_time:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@cache
def _start_worker() -> ExtractWorker:
    worker = ExtractWorker()
    atexit.register(worker.close)
    return worker


def _main() -> None:
    """Answer every line of stdin until it ends."""
    _limit_memory()
    logging.disable()  # what a page is like is not news
    for line in sys.stdin.buffer:
        html, url = msgspec.json.decode(line, type=tuple[str, str])
        sys.stdout.buffer.write(msgspec.json.encode(_extract_html(html, url)) + b"\n")
        sys.stdout.buffer.flush()


def _extract_html(html: str, url: str) -> str:
    import trafilatura

    found = trafilatura.extract(
        html,
        url=url,
        output_format="html",
        favor_precision=True,
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
    )
    return found or ""


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the deadline holds there too
        return
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))


if __name__ == "__main__":
    _main()
