"""The dialogs of the desk: what is asked before something is frozen, sent, added or written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from digest.delivery.networks import find_look
from digest.editorial.edits import PLACES
from digest.model import Revision
from digest.model.draft import Finding
from digest.model.outbox import WAITING_STATES, recover_entry
from digest.web.desk.findings import list_desk_findings
from digest.web.desk.labels import Words, describe_error
from digest.web.desk.pages import render_template
from digest.web.desk.schedule_panel import Agenda
from digest.web.desk.send_jobs import EMAIL
from digest.web.desk.session import Desk
from digest.web.desk.thread_preview import ThreadPreview
from digest.web.desk.timeline import OutcomeLine, compare_revisions, describe_receipt

NAMED = ("approve", "test", "send", "note", "add")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way out: ``amount`` says to how many or in how many parts, ``blocked`` why not.

    ``mend`` says that what blocks can be mended: ``story``, ``tab``, ``net`` and ``at`` are where,
    as in a check. ``timed`` says that a schedule sends it.
    """

    name: str
    label: str
    amount: str = ""
    note: str = ""
    blocked: str = ""
    story: str = ""
    tab: str = "mail"
    net: str = ""
    at: str = ""
    done: bool = False
    by_hand: bool = False
    mend: bool = False
    busy: bool = False
    timed: bool = False
    error: str = ""


def render_dialog(
    desk: Desk, revision: Revision, name: str, words: Words, asked: Mapping[str, Any]
) -> str:
    """Return the dialog *name* about *revision* as HTML."""
    values: dict[str, Any] = {"revision": revision, **_MADE[name](desk, revision, words, asked)}
    return render_template(f"dialog-{name}", words, values)


def list_channels(desk: Desk, revision: Revision, words: Words) -> tuple[Channel, ...]:
    """Return the ways by which *revision* may leave, those that are blocked with the reason."""
    findings, run = desk.findings(revision), desk.run(revision)
    threads = (_thread_channel(feed, words) for feed in desk.feeds(revision) if feed.parts)
    found = (_email_channel(desk, revision, findings, words), *threads)
    timed = (_add_time(one, run, words) for one in found)
    fit = (_block_by_findings(one, findings, revision, words) for one in timed)
    return tuple(_block_spent(one, desk, revision, words) for one in fit)


def _block_spent(one: Channel, desk: Desk, revision: Revision, words: Words) -> Channel:
    """Return *one*, blocked where another revision went that way: nobody gets an issue twice."""
    number = desk.went(revision.issue.id, one.name)
    if number in (0, revision.number):
        return one
    said = words.say("r{number} went this way already, and nothing goes twice.", number=number)
    return replace(one, blocked=said, mend=False, timed=False)


def list_ways_out(desk: Desk, revision: Revision, words: Words) -> tuple[Channel, ...]:
    """Return the ways out of the approved *revision*: what is withheld, and what is out."""
    return tuple(
        _describe_way(one, desk, revision, words) for one in list_channels(desk, revision, words)
    )


def _describe_way(one: Channel, desk: Desk, revision: Revision, words: Words) -> Channel:
    if one.name in revision.withheld:
        return replace(one, blocked=words.say("It was not approved."))
    out, total, waits = _count_out(one, desk, revision)
    sending = desk.dispatch.of(revision.issue.id, one.name)
    said = words.say("{n} of {total} sent", n=out, total=total) if total else one.note
    if waits:
        said += " · " + words.count("{n} waits for you", "{n} wait for you", waits)
    return replace(
        one,
        note=said,
        error=describe_error(sending.error, words) if sending and sending.error else "",
        busy=bool(sending and sending.running),
        done=bool(total) and out == total,
    )


def _count_out(one: Channel, desk: Desk, revision: Revision) -> tuple[int, int, int]:
    """Return how many copies or parts are out, how many there are, and how many wait."""
    if one.name == EMAIL:
        tally = desk.tally(revision.issue.id)
        return (tally["sent"], tally.total, tally.waiting) if tally else (0, 0, 0)
    entries = [entry for entry in desk.sent(revision.issue.id) if entry.target == one.name]
    waits = sum(recover_entry(entry).state in WAITING_STATES for entry in entries)
    return sum(entry.state == "sent" for entry in entries), len(entries), waits


def describe_departure(desk: Desk, revision: Revision, words: Words) -> str:
    """Return in words when a schedule sends *revision*, "" where none does."""
    run = desk.run(revision)
    return words.run(run.leaves) if run and run.leaves else ""


def _describe_test(desk: Desk, revision: Revision, words: Words) -> str:
    """Return in words whether these very bytes were sent as a test."""
    if revision.hash in desk.tests:
        address, moment = desk.tests[revision.hash]
        time = words.clock(moment)
        return words.say(
            "A test of these bytes went to {address} at {time}.", address=address, time=time
        )
    if desk.tests:
        return words.say("The last test was of another version.")
    return words.say("No test of it was sent from here.")


