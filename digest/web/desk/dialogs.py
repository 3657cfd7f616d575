"""The dialogs of the desk: what is asked before something is frozen, sent, added or written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from digest.model import Revision
from digest.notes import PLACES
from digest.render.preflight import Finding
from digest.web.desk.desk import Desk
from digest.web.desk.diff import compared
from digest.web.desk.feeds import NAMES, Feed
from digest.web.desk.templating import render
from digest.web.desk.trail import received
from digest.web.desk.words import Words

NAMED = ("approve", "test", "send", "note", "add")
EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way out: ``amount`` says to how many or in how many parts, ``blocked`` why not.

    ``tab`` and ``net`` are where a blocked one is mended.
    """

    name: str
    label: str
    amount: str = ""
    note: str = ""
    blocked: str = ""
    tab: str = "mail"
    net: str = ""
    done: bool = False
    by_hand: bool = False


def dialog(
    desk: Desk, revision: Revision, name: str, words: Words, asked: Mapping[str, Any]
) -> str:
    """Return the dialog *name* about *revision* as HTML."""
    values: dict[str, Any] = {"revision": revision, **_MADE[name](desk, revision, words, asked)}
    return render(f"dialog-{name}", words, values)


def channels(desk: Desk, revision: Revision, words: Words) -> tuple[Channel, ...]:
    """Return the ways by which *revision* may leave, those that are blocked with the reason."""
    findings = desk.findings(revision)
    mail = _letter(desk, revision, findings, words)
    threads = (_thread(feed, findings, words) for feed in desk.feeds(revision) if feed.parts)
    return (mail, *threads)


def ways(desk: Desk, revision: Revision, words: Words) -> tuple[Channel, ...]:
    """Return the ways out of the approved *revision*: what is withheld, and what is out."""
    return tuple(_way(one, desk, revision, words) for one in channels(desk, revision, words))


def _way(one: Channel, desk: Desk, revision: Revision, words: Words) -> Channel:
    if one.name in revision.withheld:
        return replace(one, blocked=words.say("It was not approved."))
    entries = [entry for entry in desk.sent(revision.issue.id) if entry.target == one.name]
    out = sum(entry.state == "sent" for entry in entries)
    note = words.say("{n} of {total} sent", n=out, total=len(entries)) if entries else one.note
    return replace(one, note=note, done=bool(entries) and out == len(entries))


def _blocking(findings: Sequence[Finding], channel: str) -> str:
    """Return the first reason why *channel* may not leave, "" where there is none."""
    mine = (one for one in findings if one.level == "error" and one.channel in ("", channel))
    return next((f"{one.subject}: {one.cause}" for one in mine), "")


def _letter(desk: Desk, revision: Revision, findings: Sequence[Finding], words: Words) -> Channel:
    readers = desk.audience(revision)
    warnings = sum(one.level == "warning" and one.channel in ("", EMAIL) for one in findings)
    run = desk.next_run(revision, words)
    notes = [words.say("leaves {time}", time=run)] if run else []
    notes += [words.count("{n} thing to know", "{n} things to know", warnings)] if warnings else []
    return Channel(
        name=EMAIL,
        label=words.say("Email"),
        amount=words.count("{n} reader", "{n} readers", readers) if readers is not None else "",
        note=" · ".join(notes),
        blocked=_blocking(findings, EMAIL),
    )


def _thread(feed: Feed, findings: Sequence[Finding], words: Words) -> Channel:
    notes = [words.say("posted by hand")] if feed.by_hand else []
    notes += [words.say("about US${cost}", cost=f"{feed.cost:.2f}")] if feed.cost else []
    return Channel(
        name=feed.network,
        label=words.say("Thread on {name}", name=NAMES.get(feed.network, feed.network)),
        amount=words.count("{n} part", "{n} parts", len(feed.parts)),
        note=" · ".join(notes),
        blocked=_blocking(findings, feed.network),
        tab="thread",
        net=feed.network,
        by_hand=feed.by_hand,
    )


def _approve(
    desk: Desk, revision: Revision, words: Words, asked: Mapping[str, Any]
) -> dict[str, Any]:
    before = desk.issues.approved(revision.issue.id)
    return {
        "channels": channels(desk, revision, words),
        "before": before,
        "changes": compared(before, revision) if before else (),
        "moved": bool(asked.get("moved")),
        "tested": desk.tested(revision, words),
    }


def _test(desk: Desk, _r: Revision, _w: Words, _a: Mapping[str, Any]) -> dict[str, Any]:
    from email.utils import parseaddr

    mail = desk.settings.mail
    return {"to": parseaddr(mail.reply_to or mail.from_)[1], "mailer": mail.mailer}


def _send(desk: Desk, revision: Revision, words: Words, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "channels": ways(desk, revision, words),
        "receipts": tuple(received(one, words) for one in asked.get("receipts", ())),
        "next_run": desk.next_run(revision, words),
    }


def _note(_d: Desk, revision: Revision, _w: Words, asked: Mapping[str, Any]) -> dict[str, Any]:
    named = (one for one in revision.issue.notes if one.name and one.name == asked.get("name"))
    return {"note": next(named, None), "places": PLACES}


def _add(desk: Desk, revision: Revision, _w: Words, _a: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "week": revision.issue.period.label,
        "no_source": not desk.settings.sources,
        "volumes": desk.shelf(),
    }


_MADE = {"approve": _approve, "test": _test, "send": _send, "note": _note, "add": _add}
