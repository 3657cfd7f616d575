"""The types that flow: Post -> Pick -> Story -> Issue -> Draft -> Revision -> Receipt.

Every type is frozen, slotted and keyword-only; times are aware and in UTC. The package imports
the standard library only, so that every other module may import it.
"""

from digest.model.draft import Attachment, Draft, Mail, Part, Receipt, Revision, Status, Thread
from digest.model.issue import (
    Edition,
    Fate,
    Issue,
    Period,
    Pick,
    PullQuote,
    Quota,
    Quote,
    Reading,
    Section,
    Selection,
    Story,
    SummaryFrom,
    Theme,
)
from digest.model.outbox import Entry, Outcome, State, Wire
from digest.model.post import (
    Block,
    BlockKind,
    Document,
    Image,
    Link,
    Media,
    MediaKind,
    Post,
    TextFrom,
)
from digest.model.source import About, Batch, Failed, Fetched, Skipped, Unchanged, Validators

__all__ = [
    "About",
    "Attachment",
    "Batch",
    "Block",
    "BlockKind",
    "Document",
    "Draft",
    "Edition",
    "Entry",
    "Failed",
    "Fate",
    "Fetched",
    "Image",
    "Issue",
    "Link",
    "Mail",
    "Media",
    "MediaKind",
    "Outcome",
    "Part",
    "Period",
    "Pick",
    "Post",
    "PullQuote",
    "Quota",
    "Quote",
    "Reading",
    "Receipt",
    "Revision",
    "Section",
    "Selection",
    "Skipped",
    "State",
    "Status",
    "Story",
    "SummaryFrom",
    "TextFrom",
    "Theme",
    "Thread",
    "Unchanged",
    "Validators",
    "Wire",
]
