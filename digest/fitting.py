"""What training counts with: ROUGE, ridge and logistic regression. The latter two need numpy."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

_ROUNDS = 10


def rouge(made: Sequence[str], wanted: Sequence[str]) -> tuple[float, float, float]:
    """Return ROUGE-1, -2 and -L (F1, 0 to 1) of *made* against *wanted*, both lists of units."""
    both = len(made) + len(wanted)
    return (
        _overlap(Counter(made), Counter(wanted)),
        _overlap(Counter(pairwise(made)), Counter(pairwise(wanted))),
        2 * common(made, wanted) / both if both else 0.0,
    )


def _overlap(one: "Counter[object]", other: "Counter[object]") -> float:
    both = one.total() + other.total()
    return 2 * (one & other).total() / both if both else 0.0


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    A row of the table is one integer, a bit a column (Hyyrö, "Bit-parallel LCS-length
    computation revisited", 2004).
    """
    places: defaultdict[str, int] = defaultdict(int)
    for at, unit in enumerate(one):
        places[unit] |= 1 << at
    full = (1 << len(one)) - 1
    row = full
    for unit in other:
        hit = row & places.get(unit, 0)
        row = ((row + hit) | (row - hit)) & full
    return len(one) - row.bit_count()


def ridge(rows: "Array", labels: "Array", weights: "Array", strength: float) -> "Array":
    """Return the weights (on the figures as they are) of a ridge regression on scaled figures."""
    import numpy as np

    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    scaled = (rows - mean) / spread
    centred = labels - np.average(labels, weights=weights)
    square = (scaled * weights[:, None]).T @ scaled + strength * np.eye(rows.shape[1])
    return np.asarray(np.linalg.solve(square, (scaled * weights[:, None]).T @ centred) / spread)


def logistic(
    rows: "Array", labels: "Array", weights: "Array", strength: float
) -> tuple["Array", float]:
    """Return weights and bias of a logistic regression on scaled figures, by Newton's method."""
    import numpy as np

    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    scaled = np.c_[(rows - mean) / spread, np.ones(len(rows))]
    found = np.zeros(scaled.shape[1])
    for _ in range(_ROUNDS):
        guess = 1 / (1 + np.exp(-scaled @ found))
        slope = scaled.T @ (weights * (guess - labels)) + strength * found
        bend = (scaled * (weights * guess * (1 - guess))[:, None]).T @ scaled
        found -= np.linalg.solve(bend + strength * np.eye(len(found)), slope)
    kept = found[:-1] / spread
    return kept, float(found[-1] - kept @ mean)
