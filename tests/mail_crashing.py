"""A process that sends a mailing, to be killed (SIGKILL) whenever it pleases the test."""

import multiprocessing
import os
import resource
from multiprocessing.process import BaseProcess
from pathlib import Path

from digest.delivery.mailers import folder, smtp
from digest.model.errors import StoreError
from digest.model.ports.mail import Mailer
from tests.mailing import office_at

FULL = 7  # the exit status where the store could not be written


def carrier(where: str) -> Mailer:
    """Return the mailer that *where* names: HOST:PORT, or a folder."""
    host, _, port = where.rpartition(":")
    if not host:
        return folder.build({"folder": where})
    return smtp.build({"host": host, "port": int(port), "security": "none", "connections": 4})


def work(store: Path, where: str, room: int = 0) -> None:
    """Send what is left; this is what runs in the process."""
    with office_at(store) as office:
        mailer = carrier(where)
        if room:  # beyond this no file can grow, as on a disk that is full
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        try:
            office.send(mailer)
        except StoreError:
            os._exit(FULL)


def start(store: Path, where: str, room: int = 0) -> BaseProcess:
    """Start the process; it is forked from one that has imported everything already.

    With *room* its files cannot grow beyond so many bytes.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.mail_crashing", "tests.crashing"])
    process = context.Process(target=work, args=(store, where, room))
    process.start()
    return process
