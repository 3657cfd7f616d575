"""Which posts of a period an issue tells, in which order and why; every post has one fate.

posts -> what is fit to tell -> episodes, series, likeness -> coverage -> picks with reasons

Pure: nothing here reads a clock, a file or the network.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from digest.catalogue import Catalogue, catalogue
from digest.errors import ConfigError
from digest.model import Edition, Fate, Period, Pick, Post, Selection, Skipped, Theme
from digest.text import coverage, series, terms, themes, twins

THIN = 40
_TITLE_WEIGHT = 3
_STRENGTH = 0.3
_RISING = 0.15
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
_PAGES = frozenset(
    {"about", "about-me", "about-us", "contact", "privacy", "privacy-policy", "terms", "imprint"}
    | {"impressum", "search", "archive", "archives", "sitemap", "links", "now", "uses", "404"}
    | {"subscribe", "newsletter", "tags", "categories"}
)


def week(label: str, timezone: str) -> Period:
    """Return the ISO week *label* ("2026-W02") in *timezone*; ConfigError if there is none."""
    found = _WEEK.fullmatch(label.strip())
    try:
        if found:
            return _week_of(date.fromisocalendar(int(found[1]), int(found[2]), 1), timezone)
    except ValueError:
        pass
    raise ConfigError(f"week {label!r}", "there is no such ISO week", "Write it like 2026-W02.")


def span(since: date, until: date, timezone: str) -> Period:
    """Return the days from *since* to *until*, both included; ConfigError if they are reversed."""
    if until < since:
        raise ConfigError(
            f"period {since} to {until}", "it ends before it starts", "Exchange the two days."
        )
    return _days(since, until, f"{since} to {until}", timezone)


def current_week(now: datetime, timezone: str) -> Period:
    """Return the last complete ISO week before *now*.

    Not the running one: a draft of a whole week stays the same from Monday to Sunday, and no post
    is published behind its back.
    """
    today = now.astimezone(_zone(timezone)).date()
    return _week_of(today - timedelta(days=today.weekday() + 7), timezone)


def _week_of(monday: date, timezone: str) -> Period:
    year, number, _ = monday.isocalendar()
    return _days(monday, monday + timedelta(days=6), f"{year}-W{number:02d}", timezone)


def _days(first: date, last: date, label: str, name: str) -> Period:
    zone = _zone(name)
    start, end = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (first, last + timedelta(days=1))
    )
    return Period(start=start, end=end, label=label)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(
            f"timezone {name!r}", "there is no such zone", "Write one like Asia/Taipei or UTC."
        ) from None


def curate(
    posts: Sequence[Post],
    period: Period,
    edition: Edition,
    *,
    before: Sequence[Post] = (),
    fates: Mapping[str, Fate] | None = None,
    pins: Collection[str] = (),
    bans: Collection[str] = (),
    strength: Mapping[str, float] | None = None,
) -> Selection:
    """Return what becomes of each of *posts*: picked, listed (``also``) or skipped with a reason.

    *before* are posts of some weeks before, for the change of themes; *fates* those of approved
    issues: what was featured or listed is not told again. A pinned post is picked even when the
    issue grows or tells one episode twice by it; a ban wins over a pin. *strength* is the worth,
    0-1, of a post's best quotation. The lead comes first; ``also`` is in order of publication and
    holds the siblings of the picks too. The order of *posts* makes no difference.
    """
    say = catalogue(edition.language)
    unique = {post.id: post for post in sorted(posts, key=_by_date, reverse=True)}
    ordered = sorted(unique.values(), key=_by_date)
    rules = _Rules(say=say, fates=fates or {}, pins=frozenset(pins) - frozenset(bans), bans=bans)
    fit, skipped = rules.sift(ordered, before)
    past = [post for post in before if _when(post) < period.start]
    week = _Week.of(fit, past, period, strength or {})
    pinned = [index for index, post in enumerate(fit) if post.id in rules.pins]
    chosen = coverage.choose(week.candidates, week.near, edition.stories, pinned)
    return Selection(
        picks=tuple(week.pick(choice, _Reasons(say, rules.pins, week)) for choice in chosen),
        also=tuple(_left(fit, chosen)),
        skipped=tuple(skipped),
        themes=tuple(subject.theme for subject in week.subjects),
    )


def _by_date(post: Post) -> tuple[datetime, str, str]:
    return (_when(post), post.id, post.url)


def _when(post: Post) -> datetime:
    return post.new_at or post.published


def _left(fit: Sequence[Post], chosen: Sequence[coverage.Choice]) -> Iterator[Post]:
    taken = {choice.index for choice in chosen}
    return (post for index, post in enumerate(fit) if index not in taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What keeps a post out of an issue, whatever else there is."""

    say: Catalogue
    fates: Mapping[str, Fate]
    pins: Collection[str]
    bans: Collection[str]

    def sift(
        self, posts: Sequence[Post], before: Sequence[Post]
    ) -> tuple[list[Post], list[Skipped]]:
        """Return the posts that may be told, and the others with the reason."""
        least = _least([post for post in posts if post.title.strip()])
        twin = self._twins(posts, before)
        fit, skipped = [], []
        for post in posts:
            reason = self._against(post, least) or twin.get(post.id, "")
            if reason:
                skipped.append(Skipped(url=post.url, title=post.title, reason=reason))
            else:
                fit.append(post)
        return fit, skipped

    def _against(self, post: Post, least: int) -> str:
        say = self.say.gettext
        if post.id in self.bans:
            return say("left out by the editor")
        if self._told(post):
            return say("already in an earlier issue")
        if not post.title.strip():
            return say("no title")
        if post.id in self.pins:
            return ""
        if _is_page(post):
            return say("a page of the site, not a post")
        length = _length(post)
        return say("too short ({n} words or characters)", n=length) if length < least else ""

    def _told(self, post: Post) -> bool:
        return self.fates.get(post.id) in ("featured", "listed")

    def _twins(self, posts: Sequence[Post], before: Sequence[Post]) -> dict[str, str]:
        """Return the reason against each post that repeats a post of the period or a told one."""
        known = {post.id for post in posts}
        told = [post for post in before if self._told(post) and post.id not in known]
        open_ = [post for post in posts if not self._told(post) and post.id not in self.bans]
        open_.sort(key=lambda post: post.id not in self.pins)
        both = told + open_
        repeats = twins.of([post.document.text for post in both])
        return {
            both[here].id: self.say.gettext("the same text as “{title}”", title=both[there].title)
            for here, there in repeats.items()
            if here >= len(told) and both[here].id not in self.pins
        }


