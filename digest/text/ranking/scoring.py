"""A post -> the sentences that stand for it, by a model's weights."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import mul

from digest.model import Post, ScoredSpan
from digest.text import sentences
from digest.text.ranking import features, selection, word_model
from digest.text.ranking.features import FeatureInput
from digest.text.ranking.selection import SentenceCandidate, SummaryAim
from digest.text.ranking.weights import ExtractModel
from digest.text.ranking.word_model import Gram, GramTable
from digest.text.sentences import Sentence
from digest.text.text_buffer import FORMULA
from digest.text.tokens import is_han

_POINTS, _LEAST, _FAR = 4, 18, 6
# Tells that something is coming, and not what.
_ANNOUNCES = re.compile(
    r"(?:問題|问题|答案|比喻|特色|對比|对比|說明|说明|觀點|观点|場景|场景)[。：:]?$|[：:]$"
)
_QUOTATION = re.compile(r"[「『“\"][^」』”\"]*[」』”\"]$")
_FINISHED = re.compile(r"[。！？!?….．｡~～][」』”’\")）]*$")
# How long a description is, as a share of what a summary may be: a Han character says more than
# a letter, and authors know that search results cut English ones at 155.
_HAN_SHARE, _LATIN_SHARE = 0.76, 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A post as the models see it: its usable sentences, with all figures, before any weights.

    ``rows`` (in the order of ``features.NAMES``) run parallel to the sentences of ``seen``;
    ``grams`` hold the figures of grams of size 1 and 2; ``needs`` names for each sentence those
    of which it needs one to be read, the nearest first; itself where it stands. ``share`` is how
    much of ``max_chars`` a description fills.
    """

    seen: FeatureInput
    rows: Sequence[Sequence[float]]
    grams: tuple[GramTable, GramTable]
    needs: Sequence[Sequence[int]]
    max_chars: int
    share: float
    gap: int


def lay_out(post: Post, max_chars: int) -> Layout:
    """Return the layout of *post* for a summary of *max_chars* characters."""
    text = post.document.text
    every = sentences.split_document(post.document)
    said = [text[s.start : s.end] for s in every]
    kept = [
        at for at, one in enumerate(said) if FORMULA not in one and not sentences.is_about_page(one)
    ]
    place = {at: new for new, at in enumerate(kept)}
    before = find_needed_sentences(every, said)
    seen = features.build_feature_input(post, [every[at] for at in kept])
    known = features.compute_sentence_figures(seen)
    wide = _is_wide(seen.runs)
    return Layout(
        seen=seen,
        rows=known.rows,
        grams=(
            word_model.read_grams(seen, 1, known.central, known.near),
            word_model.read_grams(seen, 2, known.central, known.near),
        ),
        needs=[tuple(place[n] for n in before[at] if n in place) for at in kept],
        max_chars=max(max_chars, 1),
        share=_HAN_SHARE if wide else _LATIN_SHARE,
        gap=int(not wide),
    )


def find_needed_sentences(seen: Sequence[Sentence], said: Sequence[str]) -> list[tuple[int, ...]]:
    """Return for each sentence those before it of which it needs one to be read, nearest first.

    *seen* and their texts *said* are all of a post. What starts with a person's pronoun needs a
    sentence of its section that stands for itself, what points at a thing one of the two before
    it in its paragraph, and a connective its neighbour. One that stands needs itself; () is in
    need of what is no sentence.
    """
    found: list[tuple[int, ...]] = []
    standing: list[int] = []
    for at, one in enumerate(said):
        if at and seen[at].section != seen[at - 1].section:
            standing = []
        near = (at - 1,) if at and seen[at].section == seen[at - 1].section else ()
        match sentences.find_leaning(one):
            case "person":
                found.append(tuple(standing[: -_FAR - 1 : -1]))
            case "thing" if near and seen[at].place > 1:
                found.append((at - 1, at - 2))
            case "thing" | "sentence":
                found.append(near)
            case _ if near and sentences.is_answer(said[at - 1], one):
                found.append(near)
            case _:
                found.append((at,))
                standing.append(at)
    return found


