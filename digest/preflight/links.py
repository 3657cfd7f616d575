"""Do the links and pictures of a mail answer?"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from html import unescape
from urllib.parse import urlsplit

from digest.errors import FetchError
from digest.fetch import Answer, Client, LargeError
from digest.model import Finding, Mail
from digest.model.draft import Slot

_LINK = re.compile(r"""<a\b[^<>]*?\shref\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_PICTURE = re.compile(r"""<img\b[^<>]*?\ssrc\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_AT_ONCE, _MOST, _SECONDS = 8, 80, 20.0
_PEEK = 64 << 10  # bytes that are read of an answer
_SHY = (401, 403, 405, 429, 999)  # what sites answer programs that a browser is let in by


def reach(mail: Mail, own: Sequence[Slot], client: Client) -> Iterator[Finding]:
    """Yield what of *mail* does not answer, or answers that it is gone; all of it in 20 seconds.

    *own* are the slots of its HTML: what leads to a reader's own page is not tried.
    """
    looks = addresses(mail, own)
    deadline = time.monotonic() + _SECONDS
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        tasks = [pool.submit(_look, url, what, client.get, deadline) for url, what in looks]
        wait(tasks, timeout=_SECONDS + 1)
        found = [one for task in tasks if task.done() and (one := task.result())]
        yield from _gathered(found, len(tasks))
        if late := sum(not task.done() for task in tasks):
            cause = f"{late} links were not tried: the others took too long"
            yield Finding(level="warning", subject="links", cause=cause)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        client.close()


def addresses(mail: Mail, own: Sequence[Slot]) -> tuple[tuple[str, str], ...]:
    """Return what ``reach`` tries of *mail*: each address, and whether it is a link or picture."""
    pages, pictures = _urls(_LINK, mail.html, own), _urls(_PICTURE, mail.html, own)
    looks = [(url, "link") for url in pages] + [(url, "picture") for url in pictures]
    return tuple(looks[:_MOST])


def _gathered(found: Sequence[Finding], tried: int) -> Iterator[Finding]:
    """Yield *found*, or one finding where nothing at all could be reached."""
    if tried > 2 and len(found) == tried and all("answers" not in one.cause for one in found):
        cause = f"none of {tried} could be reached"
        remedy = "Is there a network? Then try one in a browser."
        yield Finding(level="warning", subject="links", cause=cause, remedy=remedy)
        return
    yield from found


def _urls(pattern: re.Pattern[str], html: str, own: Sequence[Slot]) -> Sequence[str]:
    """Return the web addresses that *pattern* finds, each once, but for those that hold a slot."""
    places = (
        place
        for place in pattern.finditer(html)
        if not any(place.start(1) <= slot.start < place.end(1) for slot in own)
    )
    found = (unescape(place[1]).partition("#")[0] for place in places)
    web = (url for url in found if url.startswith(("http://", "https://")))
    return [url for url in dict.fromkeys(web) if not _reserved(url)]


def _reserved(url: str) -> bool:
    """Tell whether the host of *url* is one that never answers (RFC 2606)."""
    return (urlsplit(url).hostname or "").endswith((".invalid", ".test"))


def _look(url: str, what: str, get: Callable[..., Answer], deadline: float) -> Finding | None:
    left = deadline - time.monotonic()
    if left <= 0:
        return None
    try:
        answer = get(url, max_bytes=_PEEK, deadline=min(8.0, left))
    except LargeError:
        return None
    except FetchError as error:
        return _finding(url, what, error.cause)
    if answer.status >= 400 and answer.status not in _SHY:
        return _finding(url, what, f"answers {answer.status}")
    if what == "picture" and answer.status == 200 and not _is_picture(answer):
        return _finding(url, what, f"is no picture but {answer.content_type or 'something else'}")
    return None


def _is_picture(answer: Answer) -> bool:
    return answer.content_type.startswith("image/") or not answer.content_type


def _finding(url: str, what: str, cause: str) -> Finding:
    remedy = "Mend the post, or leave it out."
    return Finding(level="warning", subject=f"{what} {url}", cause=cause, remedy=remedy)
