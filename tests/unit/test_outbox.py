"""The state machine: every move there is, and none besides."""

from itertools import product

import pytest

from digest.model import OutboxEntry, Outcome, PreparedRequest
from digest.model.outbox import (
    ALLOWED_MOVES,
    FINAL_STATES,
    arm_entry,
    claim_entry,
    hold_entry,
    make_entry,
    make_receipt,
    move_entry,
    recover_entry,
    requeue_entry,
    settle_entry,
)
from tests.make import NOW

QUEUED = make_entry("weekly-1", "x", "船會等人。", part=1, revision=2)


def at(state: str) -> OutboxEntry:
    """Return an entry in *state*."""
    return OutboxEntry(job="weekly-1", target="x", part=1, state=state)


@pytest.mark.parametrize(("before", "after"), list(product(ALLOWED_MOVES, ALLOWED_MOVES)))
def test_only_the_moves_of_the_machine_are_made(before: str, after: str) -> None:
    if after in ALLOWED_MOVES[before]:
        assert move_entry(at(before), after).state == after
    else:
        with pytest.raises(ValueError, match=f"{before} cannot become {after}"):
            move_entry(at(before), after)


def test_nothing_is_sent_without_being_armed_or_looked_up() -> None:
    assert {state for state, to in ALLOWED_MOVES.items() if "sent" in to} == {
        "armed",
        "unknown",
        "held",
        "skipped",
    }


def test_what_was_armed_is_never_queued_by_itself() -> None:
    assert "queued" not in ALLOWED_MOVES["armed"]
    assert "claimed" not in ALLOWED_MOVES["armed"]
    assert recover_entry(at("armed")).state == "unknown"
    assert recover_entry(at("claimed")).state == "queued"
    assert recover_entry(at("sent")) == at("sent")


def test_a_payload_has_its_hash() -> None:
    other = make_entry("weekly-1", "x", "船不等人。", part=1)
    assert len(QUEUED.hash) == 64
    assert QUEUED.hash != other.hash


def test_from_queue_to_receipt() -> None:
    armed = arm_entry(claim_entry(QUEUED), PreparedRequest(text="{}", key="k"), NOW)
    assert (armed.key, armed.wire, armed.armed, armed.attempts) == ("k", "{}", NOW, 1)
    sent = settle_entry(armed, Outcome(status="sent", id="7", url="https://x.com/i/status/7"))
    assert sent.done
    told = make_receipt(sent)
    assert (told.target, told.part, told.status, told.id) == ("x", 1, "sent", "7")
    assert told.url == "https://x.com/i/status/7"


def test_a_deferred_entry_knows_when_to_try_again() -> None:
    armed = arm_entry(claim_entry(QUEUED), PreparedRequest(text="{}"), NOW)
    deferred = settle_entry(armed, Outcome(status="deferred", retry_at=NOW, reason="slow down"))
    assert (deferred.retry_at, deferred.reason) == (NOW, "slow down")
    assert claim_entry(deferred).retry_at is None


def test_what_is_for_a_person_says_so_until_it_is_queued_again() -> None:
    armed = arm_entry(claim_entry(QUEUED), PreparedRequest(text="{}", key="k"), NOW)
    refused = settle_entry(armed, Outcome(status="rejected", by_hand=True, reason="no replies"))
    held = hold_entry(refused, refused.reason, by_hand=True)
    assert held.by_hand
    assert make_receipt(held).status == "held"
    assert not requeue_entry(held).by_hand
    assert requeue_entry(held).wire == ""
    assert requeue_entry(held, keep=True).key == "k"


def test_what_was_not_tried_tells_what_it_waits_for() -> None:
    assert make_receipt(QUEUED, waits_for=1).reason == "waits for part 1"
    assert make_receipt(QUEUED).status == "held"
    assert make_receipt(make_entry("weekly-1", "a@example.org", "")).part is None


def test_final_states_are_those_with_nothing_left_to_do() -> None:
    assert {"sent", "skipped"} == FINAL_STATES
