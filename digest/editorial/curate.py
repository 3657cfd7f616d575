"""Which posts of a period an issue tells, in which order and why; every post has one fate.

    posts -> what may be told -> episodes, series, themes, likeness -> coverage -> picks, reasons

Pure: nothing here reads a clock, a file or the network.

Why a post was chosen or left out, in words of the blog's language.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from digest.editorial import coverage, series, themes
from digest.editorial.eligibility import Rules
from digest.editorial.periods import current_week, find_span, find_week
from digest.editorial.series import SeriesPart
from digest.editorial.themes import Subject
from digest.model import (
    Digest,
    Period,
    Pick,
    Placement,
    Post,
    PostCandidate,
    ScoreShare,
    Selection,
    SkippedPost,
)
from digest.text import similarity
from digest.text.localization import Catalogue, load_catalogue

MOST = 4
_LEAST = 0.005  # what adds less is not told of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonFacts:
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
    part: SeriesPart | None = None
    subject: Subject | None = None
    category: tuple[str, int] = ("", 0)
    only: str = ""
    like: int = 0


def describe_reasons(facts: ReasonFacts, say: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return at least one and at most ``MOST`` reasons, the strongest first.

    Each comes behind the name of what it speaks of, as in ``Share.of``.
    """
    found = tuple(_list_reasons(facts, say))[:MOST]
    return found or (("covers", say.gettext("no other new post is like it")),)


def split_score(
    points: Mapping[str, float], why: Sequence[tuple[str, str]]
) -> tuple[ScoreShare, ...]:
    """Return what a score is made of, the largest first, each with what *why* says of it."""
    said: dict[str, list[str]] = {}
    for of, reason in why:
        said.setdefault(of, []).append(reason)
    names = {*said, *(of for of, n in points.items() if abs(n) >= _LEAST)}
    found = (
        ScoreShare(of=of, points=round(points.get(of, 0.0), 3), why="; ".join(said.get(of, ())))
        for of in names
    )
    return tuple(sorted(found, key=lambda share: (-share.points, share.of)))


def _list_reasons(facts: ReasonFacts, say: Catalogue) -> Iterator[tuple[str, str]]:
    if facts.pinned:
        yield "pin", say.gettext("chosen by the editor")
    if facts.strongest:
        yield "quotation", say.gettext("strongest quotation of all new posts")
    if facts.episode > 1:
        yield "episode", _describe_episode(facts.episode, facts.show, say)
    if facts.part:
        number, name = facts.part.number, facts.part.name
        yield "series", say.gettext("part {n} of the series {name}", n=number, name=name)
    if facts.subject and (not facts.part or facts.subject.theme.name != facts.part.name):
        yield "theme", _describe_theme(facts.subject, say)
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


def _describe_episode(n: int, show: str, say: Catalogue) -> str:
    what = say.ngettext("{n} post on this episode", "{n} posts on this episode", n)
    return say.gettext("{what}: {name}", what=what, name=show) if show else what


def _describe_theme(subject: Subject, say: Catalogue) -> str:
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


__all__ = ["curate_posts", "current_week", "find_span", "find_week"]

STRENGTH = 0.3
LATER_PART = 0.3
NOTICE = 0.6
STEADY = 0.5
SMALL = 3
LIKE = 0.15
WEIGHTS: Mapping[str, float] = {  # what weighs the figures of a candidate; kept with each issue
    "covers": coverage.COVER,
    "episode": coverage.GROUP,
    "category": coverage.CATEGORY,
    "source": coverage.SOURCE,
    "theme": coverage.SUBJECT,
    "quotation": STRENGTH,
    "series": LATER_PART,
    "length": NOTICE,
}


