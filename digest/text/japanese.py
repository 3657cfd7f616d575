"""Japanese speech clauses: 「…」と佐藤は語った, 佐藤氏は「…」と述べた, who the topic of them is.

Quotations without a full stop are the rule there, so the clause alone tells speech from a term.
Where the topic is no person known by name, nobody is named.
"""

import re

from digest.text.people import Person
from digest.text.quotes import Span
from digest.text.scene import Scene

_SAYS = re.compile(
    r"と(?:[^。「」、]{0,14}(?:は|が|も)、?)?(?:も|、)?[^。「」、]{0,8}?(?:語|話[しすさ]|述べ|言[いうっわ]|強調し|強調す|指摘|説明し|"
    r"説明す|付け加え|付け足|振り返|明かし|明かす|訴え|答え|主張|コメント|つぶや|笑[いうっ]|警告|尋ね|"
    r"問い?かけ|書[いく]|記し)"
)
_ACCORDING = re.compile(r"(?:によると|によれば)、?$")
_TOPIC = re.compile(
    r"(?:氏|さん|様|先生|教授|社長|監督|選手|CEO|CTO)?(?:は|が|も|によると|によれば)"
)
_PRONOUN = re.compile(r"(?:彼女|彼|同氏)(?:は|が|も)")


def says(text: str, span: Span) -> bool:
    """Tell whether a Japanese speech clause follows *span*, or one leads to it (…によると、)."""
    if _SAYS.match(text, span.closed):
        return True
    return bool(_ACCORDING.search(text, max(0, span.opened - 8), span.opened)) and text.startswith(
        "と", span.closed
    )


def speaker(told: Scene, span: Span) -> Person | None:
    """Return who is the topic of the clause around *span*, if it is somebody known by name."""
    text = told.document.text
    start = max(told.sentence(span.opened), told.document.blocks[span.block].start)
    after = _SAYS.match(text, span.closed)
    parts = [(span.closed, after.end())] if after else []
    for low, high in [*parts, (start, span.opened)]:
        for _, stop, person in told.people.mentions(text, low, high):
            if _TOPIC.match(text, stop):
                return person
        if _PRONOUN.search(text, low, high):
            return told.last
        if re.search("[はが]", text[low:high]):
            return None
    return told.last if told.last_block == span.block else None
