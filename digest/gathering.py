"""Which stored posts an issue of a period is made of, and what it is measured against."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.errors import NothingToDo
from digest.model import Period, Post
from digest.periods import nothing_in
from digest.ports import Posts

LOOK_BACK = timedelta(weeks=4)  # what a theme's change is measured against


def of_period(posts: Posts, names: Sequence[str], period: Period, edition: str) -> tuple[Post, ...]:
    """Return the posts of *period*, and first those that earlier periods could not know of."""
    own = posts.within(names, period)
    if period.since is None:
        return own
    known = {post.id for post in own}
    issue = f"{edition}-{period.label}"
    late = posts.undecided(names, period.since, period.end, edition, issue)
    return (*(post for post in late if post.id not in known), *own)


def earlier(
    posts: Posts, names: Sequence[str], period: Period, own: Sequence[Post]
) -> tuple[Post, ...]:
    """Return the posts of the weeks before *period*, without its *own*."""
    mine = {post.id for post in own}
    found = posts.within(names, Period(start=period.start - LOOK_BACK, end=period.start))
    return tuple(post for post in found if post.id not in mine)


def nothing(
    posts: Posts, names: Sequence[str], period: Period, now: datetime, zone: str
) -> NothingToDo:
    """Return what says that *period* has no post, and of when the newest ones are."""
    known = (post for name in names for post in posts.known(name).values())
    times = [post.new_at or post.published for post in known]
    return nothing_in(period, max((time for time in times if time <= now), default=None), zone)