def curate_posts(
    posts: Sequence[Post],
    period: Period,
    edition: Digest,
    *,
    before: Sequence[Post] = (),
    fates: Mapping[str, Placement] | None = None,
    pins: Collection[str] = (),
    bans: Collection[str] = (),
    lists: Collection[str] = (),
    strength: Mapping[str, float] | None = None,
    refused: Mapping[str, str] | None = None,
) -> Selection:
    """Return what becomes of each of *posts*: picked, listed (``also``) or skipped with a reason.

    *before* are posts of some weeks before, for the change of themes; *fates* those of approved
    issues: what was featured or listed is not told again. A pinned post is picked even when the
    issue grows or tells one episode twice by it; a ban wins over a pin; a post of *lists* is
    listed and not picked; *refused* are those that a filter keeps out unless they are pinned, with
    what it found. *strength* is the worth, 0-1, of a post's best quotation. The lead comes
    first; ``also`` is in order of publication and holds the siblings of the picks too. The order
    of *posts* makes no difference.
    """
    say = load_catalogue(edition.language)
    pinned = frozenset(pins) - frozenset(bans)
    unique = {post.id: post for post in sorted(posts, key=_by_date, reverse=True)}
    rules = Rules(
        say=say, fates=fates or {}, pins=pinned, bans=frozenset(bans), refused=refused or {}
    )
    in_order = sorted(unique.values(), key=_by_date)
    fit, skipped = rules.sift(in_order, before)
    past = [post for post in before if _find_time(post) < period.start]
    open_ = {post.id for post in fit}
    read = [post for post in in_order if post.id in open_ or rules.bars(post)]
    stock = _Stock.of(fit, past, period, strength or {}, similarity.compare_posts(read, open_))
    chosen = coverage.choose_covering(
        stock.candidates,
        stock.near,
        edition.stories,
        first=[index for index, post in enumerate(fit) if post.id in pinned],
        without=frozenset(index for index, post in enumerate(fit) if post.id in lists),
        quotas=edition.quotas,
    )
    picked = [choice.index for choice in chosen]
    named = stock.named(picked)
    picks = tuple(
        stock.pick(choice, describe_reasons(stock.facts(choice.index, named, pinned), say))
        for choice in chosen
    )
    wishes = (
        dict.fromkeys(lists, "list") | dict.fromkeys(pinned, "pin") | dict.fromkeys(bans, "ban")
    )
    left = [post for post in in_order if post.id not in open_]
    candidates = (*stock.weighed(chosen, picks), *map(_skip_post, left, skipped))
    return Selection(
        picks=picks,
        also=tuple(post for index, post in enumerate(fit) if index not in picked),
        skipped=tuple(skipped),
        themes=tuple(subject.theme for subject in stock.subjects),
        candidates=tuple(replace(one, wish=wishes.get(one.post, "")) for one in candidates),
    )


def _skip_post(post: Post, why: SkippedPost) -> PostCandidate:
    return PostCandidate(
        post=post.id, url=post.url, title=post.title, fate="skipped", reasons=(why.reason,)
    )


def _by_date(post: Post) -> tuple[datetime, str, str]:
    return (_find_time(post), post.id, post.url)


