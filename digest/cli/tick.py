"""``digest tick``: do what the schedules say is due, and tell what came of it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click

from digest.cli.group import Command, Output, output
from digest.cli.schedule import facts_of, present, show
from digest.cli.stopping import terminable
from digest.errors import DigestError, NothingToDo

if TYPE_CHECKING:
    from digest.config import Settings
    from digest.schedule.almanac import Facts
    from digest.usecases.crew import Step

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
    from digest import config
    from digest.usecases import schedules, waking
    from digest.usecases.crew import settled

    out, now = output(context), present()
    settings = config.load(out.config)
    if dry_run:
        _foresee(out, [facts_of(one, out, now) for one in schedules.load(settings).schedules])
        return
    steps: list[Step] = []
    try:
        with terminable():
            for step in waking.run(settings, now, out.warn):
                _show(step, out)
                steps.append(step)
    except KeyboardInterrupt:
        remedy = "Nothing was sent twice, nothing is lost: the next tick goes on."
        raise DigestError("digest tick", "was stopped", remedy) from None
    finally:
        _sum_up(steps, out)
    if not steps:
        raise _nothing_due(settings)
    context.exit(settled(steps))


def _nothing_due(settings: "Settings") -> NothingToDo:
    from digest.usecases import schedules

    if not schedules.load(settings).schedules:
        remedy = "Copy a shipped one with: digest schedule add weekly"
        return NothingToDo(str(schedules.own(settings)), "there is no schedule", remedy)
    return NothingToDo("tick", "nothing is due", "Look ahead with: digest schedule next")


def _show(step: "Step", out: Output) -> None:
    """Print one receipt as JSON, or for a person; a copy that went out, or waits, is counted."""
    one, receipt = step.occurrence, step.receipt
    if out.json:
        about = {"schedule": one.schedule or None, "occurrence": one.key or None}
        about["issue"] = one.issue or None
        click.echo(json.dumps({**asdict(receipt), **about}, ensure_ascii=False))
    elif receipt.status not in _MANY or receipt.subscriber is None:
        _line(receipt.status, step, f"{receipt.url or receipt.id}  {receipt.reason}")


def _sum_up(steps: "Iterable[Step]", out: Output) -> None:
    """Tell a person how many copies of which issue went out by mail, or were put off, and why."""
    from digest.audience.address import nameless

    if out.json:
        return
    groups: dict[tuple[str, str, str], list[Step]] = {}
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
        _line(status, replace(copies[-1], receipt=receipt), f"{issue} to {number}  {why}")


def _line(status: str, step: "Step", rest: str) -> None:
    one, receipt = step.occurrence, step.receipt
    part = f" {receipt.part}" if receipt.part else ""
    colour = click.style(f"{status:<9}", fg=_COLOURS.get(status, "red"))
    run, whom = f"{one.schedule} {one.key}".strip() or one.issue, receipt.target
    if receipt.subscriber is not None:  # a timer keeps what is said: it names no reader
        from digest.audience.address import nameless

        whom, rest = f"subscriber {receipt.subscriber}", nameless(rest)
    click.echo(f"{colour}{run} {whom}{part}  {rest}".rstrip())


def _foresee(out: Output, known: "list[Facts]") -> None:
    from digest.schedule import almanac

    found = [row for facts in known for row in almanac.foreseen(facts)]
    show(out, found, _would)
    if not found:
        from digest import config

        raise _nothing_due(config.load(out.config))


def _would(row: dict[str, Any]) -> str:
    return f"would {row['would']}  {row['schedule']} {row['occurrence']}  {row['reason']}"
