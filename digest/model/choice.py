"""What an issue was chosen from: every post that stood for choice, with the figures it stood on."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from digest.model.issue import Digest, Period, Pick, Placement, Story, Summary, SummaryFrom, Theme
from digest.model.post import Post
from digest.model.source import SkippedPost


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredSpan:
    """A sentence or quotation of a post, ``text[start:end]``, with the ``figures`` of its score.

    ``chosen``: the summary holds that sentence, or the issue displays that quotation. A quotation
    that an editor found for themselves has no figures.
    """

    start: int
    end: int
    score: float
    figures: dict[str, float]
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailedSummary:
    """The reading of a post, and what it was chosen from: the best sentences and quotations."""

    reading: Summary
    sentences: tuple[ScoredSpan, ...] = ()
    quotes: tuple[ScoredSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCandidate:
    """A post that stood for choice, chosen or not.

    ``wish`` is what the editor asked of it: "pin", "list", "ban", "" for nothing. ``rank`` is its
    place by the curator, ``place`` that in the issue as the editor arranged it, both from 1; 0
    where it is not told. ``reasons`` are those for it, or the one against it.

    ``figures`` say what the curator knew of it, by name. ``alone`` is what it was worth before
    anything was chosen; ``points`` what it was worth when it was chosen, or, of one that was not,
    what it would have added to those that were. Their keys are those of ``Share.of``; all are empty
    for a post that could not be told. ``themes`` are by name, with their worth, 0-1. ``edited`` is
    as in ``Story``, ``summary_from`` as in ``Summary``.
    """

    post: str
    url: str
    title: str
    fate: Placement
    wish: str = ""
    rank: int = 0
    place: int = 0
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)
    alone: dict[str, float] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)
    source: str = ""
    episode: str = ""
    series: str = ""
    categories: tuple[str, ...] = ()
    themes: dict[str, float] = field(default_factory=dict)
    edited: tuple[str, ...] = ()
    summary_from: SummaryFrom | Literal[""] = ""
    sentences: tuple[ScoredSpan, ...] = ()
    quotes: tuple[ScoredSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankerVersion:
    """What chose: the versions of the program and of the summarizer, with the model it read by.

    ``weights`` are those that ``curator`` and ``quotation`` score by, by the names of the figures.
    """

    program: str = ""
    summarizer: str = ""
    weights: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What became of every post of a period: picked, listed or skipped, and its themes.

    ``candidates`` are all of them with the figures they were chosen by; what was made before these
    were kept has none.
    """

    picks: tuple[Pick, ...]
    also: tuple[Post, ...] = ()
    skipped: tuple[SkippedPost, ...] = ()
    themes: tuple[Theme, ...] = ()
    candidates: tuple[PostCandidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedIssue:
    """What the generator made of a period, before it is edited and composed.

    ``issue`` is the id; ``sources`` are the names it was read from; ``posts`` the ids of all posts
    of the period; the picks of ``selection`` are those of the ``stories``. ``wishes`` marks what
    the editor asked for when it was made, ``ranker`` what chose.
    """

    issue: str
    edition: Digest
    period: Period
    sources: tuple[str, ...]
    posts: tuple[str, ...]
    selection: Selection
    stories: tuple[Story, ...]
    wishes: str = ""
    ranker: RankerVersion = field(default_factory=RankerVersion)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRecord:
    """What was chosen against what, as an issue was approved.

    ``version`` is that of this form. ``complete`` is False where only what the issue itself says is
    known: no figures of what was not chosen. ``left_out`` counts candidates beyond those kept.
    """

    version: int = 1
    issue: str
    edition: str
    revision: int
    hash: str
    approved: datetime
    ranker: RankerVersion = field(default_factory=RankerVersion)
    candidates: tuple[PostCandidate, ...] = ()
    complete: bool = False
    left_out: int = 0
