"""The tables. A change here is a new file in ``migrations/versions`` and a new ``HEAD``.

The tables of the ledger of mailings; what ``schema`` says of changes holds here too.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    false,
    text,
)

HEAD = "0015"


class Moment(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite, which knows no zones, keeps it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would be somebody's local time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


metadata = MetaData()

sources = Table(
    "sources",
    metadata,
    Column("name", String(500), primary_key=True),
    Column("etag", String, nullable=False),
    Column("last_modified", String, nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("title", String, nullable=False),
    Column("language", String, nullable=False),
    Column("site", String, nullable=False),
    Column("timezone", String, nullable=False),
    Column("standing", LargeBinary),  # the Standing as JSON
)

posts = Table(
    "posts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("source", ForeignKey("sources.name"), nullable=False),
    Column("new_at", Moment, nullable=False),
    Column("published", Moment, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("head", LargeBinary, nullable=False),  # the Post as JSON, without its document
    Column("document", LargeBinary, nullable=False),  # the Document as JSON
    Index("posts_by_source_and_time", "source", "new_at"),
    Index("posts_by_source_and_date", "source", "published"),
)

keys = Table(  # what a post is found by when its feed lists it again
    "keys",
    metadata,
    Column("source", String(500), primary_key=True),
    Column("key", String(40), primary_key=True),
    Column("post", ForeignKey("posts.id"), primary_key=True),
    Index("keys_by_post", "post"),
)

post_versions = Table(  # what posts said before they were edited
    "post_versions",
    metadata,
    Column("post", ForeignKey("posts.id"), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("replaced", Moment, nullable=False),
    Column("title", String, nullable=False),
    Column("document", LargeBinary, nullable=False),  # the Document as JSON
)

revisions = Table(
    "revisions",
    metadata,
    Column("issue", String(200), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("edition", String(100), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("created", Moment, nullable=False),
    Column("approved", Moment),
    Column("content", LargeBinary, nullable=False),  # the Issue as JSON
    Column("mail", LargeBinary, nullable=False),  # the Mail as JSON
    Column("threads", LargeBinary, nullable=False),  # the Threads as JSON
    Column("open", Boolean, nullable=False, server_default=false()),  # edits go into it
    Column("withheld", String, nullable=False, server_default=""),  # channels, comma between
)

edits = Table(  # the log of what the editor did, oldest first by number
    "edits",
    metadata,
    Column("issue", String(200), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("step", Integer, nullable=False),
    Column("kind", String(4), nullable=False),
    Column("block", String(200), nullable=False),
    Column("value", String),
    Column("base", String(16), nullable=False),
    Column("over", String(16), nullable=False),
    Column("at", Moment, nullable=False),
)

generated = Table(  # what edits are laid over
    "generated",
    metadata,
    Column("issue", String(200), primary_key=True),
    Column("content", LargeBinary, nullable=False),  # the Generated as JSON
)

choices = Table(  # what approved issues were chosen from; see store.choices
    "choices",
    metadata,
    Column("issue", String(200), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("edition", String(100), nullable=False),
    Column("hash", String(64), nullable=False),  # of the revision
    Column("approved", Moment, nullable=False),
    Column("withdrawn", Moment),
    Column("content", LargeBinary, nullable=False),  # the ChoiceRecord as JSON
)

fates = Table(
    "fates",
    metadata,
    Column("edition", String(100), primary_key=True),
    Column("post", String(64), primary_key=True),
    Column("issue", String(200), nullable=False),
    Column("fate", String(10), nullable=False),
    Index("fates_by_issue", "edition", "issue"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("job", String(200), primary_key=True),
    Column("target", String(320), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("revision", Integer, nullable=False),
    Column("payload", String, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("key", String(200), nullable=False),
    Column("wire", String, nullable=False),
    Column("id", String(500), nullable=False),
    Column("url", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("armed", Moment),
    Column("retry_at", Moment),
    Column("version", Integer, nullable=False),
    Index("outbox_by_state", "state"),
)

subscribers = Table(  # no id is ever given twice: a token outlives its subscriber
    "subscribers",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("address", String(320), nullable=False),
    Column("normal", String(320), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("language", String(40), nullable=False),
    Column("digests", String, nullable=False),  # ",weekly,monthly,"
    Column("state", String(12), nullable=False),
    Column("created", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
    Column("consent_how", String(40), nullable=False),
    Column("consent_at", Moment, nullable=False),
    Column("consent_source", String(200), nullable=False),
    Column("confirmed", Moment),
    Column("asked", Moment),
    Column("softs", Integer, nullable=False),
    sqlite_autoincrement=True,
)

suppressions = Table(  # whom not to write to, known by a keyed hash that outlives the record
    "suppressions",
    metadata,
    Column("mark", LargeBinary(16), primary_key=True),
    Column("reason", String(12), nullable=False),
    Column("since", Moment, nullable=False),
)

subscriber_events = Table(  # what happened to whom; goes with the subscriber
    "subscriber_events",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("subscriber", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", String(40), nullable=False),
    Column("detail", String(500), nullable=False),
    Index("subscriber_events_by_subscriber", "subscriber"),
)

notices = Table(  # bounces and complaints that were acted on, so that none counts twice
    "notices",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
)

daily_states = Table(  # what each day (UTC) adds to the subscribers in a state; see daily_counts
    "daily_states",
    metadata,
    Column("day", Date, primary_key=True),
    Column("digest", String, primary_key=True),  # "": all subscribers, each once
    Column("state", String(12), primary_key=True),
    Column("change", Integer, nullable=False),
)

daily_events = Table(  # how often what happened to a subscriber on a day (UTC)
    "daily_events",
    metadata,
    Column("day", Date, primary_key=True),
    Column("digest", String, primary_key=True),  # as in daily_states
    Column("event", String(12), primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
)

pictures = Table(  # by the name that their content gives them (digest.kept)
    "pictures",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

picture_keys = Table(  # what a picture was made of, so that it is not made twice
    "picture_keys",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("picture", ForeignKey("pictures.name"), nullable=False),
)

occurrences = Table(  # the runs of schedules
    "occurrences",
    metadata,
    Column("digest", String(100), primary_key=True),
    Column("key", String(16), primary_key=True),  # local time without offset
    Column("at", Moment, nullable=False),
    Column("schedule", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String, nullable=False),
    Column("issue", String(200), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("reviewed", Integer, nullable=False),
    Column("start", Moment),
    Column("end", Moment),
    Column("targets", LargeBinary, nullable=False),  # name -> Handed, as JSON
    Column("owed", String(40), nullable=False),
    Column("told", LargeBinary, nullable=False),  # as JSON
    Column("log", LargeBinary, nullable=False),  # the Lines as JSON
    Column("version", Integer, nullable=False),
    Index("occurrences_by_time", "digest", "at"),
)

reviews = Table(  # the links of review mails
    "reviews",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("digest", String(100), nullable=False),
    Column("key", String(16), nullable=False),
    Column("issue", String(200), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("expires", Moment, nullable=False),
)

review_uses = Table(
    "review_uses",
    metadata,
    Column("name", ForeignKey("reviews.name"), primary_key=True),
    Column("action", String(10), primary_key=True),
)

rhythms = Table(  # what is remembered of a schedule itself
    "rhythms",
    metadata,
    Column("digest", String(100), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("floor", Moment),
    Column("ticked", Moment),
    Column("paused", Moment),
    Column("skips", LargeBinary, nullable=False),  # ISO dates, as JSON
    Column("doubted", Moment),
)


class Second(TypeDecorator[datetime]):
    """An aware time as whole seconds since 1970, for tables of which each byte counts."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the second that *value* is in."""
        del dialect
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the time as aware UTC."""
        del dialect
        return None if value is None else datetime.fromtimestamp(value, UTC)


mailings = Table(  # one mail to everybody it is for
    "mailings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", String(220), nullable=False, unique=True),
    Column("issue", String(200), nullable=False),
    Column("edition", String(100), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("mailer", String(100), nullable=False),
    Column("started", Moment, nullable=False),
    Column("audience", Integer, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),  # a correction's Mail as JSON
    Column("of", String(220), nullable=False),  # the job whose readers get it
)

# A small index finds these; a query must name this very condition for SQLite to use it.
_UNSETTLED = "state IN ('armed', 'claimed', 'deferred', 'held', 'rejected', 'unknown')"
UNSETTLED, unsettled = text(_UNSETTLED), text(f"deliveries.{_UNSETTLED}")

deliveries = Table(  # each reader's copy; a million of them an issue, so a row is small
    "deliveries",
    metadata,
    Column("mailing", ForeignKey("mailings.id"), primary_key=True),
    Column("subscriber", Integer, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("armed", Second),
    Column("until", Second),
    Column("key", String(64)),
    Column("id", String(500)),
    Column("reason", String),
    sqlite_with_rowid=False,
)
Index(
    "deliveries_unsettled",
    deliveries.c.mailing,
    deliveries.c.state,
    sqlite_where=UNSETTLED,
    postgresql_where=UNSETTLED,
)

marks = Table(  # what is to be known of the store itself
    "marks",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", String(200), nullable=False),
)
