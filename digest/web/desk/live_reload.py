"""Pages that are open learn what changed: by other tabs, commands, files.

``--watch``: a change of templates, settings or posts is on the page a moment later.

What happens while a page is open: other tabs, the command line, a feed, a watched file.

One stream of server-sent events for each page; it says which revision is the newest and leaves it
to the page to ask for what changed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from digest.app.composition import App
from digest.config.settings import load_settings
from digest.editorial import pipeline
from digest.model.errors import DigestError
from digest.web.desk.session import Desk

WATCH_EVERY = 0.7  # seconds between two looks
_MOST = 20_000  # files that are looked at

State = dict[str, float]


def start_watching(desk: Desk) -> Thread:
    """Watch what *desk* is made from, in a thread that ends with the program; return the thread."""
    thread = Thread(target=_watch_files, args=(desk,), daemon=True)
    thread.start()
    return thread


def _watch_files(desk: Desk) -> None:
    before = read_file_times(desk.app)
    while not desk.closing:
        time.sleep(WATCH_EVERY)
        now = read_file_times(desk.app)
        if now != before:
            before = now
            look_again(desk)


def look_again(desk: Desk) -> None:
    """Read settings, templates and posts anew and make the issue of them; say what is wrong."""
    with desk.lock:
        try:
            desk.renew(App(load_settings(desk.app.settings.file or None)))
            _remake_issue(desk)
            desk.trouble = ""
        except DigestError as error:
            desk.trouble = str(error)
        desk.touch()


def _remake_issue(desk: Desk) -> None:
    revision, now = desk.revision(), datetime.now(UTC)
    if revision.approved:
        return
    name, kit = revision.issue.edition.name, desk.kit
    known = name == "weekly" or name in desk.app.settings.digests
    if kit.sources:
        pipeline.gather_posts(kit, now)
    anew = desk.app.edition(name) if known else None
    desk.keep(pipeline.redraft_issue(kit, revision.issue.id, now, anew=anew))


def read_file_times(app: App) -> State:
    """Return when each file that an issue is made from was changed last."""
    found: State = {}
    for path in _list_files(app):
        try:
            found[str(path)] = path.stat().st_mtime
        except OSError:  # gone between two looks
            continue
        if len(found) >= _MOST:
            break
    return found


def _list_files(app: App) -> Iterator[Path]:
    if app.settings.file:
        yield Path(app.settings.file)
    folders = [app.templates.own]
    folders += [app.settings.folder / one.folder for one in app.settings.sources if one.folder]
    for folder in folders:
        if folder is not None:
            yield from (path for path in folder.rglob("*") if path.is_file())


PULSE_EVERY = 0.25  # seconds between two looks at what this process knows
ELSEWHERE = 8  # every so many looks the store is asked as well: another process may have written
BEAT = 80  # and so often the line is kept alive


def stream_events(desk: Desk, request: Request) -> StreamingResponse:
    """Return the stream of one page."""
    stream = _stream_page(desk, request.path_params["issue"], request)
    return StreamingResponse(stream, media_type="text/event-stream")


async def _stream_page(desk: Desk, issue: str, request: Request) -> AsyncIterator[str]:
    looks, told, beat, trouble = 0, "", -1, ""
    while not (desk.closing or await request.is_disconnected()):
        if desk.beat != beat or looks % ELSEWHERE == 0:
            beat = desk.beat
            newest = await run_in_threadpool(_find_newest, desk, issue)
            if newest and newest != told:
                told = newest
                yield f"event: revision\ndata: {newest}\n\n"
            if desk.trouble != trouble:
                trouble = desk.trouble
                yield f"event: trouble\ndata: {' '.join(trouble.split())}\n\n"
        if looks % BEAT == BEAT - 1:
            yield ": here\n\n"
        looks += 1
        await asyncio.sleep(PULSE_EVERY)


def _find_newest(desk: Desk, issue: str) -> str:
    """Return the hash of the newest revision of *issue* and whether it is approved."""
    try:
        found = desk.revision(issue)
    except DigestError:
        return ""
    return f"{found.hash} {found.number} {'approved' if found.approved else 'draft'}"
