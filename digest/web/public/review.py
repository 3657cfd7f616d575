"""The pages behind the links of a review mail: GET shows a button, only POST acts."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from digest.app.composition import App
from digest.schedule.review import ReviewPage
from digest.text.localization import catalogue
from digest.web.public.limits import first, form
from digest.web.public.responses import language, page, pair, site_of

_FORGED = 5.0  # what a token that nobody made costs, in requests
_NOT_FOUND = 404


def routes(app: App) -> list[BaseRoute]:
    """Return the routes of the review links, for the application to serve beside its own."""
    office = app.review_links

    async def look(request: Request) -> Response:
        """Show what the link would do; whoever follows it, nothing happens."""
        token = request.path_params["token"]
        found = await run_in_threadpool(office.look, token, datetime.now(UTC))
        return _page(request, found)

    async def act(request: Request) -> Response:
        """Do it, once."""
        token = request.path_params["token"]
        again = first(await form(request), "again") == "yes"
        now = datetime.now(UTC)
        found = await run_in_threadpool(lambda: office.act(token, now, again=again))
        return _page(request, found)

    return [*pair("/review/{token}", look, act)]


def _page(request: Request, found: ReviewPage) -> Response:
    if found.status == _NOT_FOUND:
        request.app.state.limit(request, _FORGED)
    say = catalogue(language(request), site_of(request).pages.letterhead.strings).gettext
    return page(
        request,
        "review",
        found.status,
        heading=say(found.heading),
        text=say(found.text, **found.values),
        ask=found.ask,
        token=request.path_params["token"],
    )
