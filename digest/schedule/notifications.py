"""What the editor is told of runs that did not go as planned: one message a tick and schedule."""

from collections.abc import Sequence
from typing import Any

from digest.model import Occurrence
from digest.schedule.rules import Schedule
from digest.text.localization import load_catalogue

_EVENTS = {
    "skipped": "skipped",
    "held": "waits for you",
    "failed": "failed",
    "partly": "is out, but not everywhere",
    "clock": "did nothing: the clock of this computer jumped",
    "trouble": "is in trouble; the next tick tries again",
}


def write_subject(schedule: Schedule, owing: Sequence[Occurrence]) -> str:
    """Return the subject of the notice of *owing*, in the language of the schedule."""
    kinds = dict.fromkeys(one.owed for one in owing)
    what = "; ".join(_describe_event(schedule, kind) for kind in kinds)
    return schedule.say("[digest] {name}: {what}", name=schedule.name, what=what)


def write_text(schedule: Schedule, owing: Sequence[Occurrence]) -> str:
    """Return the notice of *owing* in plain text: what, why, and where to look."""
    lines = [
        f"{schedule.told(one.at)} ({schedule.timezone}): {_describe_event(schedule, one.owed)}\n"
        + "\n".join(f"  {line}" for line in _list_last_lines(one))
        for one in owing
    ]
    more = schedule.say("More: {command}", command=f"digest schedule explain {schedule.name}")
    return "\n\n".join([*lines, more]) + "\n"


def _describe_event(schedule: Schedule, kind: str) -> str:
    return schedule.say(_EVENTS.get(kind, kind))


def given_up(job: str, left: int, language: str) -> tuple[str, str]:
    """Return subject and text of the notice that *left* copies of *job* are given up."""
    say = load_catalogue(language)
    about = say.gettext("[digest] {job}: mail is given up", job=job)
    text = say.ngettext(
        "{n} reader was put off for days by the mail server, or it could not be reached.",
        "{n} readers were put off for days by the mail server, or it could not be reached.",
        left,
    )
    issue = job.partition(".correction-")[0]
    correction = " --correction" if issue != job else ""
    more = say.gettext("Try again with:")
    return about, f"{text}\n\n{more} digest send {issue}{correction} --resume\n"


def _list_last_lines(one: Occurrence) -> list[str]:
    """Return what happened to *one* last: all lines of that moment."""
    return [line.text for line in one.log if line.at == one.log[-1].at] or [one.reason]


def make_payload(schedule: Schedule, owing: Sequence[Occurrence]) -> dict[str, Any]:
    """Return the notice of *owing* as the JSON that a webhook gets; ``text`` suits chat rooms."""
    return {
        "schedule": schedule.name,
        "digest": schedule.digest,
        "text": f"{write_subject(schedule, owing)}\n{write_text(schedule, owing)}",
        "events": [
            {
                "event": one.owed,
                "occurrence": one.key,
                "at": one.at.isoformat(),
                "state": one.state,
                "reason": one.reason,
                "issue": one.issue or None,
            }
            for one in owing
        ],
    }
