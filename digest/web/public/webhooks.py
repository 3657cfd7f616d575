"""What providers report: bounces and complaints, signed; and whether the service is well."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from digest.audience.bounces import apply_report
from digest.model.errors import StoreError
from digest.web.public.limits import NOTICE, read_body
from digest.web.public.responses import site_of

_FORGED = 10.0


async def take_report(request: Request) -> Response:
    """Act on what a provider reports; 401 where the signature is not its own, 404 without one.

    Answers 200 to what was heard before, and to what concerns nobody here: a provider repeats
    whatever is not.
    """
    site = site_of(request)
    provider = site.hooks.get(request.path_params["provider"])
    if provider is None:
        request.app.state.limit(request, _FORGED)
        raise HTTPException(404)
    raw = await read_body(request, NOTICE)
    headers = {name.lower(): value for name, value in request.headers.items()}
    if not await run_in_threadpool(provider.genuine, headers, raw, site.now()):
        request.app.state.limit(request, _FORGED)
        raise HTTPException(401)
    reports = await run_in_threadpool(provider.reports, raw)
    acted = 0
    for report in reports:
        most = site.settings.soft_bounces
        one = await run_in_threadpool(
            apply_report, site.audience, site.keyring, report, site.now(), most=most
        )
        acted += one is not None
    return JSONResponse({"reports": len(reports), "known": acted})


async def check_health(request: Request) -> Response:
    """Tell whether the store answers."""
    try:
        await run_in_threadpool(site_of(request).audience.get, 0)
    except StoreError:
        return JSONResponse({"status": "the store does not answer"}, 503)
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})
