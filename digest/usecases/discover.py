"""Find the feed of a blog from any of its addresses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from digest.errors import FetchError, SourceError
from digest.fetch import Answer, Client
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


def discover(url: str, allow_private: Sequence[str] = ()) -> Found:
    """Return the feeds to be found from *url*, a feed or any page of a blog; SourceError if none.

    The best comes first: that of posts, all dated and titled, before that of everything.
    """
    client, answer = _asked(url, allow_private)
    url = url if "://" in url else answer.url
    if answer.status >= _ERROR:
        raise SourceError(url, f"the server answered {answer.status}", "Check the address.")
    if not is_page(answer.body, answer.content_type):
        return _alone(answer.url, answer.body, answer.content_type)
    found = candidates(client, answer.url, answer.body, answer.content_type)
    if not found:
        remedy = "Give the address of the feed itself; blogs often keep it at /feed or /index.xml."
        raise SourceError(url, "no feed was found there", remedy)
    told = about(found[0].listing, found[0].url)
    if told.site.startswith(answer.url):  # a feed of a section names that as its site
        told = replace(told, site=answer.url)
    return Found(
        feeds=tuple(
            Candidate(url=one.url, title=one.title, posts=len(one.listing.entries)) for one in found
        ),
        about=told,
    )


def _asked(url: str, allow_private: Sequence[str]) -> tuple[Client, Answer]:
    """Return the answer of *url*; where it begins with a host, that of https, else of http."""
    if "://" in url:
        client = Client(origin=url, allow_private=allow_private, pace=0.0)
        return client, client.get(url)
    if Path(url).is_dir():
        remedy = f"Draft from it with: digest draft --folder {url}"
        raise SourceError(url, "is a folder, no web address", remedy)
    if any(c.isspace() for c in url) or not urlsplit(f"//{url}").hostname:
        raise SourceError(repr(url), "is no web address", "Write it like https://blog.example.org/")
    try:
        return _asked(f"https://{url}", allow_private)
    except FetchError as error:
        try:
            return _asked(f"http://{url}", allow_private)
        except FetchError:
            raise error from None


def _alone(url: str, body: bytes, content_type: str) -> Found:
    try:
        listing = parse(body, content_type)
    except SourceError as error:
        raise SourceError(url, f"{error.subject} {error.cause}", error.remedy) from None
    only = Candidate(url=url, title=listing.title, posts=len(listing.entries))
    return Found(feeds=(only,), about=about(listing, url))
