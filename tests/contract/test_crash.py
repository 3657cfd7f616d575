"""Killed at any moment, at any part: afterwards each part is out once, or waits for a person."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.delivery.outbox import Pace, list_waiting, post_thread, resend_parts
from digest.store.outbox import OutboxStore
from tests.accounts import NETWORKS, World, approved
from tests.contract.test_accounts import KINDS, with_servers_left_out
from tests.crashing import MOMENTS, Job, start

PACE = Pace(sleep=lambda _seconds: None)
CASES = [
    (network, moment, part, kinds)
    for network in NETWORKS
    for moment in MOMENTS
    for part in ((1,) if network == "bluesky" else (1, 2, 3))
    for kinds in ((), KINDS[network])
    if not kinds or part == 1
]
# What was never armed, or is found on the timeline, goes on by itself.
ON_ITS_OWN = {"after claiming", "before arming", "after sending", "before recording"}


@pytest.mark.parametrize(("network", "moment", "part", "kinds"), CASES)
def test_a_killed_run_loses_and_doubles_nothing(
    network: str,
    moment: str,
    part: int,
    kinds: tuple[str, ...],
    open_world: Callable[[str], World],
    outbox: OutboxStore,
    store_path: Path,
) -> None:
    net, made = open_world(network), approved(network, *kinds)
    net.proxy.shown = with_servers_left_out if network == "mastodon" else bytes
    job = Job(
        made=made, network=network, url=net.proxy.url, store=store_path, moment=moment, part=part
    )
    victims: list[int] = []
    if moment == "after sending":
        net.proxy.fault(lambda: os.kill(victims[0], signal.SIGKILL), skip=part - 1)
    process = start(job)
    victims.append(process.pid or 0)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL

    list(post_thread(made, net.account(), outbox, pace=PACE))
    agree(net, outbox, job)
    if moment in ON_ITS_OWN or net.whole:
        assert [len(same) for same in net.shown(made)] == [1, 1, 1]
        return
    waits = list_waiting(outbox, made.issue.id)
    assert [(one.part, one.state) for one in waits] == [(part, "held")]
    list(resend_parts(outbox, net.account(), waits))
    list(post_thread(made, net.account(), outbox, pace=PACE))
    agree(net, outbox, job)
    assert [len(same) for same in net.shown(made)] == [1, 1, 1]


def agree(net: World, outbox: OutboxStore, job: Job) -> None:
    """Check that a part is out if, and only if, the outbox says so, and never twice."""
    entries = outbox.entries(job.made.issue.id)
    for one, same in zip(entries, net.shown(job.made), strict=True):
        assert len(same) == (1 if one.state == "sent" else 0), (one.part, one.state)
        assert [found.id for found in same] == ([one.id] if one.state == "sent" else [])


def test_of_two_publishers_one_refuses(
    open_world: Callable[[str], World], outbox: OutboxStore, store_path: Path
) -> None:
    """While one process waits for its answer, another may not post to that account."""
    from digest.model.errors import StoreError

    net, made = open_world("x"), approved("x")
    job = Job(made=made, network="x", url=net.proxy.url, store=store_path, moment="never", part=0)
    refused: list[str] = []

    def meanwhile() -> None:
        try:
            list(post_thread(made, net.account(), outbox, pace=PACE))
        except StoreError as error:
            refused.append(str(error))

    net.proxy.fault(meanwhile, skip=1)
    process = start(job)
    process.join(60)
    assert process.exitcode == 0
    assert refused == ["x: another digest is at it. Try again when it is done."]
    assert [len(same) for same in net.shown(made)] == [1, 1, 1]
    assert net.proxy.posted() == 3
