"""The public pages on a real server on the loopback interface, and what their mails say."""

import email
import http.client
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlencode

from digest.app.composition import App
from digest.config.link_tokens import Keyring
from digest.config.settings import load_settings
from digest.model.ports.audience import Audience
from digest.web.public.app import make_server

TOML = """
title = "渡口週報"
language = "zh-Hant-TW"
site = "https://blog.example.org/"
store = "digest.db"

[mail]
from = "渡口週報 <weekly@example.org>"
postal_address = "河邊路 1 號"

[digests.weekly]

[digests.monthly]
title = "渡口月報"

[serve]
url = "https://letters.example.org"
port = 0
per_minute = 100000
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(slots=True)
class Running:
    """A running site in *folder*."""

    folder: Path
    port: int
    audience: Audience
    keyring: Keyring
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Make one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        try:
            chunked = "transfer-encoding" in named
            connection.request(
                method, path, body, {**self.headers, **named}, encode_chunked=chunked
            )
            got = connection.getresponse()
            text = got.read().decode()
            return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, text)
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """GET *path*."""
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, fields: object = (), **headers: str) -> Answer:
        """POST *fields* as a form."""
        kind = {"content_type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(fields, doseq=True), **(kind | headers))

    def subscribe(self, address: str = "lin@example.org", **fields: object) -> Answer:
        """Send the form."""
        return self.post("/subscribe", {"email": address, "lang": "en"} | fields)

    def letters(self, count: int) -> list[EmailMessage]:
        """Return the mails that were sent, once there are *count*, the oldest first."""
        deadline = time.monotonic() + 10
        while True:
            found = sorted((self.folder / "outgoing").glob("*.eml"), key=_written)
            if len(found) >= count or time.monotonic() > deadline:
                break
            time.sleep(0.02)
        assert len(found) == count, [path.name for path in found]
        return [email.message_from_bytes(path.read_bytes(), policy=default) for path in found]

    def state(self, address: str = "lin@example.org") -> str:
        """Return the state of a subscriber, "" if there is none."""
        found = self.audience.find(address)
        return found.state if found else ""


def _written(path: Path) -> int:
    return path.stat().st_mtime_ns


def links(mail: EmailMessage) -> dict[str, str]:
    """Return the paths of the links in *mail* by their first part: c, u, p."""
    text = mail.get_body(("plain",)).get_content()
    return {m[1]: m[0] for m in re.finditer(r"(?<=letters\.example\.org)/([cup])/\S+", text)}


@contextmanager
def running(folder: Path, toml: str = "", **replaced: str) -> Iterator[Running]:
    """Run the site of ``TOML`` and *toml* in *folder*; *replaced* are values of [serve]."""
    text = TOML
    for name, value in replaced.items():
        text = re.sub(rf"(?m)^{name} = .*$", "", text) + f"{name} = {value}\n"
    (folder / "digest.toml").write_text(text + toml, "utf-8")
    with serving(folder) as site:
        yield site


@contextmanager
def serving(folder: Path) -> Iterator[Running]:
    """Run the site of the digest.toml in *folder* as it is."""
    settings = load_settings(str(folder / "digest.toml"), {})
    made = make_server(App(settings))
    thread = threading.Thread(target=made.run)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not made.started and time.monotonic() < deadline:
            time.sleep(0.01)
        port = made.servers[0].sockets[0].getsockname()[1]
        yield Running(folder, port, App(settings).audience, App(settings).keyring)
    finally:
        made.should_exit = True
        thread.join(20)
