"""What each approved issue was chosen from: the candidates, their figures, and what weighed them.

    the issue as approved + what its generator kept -> ChoiceRecord -> one row an approval

A row is written in the transaction that approves, beside the revision and not in it: its bytes and
its hash know nothing of it. It is JSON with a ``version``, which grows when a field changes its
meaning. When another revision is approved, the row of the one before stays, marked as withdrawn:
it tells what a person once decided, and readers may have got it; only ``KEPT`` of an issue are
kept. Of a period with more candidates than ``MOST`` the told ones and the next best are kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, delete, insert, select, update

from digest.model import (
    ChoiceRecord,
    GeneratedIssue,
    Issue,
    PostCandidate,
    Revision,
    ScoredSpan,
    Story,
)
from digest.store.engine import raise_store_errors
from digest.store.schema import choices, generated, revisions

MOST = 500
KEPT = 5
_CHARS = 300  # of an address or a title
_encode = msgspec.json.Encoder().encode
_decode_record = msgspec.json.Decoder(ChoiceRecord).decode
_decode_issue = msgspec.json.Decoder(Issue).decode
_decode_generated = msgspec.json.Decoder(GeneratedIssue).decode


class ChoiceStore:
    """Reads what approved issues were chosen from."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, issue: str) -> ChoiceRecord | None:
        """Return what the approved revision of *issue* was chosen from; None if none is approved.

        Of one that was approved before this was kept, what the revision itself tells.
        """
        approved = revisions.c.issue == issue, revisions.c.approved.is_not(None)
        head = select(revisions.c.number, revisions.c.hash, revisions.c.approved)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            row = connection.execute(head.where(*approved)).first()
            if row is None:
                return None
            this = (choices.c.issue == issue, choices.c.revision == row.number)
            query = select(choices.c.content).where(*this, choices.c.hash == row.hash)
            content = connection.execute(query).scalar()
            if content is not None:
                return _decode_record(content)
            told = connection.execute(select(revisions.c.content).where(*approved)).scalar_one()
        return _describe_choice(_decode_issue(told), None, row.number, row.hash, row.approved)

    def withdrawn(self, issue: str) -> tuple[ChoiceRecord, ...]:
        """Return what revisions of *issue* whose approval was taken back were chosen from."""
        query = select(choices.c.content).where(
            choices.c.issue == issue, choices.c.withdrawn.is_not(None)
        )
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return tuple(
                map(
                    _decode_record, connection.execute(query.order_by(choices.c.revision)).scalars()
                )
            )


def save_choice(connection: Connection, revision: Revision, now: datetime) -> None:
    """Save what *revision*, approved *now*, was chosen from; what was saved of it before stays."""
    mine = choices.c.issue == revision.issue.id
    this = mine & (choices.c.revision == revision.number)
    again = update(choices).where(this, choices.c.hash == revision.hash)
    if connection.execute(again.values(approved=now, withdrawn=None)).rowcount:
        return
    connection.execute(delete(choices).where(this))
    query = select(generated.c.content).where(generated.c.issue == revision.issue.id)
    content = connection.execute(query).scalar()
    made = _decode_generated(content) if content is not None else None
    record = _describe_choice(revision.issue, made, revision.number, revision.hash, now)
    row = {name: getattr(record, name) for name in ("issue", "revision", "edition", "hash")}
    row |= {"approved": now, "content": _encode(record)}
    connection.execute(insert(choices).values(row))
    newest = select(choices.c.revision).where(mine).order_by(choices.c.approved.desc()).limit(KEPT)
    kept = connection.execute(newest).scalars().all()
    connection.execute(delete(choices).where(mine, choices.c.revision.not_in(kept)))


def withdraw_choice(connection: Connection, issue: str, now: datetime) -> None:
    """Mark what *issue* was chosen from as withdrawn *now*."""
    standing = choices.c.issue == issue, choices.c.withdrawn.is_(None)
    connection.execute(update(choices).where(*standing).values(withdrawn=now))


