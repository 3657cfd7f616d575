"""``digest tick`` and ``digest schedule ...``: what runs by itself, when, and why it did not.

``digest tick``: do what the schedules say is due, and tell what came of it.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli.base import Command, Group, Output, end_on_sigterm, find_output, open_app
from digest.model.errors import DigestError, NothingToDo

if TYPE_CHECKING:
    from digest.app.composition import App
    from digest.model import TickStep
    from digest.schedule.explain import ScheduleFacts
    from digest.schedule.rules import Schedule

_DAY = click.DateTime(["%Y-%m-%d"])
_name = click.argument("name", default="")


def current_time() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@click.group(cls=Group)
def schedule() -> None:
    """See and steer what runs by itself: list, next, explain, install, pause, skip."""


def facts_of(
    one: "Schedule", out: Output, now: datetime, *, most: int = 0, day: str = ""
) -> "ScheduleFacts":
    """Return what is known of the schedule *one* at *now*."""
    from digest.schedule.explain import LATEST, ScheduleFacts

    return ScheduleFacts.of(one, open_app(out).occurrences, now, most=most or LATEST, day=day)


def _find_schedule(out: Output, name: str) -> "Schedule":

    return open_app(out).schedules.find(name)


def print_rows(
    out: Output, rows: Iterable[dict[str, Any]], line: Callable[[dict[str, Any]], str]
) -> None:
    """Print *rows*: as JSON, a line each, or for a person by *line*."""
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False) if out.json else line(row))


@schedule.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """List the schedules beside digest.toml: when each runs next, and how the last run ended."""
    from digest.schedule.explain import describe_schedule

    out, now = find_output(context), current_time()
    loaded = open_app(out).schedules.load()
    rows = [describe_schedule(facts_of(one, out, now)) for one in loaded.schedules]
    print_rows(out, rows, _format_overview)
    for error in loaded.errors[:-1]:
        out.warn(str(error))
    if loaded.errors:
        raise loaded.errors[-1]
    if not rows:
        remedy = "Copy a shipped one with: digest schedule add weekly"
        raise NothingToDo("schedules", "there is none beside digest.toml", remedy)


def _format_overview(row: dict[str, Any]) -> str:
    last = row["last"]
    past = (
        f"{_format_day(last['occurrence'])}  {last['state']}  {last['issue'] or ''}"
        if last
        else "none yet"
    )
    when, targets = ", ".join(row["when"]), ", ".join(row["targets"])
    lines = [
        f"{row['name']}: {when} {row['timezone']} -> {targets} (unapproved: {row['unapproved']})",
        f"  next    {_format_day(row['next'])}",
        f"  last    {past}".rstrip(),
        f"  ticked  {_format_day(row['ticked'])}",
    ]
    if row["paused"]:
        lines.insert(1, f"  PAUSED  {row['paused']}")
    return "\n".join(lines)


def _format_day(iso: str | None) -> str:
    """Return a time of JSON as a person reads it; its zone stands beside it."""
    return f"{datetime.fromisoformat(iso):%a %Y-%m-%d %H:%M}" if iso else "never"


@schedule.command("next")
@_name
@click.option("--count", type=click.IntRange(1, 100), default=5, help="How many runs.")
@click.pass_context
def next_(context: click.Context, name: str, count: int) -> None:
    """Show the next runs of schedule NAME and the window of each."""
    from digest.schedule.explain import forecast_runs

    out, now = find_output(context), current_time()
    facts = facts_of(_find_schedule(out, name), out, now)
    out.say(f"{facts.schedule.name}, times of {facts.schedule.timezone}")
    print_rows(out, forecast_runs(facts, count), _format_forecast)


def _format_forecast(row: dict[str, Any]) -> str:
    window = row["window"]
    what = f"{row['issue']}  " if row["runs"] else f"SKIPPED: {row['reason']}; it would tell "
    at, start, end = map(_format_day, (row["at"], window["start"], window["end"]))
    return f"{at}  {what}{start} – {end}"


@schedule.command()
@_name
@click.argument("day", type=_DAY, required=False)
@click.option("--count", type=click.IntRange(1, 1000), default=10, help="How many runs.")
@click.pass_context
def explain(context: click.Context, name: str, day: datetime | None, count: int) -> None:
    """Say why the runs of schedule NAME did or did not happen.

    DAY (2026-02-16) asks for the runs of that day, recorded or not.
    """
    from digest.schedule.explain import explain_day, forecast_runs, list_history

    out, now = find_output(context), current_time()
    chosen = _find_schedule(out, name)
    if day:
        facts = facts_of(chosen, out, now, most=count, day=day.date().isoformat())
        print_rows(out, explain_day(facts, day.date()), _make_explainer(chosen))
        return
    facts = facts_of(chosen, out, now, most=count)
    rows = [*list_history(facts)]
    print_rows(out, rows, _make_explainer(chosen))
    out.say(chosen.say("last tick: {ticked}", ticked=facts.ticked))
    if not rows:
        print_rows(out, forecast_runs(facts, 1), _format_forecast)


def _make_explainer(chosen: "Schedule") -> Callable[[dict[str, Any]], str]:
    """Return what tells a run of *chosen* in the language of its digest."""

    def day(iso: str) -> str:
        return chosen.told(datetime.fromisoformat(iso))

    def told(row: dict[str, Any]) -> str:
        when = day(row["at"]) if row.get("at") else row["occurrence"]
        head = f"{when}  {chosen.say(row['state'])}  {row.get('issue') or ''}"
        lines = [head.rstrip(), f"  {chosen.say('why: {reason}', reason=row['reason'])}"]
        if window := row.get("window"):
            span = f"{day(window['start'])} – {day(window['end'])}"
            lines.append(f"  {chosen.say('window: {span}, the end excluded', span=span)}")
        lines += [f"  {day(one['at'])}  {one['text']}" for one in row.get("log", ())]
        return "\n".join(lines)

    return told


@schedule.command()
@_name
@click.pass_context
def pause(context: click.Context, name: str) -> None:
    """Pause schedule NAME: what would run from now on is skipped; its posts wait."""
    from digest.schedule import runner

    out, now = find_output(context), current_time()
    chosen = _find_schedule(out, name)
    runner.pause_schedule(open_app(out).occurrences, chosen, now)
    out.say(f"{chosen.name} is paused since {_format_day(chosen.local(now).isoformat())}.")
    out.say(f"Go on with: digest schedule resume {chosen.name}")


@schedule.command()
@_name
@click.pass_context
def resume(context: click.Context, name: str) -> None:
    """Resume schedule NAME; the posts of the pause go into its next issue."""
    from digest.schedule import runner

    out, now = find_output(context), current_time()
    chosen = _find_schedule(out, name)
    runner.resume_schedule(open_app(out).occurrences, chosen, now)
    out.say(f"{chosen.name} runs again.")
    if chosen.paused:
        out.warn(f"it is still paused in {chosen.file}: paused = true")


@schedule.command()
@_name
@click.argument("day", type=_DAY)
@click.option("--undo", is_flag=True, help="Let it run on that day after all.")
@click.pass_context
def skip(context: click.Context, name: str, day: datetime, undo: bool) -> None:
    """Leave DAY (2026-02-16) out of schedule NAME; its posts go into the next issue."""
    from digest.schedule import runner

    out, now = find_output(context), current_time()
    chosen = _find_schedule(out, name)
    runner.leave_out_day(open_app(out).occurrences, chosen, day.date(), now, undo=undo)
    said = "runs" if undo else "will not run"
    out.say(f"{chosen.name} {said} on {day.date()}.")


@schedule.command()
@click.argument("name", default="")
@click.pass_context
def add(context: click.Context, name: str) -> None:
    """Copy the shipped schedule NAME (weekly, daily, monthly) beside digest.toml."""
    out = find_output(context)
    path = open_app(out).schedules.add(name)
    out.say(f"Written: {path}. Read it, then have a timer wake it: digest schedule install")


@schedule.command()
@click.option("--kind", default="", metavar="KIND", help="systemd, cron, launchd, windows, ...")
@click.option("--write", "folder", type=click.Path(path_type=Path), help="Write the files there.")
@click.pass_context
def install(context: click.Context, kind: str, folder: Path | None) -> None:
    """Print the timer that wakes "digest tick", and what to do with it.

    KIND: systemd, cron, launchd, windows, github or kubernetes; by default what this machine has.
    Nothing is installed.
    """
    from digest.schedule import timers

    out = find_output(context)
    made = timers.make_timer(kind or timers.find_timer_kind(), open_app(out).timer_setup)
    if folder:
        timers.write_timer(made, folder)
    if out.json:
        click.echo(json.dumps({"kind": made.kind, "files": made.files, "steps": list(made.steps)}))
        return
    for file, body in made.files.items():
        click.echo(f"written: {folder / file}" if folder else f"── {file}\n{body}")
    for number, step in enumerate(made.steps, 1):
        click.echo(f"{number}. {step}")


_COLOURS = {"sent": "green", "skipped": "cyan", "deferred": "yellow", "held": "yellow"}
_MANY = ("sent", "deferred", "skipped")  # copies that are counted and not told one by one


@click.command(cls=Command)
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.pass_context
def tick(context: click.Context, dry_run: bool) -> None:
    """Do what the schedules say is due: draft, approve as they say, send and post.

    Safe to run at any time, twice, or in several places at once: every run is made once. Exit
    status 3 when nothing is due, 1 when something failed; the next tick tries again.
    """
    from digest.schedule.tick import find_exit_status

    out, now = find_output(context), current_time()
    app = open_app(out)
    if dry_run:
        _print_foreseen(out, [facts_of(one, out, now) for one in app.schedules.load().schedules])
        return
    steps: list[TickStep] = []
    _end_unconfirmed(app, now, out)
    try:
        with end_on_sigterm():
            for step in app.tick_runner(out.warn).run(now):
                _print_step(step, out)
                steps.append(step)
    except KeyboardInterrupt:
        remedy = "Nothing was sent twice, nothing is lost: the next tick goes on."
        raise DigestError("digest tick", "was stopped", remedy) from None
    finally:
        _sum_up(steps, out)
    if not steps:
        raise _nothing_due(app)
    context.exit(find_exit_status(steps))


def _end_unconfirmed(app: "App", now: datetime, out: Output) -> None:
    """Remove who signed up long ago and never confirmed."""
    if days := app.settings.audience.unconfirmed_days:
        count = app.audience.end_unconfirmed(now - timedelta(days=days), now)
        if count:
            out.say(f"{count:,} sign-ups ended: nobody confirmed them within {days} days")


def _nothing_due(app: "App") -> NothingToDo:

    if not app.schedules.load().schedules:
        remedy = "Copy a shipped one with: digest schedule add weekly"
        return NothingToDo(str(app.schedules.own), "there is no schedule", remedy)
    return NothingToDo("tick", "nothing is due", "Look ahead with: digest schedule next")


def _print_step(step: "TickStep", out: Output) -> None:
    """Print one receipt as JSON, or for a person; a copy that went out, or waits, is counted."""
    one, receipt = step.occurrence, step.receipt
    if out.json:
        about = {"schedule": one.schedule or None, "occurrence": one.key or None}
        about["issue"] = one.issue or None
        click.echo(json.dumps({**asdict(receipt), **about}, ensure_ascii=False))
    elif receipt.status not in _MANY or receipt.subscriber is None:
        _print_line(receipt.status, step, f"{receipt.url or receipt.id}  {receipt.reason}")


def _sum_up(steps: "Iterable[TickStep]", out: Output) -> None:
    """Tell a person how many copies of which issue went out by mail, or were put off, and why."""
    from digest.text.address import nameless

    if out.json:
        return
    groups: dict[tuple[str, str, str], list[TickStep]] = {}
    for one in steps:
        receipt = one.receipt
        if receipt.subscriber is not None and receipt.status in _MANY:
            why = nameless(receipt.reason) if receipt.status != "sent" else ""
            groups.setdefault((receipt.status, one.occurrence.issue, why), []).append(one)
    for (status, issue, why), copies in groups.items():
        if status == "sent" and out.quiet:
            continue
        receipt = replace(copies[-1].receipt, target="email", subscriber=None)
        number = f"{len(copies):,} reader{'s' * (len(copies) != 1)}"
        _print_line(status, replace(copies[-1], receipt=receipt), f"{issue} to {number}  {why}")


def _print_line(status: str, step: "TickStep", rest: str) -> None:
    one, receipt = step.occurrence, step.receipt
    part = f" {receipt.part}" if receipt.part else ""
    colour = click.style(f"{status:<9}", fg=_COLOURS.get(status, "red"))
    run, whom = f"{one.schedule} {one.key}".strip() or one.issue, receipt.target
    if receipt.subscriber is not None:  # a timer keeps what is said: it names no reader
        from digest.text.address import nameless

        whom, rest = f"subscriber {receipt.subscriber}", nameless(rest)
    click.echo(f"{colour}{run} {whom}{part}  {rest}".rstrip())


def _print_foreseen(out: Output, known: "list[ScheduleFacts]") -> None:
    from digest.schedule.explain import foresee_tick

    found = [row for facts in known for row in foresee_tick(facts)]
    print_rows(out, found, _format_would)
    if not found:
        raise _nothing_due(open_app(out))


def _format_would(row: dict[str, Any]) -> str:
    return f"would {row['would']}  {row['schedule']} {row['occurrence']}  {row['reason']}"
