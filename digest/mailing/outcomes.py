"""What a copy becomes by what the other side said. Pure but for the clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digest.mailing.gate import now
from digest.model import Outcome, Receipt
from digest.model.draft import Status
from digest.model.mailing import Delivery
from digest.model.outbox import MOVES, State

_DOUBT = timedelta(hours=1)  # longer than a run waits for a copy that was put off


def settle(
    one: Delivery, outcome: Outcome, message_id: str, retries: Sequence[float], pause: float
) -> Delivery:
    """Return the armed *one* as *outcome* leaves it.

    What was said of everybody costs the copy no attempt; it may be tried after *pause* seconds.
    What is doubtful is put off until the others' answers tell (``Refusals``). After the last of
    *retries* a copy is rejected.
    """
    if outcome.general and outcome.status in ("deferred", "rejected"):
        later = outcome.retry_at or now() + timedelta(seconds=pause)
        return _moved(one, "deferred", reason=outcome.reason, until=later)
    if outcome.doubtful and outcome.status == "rejected":
        return _moved(one, "deferred", reason=outcome.reason, until=now() + _DOUBT)
    tried = replace(one, attempts=one.attempts + 1)
    if outcome.status == "deferred":
        return _later(tried, outcome, retries)
    known = outcome.id or message_id if outcome.status == "sent" else ""
    return replace(_moved(tried, outcome.status, reason=outcome.reason), id=known)


def _later(one: Delivery, outcome: Outcome, retries: Sequence[float]) -> Delivery:
    if one.attempts > len(retries):
        reason = f"given up after {one.attempts} attempts: {outcome.reason}"
        if outcome.doubtful:
            return _moved(one, "deferred", reason=reason, until=now() + _DOUBT)
        return _moved(one, "rejected", reason=reason)
    later = outcome.retry_at or now() + timedelta(seconds=retries[one.attempts - 1])
    return _moved(one, "deferred", reason=outcome.reason, until=later)


def _moved(
    one: Delivery, to: State, *, reason: str = "", until: datetime | None = None
) -> Delivery:
    if to not in MOVES["armed"]:
        raise ValueError(f"armed cannot become {to}")
    return replace(one, state=to, reason=reason, until=until)


def lost(one: Delivery) -> Delivery:
    """Return *one*, whose outcome could not be written down: a later run finds it armed."""
    return replace(one, state="unknown", reason="what became of it could not be stored")


_STATUS: dict[State, Status] = {
    "sent": "sent",
    "rejected": "rejected",
    "deferred": "deferred",
    "unknown": "unknown",
    "skipped": "skipped",
}


def receipt(one: Delivery) -> Receipt:
    """Return what a person or program is told of *one*."""
    status = _STATUS.get(one.state, "held")
    return Receipt(
        target=one.address,
        status=status,
        id=one.id,
        reason=one.reason,
        subscriber=one.subscriber,
    )
