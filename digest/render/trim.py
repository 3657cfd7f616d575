"""Keeps a mail below what Gmail clips: shortens by a stated rule instead of being cut anywhere.

The "also" list has at most ``MAX_LINKS`` links, however much there is room: more than that nobody
reads. The rule then, one step after another until the HTML fits ``MAX_HTML``: the list is cut to 15
links, then none (what is left out is counted, and linked where there is a web page); the other
posts on an episode go; summaries are clipped to 200, then 80 characters. A story is never
dropped: that is the editor's decision.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from digest.catalogue import Catalogue
from digest.render.clean import clip
from digest.render.view import Card, Group, View

MAX_HTML = 90 * 1024
MAX_LINKS = 30
_ROOMY, _TIGHT = 200, 80
_STEPS: tuple[Callable[[View, Catalogue], View], ...] = (
    lambda shown, words: _links(shown, 15, words),
    lambda shown, words: _links(shown, 0, words),
    lambda shown, _: _cards(shown, lambda card: replace(card, more=())),
    lambda shown, _: _cards(shown, lambda card: replace(card, summary=clip(card.summary, _ROOMY))),
    lambda shown, _: _cards(shown, lambda card: replace(card, summary=clip(card.summary, _TIGHT))),
)


def shorter(shown: View, words: Catalogue) -> Iterator[View]:
    """Yield *shown* with as many links as a mail may have, then each shorter form of it."""
    shown = _links(shown, MAX_LINKS, words)
    yield shown
    for step in _STEPS:
        shown = step(shown, words)
        yield shown


def was_shortened(summary: str, text: str) -> bool:
    """Say whether *text*, the plain text of a mail, holds a *summary* only as the rule cuts it."""
    cut = (clip(summary, limit) for limit in (_ROOMY, _TIGHT))
    return summary not in text and any(one in text for one in cut)


def _links(shown: View, limit: int, words: Catalogue) -> View:
    left_out = len(shown.also) - limit
    if left_out <= 0:
        return shown
    total = shown.left_out + left_out
    more = words.ngettext("{n} more on the website", "{n} more on the website", total)
    return replace(shown, also=shown.also[:limit], left_out=total, more=more)


def _cards(shown: View, change: Callable[[Card], Card]) -> View:
    groups = tuple(
        Group(title=group.title, cards=tuple(map(change, group.cards))) for group in shown.sections
    )
    return replace(shown, lead=change(shown.lead) if shown.lead else None, sections=groups)
