"""A real SMTP server that keeps what it is sent: Postfix's smtp-sink on a free loopback port.

Its own options are its faults: ``-r DATA`` refuses with 4xx, ``-f RCPT`` with 5xx, ``-q .`` hangs
up without a reply, ``-Q MAIL`` with 421, ``-w 2`` waits before it answers (smtp-sink(1)).
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.unprivileged import give, identity

_ENVELOPE = ("X-Mail-Args", "X-Rcpt-Args")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """One message as it arrived; ``sender`` and ``recipients`` are the envelope's."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """Return the message, parsed."""
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """A running sink."""

    host: str
    port: int
    folder: Path

    def delivered(self) -> list[Delivered]:
        """Return the messages that arrived, in no order, told so to the client or not."""
        raw = (path.read_bytes() for path in self.folder.iterdir())
        return [_read(one) for one in raw if b"\nReceived: " in one]


@contextmanager
def sink(*options: str, host: str = "127.0.0.1", keep: bool = True) -> Iterator[Sink]:
    """Run a sink with more *options* of its own; unless *keep* it forgets what it is sent."""
    program = shutil.which(
        "smtp-sink", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/sbin"
    )
    if not program:
        raise FileNotFoundError("smtp-sink is missing: install Postfix (apt install postfix)")
    folder, port = Path(tempfile.mkdtemp(prefix="digest-smtp-")), _free_port(host)
    kept = ["-d", f"{folder}/"] if keep else []
    command = [program, *options, *kept, f"{host}:{port}", "100"]
    whom = identity()
    give(folder, whom)
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, **whom)
    try:
        _await(host, port, server)
        yield Sink(host=host, port=port, folder=folder)
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        return probe.getsockname()[1]


def _await(host: str, port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except ConnectionRefusedError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _read(raw: bytes) -> Delivered:
    """Take apart what smtp-sink writes: the envelope as X- lines, "Received", then the message."""
    envelope: dict[str, list[str]] = {name: [] for name in _ENVELOPE}
    head = b""
    while raw.startswith((b"X-", b"Received:", b"\t", b" ")) and not head.startswith(b"Received:"):
        head, _, raw = raw.partition(b"\n")
        name, _, value = head.decode().partition(": ")
        if name in envelope:
            envelope[name].append(value.partition(">")[0].lstrip("<").strip())
    while raw.startswith((b"\t", b" ")):
        raw = raw.partition(b"\n")[2]
    recipients = tuple(envelope["X-Rcpt-Args"])
    return Delivered(sender=envelope["X-Mail-Args"][0], recipients=recipients, raw=raw)
