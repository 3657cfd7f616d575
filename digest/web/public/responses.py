"""Answers to a request: pages in the reader's language, and what a path leads to.

Answers: a page in the reader's language with the headers that keep it safe.

One path: what shows, and what acts.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from digest.model import Subscriber
from digest.web.public.context import PublicSite
from digest.web.public.public_pages import RenderedPage, choose_language

HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def site_of(request: Request) -> PublicSite:
    """Return the site that *request* is made to."""
    found = request.app.state.site
    assert isinstance(found, PublicSite)  # noqa: S101 - set where the application is made
    return found


def answer_language(request: Request, asked: str = "", one: Subscriber | None = None) -> str:
    """Return the language to answer in: asked for, the subscriber's own, the browser's."""
    if one is not None and one.language and not asked:
        return one.language
    wanted = asked or request.query_params.get("lang", "")
    accepted = request.headers.get("accept-language", "")
    return choose_language(accepted, wanted, site_of(request).pages.language)


def page_response(
    request: Request,
    kind: str,
    status: int = 200,
    *,
    one: Subscriber | None = None,
    lang: str = "",
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> Response:
    """Return the page *kind* as an answer to *request*."""
    made = site_of(request).pages.render(kind, answer_language(request, lang, one), **values)
    return _make_response(made, status, headers)


def _make_response(made: RenderedPage, status: int, headers: Mapping[str, str] | None) -> Response:
    extra = {"Content-Security-Policy": made.policy, "Cache-Control": "no-store"}
    return HTMLResponse(made.html, status, headers={**extra, **(headers or {})})


PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("That could not be read", "What was sent is not what this page expects. Try again."),
    404: (
        "This link does not work",
        "It may have been cut off: copy the whole of it from the mail.",
    ),
    405: ("That could not be read", "What was sent is not what this page expects. Try again."),
    408: ("That took too long", "What was sent did not arrive in time. Try again."),
    410: ("This link is too old", "Subscribe once more to get a new one."),
    413: ("That is too much", "What was sent is larger than this page takes."),
    415: ("That could not be read", "What was sent is not what this page expects. Try again."),
    429: (
        "One moment",
        "There were too many requests from your network. Wait a minute, then try again.",
    ),
    503: ("Something broke on our side", "Nothing was changed. Try again in a few minutes."),
}


def problem_response(
    request: Request, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the page that says what went wrong and what to do."""
    from digest.text.localization import load_catalogue

    lang, cache = answer_language(request), request.app.state.problems
    if (status, lang) not in cache:  # whoever makes many of them makes us render one
        title, text = PROBLEMS.get(status, PROBLEMS[503])
        pages = site_of(request).pages
        say = load_catalogue(lang, pages.letterhead.strings).gettext
        cache[status, lang] = pages.render("problem", lang, heading=say(title), text=say(text))
    return _make_response(cache[status, lang], status, headers)


Endpoint = Callable[[Request], Awaitable[Response]]


def make_routes(path: str, get: Endpoint | None, post: Endpoint | None) -> list[BaseRoute]:
    """Return the route for *path*: GET and HEAD show, POST acts, OPTIONS says which there are."""
    methods = [*(("GET", "HEAD") if get else ()), *(("POST",) if post else ()), "OPTIONS"]

    async def endpoint(request: Request) -> Response:
        act = post if request.method == "POST" else get
        if request.method == "OPTIONS" or act is None:
            return Response(status_code=204, headers={"Allow": ", ".join(methods)})
        return await act(request)

    return [Route(path, endpoint, methods=methods)]
