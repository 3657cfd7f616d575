"""An issue as an email: HTML by way of MJML, plain text, and the whole message with its slots.

Keeps a mail below what Gmail clips: shortens by a stated rule instead of being cut anywhere.

The "also" list has at most ``MAX_LINKS`` links, however much there is room: more than that nobody
reads. The rule then, one step after another until the HTML fits ``MAX_HTML``: the list is cut to 15
links, then none (what is left out is counted, and linked where there is a web page); the other
posts on an episode go; summaries are clipped to 200, then 80 characters. A story is never
dropped: that is the editor's decision.

The plain-text part: from its own template, never from the HTML.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from digest.model import Issue, Mail
from digest.model.draft import Slots
from digest.render import mime
from digest.render.branding import Branding
from digest.render.line_breaks import mark_phrases
from digest.render.mjml import compile_template
from digest.render.sanitize import clip_text
from digest.render.slots import SlotMarks
from digest.render.templates import Templates
from digest.render.view_model import Action, CardGroup, IssueView, StoryCard, build_view
from digest.text.localization import Catalogue, load_catalogue

_GAPS = re.compile(r"\n{4,}")
_TRAILING = re.compile(r"(?<![ \t])[ \t]+$", re.MULTILINE)


def render_plain_text(values: Mapping[str, Any], templates: Templates, theme: str) -> str:
    """Return the plain text of a mail: no line ends in a space, at most two lines stay empty."""
    text = templates.render("email/mail.txt.jinja", values, theme)
    return _GAPS.sub("\n\n\n", _TRAILING.sub("", text)).strip("\n") + "\n"


MAX_HTML = 90 * 1024
MAX_LINKS = 30
_ROOMY, _TIGHT = 200, 80
_STEPS: tuple[Callable[[IssueView, Catalogue], IssueView], ...] = (
    lambda shown, words: _limit_links(shown, 15, words),
    lambda shown, words: _limit_links(shown, 0, words),
    lambda shown, _: _change_cards(shown, lambda card: replace(card, more=())),
    lambda shown, _: _change_cards(
        shown, lambda card: replace(card, summary=clip_text(card.summary, _ROOMY))
    ),
    lambda shown, _: _change_cards(
        shown, lambda card: replace(card, summary=clip_text(card.summary, _TIGHT))
    ),
)


def shorten_view(shown: IssueView, words: Catalogue) -> Iterator[IssueView]:
    """Yield *shown* with as many links as a mail may have, then each shorter form of it."""
    shown = _limit_links(shown, MAX_LINKS, words)
    yield shown
    for step in _STEPS:
        shown = step(shown, words)
        yield shown


def was_shortened(summary: str, text: str) -> bool:
    """Say whether *text*, the plain text of a mail, holds a *summary* only as the rule cuts it."""
    cut = (clip_text(summary, limit) for limit in (_ROOMY, _TIGHT))
    return summary not in text and any(one in text for one in cut)


def _limit_links(shown: IssueView, limit: int, words: Catalogue) -> IssueView:
    left_out = len(shown.also) - limit
    if left_out <= 0:
        return shown
    total = shown.left_out + left_out
    more = words.ngettext("{n} more on the website", "{n} more on the website", total)
    return replace(shown, also=shown.also[:limit], left_out=total, more=more)


def _change_cards(shown: IssueView, change: Callable[[StoryCard], StoryCard]) -> IssueView:
    groups = tuple(
        CardGroup(title=group.title, cards=tuple(map(change, group.cards)))
        for group in shown.sections
    )
    return replace(shown, lead=change(shown.lead) if shown.lead else None, sections=groups)


__all__ = ["Branding", "render_email"]


def render_email(issue: Issue, templates: Templates, letterhead: Branding) -> Mail:
    """Return *issue* as a mail with open slots; pure. TemplateError names file, line and cause.

    Where the HTML would be clipped the issue is shortened by the rule of ``trim``.
    """
    words, theme = load_catalogue(issue.edition.language, letterhead.strings), issue.edition.theme
    marks = SlotMarks()
    for shown in shorten_view(build_view(issue, letterhead), words):
        values = _build_values(shown, letterhead, words, marks)
        mjml, marked = compile_template(templates, "email/mail.mjml.jinja", values, theme)
        html = marks.lift(marked)
        if len(html.text.encode()) <= MAX_HTML:
            break
    text = marks.lift(render_plain_text(values, templates, theme))
    whole_mail = mime.build_message(
        _build_headers(shown, letterhead), text, html, _collect_inline_pictures(shown, letterhead)
    )
    return Mail(
        subject=shown.subject,
        preheader=shown.preheader,
        html=html.text,
        text=text.text,
        mjml=marks.lift(mjml).text,
        mime=whole_mail.content,
        slots=Slots(html=html.slots, text=text.slots, mime=whole_mail.slots),
    )


def _build_values(
    shown: IssueView, letterhead: Branding, words: Catalogue, marks: SlotMarks
) -> dict[str, Any]:
    """Return what the templates are given; ``templates/README.md`` explains each name."""
    return {
        "view": shown,
        "look": letterhead.look,
        "light": shown.light,
        "dark": shown.dark,
        "words": words,
        "_": words.gettext,
        "whole": mark_phrases,
        "direction": shown.direction,
        "turn": shown.turn,
        "apart": shown.apart,
        "colon": "：" if words.is_wide else ": ",
        "foot": tuple(_build_footer(shown, letterhead, words, marks)),
    }


def _build_footer(
    shown: IssueView, letterhead: Branding, words: Catalogue, marks: SlotMarks
) -> Iterator[Action]:
    own = marks.mark("token")
    if shown.page:
        yield Action(url=shown.page, label=words.gettext("View in browser"))
    if letterhead.preferences:
        yield Action(
            url=_make_token_base(letterhead.preferences) + own, label=words.gettext("Preferences")
        )
    if letterhead.unsubscribe:
        yield Action(
            url=_make_token_base(letterhead.unsubscribe) + own, label=words.gettext("Unsubscribe")
        )


def _make_token_base(url: str) -> str:
    """Return *url* as the reader's token follows it."""
    return f"{url.rstrip('/')}/"


def _build_headers(shown: IssueView, letterhead: Branding) -> mime.Headers:
    from email.utils import parseaddr

    list_id = letterhead.list_id or f"digest.{letterhead.domain}"
    return mime.Headers(
        subject=shown.subject,
        sender=parseaddr(letterhead.sender or mime.NOBODY),
        reply_to=parseaddr(letterhead.reply_to) if letterhead.reply_to else None,
        language=shown.language,
        list_id=(shown.title, list_id),
        unsubscribe=tuple(_list_unsubscribe_links(letterhead)),
    )


def _collect_inline_pictures(shown: IssueView, letterhead: Branding) -> dict[str, bytes]:
    """Return the pictures that the mail carries itself and shows, by content id."""
    urls = {card.image.url for card in shown.cards if card.image}
    carried = (one for one in letterhead.pictures.values() if one.jpeg and one.url in urls)
    return {one.url.removeprefix("cid:"): one.jpeg for one in carried}


def _list_unsubscribe_links(letterhead: Branding) -> Iterator[str]:
    if letterhead.unsubscribe:
        yield _make_token_base(letterhead.unsubscribe)
    if letterhead.unsubscribe_mail:
        yield f"mailto:{letterhead.unsubscribe_mail}?subject=unsubscribe%20"
