"""Killed at any moment, again and again: nobody gets a mail twice, and who got none is listed."""

import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

from tests.mail_crashing import carrier, start
from tests.mailing import JOB, address, office_at
from tests.smtp_server import Kept, smtp_serving

READERS = 300
LANES = 4


def test_killed_again_and_again_it_doubles_nothing_and_lists_what_it_may_have_lost(
    store_path: Path,
) -> None:
    """The server keeps a message before it says so, as a real one does."""
    dice = random.Random(7)
    kills = 0
    with smtp_serving() as server, office_at(store_path, READERS) as office:
        reached = threading.Event()
        mark = 0

        def watch(_one: Kept) -> None:
            if len(server.kept) >= mark:
                reached.set()

        server.on_kept = watch
        while True:
            mark = len(server.kept) + dice.randint(1, 60)
            reached.clear()
            process = start(store_path, f"{server.host}:{server.port}")
            while not reached.wait(0.01) and process.is_alive():
                pass
            if not process.is_alive():
                break
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join(30)
            kills += process.exitcode == -signal.SIGKILL
            if process.exitcode == 0:
                break
        process.join(60)
        assert process.exitcode == 0
        got = Counter(server.recipients)
        unknown = {one.address for one in office.ledger.deliveries(office.mailing(), ["unknown"])}
        missing = {address(n) for n in range(1, READERS + 1)} - set(got)
        assert kills >= 4
        assert [to for to, times in got.items() if times > 1] == []
        assert missing <= unknown
        assert len(unknown) <= kills * LANES
        counts = office.counts()
        assert counts == {"sent": READERS - len(unknown), "unknown": len(unknown)}


def test_a_folder_needs_nobody_to_settle_anything(store_path: Path, tmp_path: Path) -> None:
    """What may have been written is written again: it is the same file."""
    where = tmp_path / "outgoing"
    dice = random.Random(3)
    with office_at(store_path, READERS) as office:
        for _ in range(6):
            before = len(list(where.glob("*.eml"))) if where.exists() else 0
            enough = before + dice.randint(1, 40)
            process = start(store_path, str(where))
            while process.is_alive() and len(list(where.glob("*.eml"))) < enough:
                time.sleep(0.002)
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join(30)
        receipts = office.send(carrier(str(where)))
        assert {one.status for one in receipts} <= {"sent"}
        assert office.counts(JOB) == {"sent": READERS}
        files = [path.read_bytes() for path in where.glob("*.eml")]
        assert len(files) == READERS
        assert len({file for file in files if file.endswith(b"--\r\n")}) == READERS


def test_of_two_processes_one_sends(store_path: Path) -> None:
    with smtp_serving() as server, office_at(store_path, 40) as office:
        place = f"{server.host}:{server.port}"
        processes = [start(store_path, place) for _ in range(4)]
        for process in processes:
            process.join(60)
        assert sum(process.exitcode == 0 for process in processes) >= 1
        assert Counter(server.recipients) == Counter(address(n) for n in range(1, 41))
        assert office.counts() == {"sent": 40}


def test_stopped_in_the_middle_it_settles_what_is_on_its_way(store_path: Path) -> None:
    """Closing the iterator (Ctrl-C) waits for the messages on their way; nothing is unknown."""
    from digest.delivery.sender import deliver_mailing
    from tests.mailing import FAST

    with smtp_serving() as server, office_at(store_path, 60) as office:
        mailer = carrier(f"{server.host}:{server.port}")
        receipts = deliver_mailing(office.mailing(), office.ledger, mailer, office.copier(), FAST)
        for _, one in zip(range(10), receipts, strict=False):
            assert one.status == "sent"
        receipts.close()
        counts = office.counts()
        assert counts["sent"] == len(server.kept) < 60
        assert counts["sent"] + counts["queued"] == 60
        office.send(mailer)
        assert Counter(server.recipients) == Counter(address(n) for n in range(1, 61))


def test_a_pause_stops_a_run_and_resuming_goes_on(store_path: Path) -> None:
    with smtp_serving() as server, office_at(store_path, 60) as office:
        mailer = carrier(f"{server.host}:{server.port}")
        office.ledger.pause(office.mailing(), paused=True)
        assert office.send(mailer) == []
        assert office.counts() == {"queued": 60}
        office.ledger.pause(office.mailing(), paused=False)
        office.send(mailer)
        assert office.counts() == {"sent": 60}
