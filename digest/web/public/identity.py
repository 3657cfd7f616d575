"""Who a token in a path stands for; forged ones cost, real ones do not."""

from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from digest.model import Subscriber
from digest.tokens import Purpose, Verdict
from digest.web.public.answers import site_of

_FORGED = 5.0  # what a token that nobody made costs, in requests


class OutdatedLink(Exception):  # noqa: N818 - it is no error, but asks for another page
    """A reader's link was renewed since it was sent; ``number`` is whose it was."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


async def reader(request: Request) -> tuple[int, Subscriber | None]:
    """Return the number of the reader whose token is in the path, and them if they are still there.

    Mailbox providers post for many of their users from few addresses, so that a genuine token is
    never too many. 404 for any other; OutdatedLink where it was renewed.
    """
    verdict = await _verified(request, "reader")
    number = int(verdict.subject)
    request.state.subscriber = number
    if verdict.outdated:
        raise OutdatedLink(number)
    return number, await run_in_threadpool(site_of(request).audience.get, number)


async def applicant(request: Request) -> tuple[Subscriber, datetime]:
    """Return who is asked to confirm by the token in the path, and when they were asked.

    410 where the token is too old or its subscriber gone.
    """
    verdict, site = await _verified(request, "confirm"), site_of(request)
    if verdict.expired or verdict.expires is None:
        raise HTTPException(410)
    request.state.subscriber = int(verdict.subject)
    one = await run_in_threadpool(site.audience.get, int(verdict.subject))
    if one is None:
        raise HTTPException(410)
    return one, verdict.expires - timedelta(days=site.settings.confirm_days)


async def _verified(request: Request, purpose: Purpose) -> Verdict:
    token, keyring = request.path_params["token"], site_of(request).keyring
    verdict = await run_in_threadpool(keyring.verify, token, purpose)
    if verdict is None or not verdict.subject.isdecimal():
        request.app.state.limit(request, _FORGED)
        raise HTTPException(404)
    return verdict
