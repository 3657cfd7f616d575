"""Approve, test, send: what makes an issue leave, each only for the very bytes that were seen."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from digest import pipeline
from digest.errors import DraftError
from digest.model import Revision
from digest.usecases import mailroom
from digest.web.desk import dialogs
from digest.web.desk.acts import Form
from digest.web.desk.desk import Desk
from digest.web.desk.dispatch import receipts
from digest.web.desk.words import Words


def leave(desk: Desk, issue: str, name: str, form: Form, words: Words) -> Response:
    """Do what the dialog *name* asks of *issue*; DigestError says why it cannot be."""
    with desk.lock:
        revision = desk.revision(issue)
        if form.get("hash") != revision.hash:
            shown = dialogs.dialog(desk, revision, name, words, {"moved": "1"})
            return HTMLResponse(shown, status_code=409)
        return LEAVING[name](desk, revision, form, words)


def _approve(desk: Desk, revision: Revision, form: Form, words: Words) -> Response:
    """Freeze what was seen, for the channels that were ticked."""
    wanted = set(form.get("channels", "").split())
    known = dialogs.channels(desk, revision, words)
    names = [one.name for one in known]
    for one in known:
        if one.blocked and one.name in wanted:
            raise DraftError(one.label, one.blocked)
    if not wanted & set(names):
        raise DraftError(
            words.say("Nothing is ticked"), words.say("so there is nothing to approve")
        )
    withheld = [name for name in names if name not in wanted]
    pipeline.approve(desk.issues, revision, datetime.now(UTC), withheld)
    desk.touch()
    return PlainTextResponse(words.say("Approved"))


def _test(desk: Desk, revision: Revision, form: Form, words: Words) -> Response:
    """Send the very bytes to one address; the next edit opens another revision."""
    address = form.get("to", "").strip()
    desk.issues.close(revision)
    for one in mailroom.send_test(desk.settings, revision, [address]):
        if one.status != "sent":
            raise DraftError(address, f"{words.say(one.status)}: {one.reason}")
    desk.tests[revision.hash] = (address, datetime.now(UTC))
    desk.touch()
    return PlainTextResponse(words.say("The test is on its way to {address}.", address=address))


def _send(desk: Desk, revision: Revision, form: Form, words: Words) -> Response:
    """Let the approved revision leave by one channel; the dialog tells how far it is."""
    channel = form.get("channel", "")
    known = {one.name: one for one in dialogs.ways(desk, revision, words)}
    if not revision.approved or channel not in known or known[channel].blocked:
        raise DraftError(words.say("It was not approved."))
    sent = receipts(desk.settings, desk.outbox, revision, channel)
    desk.dispatch.start(channel, revision, sent)
    return HTMLResponse(dialogs.dialog(desk, revision, "send", words, {}))


LEAVING: Mapping[str, Callable[[Desk, Revision, Form, Words], Response]] = {
    "approve": _approve,
    "test": _test,
    "send": _send,
}
