"""Training: a blog's posts and their authors' descriptions -> the weights of the extract.

The labels are the descriptions: a sentence is worth its mean ROUGE-1, -2 and -L against its
post's description, a gram is wanted if the description has it, and a set of sentences is worth
its ROUGE. Three linear models, one above the other, are fitted in closed form or by Newton's
method; the upper one sees the lower ones' opinion of posts they were not fitted on.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from digest.errors import NothingToDo
from digest.model import Post
from digest.text import choosing, expectation, extracting, features
from digest.text.choosing import Aim, Candidate
from digest.text.expectation import Gram
from digest.text.tokens import units
from digest.text.weights import FORMAT, Model, parse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

LEAST_POSTS = 20
LEAST_FOLD = 5
HALF_LIFE = 60.0  # days: descriptions change their habits, the latest say what the next will be
_SETS = 60
_PRIOR_STRENGTH, _PRIOR_LEAST = 8.0, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One post, laid out once, with its labels: what its author wrote, in units.

    ``worth`` is that of each sentence; ``wanted`` are the grams of size 1 and 2; ``weight`` is
    what the post counts for in training.
    """

    post: Post
    layout: extracting.Layout
    description: Sequence[str]
    worth: Sequence[float]
    wanted: tuple[frozenset[Gram], frozenset[Gram]]
    weight: float = 1.0


def examples(posts: Sequence[Post], max_chars: int) -> list[Example]:
    """Return the posts that can teach: those with a description and with sentences."""
    made = (example(post, max_chars) for post in posts if post.abstract)
    found = [one for one in made if one.layout.sentences]
    if len(found) < LEAST_POSTS:
        raise NothingToDo(
            "train",
            f"{len(found)} posts have both a text and a description, {LEAST_POSTS} are needed",
            "Use the weights that ship, or name a folder with more posts.",
        )
    newest = max(one.post.published for one in found)
    return [replace(one, weight=_recent(newest - one.post.published)) for one in found]


def _recent(age: timedelta) -> float:
    """Return what a post counts for that is *age* older than the newest."""
    return float(0.5 ** (age.days / HALF_LIFE))


def example(post: Post, max_chars: int) -> Example:
    """Return *post* as an example; its abstract is the label."""
    layout = extracting.lay_out(post, max_chars)
    description = units(post.abstract)
    return Example(
        post=post,
        layout=layout,
        description=description,
        worth=[sum(rouge(run, description)) / 3 for run in layout.runs],
        wanted=(
            frozenset(expectation.grams(description, 1)),
            frozenset(expectation.grams(description, 2)),
        ),
    )


def rouge(made: Sequence[str], wanted: Sequence[str]) -> tuple[float, float, float]:
    """Return ROUGE-1, -2 and -L (F1, 0 to 1) of *made* against *wanted*, both lists of units."""
    one, two = (_overlap(made, wanted, size) for size in (1, 2))
    both = len(made) + len(wanted)
    return one, two, 2 * _common(made, wanted) / both if both else 0.0


def _overlap(made: Sequence[str], wanted: Sequence[str], size: int) -> float:
    a, b = Counter(expectation.grams(made, size)), Counter(expectation.grams(wanted, size))
    both = a.total() + b.total()
    return 2 * (a & b).total() / both if both else 0.0


