"""Run the application: uvicorn, a log without addresses, an end in good order."""

import logging
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from digest.config import Settings
from digest.errors import DigestError
from digest.web.public.application import application
from digest.web.public.review import routes
from digest.web.public.site import site

if TYPE_CHECKING:
    import uvicorn

_ADDRESS = re.compile(r"(?<![^\s<>\"'(),:;=])[^\s<>\"'(),:;=]+@[^\s<>\"'(),:;]+")
_TOKEN = re.compile(r"\b[a-z2-7]{4}\.[a-z0-9_-]{1,40}\.[a-z]\.(?:[0-9]+\.)?[a-z2-7]{26}\b")


class Redacting(logging.Formatter):
    """A formatter that no address and no token gets through, whoever logs it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for *record*, its traceback included."""
        return _TOKEN.sub("[token]", _ADDRESS.sub("[address]", super().format(record)))


def configure_logs(*, verbose: bool = False) -> None:
    """Send the logs of the service to stderr, a line each, redacted."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name in ("digest", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []
        logger.propagate = name == "uvicorn.error"
        logger.setLevel(logging.DEBUG if verbose else logging.INFO)


def server(settings: Settings) -> "uvicorn.Server":
    """Return the server of the site that *settings* describe, not running yet."""
    import uvicorn

    from digest.web.public.patience import Impatient

    options: dict[str, Any] = {
        "host": settings.serve.host,
        "port": settings.serve.port,
        "http": Impatient,
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "date_header": True,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": 10,
        "limit_concurrency": 500,
    }
    return uvicorn.Server(uvicorn.Config(application(site(settings), routes(settings)), **options))


def serve(settings: Settings, *, verbose: bool = False) -> None:
    """Serve until the process is told to stop; DigestError where it cannot listen."""
    made = server(settings)
    configure_logs(verbose=verbose)
    try:
        with suppress(KeyboardInterrupt):
            made.run()
    except SystemExit:
        where = f"{settings.serve.host}:{settings.serve.port}"
        remedy = "Is another one running? Choose another: --port N."
        raise DigestError(where, "cannot be listened on", remedy) from None
