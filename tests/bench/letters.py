"""What an email costs in process: rendered, copied for one more reader, its quotation drawn."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests import drafted
from tests.bench.measure import Figure, median, seconds
from tests.issues import chinese, letterhead

COPIES = 1000


def bench_mail(folder: Path) -> Iterator[Figure]:
    """Issues to MJML, HTML, plain text and MIME: each drafted one, in each theme."""
    from digest.render.email import render_email
    from digest.render.templates import Templates, find_shipped_templates

    head = letterhead()
    own = folder / "templates"
    shutil.copytree(find_shipped_templates() / "email", own / "email")
    for name in drafted.NAMES:
        for theme in ("default", "letter"):
            issue = drafted.issue(name)
            issue = replace(issue, edition=replace(issue.edition, theme=theme))
            for templates, what in ((Templates.load(), ""), (Templates.load(own), ", all copied")):
                cost = median(partial(seconds, partial(render_email, issue, templates, head)), 11)
                yield Figure(
                    what=f"{name}, {theme}{what}", value=cost * 1000, unit="ms CPU", bar=20
                )


def bench_copy(folder: Path) -> Iterator[Figure]:
    """A copy for one more reader, spliced into what was rendered once."""
    from digest.render import mime
    from digest.render.email import render_email
    from digest.render.personalize import Personalizer, RecipientLinks
    from digest.render.templates import Templates

    message = mime.open_message(render_email(chinese(), Templates.load(), letterhead()))
    copier = Personalizer.of(
        message, job="j", digest="h", passes=lambda n: RecipientLinks(token=f"t.{n}")
    )
    now = datetime.now(UTC)

    def copies() -> None:
        for number in range(COPIES):
            address, mine = f"reader-{number}@example.org", RecipientLinks(token=f"t.{number}")
            copier.made(address, "讀者", mine, key=str(number), moment=now)

    cost = median(lambda: seconds(copies))
    size = len(message.content) // 1024
    yield Figure(what=f"a copy of {size} KiB", value=cost, unit="ms CPU", bar=0.2)


def bench_card(folder: Path) -> Iterator[Figure]:
    """A quote card, each time with other words, at both sizes."""
    from digest.render.quote_card import SIZES, draw_card
    from digest.render.templates import Templates

    issue, turn = chinese(), iter(range(1_000_000))

    def draw(shape: str) -> None:
        quote = replace(
            issue.pull_quote.quote, text=f"第 {next(turn)} 班船會等人，" + "人等船。" * 12
        )
        now = replace(issue, pull_quote=replace(issue.pull_quote, quote=quote))
        assert draw_card(now, Templates.load(), letterhead(), shape=shape)

    for shape in SIZES:
        cost = median(partial(seconds, partial(draw, shape)), 11)
        yield Figure(what=f"a card, {shape}", value=cost * 1000, unit="ms CPU", bar=120)