def _find_time(post: Post) -> datetime:
    return post.new_at or post.published


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stock:
    """The posts that may be told and what the choice goes by; lists are by the post's index."""

    posts: Sequence[Post]
    groups: Sequence[str]
    parts: Sequence[series.SeriesPart | None]
    near: Sequence[Mapping[int, float]]
    subjects: Sequence[themes.Subject]
    by_post: Mapping[int, Sequence[themes.Subject]]
    strength: Mapping[str, float]
    own: Sequence[Mapping[str, float]]
    candidates: Sequence[coverage.CoverCandidate]

    @classmethod
    def of(
        cls,
        posts: Sequence[Post],
        before: Sequence[Post],
        period: Period,
        strength: Mapping[str, float],
        near: Sequence[Mapping[int, float]],
    ) -> "_Stock":
        """Return *posts* read; *near* says how alike they are."""
        past = _list_comparable(posts, before)
        subjects = themes.find_subjects(posts, past, (period.end - period.start).days)
        by_post = themes.index_by_post(subjects)
        parts = series.find_parts([p.title for p in posts], [p.title for p in before])
        own = _weigh_posts(posts, parts, strength)
        return cls(
            posts=posts,
            groups=[_find_group(post) for post in posts],
            parts=parts,
            near=near,
            subjects=subjects,
            by_post=by_post,
            strength=strength,
            own=own,
            candidates=_make_candidates(posts, parts, by_post, own),
        )

    def pick(self, choice: coverage.CoverChoice, why: Sequence[tuple[str, str]]) -> Pick:
        """Return the post of *choice* as it was picked; *why* are its reasons, as told."""
        points = self.points(choice.index, choice.worth)
        return Pick(
            post=self.posts[choice.index],
            score=round(choice.gain, 3),
            reasons=tuple(reason for _, reason in why),
            shares=split_score(points, why),
            siblings=self.siblings(choice.index),
        )

    def points(self, index: int, worth: coverage.Worth) -> dict[str, float]:
        """Return what makes up *worth*, that of the post *index*, by the names of ``Share.of``."""
        return {
            "covers": worth.covers,
            "episode": worth.group,
            "category": worth.category,
            "source": worth.source,
            "theme": worth.subject,
            **self.own[index],
        }

    def weighed(
        self, chosen: Sequence[coverage.CoverChoice], picks: Sequence[Pick]
    ) -> Iterator[PostCandidate]:
        """Yield all posts with their figures: the *picks*, which *chosen* made, and the others."""
        worth = coverage.weigh_candidates(
            self.candidates, self.near, [choice.index for choice in chosen]
        )
        ranks = {choice.index: rank for rank, choice in enumerate(chosen)}
        alone, sizes = (
            coverage.weigh_candidates(self.candidates, self.near),
            _measure_sizes(self.posts),
        )
        for index, (post, candidate) in enumerate(zip(self.posts, self.candidates, strict=True)):
            rank = ranks.get(index)
            own = worth[index] if rank is None else chosen[rank].worth
            yield PostCandidate(
                post=post.id,
                url=post.url,
                title=post.title,
                fate="listed" if rank is None else "featured",
                rank=0 if rank is None else rank + 1,
                score=round(sum(own), 4),
                reasons=() if rank is None else picks[rank].reasons,
                figures=_round_figures(
                    {"strength": self.strength.get(post.id, 0.0), "length": sizes[index]}
                ),
                alone=_round_figures(self.points(index, alone[index])),
                points=_round_figures(self.points(index, own)),
                source=candidate.source,
                episode=post.episode,
                series=candidate.series,
                categories=candidate.categories,
                themes=_round_figures(candidate.subjects),
            )

    def siblings(self, index: int) -> tuple[Post, ...]:
        """Return the other posts on the episode of the post *index*."""
        own = self.groups[index]
        return tuple(
            post
            for other, post in enumerate(self.posts)
            if self.groups[other] == own and other != index
        )

    def named(self, picked: Sequence[int]) -> dict[int, themes.Subject | None]:
        """Return for each of *picked*, in this order, a theme that none before it tells."""
        found: dict[int, themes.Subject | None] = {}
        for index in picked:
            told = set(found.values())
            mine = self.by_post.get(index, ())
            found[index] = next((subject for subject in mine if subject not in told), None)
        return found

    def facts(
        self, index: int, named: Mapping[int, themes.Subject | None], pinned: Collection[str]
    ) -> ReasonFacts:
        """Return what speaks for the post *index*; *named* holds all picks with their themes."""
        post, picked = self.posts[index], list(named)
        best = max(self.strength.values(), default=0.0)
        return ReasonFacts(
            pinned=post.id in pinned,
            strongest=best > 0 and self.strength.get(post.id) == best,
            episode=len(self.siblings(index)) + 1,
            show=post.episode_name,
            part=self.parts[index],
            subject=named[index],
            category=self._own_category(index, picked),
            only=self._only(index),
            like=self._like(index, picked),
        )

    def _only(self, index: int) -> str:
        """Return the first person or tag in the title that no other post has; "" for none."""
        post = self.posts[index]
        others = {
            name
            for other, one in enumerate(self.posts)
            if other != index
            for name in (*one.tags, *one.people)
        }
        folded = post.title.casefold()
        own = (name for name in (*post.people, *post.tags) if name not in others)
        return next((name for name in own if name.casefold() in folded), "")

    def _like(self, index: int, picked: Sequence[int]) -> int:
        """Return for how many posts that were not picked the post *index* is the likest pick."""
        return sum(
            likeness >= LIKE and likeness >= max(self.near[one].get(other, 0.0) for one in picked)
            for other, likeness in self.near[index].items()
            if other not in picked and self.groups[other] != self.groups[index]
        )

    def _own_category(self, index: int, picked: Sequence[int]) -> tuple[str, int]:
        others = {name for i in picked if i != index for name in self.posts[i].categories}
        for name in self.posts[index].categories:
            n = sum(name in post.categories for post in self.posts)
            if name not in others and n <= SMALL:
                return name, n
        return "", 0


