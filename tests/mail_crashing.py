"""A process that sends a mailing, to be killed (SIGKILL) whenever it pleases the test."""

import multiprocessing
from multiprocessing.process import BaseProcess
from pathlib import Path

from digest.mailers import folder, smtp
from digest.ports.mail import Mailer
from tests.mailing import office_at


def carrier(where: str) -> Mailer:
    """Return the mailer that *where* names: HOST:PORT, or a folder."""
    host, _, port = where.rpartition(":")
    if not host:
        return folder.build({"folder": where})
    return smtp.build({"host": host, "port": int(port), "security": "none", "connections": 4})


def work(store: Path, where: str) -> None:
    """Send what is left; this is what runs in the process."""
    with office_at(store) as office:
        mailer = carrier(where)
        office.send(mailer)


def start(store: Path, where: str) -> BaseProcess:
    """Start the process; it is forked from one that has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.mail_crashing", "tests.crashing"])
    process = context.Process(target=work, args=(store, where))
    process.start()
    return process
