"""Subscribe and confirm: the form answers the same to everybody, the mail tells who they are."""

import asyncio
from collections.abc import Mapping

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.audience import address, joining
from digest.audience.address import Unfit, masked
from digest.catalogue import catalogue
from digest.model import Applicant, Consent
from digest.web.public.answers import language, page, site_of
from digest.web.public.bodies import first, form
from digest.web.public.identity import applicant

_EVEN = 0.3  # seconds that every answer to the form takes, so that its time tells nothing
_COST = 6.0  # what the form costs, in requests: each may send a mail

Fields = Mapping[str, tuple[str, ...]]


async def welcome(request: Request) -> Response:
    """Show the form."""
    request.app.state.limit(request)
    return await _form(request, {}, chosen=site_of(request).chosen)


async def subscribe(request: Request) -> Response:
    """Take a wish to subscribe: the same answer whether the address is known or not."""
    site, loop = site_of(request), asyncio.get_running_loop()
    start = loop.time()
    request.app.state.limit(request, _COST)
    fields = await form(request)
    lang = language(request, first(fields, "lang"))
    try:
        one = _applicant(request, fields, lang)
    except Unfit as unfit:
        chosen = fields.get("digest", ())
        return await _form(request, fields, chosen=chosen, lang=lang, wrong=_which(str(unfit)))
    answer = page(
        request,
        "asked",
        lang=lang,
        email=address.shown(one.address),
        days=site.settings.confirm_days,
    )
    if not first(fields, "website"):  # only a program sees that field
        asked = await run_in_threadpool(joining.ask, site.audience, one, site.now())
        answer.background = BackgroundTask(site.letters.ask, asked) if asked else None
    await asyncio.sleep(max(0.0, start + _EVEN - loop.time()))
    return answer


def _which(reason: str) -> str:
    """Return which field of the form *reason* is about."""
    return next((field for field in ("digest", "the name") if field in reason), "email")


def _applicant(request: Request, fields: Fields, lang: str) -> Applicant:
    """Return who asks; the client is kept as a keyed hash alone."""
    site = site_of(request)
    found = address.address(first(fields, "email"))
    digests = tuple(name for name in fields.get("digest", ()) if name in site.offered)
    if first(fields, "choosing") and not digests:  # a form elsewhere may ask for the address alone
        raise Unfit("no digest is chosen")
    client = request.app.state.proxies.client(request)
    return Applicant(
        address=found.sent_to,
        normal=found.normal,
        name=address.name(first(fields, "name")),
        language=lang,
        digests=digests or site.chosen,
        consent=Consent(how="form", at=site.now(), source=site.keyring.marks(client)[0].hex()[:16]),
    )


async def _form(
    request: Request, fields: Fields, *, chosen: tuple[str, ...], lang: str = "", wrong: str = ""
) -> Response:
    """Return the form, with what was typed and what is *wrong* with it where something is."""
    site = site_of(request)
    say = catalogue(language(request, lang), site.pages.letterhead.strings).gettext
    errors = {
        "email": say("That is no address that mail can be sent to. Is there a typing error?"),
        "the name": say("That name cannot be used: it is too long, or holds what cannot be shown."),
        "digest": say("Choose at least one."),
    }
    return page(
        request,
        "subscribe",
        422 if wrong else 200,
        lang=lang,
        intro=site.serve.intro,
        choices=site.choices(chosen),
        email=first(fields, "email")[:254],
        name=first(fields, "name")[:100],
        errors={wrong.removeprefix("the "): errors[wrong]} if wrong else {},
        latest=await run_in_threadpool(site.latest),
    )


async def confirming(request: Request) -> Response:
    """Show the button that confirms: a link alone, which scanners follow, confirms nothing."""
    one, _ = await applicant(request)
    chosen = site_of(request).choices(one.digests, one.digests)
    return page(
        request,
        "confirm",
        one=one,
        address=masked(one.address),
        choices=tuple(choice for choice in chosen if choice.chosen),
        token=request.path_params["token"],
    )


async def confirm(request: Request) -> Response:
    """Confirm: the address is theirs."""
    one, asked = await applicant(request)
    await form(request)
    site = site_of(request)
    after, fresh = await run_in_threadpool(
        joining.confirm, site.audience, one.id, site.now(), asked
    )
    if after is None or after.state != "active":
        raise HTTPException(410)
    token = site.keyring.sign(one.id, "reader")
    answer = page(request, "subscribed", one=after, address=masked(one.address), token=token)
    answer.background = BackgroundTask(site.letters.welcome, after) if fresh else None
    return answer
