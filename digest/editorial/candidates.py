"""What an editor may choose from: posts for an issue, sentences for a story."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digest.editorial import edits, pipeline
from digest.editorial.pipeline import PipelineDeps
from digest.model import GeneratedIssue, Issue, Pick, Placement, Post, ScoreShare, Story
from digest.model.edit import select_blocks_of_kind
from digest.model.errors import DraftError
from digest.text import sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPost:
    """A post of the period: what becomes of it, and why.

    ``score`` and ``reasons`` are those it has, or would have if the issue went on (``rank`` is its
    place then, from 1; 0 for one that cannot be told, and ``reasons`` say why not); ``shares`` are
    what the score is made of. ``choice`` is the editor's: "pin", "list", "ban", "" for none.
    ``added`` was added by its URL; ``sibling_of`` is the id of the told post on the same episode.
    """

    post: Post
    fate: Placement
    rank: int = 0
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    shares: tuple[ScoreShare, ...] = ()
    choice: str = ""
    added: bool = False
    sibling_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedSentence:
    """A sentence of a post, ``text[start:end]``; ``chosen`` if the generator's summary has it.

    ``block`` counts the paragraphs of the post.
    """

    text: str
    start: int
    end: int
    block: int
    chosen: bool


def list_period_posts(kit: PipelineDeps, issue: str) -> tuple[PeriodPost, ...]:
    """Return all posts of the period of *issue*: those that are told, the next best, the rest.

    No source is asked and no page is read.
    """
    history = kit.edits.history(issue)
    made = pipeline.generate_current(kit, history)
    wishes = edits.read_wishes(history.values)
    known = wishes.joined(pipeline.list_posts(kit, made.sources, made.period, made.edition))
    told = {story.post.id: story.pick for story in made.stories}
    ranked = {**told, **_rank_others(kit, made, known, wishes, tuple(told))}
    place = {post: n for n, post in enumerate(ranked, 1)}
    with_pick = {post.id: one for one, pick in told.items() for post in pick.siblings}
    against = {skipped.url: skipped.reason for skipped in made.selection.skipped}
    chosen = dict(select_blocks_of_kind(history.values, "choice"))
    found = [
        PeriodPost(
            post=post,
            fate=_find_placement(post, told, against),
            rank=place.get(post.id, 0),
            score=ranked[post.id].score if post.id in ranked else 0.0,
            reasons=_list_reasons(post, ranked, against),
            shares=ranked[post.id].shares if post.id in ranked else (),
            choice=chosen.get(post.id, ""),
            added=post in wishes.added,
            sibling_of=with_pick.get(post.id, ""),
        )
        for post in known
    ]
    return tuple(sorted(found, key=lambda one: (one.rank == 0, one.rank)))


def _rank_others(
    kit: PipelineDeps,
    made: GeneratedIssue,
    known: Sequence[Post],
    wishes: edits.EditorialWishes,
    told: tuple[str, ...],
) -> dict[str, Pick]:
    """Return what would be told if the issue had room for all, by id, the next best first."""
    endless = replace(made.edition, stories=max(len(known), 1), quotas={})
    all_ = replace(wishes, pins=told, lists=())
    selection = pipeline.select_posts(kit, endless, made.period, known, made.sources, all_)
    return {pick.post.id: pick for pick in selection.picks if pick.post.id not in told}


def _find_placement(post: Post, told: Mapping[str, Pick], against: Mapping[str, str]) -> Placement:
    if post.id in told:
        return "featured"
    return "skipped" if post.url in against else "listed"


def _list_reasons(
    post: Post, ranked: Mapping[str, Pick], against: Mapping[str, str]
) -> tuple[str, ...]:
    if post.url in against:
        return (against[post.url],)
    return ranked[post.id].reasons if post.id in ranked else ()


def source_sentences(story: Story, generated: str = "") -> tuple[MarkedSentence, ...]:
    """Return the sentences of the post of *story* in reading order.

    Chosen are those that *generated*, the generator's summary, holds.
    """
    document, said = story.post.document, generated or story.reading.summary
    return tuple(
        MarkedSentence(
            text=document.text[one.start : one.end],
            start=one.start,
            end=one.end,
            block=one.block,
            chosen=document.text[one.start : one.end] in said,
        )
        for one in sentences.split_document(document)
    )


def story_of(issue: Issue, post: str) -> Story:
    """Return the story of *issue* on the post with the id *post*; DraftError if there is none."""
    for story in issue.stories:
        if story.post.id == post:
            return story
    raise DraftError(issue.id, f"it does not tell the post {post}", "Look at: digest show")
