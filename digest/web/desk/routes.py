"""What the desk answers: addresses and the handlers behind them. No rule of choosing is here.

Approve, test, send: what makes an issue leave, each only for the very bytes that were seen.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from digest.editorial import candidates, pipeline
from digest.editorial.pipeline import Drafted
from digest.model import Revision, Story
from digest.model.errors import ConflictError, DigestError, DraftError
from digest.render.export import export_revision
from digest.web.desk import dialogs, pages, preview_frames
from digest.web.desk.access import PAGE_POLICY, DeskGuard
from digest.web.desk.actions import ACTS, ASIDE, Form, draft_another_week, perform_action
from digest.web.desk.labels import LANGUAGES, Words, choose_language, describe_error
from digest.web.desk.live_reload import stream_events
from digest.web.desk.pages import STATIC, Ui, render_template
from digest.web.desk.send_jobs import send_channel, settle_channel
from digest.web.desk.session import Desk
from digest.web.desk.story_list import key_of


def perform_leave(desk: Desk, issue: str, name: str, form: Form, words: Words) -> Response:
    """Do what the dialog *name* asks of *issue*; DigestError says why it cannot be."""
    with desk.lock:
        revision = desk.revision(issue)
        if form.get("hash") != revision.hash:
            shown = dialogs.render_dialog(desk, revision, name, words, {"moved": "1"})
            return HTMLResponse(shown, status_code=409)
        return LEAVING[name](desk, revision, form, words)


def _approve_seen(desk: Desk, revision: Revision, form: Form, words: Words) -> Response:
    """Freeze what was seen, for the channels that were ticked."""
    wanted = set(form.get("channels", "").split())
    known = dialogs.list_channels(desk, revision, words)
    names = [one.name for one in known]
    for one in known:
        if one.blocked and one.name in wanted:
            raise DraftError(one.label, one.blocked)
    if not wanted & set(names):
        raise DraftError(
            words.say("Nothing is ticked"), words.say("so there is nothing to approve")
        )
    withheld = [name for name in names if name not in wanted]
    pipeline.approve_revision(desk.issues, revision, datetime.now(UTC), withheld)
    desk.touch()
    return PlainTextResponse(words.say("Approved"))


def _send_test(desk: Desk, revision: Revision, form: Form, words: Words) -> Response:
    """Send the very bytes to one address; the next edit opens another revision."""
    address = form.get("to", "").strip()
    desk.issues.close(revision)
    for one in desk.app.mail_sender.send_test(revision, [address]):
        if one.status != "sent":
            raise DraftError(address, f"{words.say(one.status)}: {one.reason}")
    desk.tests[revision.hash] = (address, datetime.now(UTC))
    desk.touch()
    return PlainTextResponse(words.say("The test is on its way to {address}.", address=address))


def _send_channel(desk: Desk, revision: Revision, form: Form, words: Words) -> Response:
    """Let the approved revision leave by one channel; the dialog tells how far it is."""
    channel = form.get("channel", "")
    known = {one.name: one for one in dialogs.list_ways_out(desk, revision, words)}
    if not revision.approved or channel not in known or known[channel].blocked:
        raise DraftError(words.say("It was not approved."))
    sent = send_channel(desk.app, desk.outbox, revision, channel)
    desk.dispatch.start(channel, revision, sent)
    return HTMLResponse(dialogs.render_dialog(desk, revision, "send", words, {}))


LEAVING: Mapping[str, Callable[[Desk, Revision, Form, Words], Response]] = {
    "approve": _approve_seen,
    "test": _send_test,
    "send": _send_channel,
}


_REVISION = re.compile(r"(?P<issue>[^/@]+)@(?P<number>\d{1,9})(?:\.(?P<hash>[0-9a-f]{12}))?")
_NOT_LISTED = frozenset({"subject", "preheader", "headline", "intro"})
_GONE = "There is no such thing here.\n"


def build(
    desk: Desk, *, token: str, hosts: tuple[str, ...], cookie: str = "digest_desk"
) -> Starlette:
    """Return the app that shows *desk* to who holds *token* and asks for one of *hosts*."""
    answers = Answers(desk)
    return Starlette(
        routes=[
            Route("/", answers.home),
            Route("/i/{issue}", answers.page),
            Route("/i/{issue}/pieces", answers.pieces),
            Route("/i/{issue}/story/{key}", answers.story),
            Route("/i/{issue}/source/{key}", answers.source),
            Route("/i/{issue}/text/{key}", answers.text),
            Route("/i/{issue}/rows", answers.rows),
            Route("/i/{issue}/checks", answers.checks),
            Route("/i/{issue}/view/{name}", answers.view),
            Route("/i/{issue}/dialog/{name}", answers.dialog),
            Route("/i/{issue}/do/{name}", answers.do, methods=["POST"]),
            Route("/i/{issue}/events", lambda request: stream_events(desk, request)),
            Route("/r/{revision}/{file}", answers.frame),
            Route("/history", answers.history),
            Route("/settle", answers.settle, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(DeskGuard, token=token, hosts=hosts, cookie=cookie)],
        exception_handlers={DigestError: _explain_error},
    )


def _explain_error(_request: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", status_code=404)


class Answers:
    """The handlers, around one desk; they run in threads of their own."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._files: Mapping[str, Callable[[Revision, Request], Response]] = {
            "mail.html": self._mail,
            "web.html": self._web,
            "card.png": self._card,
            "picture": self._picture,
            "kept": self._kept,
        }

    def home(self, _request: Request) -> Response:
        """Lead to the issue that the desk was opened for."""
        return RedirectResponse(f"/i/{self.desk.revision().issue.id}", status_code=303)

    def page(self, request: Request) -> Response:
        """Show the desk with one issue on it; ``?r=`` is an older revision of it."""
        revision, newest = self._asked(request)
        words = self._words(request, revision)
        html = pages.render_page(
            self.desk, revision, words, Ui.of(request.query_params), newest=newest
        )
        answer = HTMLResponse(html, headers={"content-security-policy": _make_policy(revision)})
        language = request.query_params.get("lang", "")
        if language in LANGUAGES:
            answer.set_cookie("lang", language, samesite="strict", path="/", max_age=31536000)
        return answer

    def pieces(self, request: Request) -> Response:
        """Show all pieces of the page as they are now: another tab, or a feed, changed them."""
        revision, _ = self._asked(request)
        words, ui = self._words(request, revision), Ui.of(request.query_params)
        drafted = self.desk.drafted(revision)
        if drafted is None:
            return PlainTextResponse(_GONE, status_code=404)
        return HTMLResponse(pages.render_fragments(self.desk, drafted, words, ui))

    def story(self, request: Request) -> Response:
        """Show one post in the inspector."""
        return self._piece(request, "story", Ui(story=request.path_params["key"]))

    def rows(self, request: Request) -> Response:
        """Show the list with all posts ranked, which takes a while the first time."""
        revision, _ = self._asked(request)
        if self.desk.drafted(revision):
            self.desk.ranked(revision.issue.id)
        return self._piece(request, "rows", Ui.of(request.query_params))

    def checks(self, request: Request) -> Response:
        """Show what preflight says, and how far a look outside is."""
        return self._piece(request, "checks", Ui.of(request.query_params))

    def source(self, request: Request) -> Response:
        """Show the sentences of a post, to be taken into its summary."""
        revision, _ = self._asked(request)
        story = _find_story(revision, request.path_params["key"])
        found = candidates.source_sentences(story)
        values = {"sentences": found, "post": story.post.id}
        return HTMLResponse(render_template("source", self._words(request, revision), values))

    def text(self, request: Request) -> Response:
        """Show the whole text of a post, to be quoted from."""
        revision, _ = self._asked(request)
        key = request.path_params["key"]
        values = {"text": _find_story(revision, key).post.document.text, "key": key}
        return HTMLResponse(render_template("span", self._words(request, revision), values))

    def view(self, request: Request) -> Response:
        """Show what is too long to be on the page from the start: plain text and sources."""
        revision, _ = self._asked(request)
        words = self._words(request, revision)
        base = f"{pages.make_file_address(revision)}/"
        values: dict[str, Any] = {"plain": preview_frames.show_text(revision)}
        values["raws"] = pages.list_raw_sources(revision, words, base)
        name = "raw" if request.path_params["name"] == "raw" else "text"
        return HTMLResponse(render_template(name, words, values))

    def dialog(self, request: Request) -> Response:
        """Show a dialog."""
        name = request.path_params["name"]
        if name not in dialogs.NAMED:
            return PlainTextResponse(_GONE, status_code=404)
        revision, _ = self._asked(request)
        words = self._words(request, revision)
        return HTMLResponse(
            dialogs.render_dialog(self.desk, revision, name, words, request.query_params)
        )

    async def do(self, request: Request) -> Response:
        """Do what a form asks, and answer with what it changed on the page."""
        async with request.form(max_files=0) as form:
            typed = {key: value for key, value in form.items() if isinstance(value, str)}
        return await run_in_threadpool(self._done, request, typed)

    def _done(self, request: Request, form: Form) -> Response:
        issue, name = request.path_params["issue"], request.path_params["name"]
        words = self._words(request, None)
        try:
            if name in LEAVING:
                return perform_leave(self.desk, issue, name, form, words)
            if name in ASIDE:
                return self._aside(issue, name, form, words)
            if name == "period":
                return PlainTextResponse(f"/i/{draft_another_week(self.desk, issue, form)}")
            if name not in ACTS:
                return PlainTextResponse(_GONE, status_code=404)
            drafted = perform_action(self.desk, issue, name, form)
        except ConflictError as error:
            said = {"block": error.block, "theirs": error.theirs or "", "base": error.base}
            return JSONResponse(said, status_code=409)
        except DigestError as error:
            return PlainTextResponse(describe_error(error, words), status_code=422)
        return self._pieces_of(drafted, name, form, words)

    def _aside(self, issue: str, name: str, form: Form, words: Words) -> Response:
        """Do what changes nothing of the issue itself."""
        revision = ASIDE[name](self.desk, issue, form)
        drafted = self.desk.drafted(revision)
        if drafted is None:
            return PlainTextResponse("")
        return self._pieces_of(drafted, name, form, words)

    def _pieces_of(self, drafted: Drafted, name: str, form: Form, words: Words) -> Response:
        words_only = form.get("block", "").partition("/")[0] in _NOT_LISTED
        without = ("list",) if name == "say" and words_only else ()
        return HTMLResponse(pages.render_fragments(self.desk, drafted, words, Ui.of(form), without))

    def frame(self, request: Request) -> Response:
        """Serve a file of one revision: the frozen bytes."""
        asked = _REVISION.fullmatch(request.path_params["revision"])
        if not asked:
            return PlainTextResponse(_GONE, status_code=404)
        revision = self.desk.revision(asked["issue"], int(asked["number"]))
        if asked["hash"] and not revision.hash.startswith(asked["hash"]):
            return PlainTextResponse("It was changed since.\n", status_code=410)
        name = request.path_params["file"]
        if name in self._files:
            return self._files[name](revision, request)
        forms = {"mail.txt": "text", "mail.eml": "eml", "mail.mjml": "mjml", "issue.json": "json"}
        if name not in forms:
            return PlainTextResponse(_GONE, status_code=404)
        return Response(
            export_revision(revision, forms[name]), media_type="text/plain; charset=utf-8"
        )

    def history(self, request: Request) -> Response:
        """Show all issues and what became of what left."""
        return HTMLResponse(pages.render_history(self.desk, self._words(request, None)))

    async def settle(self, request: Request) -> Response:
        """Settle what waits for a person, and show the history as it is then."""
        async with request.form(max_files=0) as form:
            typed = {key: value for key, value in form.items() if isinstance(value, str)}
        return await run_in_threadpool(self._settled, request, typed)

    def _settled(self, request: Request, form: Form) -> Response:
        words, desk = self._words(request, None), self.desk
        issue, target = form.get("issue", ""), form.get("target", "")
        try:
            resend = form.get("how") == "resend"
            count = settle_channel(desk.app, desk.outbox, issue, target, resend=resend)
        except DigestError as error:
            html = pages.render_history(desk, words, describe_error(error, words), trouble=True)
            return HTMLResponse(html, status_code=422)
        said = words.say("{n} settled.", n=count)
        return HTMLResponse(pages.render_history(desk, words, said))

    def _piece(self, request: Request, name: str, ui: Ui) -> Response:
        revision, newest = self._asked(request)
        drafted = self.desk.drafted(revision) if revision.number == newest else None
        words = self._words(request, revision)
        values = pages.collect_values(self.desk, revision, words, ui, drafted)
        if name == "story" and values["ui"].story != ui.story:
            return PlainTextResponse(_GONE, status_code=404)
        return HTMLResponse(render_template(name, words, values))

    def _mail(self, revision: Revision, request: Request) -> Response:
        asked = request.query_params.get("pictures", "")
        html = preview_frames.show_mail(revision)
        if asked == "lent":
            html = preview_frames.lend_pictures(
                revision, lambda url: pages.lend_address(self.desk, revision, url)
            )
        return _frame_response(html, revision, pictures=asked != "off")

    def _web(self, revision: Revision, request: Request) -> Response:
        shown = request.query_params.get("pictures", "") != "off"
        return _frame_response(self.desk.web(revision), revision, pictures=shown)

    def _card(self, revision: Revision, _request: Request) -> Response:
        png = self.desk.card(revision)
        return Response(png, media_type="image/png") if png else Response(status_code=404)

    def _picture(self, _revision: Revision, request: Request) -> Response:
        path = self.desk.picture(request.query_params.get("url", ""))
        return FileResponse(path) if path else Response(status_code=404)

    def _kept(self, _revision: Revision, request: Request) -> Response:
        png = self.desk.kept(request.query_params.get("name", ""))
        return Response(png, media_type="image/png") if png else Response(status_code=404)

    def _asked(self, request: Request) -> tuple[Revision, int]:
        """Return the revision that is asked for, and the number of the newest."""
        newest = self.desk.revision(request.path_params["issue"])
        number = request.query_params.get("r", "")
        if not number.isdecimal() or int(number) >= newest.number:
            return newest, newest.number
        return self.desk.revision(newest.issue.id, int(number)), newest.number

    def _words(self, request: Request, revision: Revision | None) -> Words:
        wanted = request.query_params.get("lang") or request.cookies.get("lang", "")
        edition = (revision or self.desk.revision()).issue.edition
        accepted = request.headers.get("accept-language", "")
        language = choose_language(wanted, accepted, edition.language)
        return Words(language=language, timezone=edition.timezone)


def _make_policy(revision: Revision) -> str:
    """Return the policy of a page that shows the pictures of *revision* in link cards."""
    return PAGE_POLICY.format(
        pictures="".join(f" {one}" for one in preview_frames.list_picture_hosts(revision))
    )


def _frame_response(html: str, revision: Revision, *, pictures: bool) -> Response:
    policy = preview_frames.policy_of(
        preview_frames.list_picture_hosts(revision), pictures=pictures
    )
    return HTMLResponse(html, headers={"content-security-policy": policy})


def _find_story(revision: Revision, key: str) -> Story:
    for story in revision.issue.stories:
        if key_of(story.post.url) == key:
            return story
    raise DigestError(revision.issue.id, "it does not tell that post")
