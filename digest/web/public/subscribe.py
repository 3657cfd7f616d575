"""Subscribe, confirm, choose and leave, by form and by the token of a mail.

Subscribe and confirm: the form answers the same to everybody, the mail tells who they are.

Leave and choose: by the token that every mail carries, without a password.

Who a token in a path stands for; forged ones cost, real ones do not.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from digest.audience import subscriptions
from digest.config.link_tokens import TokenPurpose, TokenVerdict
from digest.model import Consent, NewSubscriber, Subscriber
from digest.text import address
from digest.text.address import Unfit, masked
from digest.text.localization import load_catalogue
from digest.web.public.limits import first_value, read_form
from digest.web.public.public_pages import LANGUAGES
from digest.web.public.responses import answer_language, page_response, problem_response, site_of

_FORGED = 5.0  # what a token that nobody made costs, in requests


class OutdatedLink(Exception):  # noqa: N818 - it is no error, but asks for another page
    """A reader's link was renewed since it was sent; ``number`` is whose it was."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


async def find_reader(request: Request) -> tuple[int, Subscriber | None]:
    """Return the number of the reader whose token is in the path, and them if they are still there.

    Mailbox providers post for many of their users from few addresses, so that a genuine token is
    never too many. 404 for any other; OutdatedLink where it was renewed.
    """
    verdict = await _verify_token(request, "reader")
    number = int(verdict.subject)
    request.state.subscriber = number
    if verdict.outdated:
        raise OutdatedLink(number)
    return number, await run_in_threadpool(site_of(request).audience.get, number)


async def find_applicant(request: Request) -> tuple[Subscriber, datetime]:
    """Return who is asked to confirm by the token in the path, and when they were asked.

    410 where the token is too old or its subscriber gone.
    """
    verdict, site = await _verify_token(request, "confirm"), site_of(request)
    if verdict.expired or verdict.expires is None:
        raise HTTPException(410)
    request.state.subscriber = int(verdict.subject)
    one = await run_in_threadpool(site.audience.get, int(verdict.subject))
    if one is None:
        raise HTTPException(410)
    return one, verdict.expires - timedelta(days=site.settings.confirm_days)


async def _verify_token(request: Request, purpose: TokenPurpose) -> TokenVerdict:
    token, keyring = request.path_params["token"], site_of(request).keyring
    verdict = await run_in_threadpool(keyring.verify, token, purpose)
    if verdict is None or not verdict.subject.isdecimal():
        request.app.state.limit(request, _FORGED)
        raise HTTPException(404)
    return verdict


_EVEN = 0.3  # seconds that every answer to the form takes, so that its time tells nothing
_COST = 6.0  # what the form costs, in requests: each may send a mail

Fields = Mapping[str, tuple[str, ...]]


async def show_form(request: Request) -> Response:
    """Show the form."""
    request.app.state.limit(request)
    return await _form_response(request, {}, chosen=site_of(request).chosen)


async def take_sign_up(request: Request) -> Response:
    """Take a wish to subscribe: the same answer whether the address is known or not."""
    site, loop = site_of(request), asyncio.get_running_loop()
    start = loop.time()
    request.app.state.limit(request, _COST)
    fields = await read_form(request)
    lang = answer_language(request, first_value(fields, "lang"))
    try:
        one = _read_applicant(request, fields, lang)
    except Unfit as unfit:
        chosen = fields.get("digest", ())
        return await _form_response(
            request, fields, chosen=chosen, lang=lang, wrong=_find_field(str(unfit))
        )
    answer = page_response(
        request,
        "asked",
        lang=lang,
        email=address.shown(one.address),
        days=site.settings.confirm_days,
    )
    if not first_value(fields, "website"):  # only a program sees that field
        asked = await run_in_threadpool(
            subscriptions.ask_to_subscribe, site.audience, one, site.now()
        )
        answer.background = BackgroundTask(site.letters.ask, asked) if asked else None
    await asyncio.sleep(max(0.0, start + _EVEN - loop.time()))
    return answer


def _find_field(reason: str) -> str:
    """Return which field of the form *reason* is about."""
    return next((field for field in ("digest", "the name") if field in reason), "email")


def _read_applicant(request: Request, fields: Fields, lang: str) -> NewSubscriber:
    """Return who asks; the client is kept as a keyed hash alone."""
    site = site_of(request)
    found = address.address(first_value(fields, "email"))
    digests = tuple(name for name in fields.get("digest", ()) if name in site.offered)
    if (
        first_value(fields, "choosing") and not digests
    ):  # a form elsewhere may ask for the address alone
        raise Unfit("no digest is chosen")
    client = request.app.state.proxies.client(request)
    return NewSubscriber(
        address=found.sent_to,
        normal=found.normal,
        name=address.name(first_value(fields, "name")),
        language=lang,
        digests=digests or site.chosen,
        consent=Consent(how="form", at=site.now(), source=site.keyring.marks(client)[0].hex()[:16]),
    )