def _list_received(desk: Desk, revision: Revision, words: Words) -> Iterator[OutcomeLine]:
    for one in list_channels(desk, revision, words):
        sending = desk.dispatch.of(revision.issue.id, one.name)
        yield from (
            describe_receipt(receipt, words) for receipt in (sending.receipts if sending else ())
        )


def _block_by_findings(
    one: Channel, findings: Sequence[Finding], revision: Revision, words: Words
) -> Channel:
    """Return *one* with the first reason why it may not leave, if there is any."""
    mine = [f for f in findings if f.level == "error" and f.channel in ("", one.name)]
    for check in list_desk_findings(mine[:1], revision, words):
        return replace(
            one,
            blocked=words.say("{what}: {why}", what=check.subject, why=check.text),
            story=check.story,
            tab=check.tab or one.tab,
            net=check.net or one.net,
            at=check.at,
            mend=True,
        )
    return one


def _email_channel(
    desk: Desk, revision: Revision, findings: Sequence[Finding], words: Words
) -> Channel:
    readers = desk.audience(revision)
    warnings = sum(one.level == "warning" and one.channel in ("", EMAIL) for one in findings)
    notes = [words.count("{n} thing to know", "{n} things to know", warnings)] if warnings else []
    return Channel(
        name=EMAIL,
        label=words.say("Email"),
        amount=words.count("{n} reader", "{n} readers", readers),
        note=" · ".join(notes),
    )


def _thread_channel(feed: ThreadPreview, words: Words) -> Channel:
    notes = [words.say("posted by hand")] if feed.by_hand else []
    notes += [words.say("about US${cost}", cost=f"{feed.cost:.2f}")] if feed.cost else []
    return Channel(
        name=feed.network,
        label=words.say("Thread on {name}", name=find_look(feed.network).label),
        amount=words.count("{n} part", "{n} parts", len(feed.parts)),
        note=" · ".join(notes),
        tab="thread",
        net=feed.network,
        by_hand=feed.by_hand,
    )


def _add_time(one: Channel, run: Agenda | None, words: Words) -> Channel:
    """Return *one* with when the schedule lets it leave, first."""
    if run is None or run.leaves is None or one.by_hand or not run.serves(one.name):
        return one
    said = words.say("leaves {time}", time=words.run(run.leaves))
    return replace(one, note=" · ".join(part for part in (said, one.note) if part), timed=True)


def _describe_outside_look(desk: Desk, revision: Revision, words: Words) -> str:
    """Return in words whether somebody looked outside for what the mail leads to."""
    look = desk.outside.of(revision.mail)
    if look is None:
        return words.say("Links and the sender’s DNS have not been looked at.")
    if look.running:
        return words.say("Links and the sender’s DNS are being looked at.")
    time = words.clock(look.begun)
    if not look.findings:
        return words.say("A look outside at {time} found nothing.", time=time)
    n = len(look.findings)
    return words.count(
        "A look outside at {time} found {n} thing to know.",
        "A look outside at {time} found {n} things to know.",
        n,
        time=time,
    )


def _approve_values(
    desk: Desk, revision: Revision, words: Words, asked: Mapping[str, Any]
) -> dict[str, Any]:
    before = desk.issues.approved(revision.issue.id)
    return {
        "channels": list_channels(desk, revision, words),
        "before": before,
        "changes": compare_revisions(before, revision) if before else (),
        "moved": bool(asked.get("moved")),
        "tested": _describe_test(desk, revision, words),
        "looked": _describe_outside_look(desk, revision, words),
    }


def _test_values(desk: Desk, _r: Revision, _w: Words, _a: Mapping[str, Any]) -> dict[str, Any]:
    from email.utils import parseaddr

    mail = desk.app.settings.mail
    return {"to": parseaddr(mail.reply_to or mail.from_)[1], "mailer": mail.mailer}


def _send_values(
    desk: Desk, revision: Revision, words: Words, _a: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "channels": list_ways_out(desk, revision, words),
        "receipts": tuple(_list_received(desk, revision, words)),
        "next_run": describe_departure(desk, revision, words),
    }


def _note_values(
    _d: Desk, revision: Revision, _w: Words, asked: Mapping[str, Any]
) -> dict[str, Any]:
    named = (one for one in revision.issue.notes if one.name and one.name == asked.get("name"))
    return {"note": next(named, None), "places": PLACES}


def _add_values(desk: Desk, revision: Revision, _w: Words, _a: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "week": revision.issue.period.label,
        "no_source": not desk.app.settings.sources,
        "volumes": desk.shelf(),
    }


_MADE = {
    "approve": _approve_values,
    "test": _test_values,
    "send": _send_values,
    "note": _note_values,
    "add": _add_values,
}
