"""The pictures that go with an issue: made or fetched once, kept in the store, named by content.

``quote_card`` is what threads show of the pull-quote; ``pictured`` makes the lead's picture small
and puts it into the mail itself or under the web archive, where ``[mail] pictures`` asks for it.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from digest.errors import DigestError
from digest.model import Attachment, Image, Issue, Story
from digest.ports import Pictures
from digest.render.card import available, recipe
from digest.render.clean import picture
from digest.render.letterhead import Hosted, Letterhead
from digest.render.sayings import on_display
from digest.render.templates import Templates

FOLDER = "pictures"  # below the web archive
Get = Callable[
    [str], bytes
]  # the URL of a picture -> its bytes; DigestError where it is not to be had


def quote_card(
    issue: Issue, templates: Templates, letterhead: Letterhead, pictures: Pictures
) -> Attachment | None:
    """Return the card of the issue's pull-quote as it is kept; drawn only if it was not before.

    None where the issue has no pull-quote or the extra ``cards`` is not installed.
    """
    wanted = recipe(issue, templates, letterhead) if available() else None
    if wanted is None:
        return None
    key = wanted.key
    name = pictures.named(key) or pictures.keep(wanted.draw().png, key)
    return Attachment(path=name, alt=wanted.alt)


def story_card(
    story: Story, issue: Issue, templates: Templates, letterhead: Letterhead, pictures: Pictures
) -> Attachment | None:
    """Return the card of the best quotation of *story* alone."""
    return quote_card(on_display(story, issue), templates, letterhead, pictures)


def pictured(issue: Issue, letterhead: Letterhead, pictures: Pictures, get: Get) -> Letterhead:
    """Return *letterhead* with the lead's picture made small and kept, where it asks for that.

    What cannot be fetched now is what was kept before, else it stays a link.
    """
    image = shown(issue) if letterhead.carry != "link" else None
    made = _small(image.url, letterhead, pictures, get) if image else None
    return replace(letterhead, pictures={image.url: made}) if image and made else letterhead


def shown(issue: Issue) -> Image | None:
    """Return the one picture that a mail of *issue* may carry: its lead's."""
    lead = issue.sections[0].stories if issue.sections else ()
    image = lead[0].post.image if len(lead) == 1 else None
    return image if picture(image, carried=True) else None


def _small(url: str, letterhead: Letterhead, pictures: Pictures, get: Get) -> Hosted | None:
    from digest.render.thumbnail import embedded, hosted, of_kept, thumbnail

    key = f"small:{sha256(url.encode()).hexdigest()}"
    try:
        made = thumbnail(get(url))
        pictures.keep(made.jpeg, key)
    except DigestError:
        name = pictures.named(key)
        if not name:
            return None
        made = of_kept(pictures.read(name))
    if letterhead.carry == "embed":
        return embedded(made)
    return hosted(made, f"{letterhead.archive.rstrip('/')}/{FOLDER}")
