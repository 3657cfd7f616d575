"""What may be posted at all, and what a thread that waits comes to."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from digest.delivery.networks import make_entries
from digest.delivery.outbox import (
    ATTEMPTS,
    Pace,
    list_waiting,
    post_thread,
    resend_parts,
    take_back_thread,
)
from digest.model import Part, Revision, Thread
from digest.model.errors import DraftError, NothingToDo
from digest.store.outbox import OutboxStore
from tests.accounts import World, approved
from tests.x_server import XServer

PACE = Pace(sleep=lambda _seconds: None)


@pytest.fixture
def net(open_world: Callable[[str], World]) -> World:
    return open_world("x")


def run(net: World, outbox: OutboxStore, made: Revision) -> list[str]:
    return [one.status for one in post_thread(made, net.account(), outbox, pace=PACE)]


def revised(made: Revision) -> Revision:
    """Return a later revision of the same issue, with other words."""
    parts = (Part(text=f"新的第一則 {made.issue.id}", length=1, limit=280),)
    return replace(made, number=2, threads=(Thread(network="x", parts=parts),))


def test_what_is_not_approved_is_not_posted(net: World, outbox: OutboxStore) -> None:
    draft = approved("x", approved=None)
    with pytest.raises(DraftError, match=r"is not approved.*digest approve weekly-"):
        run(net, outbox, draft)
    assert outbox.entries() == ()


def test_a_network_without_a_thread_is_told_with_those_that_have_one(
    net: World, outbox: OutboxStore
) -> None:
    with pytest.raises(DraftError, match=r"no thread for x.*There is: mastodon"):
        run(net, outbox, approved("mastodon"))


def test_a_thread_that_is_out_is_not_posted_again(net: World, outbox: OutboxStore) -> None:
    made = approved("x")
    run(net, outbox, made)
    with pytest.raises(NothingToDo, match="is on x already"):
        run(net, outbox, made)
    assert net.proxy.posted() == 3


def test_a_later_revision_takes_the_place_of_one_that_never_left(
    net: World, outbox: OutboxStore
) -> None:
    made = approved("x")
    outbox.enqueue(make_entries(made, net.thread(made)))
    assert run(net, outbox, revised(made)) == ["sent"]
    assert [one.revision for one in outbox.entries()] == [2]


def test_a_later_revision_takes_the_place_of_one_that_was_refused(
    net: World, outbox: OutboxStore, x_server: XServer
) -> None:
    made = approved("x")
    x_server.state.rules.read_only = True
    assert run(net, outbox, made) == ["rejected", "held", "held"]
    x_server.state.rules.read_only = False
    assert run(net, outbox, revised(made)) == ["sent"]


def test_a_later_revision_of_what_is_partly_out_is_refused(net: World, outbox: OutboxStore) -> None:
    made = approved("x")
    net.proxy.fault("drop_before", skip=1)
    run(net, outbox, made)
    with pytest.raises(DraftError, match=r"revision 1 is out on x, not 2.*--delete"):
        run(net, outbox, revised(made))


def test_what_was_taken_back_makes_room_for_a_later_revision(
    net: World, outbox: OutboxStore
) -> None:
    made = approved("x")
    run(net, outbox, made)
    list(take_back_thread(outbox, net.account(), made.issue.id))
    with pytest.raises(NothingToDo, match="taken back or left out"):
        run(net, outbox, made)
    assert run(net, outbox, revised(made)) == ["sent"]


def test_nothing_to_take_back_is_told(net: World, outbox: OutboxStore) -> None:
    with pytest.raises(NothingToDo, match="nothing of it is on x"):
        list(take_back_thread(outbox, net.account(), "weekly-2026-W11"))


def test_taking_back_leaves_what_may_be_out_to_be_settled(net: World, outbox: OutboxStore) -> None:
    made = approved("x")
    net.proxy.fault("drop_before", skip=1)
    run(net, outbox, made)
    told = [one.status for one in take_back_thread(outbox, net.account(), made.issue.id)]
    assert told == ["skipped", "held", "skipped"]
    assert net.shown(made) == [[], [], []]


def test_looking_once_more_finds_what_appeared_late(net: World, outbox: OutboxStore) -> None:
    """The post was sent, was not on the timeline yet, and is there when a person asks."""
    made = approved("x")
    net.proxy.fault("drop_after", skip=1)
    account = net.account()
    account.lags = ()
    told = [one.status for one in post_thread(made, account, outbox, pace=PACE)]
    assert told == ["sent", "held", "held"]
    found = list(resend_parts(outbox, account, list_waiting(outbox)))
    assert [(one.part, one.status) for one in found] == [(2, "sent")]
    assert run(net, outbox, made) == ["sent"]
    assert [len(same) for same in net.shown(made)] == [1, 1, 1]


def test_a_thread_that_keeps_being_deferred_ends_its_run(net: World, outbox: OutboxStore) -> None:
    for _ in range(9):
        net.proxy.fault("429")
    assert run(net, outbox, approved("x")) == ["deferred", "held", "held"]
    assert net.proxy.posted() == ATTEMPTS


def test_a_keyed_account_is_asked_again_a_few_times_only(
    open_world: Callable[[str], World], outbox: OutboxStore
) -> None:
    net, made = open_world("bluesky"), approved("bluesky")
    for _ in range(9):
        net.proxy.fault("drop_before")
    assert run(net, outbox, made) == ["held"] * 3
    assert net.proxy.posted() == ATTEMPTS
    net.proxy.clear()
    list(resend_parts(outbox, net.account(), list_waiting(outbox)))
    assert run(net, outbox, made) == ["sent"] * 3
    assert [len(same) for same in net.shown(made)] == [1, 1, 1]
