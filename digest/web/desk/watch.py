"""``--watch``: a change of templates, settings or posts is on the page a moment later."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from digest import app, config, pipeline
from digest.config import Settings
from digest.errors import DigestError
from digest.web.desk.desk import Desk

EVERY = 0.7  # seconds between two looks
_MOST = 20_000  # files that are looked at

State = dict[str, float]


def watch(desk: Desk) -> Thread:
    """Watch what *desk* is made from, in a thread that ends with the program; return the thread."""
    thread = Thread(target=_watching, args=(desk,), daemon=True)
    thread.start()
    return thread


def _watching(desk: Desk) -> None:
    before = state(desk.settings)
    while not desk.closing:
        time.sleep(EVERY)
        now = state(desk.settings)
        if now != before:
            before = now
            look_again(desk)


def look_again(desk: Desk) -> None:
    """Read settings, templates and posts anew and make the issue of them; say what is wrong."""
    with desk.lock:
        try:
            desk.renew(config.load(desk.settings.file or None))
            _remake(desk)
            desk.trouble = ""
        except DigestError as error:
            desk.trouble = str(error)
        desk.touch()


def _remake(desk: Desk) -> None:
    revision, now = desk.revision(), datetime.now(UTC)
    if revision.approved:
        return
    name, kit = revision.issue.edition.name, desk.kit
    known = name == "weekly" or name in desk.settings.digests
    if kit.sources:
        pipeline.gather(kit, now)
    anew = app.edition(desk.settings, name) if known else None
    desk.keep(pipeline.redraft(kit, revision.issue.id, now, anew=anew))


def state(settings: Settings) -> State:
    """Return when each file that an issue is made from was changed last."""
    found: State = {}
    for path in _files(settings):
        try:
            found[str(path)] = path.stat().st_mtime
        except OSError:  # gone between two looks
            continue
        if len(found) >= _MOST:
            break
    return found


def _files(settings: Settings) -> Iterator[Path]:
    if settings.file:
        yield Path(settings.file)
    folders = [app.templates(settings).own]
    folders += [settings.folder / one.folder for one in settings.sources if one.folder]
    for folder in folders:
        if folder is not None:
            yield from (path for path in folder.rglob("*") if path.is_file())
