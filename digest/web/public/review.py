"""The pages behind the links of a review mail: GET shows a button, only POST acts."""

from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from digest.app.composition import App
from digest.schedule.review import ReviewPage
from digest.text.localization import load_catalogue
from digest.web.public.limits import first_value, read_form
from digest.web.public.responses import answer_language, make_routes, page_response, site_of

_FORGED = 5.0  # what a token that nobody made costs, in requests
_NOT_FOUND = 404


def make_review_routes(app: App) -> list[BaseRoute]:
    """Return the routes of the review links, for the application to serve beside its own."""
    office = app.review_links

    async def look(request: Request) -> Response:
        """Show what the link would do; whoever follows it, nothing happens."""
        token = request.path_params["token"]
        found = await run_in_threadpool(office.look, token, datetime.now(UTC))
        return _render_page(request, found)

    async def act(request: Request) -> Response:
        """Do it, once."""
        token = request.path_params["token"]
        again = first_value(await read_form(request), "again") == "yes"
        now = datetime.now(UTC)
        found = await run_in_threadpool(lambda: office.act(token, now, again=again))
        return _render_page(request, found)

    return [*make_routes("/review/{token}", look, act)]


def _render_page(request: Request, found: ReviewPage) -> Response:
    if found.status == _NOT_FOUND:
        request.app.state.limit(request, _FORGED)
    say = load_catalogue(
        answer_language(request), site_of(request).pages.letterhead.strings
    ).gettext
    return page_response(
        request,
        "review",
        found.status,
        heading=say(found.heading),
        text=say(found.text, **found.values),
        ask=found.ask,
        token=request.path_params["token"],
    )