def _describe_choice(
    issue: Issue, made: GeneratedIssue | None, number: int, digest: str, approved: datetime
) -> ChoiceRecord:
    complete = made is not None and _is_made_from(made, issue)
    found = made.selection.candidates if made and complete else _list_told_candidates(issue)
    candidates = _sort_as_approved(found, issue)
    record = ChoiceRecord(
        issue=issue.id,
        edition=issue.edition.name,
        revision=number,
        hash=digest,
        approved=approved,
        candidates=candidates[:MOST],
        complete=complete,
        left_out=len(candidates[MOST:]),
    )
    return replace(record, ranker=made.ranker) if made and complete else record


def _is_made_from(made: GeneratedIssue, issue: Issue) -> bool:
    """Tell whether *issue* was made from *made*: of the same posts, chosen with the same scores."""
    scores = {story.post.id: story.pick.score for story in issue.stories}
    known = {story.post.id: story.pick.score for story in made.stories}
    same = set(made.posts) == set(issue.fates) and scores == known
    return same and bool(made.selection.candidates)


def _list_told_candidates(issue: Issue) -> tuple[PostCandidate, ...]:
    """Return the candidates as far as *issue* tells of them: what it left out has no figures."""
    stories = {story.post.id: story for story in issue.stories}
    siblings = {post.id: post for story in stories.values() for post in story.pick.siblings}
    told = [_make_told_candidate(story) for story in stories.values()]
    others = [
        PostCandidate(
            post=post,
            url=siblings[post].url if post in siblings else "",
            title=siblings[post].title if post in siblings else "",
            fate=fate,
        )
        for post, fate in issue.fates.items()
        if post not in stories
    ]
    return (*told, *others)


def _make_told_candidate(story: Story) -> PostCandidate:
    post, pick = story.post, story.pick
    return PostCandidate(
        post=post.id,
        url=post.url,
        title=post.title,
        fate="featured",
        score=pick.score,
        reasons=pick.reasons,
        points={share.of: share.points for share in pick.shares},
        source=post.episode_name or post.source,
        episode=post.episode,
        categories=post.categories,
    )


def _sort_as_approved(
    candidates: tuple[PostCandidate, ...], issue: Issue
) -> tuple[PostCandidate, ...]:
    """Return *candidates* with what became of them in *issue*: told ones first, then the best."""
    places = {story.post.id: (place, story) for place, story in enumerate(issue.stories, 1)}

    def settled(candidate: PostCandidate) -> PostCandidate:
        candidate = replace(
            candidate,
            url=candidate.url[:_CHARS],
            title=candidate.title[:_CHARS],
            fate=issue.fates.get(candidate.post, candidate.fate),
        )
        if candidate.post not in places:
            return candidate
        place, story = places[candidate.post]
        return replace(
            candidate,
            place=place,
            edited=story.edited,
            summary_from=story.reading.summary_from,
            sentences=_mark_in_summary(candidate.sentences, story),
            quotes=_mark_on_display(candidate.quotes, story, issue),
        )

    def order(candidate: PostCandidate) -> tuple[bool, int, bool, float, str]:
        skipped = candidate.fate == "skipped"
        return not candidate.place, candidate.place, skipped, -candidate.score, candidate.post

    return tuple(sorted(map(settled, candidates), key=order))


def _mark_in_summary(spans: Sequence[ScoredSpan], story: Story) -> tuple[ScoredSpan, ...]:
    """Return *spans*, chosen those that stand in the summary of *story* as readers get it."""
    text, summary = story.post.document.text, story.reading.summary
    return tuple(replace(span, chosen=text[span.start : span.end] in summary) for span in spans)


def _mark_on_display(
    spans: Sequence[ScoredSpan], story: Story, issue: Issue
) -> tuple[ScoredSpan, ...]:
    """Return *spans* with the quotation of *story* that *issue* displays, where it does, chosen."""
    shown = issue.pull_quote
    if shown is None or shown.url != story.post.url:
        return tuple(spans)
    place, score = (shown.quote.start, shown.quote.end), shown.quote.score
    others = tuple(span for span in spans if (span.start, span.end) != place)
    same = next((span for span in spans if (span.start, span.end) == place), None)
    span = same or ScoredSpan(start=place[0], end=place[1], score=score, figures={})
    return (replace(span, chosen=True), *others)
