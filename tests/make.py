"""Small values for tests: a post, a story, an issue, a revision, with what a test cares about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.model import (
    Block,
    Digest,
    Document,
    Issue,
    Mail,
    Period,
    Pick,
    Post,
    Quote,
    Revision,
    Section,
    Story,
    Summary,
    Thread,
)

NOW = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)
PERIOD = Period(
    start=datetime(2026, 3, 8, 16, tzinfo=UTC),
    end=datetime(2026, 3, 15, 16, tzinfo=UTC),
    label="2026-W11",
)
EDITION = Digest(title="渡口週報", language="zh-Hant-TW", timezone="Asia/Taipei")


def document(*paragraphs: str) -> Document:
    """Return a document of plain paragraphs."""
    blocks, at = [], 0
    for paragraph in paragraphs:
        blocks.append(Block(kind="paragraph", start=at, end=at + len(paragraph)))
        at += len(paragraph) + 2
    return Document(text="\n\n".join(paragraphs), blocks=tuple(blocks))


def post(name: str = "a", text: str = "「船會等人。」林渡說。", **fields: object) -> Post:
    """Return a post called *name*, of the Wednesday of ``PERIOD``."""
    moment = PERIOD.start + timedelta(days=2, hours=9)
    plain = Post(
        id=name,
        source="blog",
        url=f"https://blog.example.org/posts/{name}/",
        title=f"第 {name} 班船",
        published=moment,
        first_seen=moment,
        document=document(text),
    )
    return replace(plain, **fields)


def story(of: Post | None = None, *, speaker: str | None = "林渡", score: float = 0.5) -> Story:
    """Return a story of a post whose text holds one 「quotation」."""
    told = of or post()
    text = told.document.text
    start, end = text.index("「") + 1, text.index("」")
    quote = Quote(
        text=text[start:end],
        start=start,
        end=end,
        speech=True,
        utterance=0,
        speaker=speaker,
        score=score,
    )
    reading = Summary(summary="擺渡人說船會等人。", summary_from="author", quotes=(quote,))
    return Story(pick=Pick(post=told, score=1.0, reasons=("好看",)), reading=reading, minutes=3)


def issue(*stories: Story, **fields: object) -> Issue:
    """Return an issue of *stories*, the first as its lead."""
    told = stories or (story(),)
    sections = (Section(title="", stories=told[:1]),)
    if told[1:]:
        sections += (Section(title="河邊", stories=told[1:]),)
    plain = Issue(
        id="weekly-2026-W11",
        edition=EDITION,
        period=PERIOD,
        subject="船會等人",
        preheader="還有：河邊的人",
        headline="本週精選",
        intro="一篇。",
        sections=sections,
        fates={one.post.id: "featured" for one in told},
    )
    return replace(plain, **fields)


def revision(of: Issue | None = None, **fields: object) -> Revision:
    """Return an unsaved revision of an issue."""
    mail = Mail(
        subject="船會等人",
        preheader="",
        html="<p>船</p>",
        text="船",
        mjml="<mjml></mjml>",
        mime=b"Subject: x\r\n\r\nx",
    )
    plain = Revision(
        issue=of or issue(),
        number=0,
        hash="0" * 64,
        created=NOW,
        mail=mail,
        threads=(Thread(network="mastodon", parts=()),),
    )
    return replace(plain, **fields)
