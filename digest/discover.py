"""Find the feed of a blog from any of its addresses."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from digest.errors import SourceError
from digest.fetch import Client
from digest.model import About, Batch, Validators
from digest.sources import feed as feeds
from digest.sources._decode import decode
from digest.sources._feedlinks import links

_SECTIONS = ("posts/index.xml", "post/index.xml", "blog/index.xml")
_USUAL = ("index.xml", "feed/", "feed.xml", "atom.xml", "rss.xml", "feed.json")
_MAX_FEEDS = 6
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
    ranked = []
    for place, (address, title) in enumerate(_addresses(client, url)):
        batch = _polled(client, address)
        if batch is not None:
            ranked.append((_rank(batch, address), -place, address, title, batch))
    if not ranked:
        remedy = "Give the address of the feed itself; blogs often keep it at /feed or /index.xml."
        raise SourceError(url, "no feed was found there", remedy)
    ranked.sort(key=lambda one: one[:2], reverse=True)
    best: Batch = ranked[0][-1]
    return Found(
        feeds=tuple(
            Candidate(url=address, title=title or batch.about.title, posts=len(batch.posts))
            for _, _, address, title, batch in ranked
        ),
        about=best.about,
    )


def _addresses(client: Client, url: str) -> list[tuple[str, str]]:
    """Return where to look, in order: the address itself, what its page names, the usual places."""
    answer = client.get(url)
    if answer.status >= _ERROR:
        raise SourceError(url, f"the server answered {answer.status}", "Check the address.")
    text = decode(answer.body, answer.content_type)
    if "<html" not in text[:4000].lower():
        return [(answer.url, "")]
    named = list(links(text, answer.url))
    home = urljoin(answer.url, "/")
    guesses = _SECTIONS if named else (*_SECTIONS, *_USUAL)
    seen = {address for address, _ in named}
    return [*named[:_MAX_FEEDS], *((u, "") for u in (home + g for g in guesses) if u not in seen)]


def _polled(client: Client, url: str) -> Batch | None:
    found = feeds.Feed(name=url, url=url, client=client).poll(Validators(), datetime.now(UTC))
    return found if isinstance(found, Batch) and found.posts else None


def _rank(batch: Batch, url: str) -> tuple[bool, int]:
    """Return how likely the feed lists the blog's posts, and little else; more is better."""
    dated = sum(bool(post.title) and post.published < post.first_seen for post in batch.posts)
    comments = "comment" in urlsplit(url).path.lower()
    return not comments, round(10 * dated / len(batch.posts))
