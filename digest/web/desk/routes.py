"""What the desk answers: addresses and the handlers behind them. No rule of choosing is here."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from digest.errors import DigestError
from digest.model import Revision
from digest.render.export import exported
from digest.web.desk import frames, pages
from digest.web.desk.desk import Desk
from digest.web.desk.guard import PAGE_POLICY, Guard
from digest.web.desk.pages import Ui
from digest.web.desk.sheet import sheet
from digest.web.desk.words import Words, chosen

_REVISION = re.compile(r"(?P<issue>[^/@]+)@(?P<number>\d{1,9})")


def build(
    desk: Desk, *, token: str, hosts: tuple[str, ...], cookie: str = "digest_desk"
) -> Starlette:
    """Return the app that shows *desk* to who holds *token* and asks for one of *hosts*."""
    answers = Answers(desk)
    return Starlette(
        routes=[
            Route("/", answers.home),
            Route("/i/{issue}", answers.page),
            Route("/i/{issue}/story/{key}", answers.story),
            Route("/i/{issue}/view/{name}", answers.view),
            Route("/r/{revision}/{file}", answers.frame),
            Route("/history", answers.history),
            Mount("/static", StaticFiles(directory=pages.STATIC)),
        ],
        middleware=[Middleware(Guard, token=token, hosts=hosts, cookie=cookie)],
        exception_handlers={DigestError: _explained},
    )


def _explained(_request: Request, error: Exception) -> Response:
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
        }

    def home(self, _request: Request) -> Response:
        """Lead to the issue that the desk was opened for."""
        return RedirectResponse(f"/i/{self.desk.revision().issue.id}", status_code=303)

    def page(self, request: Request) -> Response:
        """Show the desk with one issue on it; ``?r=`` is an older revision of it."""
        revision, newest = self._asked(request)
        words = self._words(request, revision)
        html = pages.page(self.desk, revision, words, Ui.of(request.query_params), newest=newest)
        return self._html(html, request, revision)

    def story(self, request: Request) -> Response:
        """Show one post in the inspector."""
        revision, _ = self._asked(request)
        found = sheet(revision, request.path_params["key"])
        if found is None:
            return PlainTextResponse("There is no such post.\n", status_code=404)
        words = self._words(request, revision)
        ui = Ui(story=found.row.key)
        values = pages.everything(self.desk, revision, words, ui) | {"sheet": found}
        return HTMLResponse(pages.render("story", words, values))

    def view(self, request: Request) -> Response:
        """Show what is too long to be on the page from the start: plain text and sources."""
        revision, _ = self._asked(request)
        words = self._words(request, revision)
        base = f"/r/{revision.issue.id}@{revision.number}/"
        values: dict[str, Any] = {"plain": frames.plain(revision)}
        values["raws"] = pages.raws(revision, words, base)
        name = "raw" if request.path_params["name"] == "raw" else "text"
        return HTMLResponse(pages.render(name, words, values))

    def frame(self, request: Request) -> Response:
        """Serve a file of one revision: the frozen bytes."""
        asked = _REVISION.fullmatch(request.path_params["revision"])
        if not asked:
            return PlainTextResponse("There is no such revision.\n", status_code=404)
        revision = self.desk.revision(asked["issue"], int(asked["number"]))
        name = request.path_params["file"]
        if name in self._files:
            return self._files[name](revision, request)
        forms = {"mail.txt": "text", "mail.eml": "eml", "mail.mjml": "mjml", "issue.json": "json"}
        if name not in forms:
            return PlainTextResponse("There is no such file.\n", status_code=404)
        return Response(exported(revision, forms[name]), media_type="text/plain; charset=utf-8")

    def history(self, request: Request) -> Response:
        """Show all issues and what became of what left."""
        words = self._words(request, None)
        return HTMLResponse(pages.history(self.desk, words))

    def _mail(self, revision: Revision, request: Request) -> Response:
        asked = request.query_params.get("pictures", "")
        base = f"/r/{revision.issue.id}@{revision.number}/picture?url="
        html = frames.mail(revision)
        if asked == "lent":
            html = frames.lent(revision, lambda url: self._lent(base, url))
        return self._framed(html, revision, pictures=asked != "off")

    def _lent(self, base: str, url: str) -> str:
        from urllib.parse import quote

        return base + quote(url, safe="") if self.desk.picture(url) else ""

    def _web(self, revision: Revision, request: Request) -> Response:
        shown = request.query_params.get("pictures", "") != "off"
        return self._framed(self.desk.web(revision), revision, pictures=shown)

    def _framed(self, html: str, revision: Revision, *, pictures: bool) -> Response:
        policy = frames.policy_of(frames.hosts(revision), pictures=pictures)
        return HTMLResponse(html, headers={"content-security-policy": policy})

    def _card(self, revision: Revision, _request: Request) -> Response:
        png = self.desk.card(revision)
        return Response(png, media_type="image/png") if png else Response(status_code=404)

    def _picture(self, _revision: Revision, request: Request) -> Response:
        path: Path | None = self.desk.picture(request.query_params.get("url", ""))
        return FileResponse(path) if path else Response(status_code=404)

    def _asked(self, request: Request) -> tuple[Revision, int]:
        """Return the revision that is asked for, and the number of the newest."""
        newest = self.desk.revision(request.path_params["issue"])
        number = request.query_params.get("r", "")
        if not number.isdecimal() or int(number) == newest.number:
            return newest, newest.number
        return self.desk.revision(newest.issue.id, int(number)), newest.number

    def _words(self, request: Request, revision: Revision | None) -> Words:
        wanted = request.query_params.get("lang") or request.cookies.get("lang", "")
        edition = (revision or self.desk.revision()).issue.edition
        accepted = request.headers.get("accept-language", "")
        language = chosen(wanted, accepted, edition.language)
        return Words(language=language, timezone=edition.timezone)

    def _html(self, html: str, request: Request, revision: Revision) -> Response:
        origins = frames.hosts(revision)
        pictures = "".join(f" {origin}" for origin in origins)
        policy = {"content-security-policy": PAGE_POLICY.format(pictures=pictures)}
        answer = HTMLResponse(html, headers=policy)
        if language := request.query_params.get("lang"):
            answer.set_cookie("lang", language, samesite="strict", path="/", max_age=31536000)
        return answer
