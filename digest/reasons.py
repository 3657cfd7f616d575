"""Why a post was chosen or left out, in words of the blog's language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.catalogue import Catalogue
from digest.model import Share
from digest.text.series import Part
from digest.text.themes import Subject

MOST = 4
_LEAST = 0.005  # what adds less is not told of


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What speaks for a chosen post.

    ``episode`` counts the posts of the period on its episode, ``show`` is what that is called.
    ``category`` is a small one that no other story has, with all posts of it in the period.
    ``only`` names what no other post of the period is about; ``like`` counts the posts that were
    not chosen and are more like it than like any other story.
    """

    pinned: bool = False
    strongest: bool = False
    episode: int = 1
    show: str = ""
    part: Part | None = None
    subject: Subject | None = None
    category: tuple[str, int] = ("", 0)
    only: str = ""
    like: int = 0


def told(facts: Facts, say: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return at least one and at most ``MOST`` reasons, the strongest first.

    Each comes behind the name of what it speaks of, as in ``Share.of``.
    """
    found = tuple(_all(facts, say))[:MOST]
    return found or (("covers", say.gettext("no other new post is like it")),)


def shares(points: Mapping[str, float], why: Sequence[tuple[str, str]]) -> tuple[Share, ...]:
    """Return what a score is made of, the largest first, each with what *why* says of it."""
    said: dict[str, list[str]] = {}
    for of, reason in why:
        said.setdefault(of, []).append(reason)
    names = {*said, *(of for of, n in points.items() if abs(n) >= _LEAST)}
    found = (
        Share(of=of, points=round(points.get(of, 0.0), 3), why="; ".join(said.get(of, ())))
        for of in names
    )
    return tuple(sorted(found, key=lambda share: (-share.points, share.of)))


def _all(facts: Facts, say: Catalogue) -> Iterator[tuple[str, str]]:
    if facts.pinned:
        yield "pin", say.gettext("chosen by the editor")
    if facts.strongest:
        yield "quotation", say.gettext("strongest quotation of all new posts")
    if facts.episode > 1:
        yield "episode", _episode(facts.episode, facts.show, say)
    if facts.part:
        number, name = facts.part.number, facts.part.name
        yield "series", say.gettext("part {n} of the series {name}", n=number, name=name)
    if facts.subject and (not facts.part or facts.subject.theme.name != facts.part.name):
        yield "theme", _theme(facts.subject, say)
    category, n = facts.category
    if category and n == 1:
        yield "category", say.gettext("the only new post in {category}", category=category)
    elif category:
        text = say.gettext("stands for {n} new posts in {category}", category=category, n=n)
        yield "category", text
    if facts.only:
        yield "alone", say.gettext("the only new post on {name}", name=facts.only)
    if facts.like:
        one, many = "closest to {n} other new post", "closest to {n} other new posts"
        yield "covers", say.ngettext(one, many, facts.like)


def _episode(n: int, show: str, say: Catalogue) -> str:
    what = say.ngettext("{n} post on this episode", "{n} posts on this episode", n)
    return say.gettext("{what}: {name}", what=what, name=show) if show else what


def _theme(subject: Subject, say: Catalogue) -> str:
    name, n = subject.theme.name, subject.theme.posts
    past = n - (subject.theme.change or 0)
    if not subject.rises:
        return say.ngettext("theme: {name}, {n} post", "theme: {name}, {n} posts", n, name=name)
    if past == 0:
        one, many = "new theme: {name}, {n} post", "new theme: {name}, {n} posts"
        return say.ngettext(one, many, n, name=name)
    one = "rising theme: {name}, {n} post, up from {past}"
    many = "rising theme: {name}, {n} posts, up from {past}"
    return say.ngettext(one, many, n, name=name, past=say.number(past))
