"""The review mail: the draft as it would go out, and above it the links to approve or hold it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from digest.catalogue import catalogue
from digest.model import Revision
from digest.render.export import exported
from digest.render.preflight import preflight

Say = Callable[..., str]
_BODY = re.compile(r"<body[^<>]*>", re.IGNORECASE)
_BUTTON = (
    "display:inline-block;padding:10px 18px;margin:0 8px 8px 0;border-radius:6px;"
    "border:1px solid #1a1a1a;text-decoration:none;font-weight:600;"
)
_FILLED, _PLAIN = "background:#1a1a1a;color:#ffffff;", "background:#ffffff;color:#1a1a1a;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the editor is asked: ``plan`` is what happens by itself; the links are "" without."""

    revision: Revision
    plan: str
    approve: str = ""
    hold: str = ""
    until: str = ""
    targets: tuple[str, ...] = ()

    @property
    def say(self) -> Say:
        """Return what says a message in the language of the issue."""
        return catalogue(self.revision.issue.edition.language).gettext

    @property
    def subject(self) -> str:
        """Return the subject of the mail."""
        return self.say("For review: {subject}", subject=self.revision.mail.subject)


def review_text(asked: Asked) -> str:
    """Return the review mail in plain text: the question, what preflight found, all the words."""
    parts = [*_head(asked), *_links(asked), *_findings(asked.revision)]
    parts.append("─" * 30 + "\n\n" + exported(asked.revision, "text").decode())
    for thread in asked.revision.threads:
        if thread.network in asked.targets and thread.parts:
            said = "\n\n".join(f"{n}. {part.text}" for n, part in enumerate(thread.parts, 1))
            parts.append("─" * 30 + f"\n\n{thread.network}\n\n{said}")
    return "\n\n".join(parts) + "\n"


def review_html(asked: Asked) -> str:
    """Return the issue as its readers would see it, with the question above it."""
    html = exported(asked.revision, "html").decode()
    banner = _banner(asked)
    return _BODY.sub(lambda found: found[0] + banner, html, count=1)


def _head(asked: Asked) -> Sequence[str]:
    revision = asked.revision
    return (f"{revision.issue.id}, r{revision.number}: {revision.mail.subject}", asked.plan)


def _links(asked: Asked) -> Sequence[str]:
    say = asked.say
    if not asked.approve:
        command = f"digest approve {asked.revision.issue.id}"
        return (say("Approve it with: {command}", command=command),)
    until = say("Each link works once, until {until}, and asks before it acts.", until=asked.until)
    return (f"{say('Approve')}: {asked.approve}", f"{say('Hold')}: {asked.hold}", until)


def _findings(revision: Revision) -> Sequence[str]:
    return tuple(str(finding) for finding in preflight(revision))


def _banner(asked: Asked) -> str:
    lines = [*_head(asked)]
    if not asked.approve:
        lines += _links(asked)
    told = "".join(f'<p style="margin:0 0 8px">{escape(line)}</p>' for line in lines)
    found = "".join(f"<li>{escape(line)}</li>" for line in _findings(asked.revision))
    notes = f'<ul style="margin:8px 0 0;padding-left:20px">{found}</ul>' if found else ""
    return (
        '<div style="background:#fff8dc;color:#1a1a1a;border-bottom:2px solid #1a1a1a;'
        'padding:16px 20px;font:15px/1.5 sans-serif">'
        f"{told}{_buttons(asked)}{notes}</div>"
    )


def _buttons(asked: Asked) -> str:
    if not asked.approve:
        return ""
    buttons = (
        f'<a href="{escape(link)}" style="{_BUTTON}{style}">{escape(word)}</a>'
        for link, style, word in (
            (asked.approve, _FILLED, asked.say("Approve")),
            (asked.hold, _PLAIN, asked.say("Hold")),
        )
    )
    return (
        f'<p style="margin:12px 0 0">{"".join(buttons)}</p>'
        f'<p style="margin:0;font-size:13px">{escape(_links(asked)[2])}</p>'
    )
