"""Leave and choose: by the token that every mail carries, without a password."""

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from digest.audience import address, joining
from digest.audience.address import Unfit, masked
from digest.catalogue import catalogue
from digest.model import Subscriber
from digest.web.public.answers import language, page, problem, site_of
from digest.web.public.bodies import first, form
from digest.web.public.identity import OutdatedLink, reader
from digest.web.public.pages import LANGUAGES

_ONE_CLICK = "list-unsubscribe", "one-click"  # RFC 8058, 3.1


async def leaving(request: Request) -> Response:
    """Show the button that ends a subscription: a link alone ends none."""
    _, one = await reader(request)
    token = request.path_params["token"]
    return page(request, "leave", one=one, address=masked(one.address) if one else "", token=token)


async def leave(request: Request) -> Response:
    """End a subscription at once (RFC 8058): no cookie, no redirect, no question.

    A mailbox provider posts this for its user, and so does the button; again, nothing changes.
    """
    number, one = await reader(request)
    fields = await form(request)
    if not any(
        (name.lower(), value.lower()) == _ONE_CLICK for name, vs in fields.items() for value in vs
    ):
        return problem(request, 400)
    site = site_of(request)
    await run_in_threadpool(joining.leave, site.audience, number, site.now(), "one click")
    return page(
        request,
        "left",
        one=one,
        lang=first(fields, "lang"),
        address=masked(one.address) if one else "",
    )


async def choosing(request: Request) -> Response:
    """Show what a reader gets and is called."""
    _, one = await reader(request)
    return _preferences(request, one)


async def choose(request: Request) -> Response:
    """Save what a reader chose; who chooses nothing leaves."""
    number, one = await reader(request)
    fields, site = await form(request), site_of(request)
    if one is None or one.state != "active":
        return _preferences(request, one)
    try:
        name = address.name(first(fields, "name"))
    except Unfit:
        return _preferences(request, one, status=422, wrong=True)
    digests = tuple(n for n in fields.get("digest", ()) if n in {*site.offered, *one.digests})
    lang = first(fields, "language")
    after = await run_in_threadpool(
        lambda: joining.choose(
            site.audience,
            number,
            site.now(),
            digests=digests,
            name=name,
            language=lang if lang in LANGUAGES else one.language,
        )
    )
    if after is not None and after.state == "active":
        return _preferences(request, after, saved=True)
    return page(request, "left", one=one, address=masked(one.address))


async def renewed(request: Request, link: Exception) -> Response:
    """Say that a link is outdated, and send a new one to its reader where that is asked for.

    Whoever holds the old one can do no more than that. A mailbox provider that posts for its user
    asks for it too: the mail that comes leads out with one click.
    """
    assert isinstance(link, OutdatedLink)  # noqa: S101 - this handler is registered for it alone
    site = site_of(request)
    one = await run_in_threadpool(site.audience.get, link.number)
    address = masked(one.address) if one else ""
    if one is None or one.state != "active":
        return page(request, "left", one=one, address=address)
    if request.method != "POST":
        path = request.url.path.strip("/")
        return page(request, "outdated", one=one, address=address, path=path)
    fields = await form(request)
    due = await run_in_threadpool(joining.ask_link, site.audience, one.id, site.now())
    answer = page(request, "linked", one=one, lang=first(fields, "lang"), address=address)
    answer.background = BackgroundTask(site.letters.send_link, due) if due else None
    return answer


def _preferences(
    request: Request,
    one: Subscriber | None,
    *,
    status: int = 200,
    saved: bool = False,
    wrong: bool = False,
) -> Response:
    """Return the form of *one*, or the word that they left."""
    site = site_of(request)
    if one is None or one.state != "active":
        return page(request, "left", one=one, address=masked(one.address) if one else "")
    say = catalogue(language(request, one=one), site.pages.letterhead.strings).gettext
    return page(
        request,
        "preferences",
        status,
        one=one,
        address=masked(one.address),
        choices=site.choices(one.digests, one.digests),
        name=one.name,
        error=say("That name cannot be used: it is too long, or holds what cannot be shown.")
        if wrong
        else "",
        saved=saved,
        token=request.path_params["token"],
    )
