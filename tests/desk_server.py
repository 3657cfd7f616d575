"""A review desk that runs: the real server on a free port of the loopback interface."""

import http.client
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from digest.app.composition import App
from digest.app.demo import write_demo
from digest.config.settings import CONFIG_FILE, load_settings
from digest.web.desk.routes import build
from digest.web.desk.server import DeskServer, open_socket
from digest.web.desk.session import Desk
from tests.drafted import NOW

TOKEN = "a-token-of-this-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the desk answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(slots=True, kw_only=True)
class Running:
    """A desk on *port*; ``url`` lets a browser in."""

    port: int
    desk: Desk
    cookie: str = field(default="")

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.base}/?token={TOKEN}"

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: str = "",
        cookie: bool = True,
        **headers: str,
    ) -> Answered:
        """Send one request; headers are given as ``x_y``. The cookie goes with it if *cookie*."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"Cookie": f"digest_desk={TOKEN}"} if cookie else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body or None, headers=sent)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        try:
            return Answered(status=answer.status, headers=found, body=answer.read())
        finally:
            connection.close()


@cache
def _made() -> Path:
    """Return the folder of a demo, made once for each process of the test run."""
    folder = Path(mkdtemp(prefix="digest-desk-")) / "demo"
    write_demo(folder, NOW)
    return folder


def sample(folder: Path, more: str = "") -> Path:
    """Return a copy of the demo in *folder*, with *more* lines behind its ``[mail]``."""
    made = Path(shutil.copytree(_made(), folder / "demo"))
    with (made / CONFIG_FILE).open("a", encoding="utf-8") as file:
        file.write(more)
    return made


@contextmanager
def desk_serving(folder: Path, *, port: int = 0) -> Iterator[Running]:
    """Run a desk on the demo in *folder* until the block ends."""
    settings = load_settings(str(folder / CONFIG_FILE), {})
    desk = Desk(app=App(settings))
    bound = open_socket(port)
    number = bound.getsockname()[1]
    hosts = tuple(f"{name}:{number}" for name in ("127.0.0.1", "localhost"))
    app = build(desk, token=TOKEN, hosts=hosts)
    server = DeskServer(app, desk)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield Running(port=number, desk=desk)
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()
