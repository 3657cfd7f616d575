"""Every account keeps the outbox's promises: each part once, in order, through any fault."""

from collections.abc import Callable

import pytest

from digest.delivery.outbox import Pace, list_waiting, post_thread, resend_parts, take_back_thread
from digest.model import Receipt, Revision
from digest.store.outbox import OutboxStore
from tests.accounts import NETWORKS, World, approved
from tests.fault_proxy import AFTER, FAULTS

PACE = Pace(sleep=lambda _seconds: None)
Open = Callable[[str], World]
CASES = [
    (network, fault, part)
    for network in NETWORKS
    for fault in FAULTS
    for part in ((1,) if network == "bluesky" else (1, 2, 3))
]


@pytest.fixture(params=NETWORKS)
def net(request: pytest.FixtureRequest, open_world: Open) -> World:
    """A network whose account gives up sooner than the proxy's hanging ends."""
    world = open_world(request.param)
    world.options["timeout"] = 0.75
    return world


def run(net: World, outbox: OutboxStore, made: Revision) -> list[Receipt]:
    """Post *made* as a command would, with an account of its own."""
    return list(post_thread(made, net.account(), outbox, pace=PACE))


def out_once(net: World, made: Revision) -> bool:
    """Tell whether each part is out once, each answering the one before it."""
    found = net.shown(made)
    if [len(same) for same in found] != [1] * len(found):
        return False
    ids = ["", *(same[0].id for same in found)]
    return [same[0].parent for same in found] == ids[:-1]


def states(outbox: OutboxStore, made: Revision) -> list[str]:
    return [one.state for one in outbox.entries(made.issue.id)]


def test_a_thread_is_posted_once_in_order(net: World, outbox: OutboxStore) -> None:
    made = approved(net.network)
    receipts = run(net, outbox, made)
    assert [(r.part, r.status) for r in receipts] == [(1, "sent"), (2, "sent"), (3, "sent")]
    assert all(r.target == net.network and r.id and r.url.startswith("http") for r in receipts)
    assert out_once(net, made)


@pytest.mark.parametrize(("network", "fault", "part"), CASES)
def test_no_fault_loses_or_doubles_a_part(
    network: str, fault: str, part: int, open_world: Open, outbox: OutboxStore
) -> None:
    net, made = open_world(network), approved(network)
    net.proxy.fault(fault, skip=part - 1)
    run(net, outbox, made)
    assert any(seen.fault == fault for seen in net.proxy.log)
    agree(net, outbox, made)
    finish(net, outbox, made)
    assert out_once(net, made), net.shown(made)


# What a network shows otherwise than it was written: found again after a lost answer all the same.
KINDS = {
    "x": ("看 example.org/a 的整理。", "渡口在 ferry.example.com，@alice 說的。", "結尾。"),
    "mastodon": ("請看 @alice@other.example 的整理。", "@bob 也在：example.org/a", "結尾。"),
    "bluesky": (
        "看 example.org/a 與 @ferry.test 的整理。",
        f"#{'長' * 70} 標籤。",
        "@nobody.test 呢？",
    ),
}


def with_servers_left_out(answer: bytes) -> bytes:
    """Return a timeline with mentions as Mastodon shows them: a card that names no server."""
    card = r"<span class=\"h-card\"><a href=\"https://other.example/@alice\">@<span>alice</span></a></span>"
    return answer.replace(b"@alice@other.example", card.encode())


@pytest.mark.parametrize("fault", AFTER)
@pytest.mark.parametrize("part", [1, 2])
def test_what_is_shown_otherwise_is_found_again(
    net: World, fault: str, part: int, outbox: OutboxStore
) -> None:
    made = approved(net.network, *KINDS[net.network])
    net.proxy.shown = with_servers_left_out if net.network == "mastodon" else bytes
    net.proxy.fault(fault, skip=0 if net.whole else part - 1)
    run(net, outbox, made)
    agree(net, outbox, made)
    finish(net, outbox, made)
    assert out_once(net, made), net.shown(made)
    if fault != "truncated":  # on a slow machine its rest may come too late
        assert net.proxy.posted() == (1 if net.whole else 3)


def agree(net: World, outbox: OutboxStore, made: Revision) -> None:
    """Check that what is said to be out is out once, and that nothing is out twice."""
    for state, same in zip(states(outbox, made), net.shown(made), strict=True):
        assert len(same) == (1 if state == "sent" else 0), (state, same)


def finish(net: World, outbox: OutboxStore, made: Revision) -> None:
    """Do what a person would whose thread waits: look, have it sent again, go on.

    More than once, as on a busy machine a good answer may come too late as well.
    """
    for _ in range(3):
        if set(states(outbox, made)) == {"sent"}:
            return
        if "held" in states(outbox, made):
            waits = list_waiting(outbox, made.issue.id)
            list(resend_parts(outbox, net.account(), waits))
        run(net, outbox, made)


def test_what_may_be_out_is_never_sent_blindly(open_world: Open, outbox: OutboxStore) -> None:
    net, made = open_world("x"), approved("x")
    net.proxy.fault("drop_before", skip=1)
    receipts = run(net, outbox, made)
    assert [r.status for r in receipts] == ["sent", "held", "held"]
    assert "was not found" in receipts[1].reason
    assert receipts[2].reason == "waits for part 2"
    assert net.proxy.posted() == 2
    assert [r.status for r in run(net, outbox, made)] == ["held", "held"]
    assert net.proxy.posted() == 2


def test_what_came_back_in_its_place_is_told(open_world: Open, outbox: OutboxStore) -> None:
    net, made = open_world("x"), approved("x")
    net.proxy.fault("html")
    (held, *rest) = run(net, outbox, made)
    assert held.status == "held"
    assert "HTML" in held.reason
    assert "was not found on the account" in held.reason
    assert {one.status for one in rest} == {"held"}
    assert net.shown(made) == [[], [], []]


@pytest.mark.parametrize("part", [1, 2])
def test_a_request_that_arrives_after_it_was_looked_for_doubles_nothing(
    net: World, outbox: OutboxStore, part: int
) -> None:
    made = approved(net.network)
    net.proxy.fault("late", skip=0 if net.whole else part - 1)
    told = [one.status for one in run(net, outbox, made)]
    assert ("held" in told) != net.whole
    net.proxy.arrive()
    if not net.whole:
        waits = list_waiting(outbox, made.issue.id)
        found = list(resend_parts(outbox, net.account(), waits))
        assert [(one.part, one.status) for one in found] == [(part, "sent")]
        run(net, outbox, made)
    assert out_once(net, made)
    assert states(outbox, made) == ["sent"] * 3


def test_a_thread_is_taken_back_the_last_part_first(net: World, outbox: OutboxStore) -> None:
    made = approved(net.network)
    run(net, outbox, made)
    receipts = list(take_back_thread(outbox, net.account(), made.issue.id))
    assert [(r.part, r.status) for r in receipts] == [(n, "skipped") for n in (3, 2, 1)]
    assert net.shown(made) == [[], [], []]


def test_an_account_says_who_it_is(net: World) -> None:
    assert net.account().check().startswith("@")


def test_lags_are_waited_out_before_each_look(open_world: Open, outbox: OutboxStore) -> None:
    slept: list[float] = []
    net, made = open_world("x"), approved("x")
    net.proxy.fault("drop_before")
    list(post_thread(made, net.account(), outbox, pace=Pace(sleep=slept.append)))
    assert slept == [5, 20, 60]
