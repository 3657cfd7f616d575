"""A post -> the sentences that stand for it, by a model's weights."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digest.model import Post
from digest.text import choosing, expectation, features, sentences
from digest.text.boilerplate import about_page, hangs, joins
from digest.text.choosing import Aim, Candidate
from digest.text.expectation import Gram
from digest.text.sentences import Sentence
from digest.text.tokens import is_han
from digest.text.weights import Model

_POINTS, _LEAST = 4, 15
_FINISHED = re.compile(r"[。！？!?….．｡~～][」』”’\")）]*$")


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
    seen = features.view(post, found)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A layout with what a model makes of it: its finished sentences, and how likely its pairs.

    ``pairs`` says for each pair of units how likely a description has it.
    """

    layout: Layout
    candidates: tuple[Candidate, ...]
    pairs: Mapping[Gram, float]


def weigh(layout: Layout, model: Model) -> Weighed:
    """Return *layout* as *model* sees it; unfinished sentences are left out if others are there."""
    words, pairs = model.words.likely(layout.words), model.pairs.likely(layout.pairs)
    made = [
        Candidate(
            at=at,
            sentence=sentence,
            score=sum(map(float.__mul__, model.sentence, layout.rows[at])),
            hangs=hangs(layout.texts[at]),
            joins=joins(layout.texts[at]),
            units=len(layout.runs[at]),
            words=choosing.likely_grams(layout.runs[at], 1, words),
            pairs=choosing.likely_grams(layout.runs[at], 2, pairs),
        )
        for at, sentence in enumerate(layout.sentences)
    ]
    whole = [c for c in made if _FINISHED.search(layout.texts[c.at])]
    return Weighed(layout=layout, candidates=tuple(whole or made), pairs=pairs)


def summary(text: str, weighed: Weighed, model: Model) -> str:
    """Return whole sentences of *text*, as many characters as aimed at at most; "" if none fits."""
    for gap in (weighed.layout.aim.gap, 2):
        aim = replace(weighed.layout.aim, gap=gap)
        chosen = choosing.choose(weighed.candidates, aim, model.together)
        joined = choosing.join(text, [c.sentence for c in chosen])
        if len(joined) <= aim.max_chars:
            return joined
    return ""


def points(weighed: Weighed) -> tuple[str, ...]:
    """Return two to four sentences of the post, one a section, in reading order; () if too few.

    Each stands by itself and says something that the others do not.
    """
    layout = weighed.layout
    standing = [c for c in weighed.candidates if not c.hangs and _short(c, layout)]
    chosen: list[Candidate] = []
    for candidate in sorted(standing, key=lambda c: -c.score):
        sections = {c.sentence.section for c in chosen}
        if candidate.sentence.section not in sections and not _told(candidate, chosen):
            chosen.append(candidate)
        if len(chosen) == _POINTS:
            break
    chosen.sort(key=lambda c: c.at)
    return tuple(layout.texts[c.at] for c in chosen) if len(chosen) > 1 else ()


def _short(candidate: Candidate, layout: Layout) -> bool:
    text = layout.texts[candidate.at]
    return _LEAST <= len(text) <= layout.aim.max_chars and text[-1] not in "？?"


def _told(candidate: Candidate, chosen: Sequence[Candidate]) -> bool:
    """Tell whether half of what *candidate* says is in one of *chosen*."""
    mine = set(candidate.pairs)
    return any(2 * len(mine.intersection(c.pairs)) > len(mine) for c in chosen)