def _least(posts: Sequence[Post]) -> int:
    """Return from which length on a post can be told; lower for a blog of short notes."""
    typical = median(map(_length, posts)) if posts else 0
    return int(min(THIN, typical / 3))


def _length(post: Post) -> int:
    return max(terms.size(post.document.text[: terms.READ]), terms.size(post.abstract))


def _is_page(post: Post) -> bool:
    last = urlsplit(post.url).path.rstrip("/").rpartition("/")[2].removesuffix(".html")
    return last.lower() in _PAGES and not post.tags and not post.categories


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    """The posts that may be told, with all that the choice is made by; lists go by index."""

    posts: Sequence[Post]
    groups: Sequence[str]
    parts: Sequence[series.Part | None]
    near: Sequence[Mapping[int, float]]
    subjects: Sequence[themes.Subject]
    themes: Mapping[int, Sequence[Theme]]
    strength: Mapping[str, float]
    candidates: Sequence[coverage.Candidate]

    @classmethod
    def of(
        cls,
        posts: Sequence[Post],
        before: Sequence[Post],
        period: Period,
        strength: Mapping[str, float],
    ) -> "_Week":
        """Return *posts* read and compared."""
        groups = [post.episode or post.id for post in posts]
        parts = _parts(posts, before)
        subjects = themes.subjects(posts, before, (period.end - period.start).days)
        named = themes.lookup(subjects)
        return cls(
            posts=posts,
            groups=groups,
            parts=parts,
            near=terms.neighbours(terms.vectors([_words(post) for post in posts])),
            subjects=subjects,
            themes=named,
            strength=strength,
            candidates=[
                coverage.Candidate(
                    group=groups[index],
                    series=part.name if (part := parts[index]) else "",
                    categories=post.categories,
                    source=post.episode_name or post.source,
                    bonus=_STRENGTH * strength.get(post.id, 0.0)
                    + _RISING * any(map(_rises, named.get(index, ()))),
                )
                for index, post in enumerate(posts)
            ],
        )

    def pick(self, choice: coverage.Choice, reasons: "_Reasons") -> Pick:
        """Return the pick of *choice* with its reasons and siblings."""
        return Pick(
            post=self.posts[choice.index],
            score=round(choice.gain, 3),
            reasons=tuple(reasons.of(choice.index)),
            siblings=tuple(
                post
                for index, post in enumerate(self.posts)
                if self.groups[index] == self.groups[choice.index] and index != choice.index
            ),
        )


