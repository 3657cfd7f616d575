"""The issue that came out last, for the form: looked up now and then, not at every request."""

import time
from collections.abc import Callable

from digest import app
from digest.config import Settings
from digest.errors import DigestError
from digest.render.letterhead import slug
from digest.web.public.pages import Latest

_LASTS = 60.0  # seconds that what was found is good for


def newest(settings: Settings, archive: str) -> Callable[[], Latest | None]:
    """Return what finds the issue that was approved last; nothing without an *archive*.

    Where the archive is served from here, an issue that is not in it yet is passed over. A store
    that does not answer has no newest issue: the form is shown all the same.
    """
    found: tuple[float, Latest | None] = (-_LASTS, None)

    def latest() -> Latest | None:
        nonlocal found
        if archive and time.monotonic() - found[0] >= _LASTS:
            found = (time.monotonic(), _found(settings, archive))
        return found[1]

    return latest


def _found(settings: Settings, archive: str) -> Latest | None:
    try:
        approved = [one for one in app.issues(settings).shelf() if one.approved_at]
    except DigestError:
        return None
    shown = [one for one in approved if _is_out(settings, one.issue)]
    if not shown:
        return None
    last = max(shown, key=lambda one: one.approved_at or one.created)
    return Latest(url=f"{archive.rstrip('/')}/{slug(last.issue)}/", title=last.subject)


def _is_out(settings: Settings, issue: str) -> bool:
    folder = settings.serve.archive
    return not folder or (settings.folder / folder / slug(issue) / "index.html").is_file()
