"""A small choice that stands for a large set: facility location, greedy and lazy.

The worth of a choice is the sum of how well each candidate is covered (its likeness to the most
like of the chosen), of the weight of the chosen groups, and of what is new in categories and
sources. All of it falls as more is chosen, so a gain computed earlier is never too small.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from digest.model import Quota

# Weighed on the weeks of a real blog: what the choice covers of the week's topics against how many
# of its categories it shows; above 3 categories are lost, below 2 topics.
COVER = 3.0
GROUP = 0.3
CATEGORY = 0.9
SOURCE = 0.1
SUBJECT = 0.12
_ROUNDS = 3
_LEAST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverCandidate:
    """What may be chosen: one of a ``group``; a ``series`` again only if nothing else is left.

    ``size`` adds to the weight of its group. ``subjects`` weigh, 0-1, what is worth telling once.
    ``bonus`` is what speaks for it besides all that, on the scale on which the candidate that
    covers most by itself has 1.
    """

    group: str
    series: str = ""
    size: float = 1.0
    categories: tuple[str, ...] = ()
    source: str = ""
    subjects: Mapping[str, float] = field(default_factory=dict)
    bonus: float = 0.0


class Worth(NamedTuple):
    """What speaks for a candidate at some point of the choice; the sum counts."""

    covers: float = 0.0
    group: float = 0.0
    category: float = 0.0
    source: float = 0.0
    subject: float = 0.0
    bonus: float = 0.0


@dataclass(frozen=True, slots=True)
class CoverChoice:
    """A chosen candidate by its index, with what it added when it was chosen."""

    index: int
    worth: Worth

    @property
    def gain(self) -> float:
        """Return all that it added."""
        return sum(self.worth)


class Ground:
    """What does not change during a choice.

    *near* holds for each candidate its likeness, 0-1, to others. ``unit`` is the most that one
    candidate covers by itself.
    """

    def __init__(
        self,
        candidates: Sequence[CoverCandidate],
        near: Sequence[Mapping[int, float]],
        quotas: Mapping[str, Quota],
    ) -> None:
        self.candidates = candidates
        self.quotas = quotas
        self.reach = [{index: 1.0, **likeness} for index, likeness in enumerate(near)]
        self.unit = max((sum(mine.values()) for mine in self.reach), default=1.0)
        self.groups: defaultdict[str, float] = defaultdict(float)
        for candidate in candidates:
            self.groups[candidate.group] += candidate.size
        self.largest = max(self.groups.values(), default=1.0)

    def bound(self, index: int) -> frozenset[str]:
        """Return the categories of *index* that have a quota."""
        return frozenset(self.quotas.keys() & set(self.candidates[index].categories))


class Cover:
    """A choice in the making, and what each candidate would add to it."""

    def __init__(self, ground: Ground, taken: Iterable[int] = (), *, weight: float = COVER) -> None:
        self.ground = ground
        self.weight = weight
        self.chosen: list[CoverChoice] = []
        self._covered = [0.0] * len(ground.candidates)
        self.categories: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._subjects: Counter[str] = Counter()
        self._groups: set[str] = set()
        self.taken: Counter[str] = Counter()
        for index in taken:
            self.take(index)

    def gain(self, index: int) -> float:
        """Return what choosing *index* now would add."""
        return sum(self.worth(index))

    def worth(self, index: int) -> Worth:
        """Return what would speak for *index* now."""
        ground, candidate = self.ground, self.ground.candidates[index]
        known = min((self.categories[name] for name in candidate.categories), default=1)
        return Worth(
            self.weight * self._newly_covered(index) / ground.unit,
            GROUP * ground.groups[candidate.group] / ground.largest,
            CATEGORY / (1 + known) ** 2,
            SOURCE / (1 + self._sources[candidate.source]),
            SUBJECT * max(map(self._subject, candidate.subjects.items()), default=0.0),
            candidate.bonus,
        )

    def _subject(self, subject: tuple[str, float]) -> float:
        name, weight = subject
        return weight / (1 + self._subjects[name]) ** 2

    def take(self, index: int) -> None:
        """Choose *index*."""
        candidate = self.ground.candidates[index]
        self.chosen.append(CoverChoice(index, self.worth(index)))
        covered = self._covered
        for other, likeness in self.ground.reach[index].items():
            if likeness > covered[other]:
                covered[other] = likeness
        self.categories.update(candidate.categories)
        self._sources[candidate.source] += 1
        self._subjects.update(candidate.subjects.keys())
        self._groups.add(candidate.group)
        self.taken[candidate.series] += bool(candidate.series)

    def best(self, pool: Iterable[int]) -> int:
        """Return which of *pool* adds most; of equals the first."""
        return max(pool, key=lambda index: (self.gain(index), -index))

    def better(self, index: int, hopes: Iterable[tuple[float, int]]) -> int:
        """Return what adds most in place of *index*; *hopes* bound each gain, the highest first."""
        best, most = index, self.gain(index)
        for hope, other in hopes:
            if hope <= most:
                break
            if self._may_replace(index, other) and (gain := self.gain(other)) > most + _LEAST:
                best, most = other, gain
        return best

    def _may_replace(self, index: int, other: int) -> bool:
        ground, mine = self.ground, self.ground.candidates[other].series
        fresh = not self.taken[mine] or mine == ground.candidates[index].series
        return fresh and self.may(other) and ground.bound(other) == ground.bound(index)

    def fill(self, pool: Iterable[int], size: int) -> list[int]:
        """Choose the best of *pool*, one of a group and of a series, until there are *size*.

        Return those that were left because their series was taken, the best first.
        """
        queue = [(-self.gain(index), index) for index in pool]
        heapify(queue)
        waiting = []
        while queue and len(self.chosen) < size:
            _, index = heappop(queue)
            if not self.may(index):
                continue
            if self.taken[self.ground.candidates[index].series]:
                waiting.append(index)
            elif queue and (again := (-self.gain(index), index)) > queue[0]:
                heappush(queue, again)
            else:
                self.take(index)
        return waiting

    def may(self, index: int) -> bool:
        """Tell whether neither its group nor a quota stands against *index*."""
        candidate = self.ground.candidates[index]
        return candidate.group not in self._groups and not any(
            (quota := self.ground.quotas.get(name)) and quota.full(self.categories[name])
            for name in candidate.categories
        )

    def _newly_covered(self, index: int) -> float:
        covered, more = self._covered, 0.0
        for other, likeness in self.ground.reach[index].items():
            if likeness > covered[other]:
                more += likeness - covered[other]
        return more


def choose_covering(
    candidates: Sequence[CoverCandidate],
    near: Sequence[Mapping[int, float]],
    size: int,
    *,
    first: Sequence[int] = (),
    without: Collection[int] = (),
    quotas: Mapping[str, Quota] | None = None,
) -> list[CoverChoice]:
    """Return at most *size* choices, the weightiest first: all of *first*, none of *without*.

    What a quota asks for is chosen before the rest. A series gets further places only where
    nothing else is left, and half of *size* at most.
    """
    ground = Ground(candidates, near, quotas or {})
    cover = Cover(ground, first)
    free = [index for index in range(len(candidates)) if index not in without]
    for name, quota in ground.quotas.items():
        missing = quota.least - cover.categories[name]
        pool = [index for index in free if name in candidates[index].categories]
        cover.fill(pool, min(size, len(cover.chosen) + missing))
    waiting = cover.fill(free, size)
    _add_series(cover, waiting, size)
    chosen = [choice.index for choice in cover.chosen]
    chosen = _exchange_choices(ground, chosen, free, frozenset(first))
    return _rank_choices(ground, chosen)


def weigh_candidates(
    candidates: Sequence[CoverCandidate],
    near: Sequence[Mapping[int, float]],
    chosen: Sequence[int] = (),
) -> list[Worth]:
    """Return what each of *candidates* adds to those *chosen*, as ``choose_covering`` ranks."""
    cover = Cover(Ground(candidates, near, {}), chosen, weight=1.0)
    return [cover.worth(index) for index in range(len(candidates))]


def _add_series(cover: Cover, waiting: Sequence[int], size: int) -> None:
    for index in waiting:
        taken = cover.taken[cover.ground.candidates[index].series]
        if len(cover.chosen) < size and taken < (size + 1) // 2 and cover.may(index):
            cover.take(index)


def _exchange_choices(
    ground: Ground, chosen: list[int], free: Sequence[int], kept: frozenset[int]
) -> list[int]:
    """Return *chosen* with each, but those *kept*, exchanged for one *free* that adds more."""
    alone = Cover(ground)
    hopes = [(alone.gain(index), index) for index in free]
    hopes.sort(key=lambda hope: (-hope[0], hope[1]))
    for _ in range(_ROUNDS):
        before = list(chosen)
        for place, index in enumerate(chosen):
            if index not in kept:
                others = Cover(ground, chosen[:place] + chosen[place + 1 :])
                chosen[place] = others.better(index, hopes)
        if chosen == before:
            break
    return chosen


def _rank_choices(ground: Ground, chosen: Sequence[int]) -> list[CoverChoice]:
    """Return *chosen* in the order the choice would take them if it were free.

    How much a post covers counts less here: what most posts are told of leads.
    """
    cover = Cover(ground, weight=1.0)
    left = set(chosen)
    while left:
        best = cover.best(left)
        cover.take(best)
        left.remove(best)
    return cover.chosen
