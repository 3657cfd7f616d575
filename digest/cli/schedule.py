"""``digest tick`` and ``digest schedule ...``: what runs by itself, when, and why it did not."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli.group import Group, Output, output
from digest.errors import NothingToDo

if TYPE_CHECKING:
    from digest.schedule import Schedule
    from digest.schedule.almanac import Facts

_DAY = click.DateTime(["%Y-%m-%d"])
_name = click.argument("name", default="")


def present() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@click.group(cls=Group)
def schedule() -> None:
    """See and steer what runs by itself: list, next, explain, install, pause, skip."""


def facts_of(
    one: "Schedule", out: Output, now: datetime, *, most: int = 0, day: str = ""
) -> "Facts":
    """Return what is known of the schedule *one* at *now*."""
    from digest import config
    from digest.schedule.almanac import LATEST, Facts
    from digest.usecases import waking

    return Facts.of(
        one, waking.occurrences(config.load(out.config)), now, most=most or LATEST, day=day
    )


def _named(out: Output, name: str) -> "Schedule":
    from digest import config
    from digest.usecases import schedules

    return schedules.named(config.load(out.config), name)


def show(
    out: Output, rows: Iterable[dict[str, Any]], line: Callable[[dict[str, Any]], str]
) -> None:
    """Print *rows*: as JSON, a line each, or for a person by *line*."""
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False) if out.json else line(row))


@schedule.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """List the schedules beside digest.toml: when each runs next, and how the last run ended."""
    from digest import config
    from digest.schedule import almanac
    from digest.usecases import schedules

    out, now = output(context), present()
    loaded = schedules.load(config.load(out.config))
    rows = [almanac.overview(facts_of(one, out, now)) for one in loaded.schedules]
    show(out, rows, _overview)
    for error in loaded.errors[:-1]:
        out.warn(str(error))
    if loaded.errors:
        raise loaded.errors[-1]
    if not rows:
        remedy = "Copy a shipped one with: digest schedule add weekly"
        raise NothingToDo("schedules", "there is none beside digest.toml", remedy)


def _overview(row: dict[str, Any]) -> str:
    last = row["last"]
    past = (
        f"{_day(last['occurrence'])}  {last['state']}  {last['issue'] or ''}"
        if last
        else "none yet"
    )
    when, targets = ", ".join(row["when"]), ", ".join(row["targets"])
    lines = [
        f"{row['name']}: {when} {row['timezone']} -> {targets} (unapproved: {row['unapproved']})",
        f"  next    {_day(row['next'])}",
        f"  last    {past}".rstrip(),
        f"  ticked  {_day(row['ticked'])}",
    ]
    if row["paused"]:
        lines.insert(1, f"  PAUSED  {row['paused']}")
    return "\n".join(lines)


def _day(iso: str | None) -> str:
    """Return a time of JSON as a person reads it; its zone stands beside it."""
    return f"{datetime.fromisoformat(iso):%a %Y-%m-%d %H:%M}" if iso else "never"


@schedule.command("next")
@_name
@click.option("--count", type=click.IntRange(1, 100), default=5, help="How many runs.")
@click.pass_context
def next_(context: click.Context, name: str, count: int) -> None:
    """Show the next runs of schedule NAME and the window of each."""
    from digest.schedule import almanac

    out, now = output(context), present()
    facts = facts_of(_named(out, name), out, now)
    out.say(f"{facts.schedule.name}, times of {facts.schedule.timezone}")
    show(out, almanac.forecast(facts, count), _forecast)


def _forecast(row: dict[str, Any]) -> str:
    window = row["window"]
    what = f"{row['issue']}  " if row["runs"] else f"SKIPPED: {row['reason']}; it would tell "
    return f"{_day(row['at'])}  {what}{_day(window['start'])} – {_day(window['end'])}"


@schedule.command()
@_name
@click.argument("day", type=_DAY, required=False)
@click.option("--count", type=click.IntRange(1, 1000), default=10, help="How many runs.")
@click.pass_context
def explain(context: click.Context, name: str, day: datetime | None, count: int) -> None:
    """Say why the runs of schedule NAME did or did not happen.

    DAY (2026-02-16) asks for the runs of that day, recorded or not.
    """
    from digest.schedule import almanac

    out, now = output(context), present()
    chosen = _named(out, name)
    if day:
        facts = facts_of(chosen, out, now, most=count, day=day.date().isoformat())
        show(out, almanac.explained(facts, day.date()), _explanation(chosen))
        return
    facts = facts_of(chosen, out, now, most=count)
    rows = [*almanac.history(facts)]
    show(out, rows, _explanation(chosen))
    out.say(chosen.say("last tick: {ticked}", ticked=facts.ticked))
    if not rows:
        show(out, almanac.forecast(facts, 1), _forecast)


def _explanation(chosen: "Schedule") -> Callable[[dict[str, Any]], str]:
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
    from digest import config
    from digest.usecases import waking

    out, now = output(context), present()
    chosen = _named(out, name)
    waking.pause(config.load(out.config), chosen, now)
    out.say(f"{chosen.name} is paused since {chosen.told(now)}.")
    out.say(f"Go on with: digest schedule resume {chosen.name}")


@schedule.command()
@_name
@click.pass_context
def resume(context: click.Context, name: str) -> None:
    """Resume schedule NAME; the posts of the pause go into its next issue."""
    from digest import config
    from digest.usecases import waking

    out, now = output(context), present()
    chosen = _named(out, name)
    waking.resume(config.load(out.config), chosen, now)
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
    from digest import config
    from digest.usecases import waking

    out, now = output(context), present()
    chosen = _named(out, name)
    waking.leave_out(config.load(out.config), chosen, day.date(), now, undo=undo)
    said = "runs" if undo else "will not run"
    out.say(f"{chosen.name} {said} on {day.date()}.")


@schedule.command()
@click.argument("name", default="")
@click.pass_context
def add(context: click.Context, name: str) -> None:
    """Copy the shipped schedule NAME (weekly, daily, monthly) beside digest.toml."""
    from digest import config
    from digest.usecases import schedules

    out = output(context)
    path = schedules.add(config.load(out.config), name)
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
    from digest import config
    from digest.usecases import timers

    out = output(context)
    made = timers.timer(config.load(out.config), kind or timers.usual())
    if folder:
        timers.write(made, folder)
    if out.json:
        click.echo(json.dumps({"kind": made.kind, "files": made.files, "steps": list(made.steps)}))
        return
    for file, body in made.files.items():
        click.echo(f"written: {folder / file}" if folder else f"── {file}\n{body}")
    for number, step in enumerate(made.steps, 1):
        click.echo(f"{number}. {step}")
