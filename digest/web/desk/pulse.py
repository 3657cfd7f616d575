"""What happens while a page is open: other tabs, the command line, a feed, a watched file.

One stream of server-sent events for each page; it says which revision is the newest and leaves it
to the page to ask for what changed.
"""

import asyncio
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from digest.errors import DigestError
from digest.web.desk.desk import Desk

EVERY = 0.25  # seconds between two looks at what this process knows
ELSEWHERE = 8  # every so many looks the store is asked as well: another process may have written
BEAT = 80  # and so often the line is kept alive


def events(desk: Desk, request: Request) -> StreamingResponse:
    """Return the stream of one page."""
    stream = _stream(desk, request.path_params["issue"], request)
    return StreamingResponse(stream, media_type="text/event-stream")


async def _stream(desk: Desk, issue: str, request: Request) -> AsyncIterator[str]:
    looks, told, beat, trouble = 0, "", -1, ""
    while not (desk.closing or await request.is_disconnected()):
        if desk.beat != beat or looks % ELSEWHERE == 0:
            beat = desk.beat
            newest = await run_in_threadpool(_newest, desk, issue)
            if newest and newest != told:
                told = newest
                yield f"event: revision\ndata: {newest}\n\n"
            if desk.trouble != trouble:
                trouble = desk.trouble
                yield f"event: trouble\ndata: {' '.join(trouble.split())}\n\n"
        if looks % BEAT == BEAT - 1:
            yield ": here\n\n"
        looks += 1
        await asyncio.sleep(EVERY)


def _newest(desk: Desk, issue: str) -> str:
    """Return the hash of the newest revision of *issue* and whether it is approved."""
    try:
        found = desk.revision(issue)
    except DigestError:
        return ""
    return f"{found.hash} {found.number} {'approved' if found.approved else 'draft'}"
