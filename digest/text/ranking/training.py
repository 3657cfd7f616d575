"""Training: a blog's posts and their authors' descriptions -> the weights of the extract.

The labels are the descriptions: a sentence is worth its mean ROUGE-1, -2 and -L against its
post's description, a gram is wanted if the description has it, and a set of sentences is worth
its ROUGE. Three linear models, one above the other, are fitted in closed form or by Newton's
method; the upper one sees the lower ones' opinion of posts they were not fitted on, and learns
from a few hundred sets of sentences of every post, good ones and bad ones, that could be shown.

What training counts with: ROUGE, ridge and logistic regression. The latter two need numpy.
"""

import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, pairwise
from typing import TYPE_CHECKING, TypeAlias

from digest.model import Post
from digest.model.errors import NothingToDo
from digest.text.ranking import features, scoring, selection, word_model
from digest.text.ranking.weights import FORMAT, ExtractModel, parse_model
from digest.text.ranking.word_model import Gram
from digest.text.tokens import is_han, scale_max_chars, split_units

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

_ROUNDS = 10


def score_rouge(made: Sequence[str], wanted: Sequence[str]) -> tuple[float, float, float]:
    """Return ROUGE-1, -2 and -L (F1, 0 to 1) of *made* against *wanted*, both lists of units."""
    both = len(made) + len(wanted)
    return (
        _compute_overlap(Counter(made), Counter(wanted)),
        _compute_overlap(Counter(pairwise(made)), Counter(pairwise(wanted))),
        2 * measure_common_subsequence(made, wanted) / both if both else 0.0,
    )


def _compute_overlap(one: "Counter[object]", other: "Counter[object]") -> float:
    both = one.total() + other.total()
    return 2 * (one & other).total() / both if both else 0.0


def measure_common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
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


def fit_ridge(rows: "Array", labels: "Array", weights: "Array", strength: float) -> "Array":
    """Return the weights (on the figures as they are) of a ridge regression on scaled figures."""
    import numpy as np

    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    scaled = (rows - mean) / spread
    centred = labels - np.average(labels, weights=weights)
    square = (scaled * weights[:, None]).T @ scaled + strength * np.eye(rows.shape[1])
    return np.asarray(np.linalg.solve(square, (scaled * weights[:, None]).T @ centred) / spread)


