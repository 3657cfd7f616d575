"""Start the desk: a socket on the loopback interface, a token, and a server that ends with it."""

import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from digest.model.errors import ConfigError
from digest.web.desk.routes import build
from digest.web.desk.session import Desk

HOST, PORT = "127.0.0.1", 4174


def serve_desk(desk: Desk, *, port: int | None, tell: Callable[[str], None], visit: bool) -> None:
    """Serve *desk* until it is interrupted; *tell* is given its address, which holds the token.

    Without a *port* the usual one is taken, or any where that is taken. ConfigError where *port*
    is. *visit* opens the address in the browser.
    """
    bound = open_socket(port)
    number = bound.getsockname()[1]
    token = secrets.token_urlsafe(24)
    names = tuple(f"{name}:{number}" for name in (HOST, "localhost"))
    app = build(desk, token=token, hosts=names, cookie=f"digest_desk_{number}")
    address = f"http://{HOST}:{number}/?token={token}"
    tell(address)
    if visit:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    with bound, suppress(KeyboardInterrupt):  # Ctrl-C is how it is meant to end
        DeskServer(app, desk).run(sockets=[bound])


class DeskServer(uvicorn.Server):
    """A server whose streams end before it does, so that nobody has to wait for open pages."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._desk = desk
        super().__init__(
            uvicorn.Config(
                app,
                log_level="error",
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then the server."""
        self._desk.closing = True
        await super().shutdown(sockets)


def open_socket(port: int | None) -> socket.socket:
    """Return a socket that listens on *port* of the loopback interface; see ``serve_desk``."""
    try:
        return _bind_socket(PORT if port is None else port)
    except OSError as error:
        if port is None:
            return _bind_socket(0)
        remedy = "Choose another with --port, or leave it to digest."
        raise ConfigError(f"--port {port}", f"cannot be used: {error.strerror}", remedy) from None


def _bind_socket(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((HOST, port))
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made
