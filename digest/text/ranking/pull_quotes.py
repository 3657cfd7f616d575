"""Which quotation to put on display: one that says what the post is about, named and of a size."""

import math
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from digest.model import Post, Quote, ScoredSpan
from digest.text.attribution.cues import is_paused, is_whole
from digest.text.attribution.speech import ALONE, RESTS
from digest.text.ranking.word_model import Gram, list_grams
from digest.text.sentences import find_leaning
from digest.text.text_buffer import FORMULA
from digest.text.tokens import split_units

NAMES: tuple[str, ...] = ("expected", "title", "early", "term", "size", "asks", "named")
# Set by hand, on figures that a logistic regression kept in every month; the place in the post
# counts for half of what it learned, for that habit changes.
WEIGHTS: tuple[float, ...] = (4.5, 2.0, 1.0, -2.5, -0.6, -0.6, 0.3)
_TERM, _SIZE = 8, 20
_TITLE = NAMES.index("title")
# What opens a section counts less where title and headings tell of the quotations themselves.
_OPENS, _OPENS_TITLED = 1.0, 0.4
_ANSWERING = 1.5  # what an answer loses whose question is not seen
_ANSWER = re.compile(
    r"[^。！？.!?，,\s]{1,4}[。！!]\s?(?:它|牠|他們|她們|那|這|我)|(?:對|对|是的|沒錯|没错|不是|當然|当然|會|会|有)[啊呀的]?[，。！]|"
    r"(?:Yes|No|Yeah|Nope|Sure|Absolutely|Exactly|Definitely|Correct|Right|Of course|Oh)\b[,.!]|"
    r"(?:It|They|That|This|These|Those|He|She)(?:['’]s|['’]re)?\s"
)
_FULL_NAME = re.compile(r"[\u3041-\u9fff]{2}|\S \S")


def rank_quotes(
    post: Post, expected: Mapping[Gram, float], quotes: Sequence[Quote]
) -> tuple[Quote, ...]:
    """Return *quotes*, the best pull-quote first, each with its score.

    *expected* says how likely a description has each pair of units of the post. Behind the best,
    those that open a section come first, though their score is what it was: they back what its
    heading says, so that the first few tell of different parts of the post.
    """
    rows = compute_quote_figures(post, expected, quotes)
    scores = [
        round(sum(map(float.__mul__, WEIGHTS, row)) - _ANSWERING * is_answer(quote.text), 4)
        for row, quote in zip(rows, quotes, strict=True)
    ]
    scored = [replace(one, score=score) for one, score in zip(quotes, scores, strict=True)]
    best = max(scores, default=0.0)
    opening = _find_section_openings(post, quotes)
    bonus = _OPENS_TITLED if any(row[_TITLE] for row in rows) else _OPENS

    def place(quote: Quote) -> tuple[bool, float, int]:
        lifted = bonus if quote.start in opening else 0.0
        return quote.score < best, -quote.score - lifted, quote.start

    return tuple(sorted(scored, key=place))


def _find_section_openings(post: Post, quotes: Sequence[Quote]) -> frozenset[int]:
    """Return where the first quotation of each section starts."""
    heads = [block.start for block in post.document.blocks if block.kind == "heading"]
    first: dict[int, int] = {}
    for quote in sorted(quotes, key=lambda quote: quote.start):
        first.setdefault(bisect_right(heads, quote.start), quote.start)
    return frozenset(first.values())


def compute_quote_figures(
    post: Post, expected: Mapping[Gram, float], quotes: Sequence[Quote]
) -> list[list[float]]:
    """Return what is known of each of *quotes*, in the order of ``NAMES``."""
    document = post.document
    headings = (document.of(block) for block in document.blocks if block.kind == "heading")
    wanted = set(list_grams(split_units(f"{post.title} {' '.join(headings)}"), 2))
    return [_compute_row(at, quote, expected, wanted) for at, quote in enumerate(quotes)]


def weigh_quotes(
    post: Post, expected: Mapping[Gram, float], quotes: Sequence[Quote], most: int
) -> tuple[ScoredSpan, ...]:
    """Return the *most* strongest of *quotes*, by score, each with what its score is made of."""
    spans = (
        ScoredSpan(
            start=quote.start,
            end=quote.end,
            score=round(sum(map(float.__mul__, WEIGHTS, row)), 4),
            figures=dict(zip(NAMES, (round(figure, 4) for figure in row), strict=True)),
        )
        for quote, row in zip(quotes, compute_quote_figures(post, expected, quotes), strict=True)
    )
    return tuple(sorted(spans, key=lambda span: (-span.score, span.start))[:most])


def _compute_row(
    at: int, quote: Quote, expected: Mapping[Gram, float], wanted: Set[Gram]
) -> list[float]:
    found = split_units(quote.text)
    pairs = list_grams(found, 2)
    some = len(pairs) or 1
    return [
        sum(expected.get(pair, 0.0) for pair in pairs) / some,
        sum(pair in wanted for pair in pairs) / some,
        1 / math.sqrt(1 + at),
        float(len(found) < _TERM),
        abs(math.log((len(found) + 1) / _SIZE)),
        float(quote.text.endswith(("？", "?"))),
        float(quote.speaker is not None),
    ]


def is_answer(text: str) -> bool:
    """Tell whether *text* answers a question that does not stand in it: 三號。它…, Yes, …."""
    return bool(_ANSWER.match(text))


def is_displayable(quote: Quote) -> bool:
    """Tell whether *quote* can stand alone on display: a whole thought, surely somebody's.

    Neither half of 「……，」他說，「……」 can, nor what starts inside a sentence or with a
    connective, nor a question, nor what answers one unseen. Surely somebody's is what a speech
    clause gives to a full name: one Latin word may be a company, and words without a clause
    anybody's.
    """
    text = quote.text
    told = bool(quote.speaker and _FULL_NAME.search(quote.speaker))
    begins = not text[:1].islower() and find_leaning(text) != "sentence"
    ends = is_whole(text) and not is_paused(text) and not text.endswith(("？", "?"))
    alone = FORMULA not in text and not is_answer(text) and quote.why not in (ALONE, RESTS)
    return told and begins and ends and alone