def fit_logistic(
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


LEAST_POSTS, LEAST_FOLD = 20, 5
HALF_LIFE = 60.0  # days: descriptions change their habits, the latest say what the next will be
_DRAWS, _NOISE = 400, (0.3, 0.7, 1.2, 2.5)
# The sets are drawn by figures that make a sentence's own worth, too, which flatters it: half of
# what is learned of it holds on posts not seen, in Chinese as in English.
_TRUST = 0.5
_PRIOR_STRENGTH, _PRIOR_LEAST = 8.0, 5

Members = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingExample:
    """One post, laid out once, with its labels: what its author wrote, in units.

    ``worth`` is that of each sentence; ``wanted`` are the grams of size 1 and 2; ``sets`` are
    sentences that could be shown together, each with its ROUGE; ``weight`` is what the post
    counts for in training.
    """

    post: Post
    layout: scoring.Layout
    description: Sequence[str]
    worth: Sequence[float]
    wanted: tuple[frozenset[Gram], frozenset[Gram]]
    sets: Mapping[Members, float]
    weight: float = 1.0


def build_examples(posts: Sequence[Post], max_chars: int) -> list[TrainingExample]:
    """Return the posts that can teach: those with a description and with sentences."""
    made = (build_example(post, max_chars) for post in posts if post.abstract)
    found = [one for one in made if one.layout.rows]
    if len(found) < LEAST_POSTS:
        raise NothingToDo(
            "train",
            f"{len(found)} posts have both a text and a description, {LEAST_POSTS} are needed",
            "Use the weights that ship, or name a folder with more posts.",
        )
    newest = max(one.post.published for one in found)
    return [replace(one, weight=_compute_recency(newest - one.post.published)) for one in found]


def _compute_recency(age: timedelta) -> float:
    """Return what a post counts for that is *age* older than the newest."""
    return float(0.5 ** (age.days / HALF_LIFE))


def build_example(post: Post, max_chars: int) -> TrainingExample:
    """Return *post* as an example; its abstract is the label.

    A post in another script than Han has twice the room.
    """
    layout = scoring.lay_out(post, scale_max_chars(post.document.text, max_chars))
    description = split_units(post.abstract)
    return TrainingExample(
        post=post,
        layout=layout,
        description=description,
        worth=[sum(score_rouge(run, description)) / 3 for run in layout.seen.runs],
        wanted=(
            frozenset(word_model.list_grams(description, 1)),
            frozenset(word_model.list_grams(description, 2)),
        ),
        sets=_sample_sets(layout, description),
    )


def _sample_sets(layout: scoring.Layout, description: Sequence[str]) -> dict[Members, float]:
    """Return sets of sentences that fill the length and can be read alone, with their ROUGE.

    They are drawn by how central and how near the title their sentences are, and by chance.
    """
    rng = random.Random(len(layout.rows))  # noqa: S311 - repeatable, not secret
    runs, texts = layout.seen.runs, layout.seen.texts
    likely = _compute_attraction(layout)
    whole = _build_chains(layout.needs)
    sizes = [len(text) + layout.gap for text in texts]
    found: dict[Members, float] = {}
    for draw in range(_DRAWS if whole else 0):
        noise = _NOISE[draw % len(_NOISE)]
        lots = {at: likely[at] - noise * math.log(rng.expovariate(1) or 1) for at in whole}
        order = sorted(whole, key=lots.__getitem__, reverse=True)
        most = rng.randint(1, selection.MOST) if draw % 5 == 0 else selection.MOST
        ranked = (whole[at] for at in order)
        members = _fill_length(ranked, sizes, layout.max_chars + layout.gap, most)
        if members and members not in found:
            made = [unit for at in members for unit in runs[at]]
            found[members] = _combine_scores(score_rouge(made, description))
    return found


def _combine_scores(scores: tuple[float, float, float]) -> float:
    """Return one figure for ROUGE-1, -2 and -L; pairs count double, for they tell a fact."""
    one, two, long = scores
    return (one + 2 * two + long) / 4


def _build_chains(needs: Sequence[Sequence[int]]) -> dict[int, Members]:
    """Return each sentence with those that it cannot be read without."""
    found: dict[int, Members] = {}
    for at, needed in enumerate(needs):
        near = next((other for other in needed if other in found), None)
        if at in needed:
            found[at] = (at,)
        elif near is not None and len(found[near]) < selection.MOST:
            found[at] = (*found[near], at)
    return found


def _compute_attraction(layout: scoring.Layout) -> list[float]:
    """Return how likely a sentence is drawn: central, near title and headings, early."""
    names = features.NAMES
    columns = [
        [row[names.index(name)] for row in layout.rows]
        for name in ("centre", "title_share", "heading_match", "opening")
    ]
    scaled = [_scale_column(column) for column in columns]
    return [a + 0.7 * b + 0.7 * c + 0.4 * d for a, b, c, d in zip(*scaled, strict=True)]


def _scale_column(column: Sequence[float]) -> list[float]:
    mean = sum(column) / (len(column) or 1)
    spread = math.sqrt(sum((value - mean) ** 2 for value in column) / (len(column) or 1)) or 1.0
    return [(value - mean) / spread for value in column]


def _fill_length(order: Iterable[Members], sizes: Sequence[int], room: int, most: int) -> Members:
    """Return the first of *order* that fit into *room* together, at most *most*, in place."""
    members: set[int] = set()
    for whole in order:
        new = [at for at in whole if at not in members]
        size = sum(sizes[at] for at in new)
        if new and size <= room and len(members) + len(new) <= most:
            members.update(new)
            room -= size
        if len(members) == most:
            break
    return tuple(sorted(members))


def fit_model(examples: Sequence[TrainingExample], *, seed: int = 0) -> dict[str, object]:
    """Return a model trained on *examples*, ready for JSON; the same *seed*, the same model."""
    import numpy as np

    parts = [
        part
        for some, rest in _split_in_halves(examples, seed)
        for part in _compute_centred_figures(
            some, parse_model(_fit_lower_models(rest) | {"together": _make_zero_weights()})
        )
    ]
    rows, labels, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    together = fit_ridge(rows, labels, weights, 0.05)
    together[selection.NAMES.index("sentences")] *= _TRUST
    return _fit_lower_models(examples) | {"together": _name_values(selection.NAMES, together)}


def _make_zero_weights() -> dict[str, float]:
    return dict.fromkeys(selection.NAMES, 0.0)


def _name_values(names: Sequence[str], values: "Array") -> dict[str, object]:
    return {name: round(float(value), 6) for name, value in zip(names, values, strict=True)}


def _split_in_halves(
    examples: Sequence[TrainingExample], seed: int
) -> list[tuple[Sequence[TrainingExample], Sequence[TrainingExample]]]:
    mixed = list(examples)
    random.Random(seed).shuffle(mixed)  # noqa: S311 - repeatable, not secret
    one, other = mixed[::2], mixed[1::2]
    return [(one, other), (other, one)]


def _compute_centred_figures(
    examples: Sequence[TrainingExample], model: ExtractModel
) -> "list[tuple[Array, Array, Array]]":
    """Return figures, worth and weight of the sets of each example, the first two less a mean."""
    import numpy as np

    found = []
    for example in examples:
        weighed = scoring.weigh_layout(example.layout, model)
        by_place = {c.at: c for c in weighed.candidates}
        chosen = [
            (tuple(by_place[at] for at in members), worth)
            for members, worth in example.sets.items()
            if all(at in by_place for at in members)
        ]
        if len(chosen) < 2:
            continue
        rows = np.array(
            [selection.compute_set_figures(members, weighed.aim) for members, _ in chosen]
        )
        worth = np.array([value for _, value in chosen])
        weights = np.full(len(chosen), example.weight / len(chosen))
        found.append((rows - rows.mean(0), worth - worth.mean(), weights))
    return found


def _fit_lower_models(examples: Sequence[TrainingExample]) -> dict[str, object]:
    """Return the models of sentences and of grams."""
    import numpy as np

    weights = np.concatenate([np.full(len(e.worth), e.weight) for e in examples])
    rows = np.vstack([np.array(e.layout.rows) for e in examples])
    # Words and pairs know the title: told twice, it cost the newest month a point of each ROUGE.
    rows[:, [features.NAMES.index(name) for name in features.GROUPS["title"]]] = 0.0
    sentence = fit_ridge(rows, np.concatenate([e.worth for e in examples]), weights, 20.0)
    known = CharacterPriors(examples)
    return {
        "format": FORMAT,
        "sentence": _name_values(features.NAMES, sentence),
        "words": _fit_gram_model(examples, 0, known),
        "pairs": _fit_gram_model(examples, 1, known),
        "priors": known.table(),
    }


def _fit_gram_model(
    examples: Sequence[TrainingExample], size: int, known: "CharacterPriors"
) -> dict[str, object]:
    import numpy as np

    rows, labels, weights = [], [], []
    for example in examples:
        found = example.layout.grams[size].rows(known.without(example))
        rows.append(np.array(list(found.values())))
        labels.append(np.array([float(gram in example.wanted[size]) for gram in found]))
        weights.append(np.full(len(found), example.weight))
    stacked = np.vstack(rows), np.concatenate(labels), np.concatenate(weights)
    weighed, bias = fit_logistic(*stacked, 1.0)
    return _name_values(word_model.NAMES, weighed) | {"bias": round(bias, 6)}


class CharacterPriors:
    """How much likelier than most each Han character is to be taken over (log odds, shrunk).

    Words in other scripts have none: they tell what the posts are about, not how descriptions
    are written.
    """

    def __init__(self, examples: Sequence[TrainingExample]) -> None:
        self._uses: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        for example in examples:
            mine = _list_han_units(example)
            self._uses.update(mine)
            self._taken.update(mine & example.wanted[0])
        self._base = self._taken.total() / (self._uses.total() or 1) or 1e-6

    def table(self) -> dict[str, float]:
        """Return the priors of the characters that are frequent enough to tell."""
        found = {unit: self._one(unit, 0, 0) for unit, n in self._uses.items() if _is_frequent(n)}
        return {unit: value for unit, value in sorted(found.items()) if abs(value) >= 0.1}

    def without(self, example: TrainingExample) -> dict[str, float]:
        """Return the priors that all examples but this one speak for."""
        mine = _list_han_units(example)
        return {
            unit: self._one(unit, 1, int(unit in example.wanted[0]))
            for unit in mine
            if _is_frequent(self._uses[unit] - 1)
        }

    def _one(self, unit: str, fewer: int, fewer_taken: int) -> float:
        taken = self._taken[unit] - fewer_taken + _PRIOR_STRENGTH * self._base
        used = self._uses[unit] - fewer + _PRIOR_STRENGTH
        return round(math.log(taken / used / self._base), 3)


def _is_frequent(uses: int) -> bool:
    return uses >= _PRIOR_LEAST


def _list_han_units(example: TrainingExample) -> frozenset[str]:
    return frozenset(filter(is_han, chain.from_iterable(example.layout.seen.runs)))


def cross_validate(
    examples: Sequence[TrainingExample], key: Callable[[Post], str]
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
            result[fold] = score_model(test, parse_model(fit_model(rest)))
    return result


def score_model(
    examples: Sequence[TrainingExample], model: ExtractModel
) -> tuple[float, float, float, int]:
    """Return the mean ROUGE-1, -2, -L (x100) of the summaries *model* makes, and how many."""
    found = []
    for example in examples:
        made = scoring.make_summary(
            example.post.document.text, scoring.weigh_layout(example.layout, model), model
        )
        found.append(score_rouge(split_units(made), example.description))
    one, two, long = (100 * sum(column) / len(found) for column in zip(*found, strict=True))
    return one, two, long, len(found)


def format_month(post: Post) -> str:
    """Return the month *post* was published in."""
    return f"{post.published:%Y-%m}"


def format_scores(name: str, scores: tuple[float, float, float, int]) -> str:
    """Return *scores* of the fold *name* as a person reads them."""
    one, two, long, count = scores
    return f"{name}  {count:4d} posts  R1 {one:5.1f}  R2 {two:5.1f}  RL {long:5.1f}"


def dump_model(model: Mapping[str, object]) -> str:
    """Return *model* as the text of its file."""
    return json.dumps(model, ensure_ascii=False, indent=1) + "\n"
