"""A small choice that stands for a large set: facility location, greedy and lazy."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

NEW_CATEGORY = 0.4
NEW_SOURCE = 0.1
KIN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What may be chosen: one of a ``group``; a ``series`` again only if nothing else is left.

    ``bonus`` is what speaks for it besides what it covers, on the scale on which the candidate
    that covers most by itself has 1.
    """

    group: str
    series: str = ""
    categories: tuple[str, ...] = ()
    source: str = ""
    bonus: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen candidate by its index, with what it added when it was chosen."""

    index: int
    gain: float


class Cover:
    """The state of a choice: how well each candidate is covered by those chosen so far.

    *near* holds for each candidate its likeness, 0-1, to others. A candidate covers itself fully,
    those of its group by ``KIN`` at least, and others as far as they are alike.
    """

    def __init__(
        self, candidates: Sequence[Candidate], near: Sequence[Mapping[int, float]]
    ) -> None:
        self.candidates = candidates
        self.chosen: list[Choice] = []
        self._covered = [0.0] * len(candidates)
        self._categories: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._reach = _reach(candidates, near)
        self._unit = max(map(self._coverage, range(len(candidates))), default=1.0) or 1.0

    def gain(self, index: int) -> float:
        """Return what choosing *index* now would add; it only falls as others are chosen."""
        candidate = self.candidates[index]
        category = min((self._categories[name] for name in candidate.categories), default=1)
        return (
            self._coverage(index) / self._unit
            + NEW_CATEGORY / (1 + category) ** 2
            + NEW_SOURCE / (1 + self._sources[candidate.source])
            + candidate.bonus
        )

    def take(self, index: int) -> None:
        """Choose *index*."""
        candidate = self.candidates[index]
        self.chosen.append(Choice(index, self.gain(index)))
        for other, likeness in self._reach[index].items():
            self._covered[other] = max(self._covered[other], likeness)
        self._categories.update(candidate.categories)
        self._sources[candidate.source] += 1

    def fill(self, pool: Sequence[int], size: int) -> list[int]:
        """Choose from *pool*, the best first, until *size* are chosen; return who waits.

        Those wait whose series has a part among the chosen; others of a chosen group are dropped.
        """
        queue = [(-self.gain(index), index) for index in pool]
        heapify(queue)
        waiting = []
        groups = {self.candidates[choice.index].group for choice in self.chosen}
        series = {self.candidates[choice.index].series for choice in self.chosen} - {""}
        while queue and len(self.chosen) < size:
            _, index = heappop(queue)
            candidate = self.candidates[index]
            if candidate.group in groups:
                continue
            if candidate.series in series:
                waiting.append(index)
                continue
            gain = self.gain(index)
            if queue and (-gain, index) > queue[0]:
                heappush(queue, (-gain, index))
                continue
            self.take(index)
            groups.add(candidate.group)
            series |= {candidate.series} - {""}
        return waiting

    def _coverage(self, index: int) -> float:
        covered = self._covered
        return sum(
            likeness - covered[other]
            for other, likeness in self._reach[index].items()
            if likeness > covered[other]
        )


def _reach(
    candidates: Sequence[Candidate], near: Sequence[Mapping[int, float]]
) -> list[dict[int, float]]:
    kin: defaultdict[str, list[int]] = defaultdict(list)
    for index, candidate in enumerate(candidates):
        kin[candidate.group].append(index)
    reach = []
    for index, candidate in enumerate(candidates):
        mine = dict(near[index])
        for other in kin[candidate.group]:
            mine[other] = KIN + (1 - KIN) * min(1.0, mine.get(other, 0.0))
        mine[index] = 1.0
        reach.append(mine)
    return reach


def choose(
    candidates: Sequence[Candidate],
    near: Sequence[Mapping[int, float]],
    size: int,
    first: Sequence[int] = (),
) -> list[Choice]:
    """Return at most *size* choices, the weightiest first; all of *first* are among them.

    A series gets further places only where nothing else is left, and half of *size* at most.
    """
    cover = Cover(candidates, near)
    for index in first:
        cover.take(index)
    waiting = cover.fill(range(len(candidates)), size)
    taken = Counter(candidates[choice.index].series for choice in cover.chosen)
    for index in waiting:
        series = candidates[index].series
        if len(cover.chosen) < size and taken[series] < (size + 1) // 2:
            taken[series] += 1
            cover.take(index)
    return _ranked(candidates, near, [choice.index for choice in cover.chosen])


def _ranked(
    candidates: Sequence[Candidate], near: Sequence[Mapping[int, float]], chosen: Sequence[int]
) -> list[Choice]:
    """Return *chosen* in the order the choice would take them if it were free."""
    cover = Cover(candidates, near)
    left = set(chosen)
    while left:
        best = max(left, key=lambda index: (cover.gain(index), -index))
        cover.take(best)
        left.remove(best)
    return cover.chosen
