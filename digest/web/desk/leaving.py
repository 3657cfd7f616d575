"""Approve, test, send: what makes an issue leave, each only for the very bytes that were seen."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from digest import app, deliver, pipeline
from digest.errors import DraftError
from digest.model import Receipt, Revision
from digest.web.desk import dialogs
from digest.web.desk.acts import Form
from digest.web.desk.desk import Desk
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
    names = [one.name for one in dialogs.channels(desk, revision, words)]
    if not wanted & set(names):
        raise DraftError(
            words.say("Nothing is ticked"), words.say("so there is nothing to approve")
        )
    withheld = [name for name in names if name not in wanted]
    pipeline.approve(desk.issues, revision, datetime.now(UTC), withheld)
    desk.touch()
    return PlainTextResponse(words.say("Approved"))


def _post(desk: Desk, revision: Revision, form: Form, words: Words) -> Response:
    """Send the approved revision by one channel; what became of each part is shown as it ended."""
    channel = form.get("channel", "")
    receipts = tuple(_receipts(desk, revision, channel))
    desk.touch()
    asked = {"receipts": receipts}
    return HTMLResponse(dialogs.dialog(desk, revision, "send", words, asked))


def _receipts(desk: Desk, revision: Revision, channel: str) -> Iterator[Receipt]:
    with closing(app.account(desk.settings, channel)) as account:
        yield from deliver.post(revision, account, desk.outbox)


LEAVING: Mapping[str, Callable[[Desk, Revision, Form, Words], Response]] = {
    "approve": _approve,
    "send": _post,
}
