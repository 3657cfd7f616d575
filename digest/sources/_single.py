"""One page as a post: a story that an editor adds by its address."""

from datetime import datetime
from hashlib import sha256

from digest.errors import SourceError
from digest.fetch import Client
from digest.model import Post
from digest.sources import _dates, _page, _zones
from digest.sources._decode import decode
from digest.sources._formats import is_page

_OK = 200


def single(url: str, now: datetime, *, timezone: str = "", allow: tuple[str, ...] = ()) -> Post:
    """Return the page at *url* as a post; SourceError where it is none, or has no title.

    Without a date of its own it is of *now*. Where its text cannot be told from the page around
    it, ``note`` says so and there is nothing to quote.
    """
    remedy = "Give the address of an article."
    answer = Client(origin=url, allow_private=allow).get(url)
    if answer.status != _OK:
        raise SourceError(url, f"the server answered {answer.status}", remedy)
    if not is_page(answer.body, answer.content_type):
        raise SourceError(url, "it is no web page", remedy)
    page = _page.read(decode(answer.body, answer.content_type), answer.url)
    if not page.title:
        raise SourceError(url, "the page has no title", remedy)
    written = _dates.moment(page.published, _zones.named(timezone)) or now
    episode, name = _page.episode(page)
    return Post(
        id=sha256(url.encode()).hexdigest()[:32],
        source=url,
        url=url,
        title=page.title,
        published=min(written, now),
        first_seen=now,
        abstract=page.abstract,
        author=page.author,
        language=page.language.replace("_", "-"),
        tags=page.tags,
        categories=page.categories,
        image=_page.picture(page),
        episode=episode,
        episode_name=name,
        document=page.document,
        text_from="extracted" if page.extracted else "page",
        note=page.why,
    )
