"""Issues: every revision with the drafts rendered from it, and each post's fate per digest."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    delete,
    func,
    insert,
    select,
    update,
)

from digest.model import (
    GeneratedIssue,
    Issue,
    IssueSummary,
    Mail,
    Period,
    Placement,
    Revision,
    Thread,
)
from digest.model.errors import DraftError, StoreError
from digest.store.choices import save_choice, withdraw_choice
from digest.store.engine import lock_transaction, raise_store_errors, upsert_rows
from digest.store.schema import fates, generated, revisions

_encode = msgspec.json.Encoder().encode
_decode_issue = msgspec.json.Decoder(Issue).decode
_decode_generated = msgspec.json.Decoder(GeneratedIssue).decode
_decode_mail = msgspec.json.Decoder(Mail).decode
_decode_threads = msgspec.json.Decoder(tuple[Thread, ...]).decode


class _Head(msgspec.Struct):
    """What is read of a mail for the shelf."""

    subject: str


class _Dated(msgspec.Struct):
    """What is read of an issue that decided on posts."""

    period: Period


_decode_dated = msgspec.json.Decoder(_Dated).decode
_decode_head = msgspec.json.Decoder(_Head).decode


class IssueStore:
    """Meets the port ``Issues`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._last: tuple[bytes, GeneratedIssue | None] = b"", None  # read again at every edit

    def save(self, revision: Revision, *, open_: bool = False) -> Revision:
        """Save *revision* under its issue's next number; the same hash again changes nothing.

        One that is *open_* is in the making: the next that is saved open takes its place.
        """
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, revision.issue.id)
            newest = _find_newest(connection, revision.issue.id)
            if newest is not None and newest["hash"] == revision.hash:
                _touch_revision(connection, newest, revision.created)
                return _decode_revision(newest)
            last = newest["number"] if newest is not None else 0
            goes_on = open_ and newest is not None and newest["open"]
            numbered = replace(revision, number=last if goes_on else last + 1, open=open_)
            if goes_on:
                connection.execute(delete(revisions).where(*_match_revision(numbered)))
            connection.execute(insert(revisions).values(_encode_revision(numbered)))
        return numbered

    def reopen(self, issue: str, now: datetime) -> Revision:
        """Return the newest revision of *issue*, open; of an approved one a copy to go on with."""
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, issue)
            row = _find_newest(connection, issue)
            if row is None:
                raise StoreError(*_explain_missing(connection, issue, None))
            newest = _decode_revision(row)
            if not newest.approved:
                return newest
            copy = replace(newest, number=newest.number + 1, approved=None, created=now, open=True)
            copy = replace(copy, withheld=())
            connection.execute(insert(revisions).values(_encode_revision(copy)))
        return copy

    def close(self, revision: Revision) -> None:
        """Let no edit change *revision* any more: its bytes have been shown to somebody."""
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            connection.execute(
                update(revisions).where(*_match_revision(revision)).values(open=False)
            )

    def keep(self, made: GeneratedIssue) -> None:
        """Keep what the generator made of an issue, in place of what it made before."""
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            row = {"issue": made.issue, "content": _encode(made)}
            upsert_rows(connection, generated, [row])

    def generated(self, issue: str) -> GeneratedIssue | None:
        """Return what the generator made of *issue* last; None where it made nothing."""
        query = select(generated.c.content).where(generated.c.issue == issue)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            found = connection.execute(query).scalar()
        if found is None:
            return None
        content, last = bytes(found), self._last
        if content != last[0]:
            last = self._last = content, _decode_generated(content)
        return last[1]

    def load(self, issue: str = "", number: int | None = None) -> Revision:
        """Return a revision: the newest of *issue*, or of the newest issue; StoreError if none."""
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            row = _find_newest(connection, issue, number)
            if row is None:
                raise StoreError(*_explain_missing(connection, issue, number))
        return _decode_revision(row)

    def approved(self, issue: str) -> Revision | None:
        """Return the approved revision of *issue*, None if there is none."""
        query = select(revisions).where(
            revisions.c.issue == issue, revisions.c.approved.is_not(None)
        )
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return _decode_revision(row) if row is not None else None

    def shelf(self, most: int = 50) -> tuple[IssueSummary, ...]:
        """Return the *most* issues that were drafted last, newest first."""
        last = func.max(revisions.c.created).label("last")
        query = select(revisions.c.issue, last).group_by(revisions.c.issue)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            listed = connection.execute(query.order_by(last.desc()).limit(most)).all()
            return tuple(_summarize_issue(connection, row.issue) for row in listed)

    def all_approved(self, edition: str) -> tuple[Revision, ...]:
        """Return the approved revisions of *edition*, oldest first."""
        query = select(revisions).where(
            revisions.c.edition == edition, revisions.c.approved.is_not(None)
        )
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            rows = connection.execute(query.order_by(revisions.c.approved)).mappings().all()
        return tuple(_decode_revision(row) for row in rows)

    def decided(self, edition: str, *, besides: str = "") -> tuple[Period, ...]:
        """Return the periods of the approved issues of *edition*, *besides* one issue's."""
        query = select(revisions.c.content).where(
            revisions.c.edition == edition,
            revisions.c.approved.is_not(None),
            revisions.c.issue != besides,
        )
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return tuple(_decode_dated(row).period for row in connection.execute(query).scalars())

    def approve(
        self, revision: Revision, now: datetime, withheld: Collection[str] = ()
    ) -> Revision:
        """Mark *revision* as the approved one of its issue and record the fates of its posts.

        What it was chosen from is saved with it (``store.choices``). Nothing of it leaves by the
        channels that are *withheld*. Approving the same revision again
        for the same channels changes nothing. DraftError if a post of it has been
        featured by another issue since it was drafted, or where its bytes have changed since.
        """
        kept_back = tuple(sorted(withheld))
        if revision.approved and revision.withheld == kept_back:
            return revision
        issue, edition = revision.issue, revision.issue.edition.name
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, edition)
            _withdraw_approval(connection, issue.id, edition)
            withdraw_choice(connection, issue.id, now)
            _refuse_second_feature(connection, revision)
            rows = [
                {"edition": edition, "post": post, "issue": issue.id, "fate": fate}
                for post, fate in _list_settled_placements(connection, issue)
            ]
            if rows:
                connection.execute(insert(fates), rows)
            this = (*_match_revision(revision), revisions.c.hash == revision.hash)
            frozen = (
                update(revisions)
                .where(*this)
                .values(approved=now, open=False, withheld=",".join(kept_back))
            )
            if connection.execute(frozen).rowcount != 1:
                cause = f"revision {revision.number} was edited since you looked at it"
                raise DraftError(issue.id, cause, "Look at it again, then approve it.")
            save_choice(connection, revision, now)
        return replace(revision, approved=now, open=False, withheld=kept_back)

    def fates(self, edition: str, *, besides: str = "") -> Mapping[str, Placement]:
        """Return each post's fate in the approved issues of *edition*, *besides* one issue's."""
        query = select(fates.c.post, fates.c.fate)
        query = query.where(fates.c.edition == edition, fates.c.issue != besides)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return {row.post: row.fate for row in connection.execute(query)}


def _summarize_issue(connection: Connection, issue: str) -> IssueSummary:
    columns = (revisions.c.number, revisions.c.approved)
    mine = select(*columns).where(revisions.c.issue == issue, revisions.c.approved.is_not(None))
    approved = connection.execute(mine).first()
    newest = _find_newest(connection, issue)
    assert newest is not None  # noqa: S101 - it was listed in this transaction
    return IssueSummary(
        issue=issue,
        edition=newest["edition"],
        subject=_decode_head(newest["mail"]).subject,
        newest=newest["number"],
        created=newest["created"],
        approved=approved.number if approved else None,
        approved_at=approved.approved if approved else None,
    )


def _match_revision(revision: Revision) -> tuple[ColumnElement[bool], ...]:
    return revisions.c.issue == revision.issue.id, revisions.c.number == revision.number


def _touch_revision(connection: Connection, row: RowMapping, now: datetime) -> None:
    """Make the newest issue the one that was drafted last, though nothing of it changed."""
    this = (revisions.c.issue == row["issue"], revisions.c.number == row["number"])
    connection.execute(update(revisions).where(*this).values(created=now))


def _withdraw_approval(connection: Connection, issue: str, edition: str) -> None:
    """Take the approval of an earlier revision back: its fates are released."""
    connection.execute(delete(fates).where(fates.c.edition == edition, fates.c.issue == issue))
    connection.execute(update(revisions).where(revisions.c.issue == issue).values(approved=None))


def _refuse_second_feature(connection: Connection, revision: Revision) -> None:
    featured = {story.post.id: story.post.title for story in revision.issue.stories}
    query = select(fates.c.post, fates.c.issue).where(
        fates.c.edition == revision.issue.edition.name,
        fates.c.fate == "featured",
        fates.c.post.in_(featured),
    )
    for post, issue in connection.execute(query):
        cause = f"〈{featured[post]}〉 has been featured in {issue} since this was drafted"
        raise DraftError(revision.issue.id, cause, "Draft it again: digest draft")


def _list_settled_placements(
    connection: Connection, issue: Issue
) -> Iterator[tuple[str, Placement]]:
    """Yield the fates this issue decides; what an earlier issue decided stays."""
    query = select(fates.c.post).where(fates.c.edition == issue.edition.name)
    taken = set(connection.execute(query).scalars())
    for post, fate in issue.fates.items():
        if post not in taken:
            yield post, fate


def _find_newest(
    connection: Connection, issue: str, number: int | None = None
) -> RowMapping | None:
    query = select(revisions)
    if issue:
        query = query.where(revisions.c.issue == issue)
    if number is not None:
        query = query.where(revisions.c.number == number)
    newest = query.order_by(revisions.c.created.desc(), revisions.c.number.desc()).limit(1)
    return connection.execute(newest).mappings().first()


def _explain_missing(
    connection: Connection, issue: str, number: int | None
) -> tuple[str, str, str]:
    known = select(revisions.c.issue).group_by(revisions.c.issue)
    newest = known.order_by(func.max(revisions.c.created).desc()).limit(5)
    names = ", ".join(connection.execute(newest).scalars())
    subject = f"issue {issue}" if issue else "the newest issue" if names else "issue"
    if number is not None:
        subject += f", revision {number}"
    remedy = f"There is: {names}." if names else "Make one with: digest draft"
    return subject, "there is none", remedy


def _encode_revision(revision: Revision) -> dict[str, object]:
    return {
        "issue": revision.issue.id,
        "number": revision.number,
        "edition": revision.issue.edition.name,
        "hash": revision.hash,
        "created": revision.created,
        "approved": revision.approved,
        "content": _encode(revision.issue),
        "mail": _encode(revision.mail),
        "threads": _encode(revision.threads),
        "open": revision.open,
        "withheld": ",".join(revision.withheld),
    }


def _decode_revision(row: RowMapping) -> Revision:
    return Revision(
        issue=_decode_issue(row["content"]),
        number=row["number"],
        hash=row["hash"],
        created=row["created"],
        mail=_decode_mail(row["mail"]),
        threads=_decode_threads(row["threads"]),
        approved=row["approved"],
        open=row["open"],
        withheld=tuple(row["withheld"].split(",")) if row["withheld"] else (),
    )