async def _form_response(
    request: Request, fields: Fields, *, chosen: tuple[str, ...], lang: str = "", wrong: str = ""
) -> Response:
    """Return the form, with what was typed and what is *wrong* with it where something is."""
    site = site_of(request)
    say = load_catalogue(answer_language(request, lang), site.pages.letterhead.strings).gettext
    errors = {
        "email": say("That is no address that mail can be sent to. Is there a typing error?"),
        "the name": say("That name cannot be used: it is too long, or holds what cannot be shown."),
        "digest": say("Choose at least one."),
    }
    return page_response(
        request,
        "subscribe",
        422 if wrong else 200,
        lang=lang,
        intro=site.serve.intro,
        choices=site.choices(chosen),
        email=first_value(fields, "email")[:254],
        name=first_value(fields, "name")[:100],
        errors={wrong.removeprefix("the "): errors[wrong]} if wrong else {},
        latest=await run_in_threadpool(site.latest),
    )


async def show_confirm(request: Request) -> Response:
    """Show the button that confirms: a link alone, which scanners follow, confirms nothing."""
    one, _ = await find_applicant(request)
    chosen = site_of(request).choices(one.digests, one.digests)
    return page_response(
        request,
        "confirm",
        one=one,
        address=masked(one.address),
        choices=tuple(choice for choice in chosen if choice.chosen),
        token=request.path_params["token"],
    )


async def confirm_address(request: Request) -> Response:
    """Confirm: the address is theirs."""
    one, asked = await find_applicant(request)
    await read_form(request)
    site = site_of(request)
    after, fresh = await run_in_threadpool(
        subscriptions.confirm_subscription, site.audience, one.id, site.now(), asked
    )
    if after is None or after.state != "active":
        raise HTTPException(410)
    token = site.keyring.sign(one.id, "reader")
    answer = page_response(
        request, "subscribed", one=after, address=masked(one.address), token=token
    )
    answer.background = BackgroundTask(site.letters.welcome, after) if fresh else None
    return answer


_ONE_CLICK = "list-unsubscribe", "one-click"  # RFC 8058, 3.1


async def show_leave(request: Request) -> Response:
    """Show the button that ends a subscription: a link alone ends none."""
    _, one = await find_reader(request)
    token = request.path_params["token"]
    return page_response(
        request, "leave", one=one, address=masked(one.address) if one else "", token=token
    )


async def end_by_link(request: Request) -> Response:
    """End a subscription at once (RFC 8058): no cookie, no redirect, no question.

    A mailbox provider posts this for its user, and so does the button; again, nothing changes.
    """
    number, one = await find_reader(request)
    fields = await read_form(request)
    if not any(
        (name.lower(), value.lower()) == _ONE_CLICK for name, vs in fields.items() for value in vs
    ):
        return problem_response(request, 400)
    site = site_of(request)
    await run_in_threadpool(
        subscriptions.end_subscription, site.audience, number, site.now(), "one click"
    )
    return page_response(
        request,
        "left",
        one=one,
        lang=first_value(fields, "lang"),
        address=masked(one.address) if one else "",
    )


async def show_choices(request: Request) -> Response:
    """Show what a reader gets and is called."""
    _, one = await find_reader(request)
    return _preferences_response(request, one)


async def save_choices(request: Request) -> Response:
    """Save what a reader chose; who chooses nothing leaves."""
    number, one = await find_reader(request)
    fields, site = await read_form(request), site_of(request)
    if one is None or one.state != "active":
        return _preferences_response(request, one)
    try:
        name = address.name(first_value(fields, "name"))
    except Unfit:
        return _preferences_response(request, one, status=422, wrong=True)
    digests = tuple(n for n in fields.get("digest", ()) if n in {*site.offered, *one.digests})
    lang = first_value(fields, "language")
    after = await run_in_threadpool(
        lambda: subscriptions.choose_digests(
            site.audience,
            number,
            site.now(),
            digests=digests,
            name=name,
            language=lang if lang in LANGUAGES else one.language,
        )
    )
    if after is not None and after.state == "active":
        return _preferences_response(request, after, saved=True)
    return page_response(request, "left", one=one, address=masked(one.address))


async def offer_new_link(request: Request, link: Exception) -> Response:
    """Say that a link is outdated, and send a new one to its reader where that is asked for.

    Whoever holds the old one can do no more than that. A mailbox provider that posts for its user
    asks for it too: the mail that comes leads out with one click.
    """
    assert isinstance(link, OutdatedLink)  # noqa: S101 - this handler is registered for it alone
    site = site_of(request)
    one = await run_in_threadpool(site.audience.get, link.number)
    address = masked(one.address) if one else ""
    if one is None or one.state != "active":
        return page_response(request, "left", one=one, address=address)
    if request.method != "POST":
        path = request.url.path.strip("/")
        return page_response(request, "outdated", one=one, address=address, path=path)
    fields = await read_form(request)
    due = await run_in_threadpool(subscriptions.ask_link, site.audience, one.id, site.now())
    answer = page_response(
        request, "linked", one=one, lang=first_value(fields, "lang"), address=address
    )
    answer.background = BackgroundTask(site.letters.send_link, due) if due else None
    return answer


def _preferences_response(
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
        return page_response(request, "left", one=one, address=masked(one.address) if one else "")
    say = load_catalogue(answer_language(request, one=one), site.pages.letterhead.strings).gettext
    return page_response(
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
