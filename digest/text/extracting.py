"""A post -> the sentences that stand for it, by a model's weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digest.model import Post
from digest.text import choosing, expectation, features, sentences
from digest.text.boilerplate import about_page, hangs
from digest.text.choosing import Aim, Candidate
from digest.text.expectation import Gram
from digest.text.sentences import Sentence
from digest.text.tokens import is_han
from digest.text.weights import Model

_UNFINISHED = ("：", ":", "，", ",", "、", "——")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A post as the models see it: its usable sentences, with all figures, before any weights.

    ``texts``, ``runs`` (units) and ``rows`` (in the order of ``features.NAMES``) run parallel to
    ``sentences``; ``words`` and ``pairs`` hold the figures of grams of size 1 and 2.
    """

    sentences: tuple[Sentence, ...]
    texts: Sequence[str]
    runs: Sequence[Sequence[str]]
    rows: Sequence[Sequence[float]]
    words: Mapping[Gram, Sequence[float]]
    pairs: Mapping[Gram, Sequence[float]]
    aim: Aim


def lay_out(post: Post, max_chars: int) -> Layout:
    """Return the layout of *post* for a summary of *max_chars* characters."""
    text = post.document.text
    found = tuple(s for s in sentences.of(post.document) if not about_page(text[s.start : s.end]))
    seen = features.view(post, found, max(max_chars, 1))
    words = expectation.words(post, found)
    return Layout(
        sentences=found,
        texts=seen.texts,
        runs=words.sentences,
        rows=features.table(seen),
        words=expectation.table(words, 1),
        pairs=expectation.table(words, 2),
        aim=_aim(words.sentences, seen.texts, max_chars),
    )


def _aim(runs: Sequence[Sequence[str]], texts: Sequence[str], max_chars: int) -> Aim:
    count = sum(map(len, runs))
    chars = sum(map(len, texts)) or 1
    han = sum(is_han(unit) for run in runs for unit in run)
    return Aim(
        max_chars=max(max_chars, 1),
        capacity=max_chars * count / chars,
        gap=int(2 * han < count),
    )


def weigh(layout: Layout, model: Model) -> tuple[Candidate, ...]:
    """Return the sentences of *layout*, weighed by *model*; unfinished ones are left out."""
    words, pairs = model.words.likely(layout.words), model.pairs.likely(layout.pairs)
    made = [
        Candidate(
            at=at,
            sentence=sentence,
            score=sum(map(float.__mul__, model.sentence, layout.rows[at])),
            hangs=hangs(layout.texts[at]),
            units=len(layout.runs[at]),
            words=choosing.likely_grams(layout.runs[at], 1, words),
            pairs=choosing.likely_grams(layout.runs[at], 2, pairs),
        )
        for at, sentence in enumerate(layout.sentences)
    ]
    whole = [c for c in made if not layout.texts[c.at].endswith(_UNFINISHED)]
    return tuple(whole or made)


def summary(text: str, layout: Layout, model: Model) -> str:
    """Return whole sentences of *text*, as many characters as aimed at at most; "" if none fits."""
    candidates = weigh(layout, model)
    for gap in (layout.aim.gap, 2):
        aim = replace(layout.aim, gap=gap)
        chosen = choosing.choose(candidates, aim, model.together)
        joined = choosing.join(text, [c.sentence for c in chosen])
        if len(joined) <= aim.max_chars:
            return joined
    return ""
