"""Why a post was chosen or left out, in words of the blog's language."""

from collections.abc import Iterator
from dataclasses import dataclass

from digest.catalogue import Catalogue
from digest.text.series import Part
from digest.text.themes import Subject

MOST = 4


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


def reasons(facts: Facts, say: Catalogue) -> tuple[str, ...]:
    """Return at least one and at most ``MOST`` reasons, the strongest first."""
    found = tuple(_all(facts, say))[:MOST]
    return found or (say.gettext("no other new post is like it"),)


def _all(facts: Facts, say: Catalogue) -> Iterator[str]:
    if facts.pinned:
        yield say.gettext("chosen by the editor")
    if facts.strongest:
        yield say.gettext("strongest quotation of all new posts")
    if facts.episode > 1:
        yield _episode(facts.episode, facts.show, say)
    if facts.part:
        number, name = facts.part.number, facts.part.name
        yield say.gettext("part {n} of the series {name}", n=number, name=name)
    if facts.subject and (not facts.part or facts.subject.theme.name != facts.part.name):
        yield _theme(facts.subject, say)
    category, n = facts.category
    if category and n == 1:
        yield say.gettext("the only new post in {category}", category=category)
    elif category:
        yield say.gettext("stands for {n} new posts in {category}", category=category, n=n)
    if facts.only:
        yield say.gettext("the only new post on {name}", name=facts.only)
    if facts.like:
        one, many = "closest to {n} other new post", "closest to {n} other new posts"
        yield say.ngettext(one, many, facts.like)


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