def _common(made: Sequence[str], wanted: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    last = [0] * (len(wanted) + 1)
    for unit in made:
        line = [0]
        for at, other in enumerate(wanted):
            line.append(last[at] + 1 if unit == other else max(last[at + 1], line[at]))
        last = line
    return last[-1]


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
    for _ in range(12):
        guess = 1 / (1 + np.exp(-scaled @ found))
        slope = scaled.T @ (weights * (guess - labels)) + strength * found
        bend = (scaled * (weights * guess * (1 - guess))[:, None]).T @ scaled
        found -= np.linalg.solve(bend + strength * np.eye(len(found)), slope)
    kept = found[:-1] / spread
    return kept, float(found[-1] - kept @ mean)


def fit(examples: Sequence[Example], *, seed: int = 0) -> dict[str, object]:
    """Return a model trained on *examples*, ready for JSON; the same *seed*, the same model."""
    lower = _lower(examples)
    halves = _halves(examples, seed)
    rows, labels, weights = _stack(
        part
        for some, rest in halves
        for part in _sets(some, parse(_lower(rest) | {"together": _zero()}), seed)
    )
    together = ridge(rows, labels, weights, 5.0)
    return lower | {"together": _by_name(choosing.NAMES, together)}


def _zero() -> dict[str, float]:
    return dict.fromkeys(choosing.NAMES, 0.0)


def _by_name(names: Sequence[str], values: "Array") -> dict[str, object]:
    return {name: round(float(value), 6) for name, value in zip(names, values, strict=True)}


def _halves(
    examples: Sequence[Example], seed: int
) -> list[tuple[Sequence[Example], Sequence[Example]]]:
    mixed = list(examples)
    random.Random(seed).shuffle(mixed)  # noqa: S311 - repeatable, not secret
    one, other = mixed[::2], mixed[1::2]
    return [(one, other), (other, one)]


def _lower(examples: Sequence[Example]) -> dict[str, object]:
    """Return the models of sentences and of grams."""
    import numpy as np

    weights = np.concatenate([np.full(len(e.worth), e.weight) for e in examples])
    rows = np.vstack([np.array(e.layout.rows) for e in examples])
    sentence = ridge(rows, np.concatenate([e.worth for e in examples]), weights, 20.0)
    return {
        "format": FORMAT,
        "sentence": _by_name(features.NAMES, sentence),
        "words": _gram_model(examples, 0, priors(examples)),
        "pairs": _gram_model(examples, 1, {}),
    }


def _gram_model(
    examples: Sequence[Example], size: int, known: Mapping[str, float]
) -> dict[str, object]:
    import numpy as np

    rows, labels, weights = [], [], []
    for example in examples:
        for gram, row in (example.layout.words, example.layout.pairs)[size].items():
            prior = known.get(gram, 0.0) if isinstance(gram, str) else 0.0
            rows.append([*row, prior])
            labels.append(float(gram in example.wanted[size]))
            weights.append(example.weight)
    found, bias = logistic(np.array(rows), np.array(labels), np.array(weights), 1.0)
    scale = float(found[-1])
    scaled = {unit: round(value * scale, 3) for unit, value in known.items()}
    kept = {unit: value for unit, value in sorted(scaled.items()) if abs(value) >= 0.1}
    named = _by_name(expectation.NAMES, found[:-1])
    return named | {"bias": round(bias, 6)} | ({"priors": kept} if kept else {})


def priors(examples: Sequence[Example]) -> dict[str, float]:
    """Return for each frequent unit how much likelier than most it is to be taken over (log)."""
    import math

    uses: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for example in examples:
        for gram in example.layout.words:
            if isinstance(gram, str):
                uses[gram] += 1
                taken[gram] += gram in example.wanted[0]
    base = taken.total() / (uses.total() or 1) or 1e-6
    return {
        unit: math.log((taken[unit] + _PRIOR_STRENGTH * base) / (n + _PRIOR_STRENGTH) / base)
        for unit, n in uses.items()
        if n >= _PRIOR_LEAST
    }


def _sets(
    examples: Sequence[Example], model: Model, seed: int
) -> "list[tuple[Array, Array, float]]":
    """Return figures and worth of some sets of sentences of each example, less their means."""
    import numpy as np

    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    found = []
    for example in examples:
        candidates = extracting.weigh(example.layout, model).candidates
        some = [_drawn(candidates, example.layout.aim, rng) for _ in range(_SETS)]
        rows = np.array([row for members, row in some if members])
        if len(rows) < 2:
            continue
        worth = np.array([_worth(example, members) for members, _ in some if members])
        found.append((rows - rows.mean(0), worth - worth.mean(), example.weight))
    return found


def _drawn(
    candidates: Sequence[Candidate], aim: Aim, rng: random.Random
) -> tuple[tuple[Candidate, ...], list[float]]:
    """Return a set of likely candidates drawn at random, as full as it gets, and its figures."""
    best = sorted(candidates, key=lambda c: -c.score)[:12]
    rng.shuffle(best)
    members: list[Candidate] = []
    for candidate in best[: rng.randint(1, 12)]:
        if sum(c.chars + aim.gap for c in members) + candidate.chars <= aim.max_chars:
            members.append(candidate)
        if len(members) == choosing.MOST:
            break
    members.sort(key=lambda c: c.at)
    words = {g: p for c in members for g, p in c.words.items()}
    pairs = {g: p for c in members for g, p in c.pairs.items()}
    gained = sum(words.values()), sum(pairs.values())
    size = sum(c.units for c in members)
    return tuple(members), choosing.figures(members, gained, size, aim)


def _worth(example: Example, members: Sequence[Candidate]) -> float:
    made = choosing.join(example.post.document.text, [c.sentence for c in members])
    return sum(rouge(units(made), example.description)) / 3


def _stack(parts: Any) -> "tuple[Array, Array, Array]":  # noqa: ANN401 - arrays, numpy is optional
    import numpy as np

    rows, labels, weights = zip(*parts, strict=True)
    spread = [np.full(len(one), weight) for one, weight in zip(rows, weights, strict=True)]
    return np.vstack(rows), np.concatenate(labels), np.concatenate(spread)


def validate(
    examples: Sequence[Example], key: Callable[[Post], str]
) -> dict[str, tuple[float, float, float, int]]:
    """Return ROUGE-1, -2, -L (x100) and the number of posts for each fold by *key*, held out.

    A fold of fewer than five posts says nothing and is left out.
    """
    sizes = Counter(key(example.post) for example in examples)
    folds = sorted(fold for fold, size in sizes.items() if size >= LEAST_FOLD)
    result = {}
    for fold in folds:
        test = [e for e in examples if key(e.post) == fold]
        rest = [e for e in examples if key(e.post) != fold]
        if len(rest) >= LEAST_FOLD:
            result[fold] = score(test, parse(fit(rest)))
    return result


def score(examples: Sequence[Example], model: Model) -> tuple[float, float, float, int]:
    """Return the mean ROUGE-1, -2, -L (x100) of the summaries *model* makes, and how many."""
    found = []
    for example in examples:
        made = extracting.summary(
            example.post.document.text, extracting.weigh(example.layout, model), model
        )
        found.append(rouge(units(made), example.description))
    one, two, long = (100 * sum(column) / len(found) for column in zip(*found, strict=True))
    return one, two, long, len(found)


def month(post: Post) -> str:
    """Return the month *post* was published in."""
    return f"{post.published:%Y-%m}"


def line(name: str, scores: tuple[float, float, float, int]) -> str:
    """Return *scores* of the fold *name* as a person reads them."""
    one, two, long, count = scores
    return f"{name}  {count:4d} posts  R1 {one:5.1f}  R2 {two:5.1f}  RL {long:5.1f}"


def dump(model: Mapping[str, object]) -> str:
    """Return *model* as the text of its file."""
    return json.dumps(model, ensure_ascii=False, indent=1) + "\n"