def _round_figures(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(figure, 4) + 0.0 for name, figure in figures.items()}  # no -0.0


def _find_group(post: Post) -> str:
    return post.episode or post.id


def _make_candidates(
    posts: Sequence[Post],
    parts: Sequence[series.SeriesPart | None],
    by_post: Mapping[int, Sequence[themes.Subject]],
    own: Sequence[Mapping[str, float]],
) -> list[coverage.CoverCandidate]:
    worth = _weigh_themes({subject for subjects in by_post.values() for subject in subjects})
    sizes = _measure_sizes(posts)
    return [
        coverage.CoverCandidate(
            group=_find_group(post),
            series=part.name if part else "",
            size=min(max(sizes[index], 0.25), 9.0) ** 0.5,
            categories=post.categories,
            source=post.episode_name or post.source,
            subjects={
                subject.theme.name: worth[subject.theme.name] for subject in by_post.get(index, ())
            },
            bonus=sum(own[index].values()),
        )
        for index, (post, part) in enumerate(zip(posts, parts, strict=True))
    ]


def _weigh_posts(
    posts: Sequence[Post], parts: Sequence[series.SeriesPart | None], strength: Mapping[str, float]
) -> list[dict[str, float]]:
    """Return what speaks for and against each of *posts* whatever else is chosen."""
    return [
        {
            "quotation": STRENGTH * strength.get(post.id, 0.0),
            "series": -LATER_PART * later,
            "length": -NOTICE * max(0.0, 1 - 2 * size),
        }
        for post, later, size in zip(
            posts, series.count_earlier(parts), _measure_sizes(posts), strict=True
        )
    ]


def _weigh_themes(subjects: Collection[themes.Subject]) -> dict[str, float]:
    """Return how much each theme is worth telling, 0-1; a rising one more."""
    heaviest = max((subject.weight for subject in subjects), default=1.0)
    return {
        subject.theme.name: subject.weight / heaviest * (1.0 if subject.rises else STEADY)
        for subject in subjects
    }


def _measure_sizes(posts: Sequence[Post]) -> list[float]:
    """Return the length of each of *posts*, where the usual one is 1.

    Bytes of UTF-8: a Han character says about as much as three Latin letters.
    """
    lengths = [len(post.document.text.encode()) for post in posts]
    usual = median(lengths) if lengths else 0
    return [length / usual if usual else 1.0 for length in lengths]


def _list_comparable(posts: Sequence[Post], before: Sequence[Post]) -> list[Post]:
    """Return those of *before* of which as much is known as of *posts*.

    Many feeds print no tags: of a post whose page was never read nobody knows what it is about,
    and to count it would tell readers of a rise that there was not.
    """
    labelled = any(post.tags or post.categories for post in posts)
    return [p for p in before if p.text_from != "feed" or p.tags or p.categories or not labelled]