def _words(post: Post) -> Counter[str]:
    words = terms.counts(post.document.text)
    named = " ; ".join((post.title, post.abstract, *post.tags, *post.people))
    for word, n in terms.counts(named).items():
        words[word] += _TITLE_WEIGHT * n
    return words


def _parts(posts: Sequence[Post], before: Sequence[Post]) -> list[series.Part | None]:
    """Return the series part that each of *posts* is; a lone number makes no series."""
    found = [series.part(post.title) for post in posts]
    earlier = (series.part(post.title) for post in before)
    known = Counter(part.name for part in (*found, *earlier) if part and part.name)
    return [part if part and known[part.name] > 1 else None for part in found]


def _rises(theme: Theme) -> bool:
    return theme.change is not None and theme.change * 2 > theme.posts


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Says in the blog's language why a post was chosen."""

    say: Catalogue
    pins: Collection[str]
    week: _Week

    def of(self, index: int) -> Iterator[str]:
        """Yield the reasons for the post *index*, the strongest first; one at least."""
        found = [*self._given(index), *self._themes(index), *self._reach(index)]
        yield from found or [self.say.gettext("unlike the other stories")]

    def _given(self, index: int) -> Iterator[str]:
        week, post = self.week, self.week.posts[index]
        if post.id in self.pins:
            yield self.say.gettext("chosen by the editor")
        same = week.groups.count(week.groups[index])
        if same > 1:
            yield self.say.ngettext("{n} post on this episode", "{n} posts on this episode", same)
        if part := week.parts[index]:
            yield self.say.gettext("part {n} of the series {name}", n=part.number, name=part.name)
        best = max(week.strength.values(), default=0.0)
        if best and week.strength.get(post.id) == best:
            yield self.say.gettext("strongest quotation of all new posts")

    def _themes(self, index: int) -> Iterator[str]:
        for theme in self.week.themes.get(index, ())[:1]:
            yield self._theme(theme)

    def _theme(self, theme: Theme) -> str:
        past = theme.posts - (theme.change or 0)
        name, n = theme.name, theme.posts
        if theme.change is None or not _rises(theme):
            return self.say.ngettext(
                "theme: {name}, {n} post", "theme: {name}, {n} posts", n, name=name
            )
        if past == 0:
            return self.say.ngettext(
                "new theme: {name}, {n} post", "new theme: {name}, {n} posts", n, name=name
            )
        return self.say.ngettext(
            "rising theme: {name}, {n} post, up from {past}",
            "rising theme: {name}, {n} posts, up from {past}",
            n,
            name=name,
            past=self.say.number(past),
        )

    def _reach(self, index: int) -> Iterator[str]:
        post = self.week.posts[index]
        for category in post.categories[:1]:
            n = sum(category in other.categories for other in self.week.posts)
            yield self.say.ngettext(
                "the only new post in {category}",
                "one of {n} new posts in {category}",
                n,
                category=category,
            )
