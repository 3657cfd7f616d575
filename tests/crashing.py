"""A process that posts a thread and is killed (SIGKILL) at a moment of our choice."""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from digest.delivery.outbox import Pace, post_thread
from digest.model import OutboxEntry, Revision
from digest.model.outbox import OutboxState
from digest.store.engine import connect
from digest.store.outbox import OutboxStore
from tests.accounts import open_account

# Where it dies: after a commit of that state, or before one.
AFTER: dict[str, OutboxState] = {"after claiming": "claimed", "after arming": "armed"}
BEFORE: dict[str, OutboxState] = {"before arming": "armed", "before recording": "sent"}
MOMENTS = (*AFTER, *BEFORE, "after sending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the process does: post *made* through the proxy at *url*, and where it dies."""

    made: Revision
    network: str
    url: str
    store: Path
    moment: str
    part: int


class MortalOutbox(OutboxStore):
    """A real outbox whose process does not survive one of its saves."""

    job: Job

    def save(self, entries: Sequence[OutboxEntry]) -> tuple[OutboxEntry, ...]:
        """Save, and die before or after."""
        reached = {one.state for one in entries if one.part == self.job.part}
        if BEFORE.get(self.job.moment) in reached:
            _die()
        saved = super().save(entries)
        if AFTER.get(self.job.moment) in reached:
            _die()
        return saved


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work(job: Job) -> None:
    """Post; this is what runs in the process."""
    engine = connect(f"sqlite:///{job.store}")
    outbox = MortalOutbox(engine)
    outbox.job = job
    with closing(open_account(job.network, job.url)) as account:
        list(post_thread(job.made, account, outbox, pace=Pace(sleep=lambda _seconds: None)))
    engine.dispose()


def start(job: Job) -> BaseProcess:
    """Start the process; it is forked from one that has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crashing", "tweepy", "mastodon", "atproto_client"])
    process = context.Process(target=work, args=(job,))
    process.start()
    return process
