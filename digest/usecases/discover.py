"""Find the feed of a blog from any of its addresses."""

from dataclasses import dataclass

from digest.errors import SourceError
from digest.fetch import Client
from digest.model import About
from digest.sources._discovery import candidates
from digest.sources._formats import is_page, parse
from digest.sources.feed import about

_ERROR = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A feed of the blog: its address, title and how many posts it lists."""

    url: str
    title: str = ""
    posts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The feeds of a blog, the best first, and what the best says of the blog."""

    feeds: tuple[Candidate, ...]
    about: About


def discover(url: str) -> Found:
    """Return the feeds to be found from *url*, a feed or any page of a blog; SourceError if none.

    The best comes first: that of posts, all dated and titled, before that of everything.
    """
    if "://" not in url:
        url = f"https://{url}"
    client = Client(origin=url, pace=0.0)
    answer = client.get(url)
    if answer.status >= _ERROR:
        raise SourceError(url, f"the server answered {answer.status}", "Check the address.")
    if not is_page(answer.body, answer.content_type):
        return _alone(answer.url, answer.body, answer.content_type)
    found = candidates(client, answer.url, answer.body, answer.content_type)
    if not found:
        remedy = "Give the address of the feed itself; blogs often keep it at /feed or /index.xml."
        raise SourceError(url, "no feed was found there", remedy)
    return Found(
        feeds=tuple(
            Candidate(url=one.url, title=one.title, posts=len(one.listing.entries)) for one in found
        ),
        about=about(found[0].listing, found[0].url),
    )


def _alone(url: str, body: bytes, content_type: str) -> Found:
    try:
        listing = parse(body, content_type)
    except SourceError as error:
        raise SourceError(url, f"{error.subject} {error.cause}", error.remedy) from None
    only = Candidate(url=url, title=listing.title, posts=len(listing.entries))
    return Found(feeds=(only,), about=about(listing, url))