def _is_wide(runs: Sequence[Sequence[str]]) -> bool:
    """Tell whether most of *runs* is written without spaces between words."""
    return 2 * sum(is_han(unit) for run in runs for unit in run) >= sum(map(len, runs))


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedLayout:
    """A layout with what a model makes of it: its finished sentences, and how likely its pairs.

    ``pairs`` says for each pair of units how likely a description has it.
    """

    layout: Layout
    candidates: tuple[SentenceCandidate, ...]
    aim: SummaryAim

    @property
    def pairs(self) -> Mapping[Gram, float]:
        """Return for each pair of units how likely a description has it."""
        return self.aim.likely[1]


def weigh_layout(layout: Layout, model: ExtractModel) -> WeighedLayout:
    """Return *layout* as *model* sees it; unfinished sentences are left out if others are there."""
    seen = layout.seen
    made = [
        SentenceCandidate(
            at=at,
            sentence=sentence,
            score=sum(map(mul, model.sentence, layout.rows[at])),
            needs=layout.needs[at],
            units=len(seen.runs[at]),
            grams=(layout.grams[0].each[at], layout.grams[1].each[at]),
        )
        for at, sentence in enumerate(seen.sentences)
    ]
    whole = [c for c in made if _FINISHED.search(seen.texts[c.at])]
    return WeighedLayout(
        layout=layout, candidates=tuple(whole or made), aim=_make_aim(layout, model)
    )


def _make_aim(layout: Layout, model: ExtractModel) -> SummaryAim:
    chars = sum(map(len, layout.seen.texts)) or 1
    usual = layout.share * layout.max_chars
    return SummaryAim(
        max_chars=layout.max_chars,
        units=usual * sum(map(len, layout.seen.runs)) / chars,
        usual=layout.max_chars * layout.share / _HAN_SHARE,
        gap=layout.gap,
        likely=(model.words.likely(layout.grams[0]), model.pairs.likely(layout.grams[1])),
    )


def make_summary(text: str, weighed: WeighedLayout, model: ExtractModel) -> str:
    """Return whole sentences of *text*, as many characters as aimed at at most; "" if none fits."""
    for gap in (weighed.aim.gap, 2):
        aim = replace(weighed.aim, gap=gap)
        chosen = selection.choose_sentences(weighed.candidates, aim, model.together)
        joined = selection.join_sentences(text, [c.sentence for c in chosen])
        if len(joined) <= aim.max_chars:
            return joined
    return ""


def list_best_sentences(weighed: WeighedLayout, said: str, most: int) -> tuple[ScoredSpan, ...]:
    """Return the *most* best sentences with their figures; chosen: those in the summary *said*."""
    best = sorted(weighed.candidates, key=lambda c: (-c.score, c.at))[:most]
    return tuple(
        ScoredSpan(
            start=candidate.sentence.start,
            end=candidate.sentence.end,
            score=round(candidate.score, 4),
            figures={
                name: round(figure, 4)
                for name, figure in zip(
                    features.NAMES, weighed.layout.rows[candidate.at], strict=True
                )
            },
            chosen=weighed.layout.seen.texts[candidate.at] in said,
        )
        for candidate in best
    )


def choose_points(weighed: WeighedLayout) -> tuple[str, ...]:
    """Return two to four sentences of the post, one a section, in reading order; () if too few.

    Each stands by itself and says something that the others do not.
    """
    standing = [c for c in weighed.candidates if c.at in c.needs and _may_be_point(c, weighed)]
    chosen: list[SentenceCandidate] = []
    for candidate in sorted(standing, key=lambda c: -c.score):
        sections = {c.sentence.section for c in chosen}
        if candidate.sentence.section not in sections and not _is_repeated(candidate, chosen):
            chosen.append(candidate)
        if len(chosen) == _POINTS:
            break
    chosen.sort(key=lambda c: c.at)
    return tuple(weighed.layout.seen.texts[c.at] for c in chosen) if len(chosen) > 1 else ()


def _may_be_point(candidate: SentenceCandidate, weighed: WeighedLayout) -> bool:
    text = weighed.layout.seen.texts[candidate.at]
    if not _LEAST <= len(text) <= weighed.layout.max_chars or text[-1] in "？?":
        return False
    return not (_ANNOUNCES.search(text) or _QUOTATION.match(text))


def _is_repeated(candidate: SentenceCandidate, chosen: Sequence[SentenceCandidate]) -> bool:
    """Tell whether half of what *candidate* says is in one of *chosen*."""
    mine = candidate.grams[1]
    return any(2 * len(mine & c.grams[1]) > len(mine) for c in chosen)
