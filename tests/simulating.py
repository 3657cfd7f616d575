"""Weeks of a blog and of a machine that is not to be relied on, drawn from a seed.

Posts come out in time, are dated back or ahead, come to light late, are edited; the folder goes
away for hours; ticks come often, seldom, twice, or die at any commit; editors approve, or do not.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from digest.app.composition import App
from digest.editorial import pipeline
from digest.model import Occurrence
from digest.model.errors import DigestError
from digest.schedule.tick import TickDeps, run_schedule
from tests.ticking import World, taipei

START = taipei("2026-02-01 00:00")


class Crash(BaseException):
    """The process dies."""


@dataclass(kw_only=True)
class Mortal:
    """A port of which every call may be the last that the process makes, done or not done."""

    port: Any
    dies: Callable[[], bool]

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)
        if name not in ("claim", "save", "approve", "remember"):
            return method

        def call(*args: Any, **more: Any) -> Any:
            if self.dies():
                raise Crash
            done = method(*args, **more)
            if self.dies():
                raise Crash
            return done

        return call


@dataclass(frozen=True, kw_only=True)
class Written:
    """A post: the date that it prints, and when it was written."""

    at: datetime
    when: datetime


@dataclass(kw_only=True)
class Life:
    """What happens, in order of time; ``posts`` are all that were ever written, by name."""

    world: World
    random: Random
    weeks: int
    mortality: float = 0.04
    posts: dict[str, Written] = field(default_factory=dict)
    deaths: int = 0
    dying: bool = False

    def run(self) -> None:
        """Live through the weeks, then two quiet ones in which everything can be made up for."""
        end = START + timedelta(weeks=self.weeks)
        now = START
        while now < end:
            now += self.pause()
            self.happen(now)
        self.mortality = 0.0
        back = self.world.folder / "away"
        if back.exists():
            back.rename(self.world.folder / "posts")
        for hours in range(0, 24 * 15, 10):
            self.tick(end + timedelta(hours=hours))
            self.approve(end + timedelta(hours=hours))

    def pause(self) -> timedelta:
        """Return how long nothing happens: minutes, hours, now and then more than a week."""
        kind = self.random.random()
        if kind < 0.7:
            return timedelta(minutes=self.random.randint(1, 240))
        if kind < 0.985:
            return timedelta(hours=self.random.randint(2, 20))
        return timedelta(days=self.random.randint(3, 12))

    def happen(self, now: datetime) -> None:
        """Do one thing."""
        chance = self.random.random()
        away = not (self.world.folder / "posts").exists()
        if chance < 0.05 or (away and chance < 0.3):
            self.go_away()
        elif chance < 0.45:
            self.publish(now)
        elif chance < 0.52 and self.posts:
            self.edit()
        elif chance < 0.6:
            self.approve(now)
        else:
            self.tick(now)
            if self.random.random() < 0.3:
                self.tick(now + timedelta(seconds=self.random.randint(0, 50)))

    def publish(self, now: datetime) -> None:
        """Write a post: dated now, back by up to weeks, or ahead."""
        if not (self.world.folder / "posts").exists():
            return
        shift = self.random.choice([0, 0, 0, 0, -1, -9, -40, -300, 5, 50, 300])
        at = now + timedelta(hours=shift, minutes=self.random.randint(-59, 0))
        name = f"p{len(self.posts):03}"
        self.posts[name] = Written(at=at, when=now)
        self.world.post(name, at)

    def edit(self) -> None:
        """Write a post anew, with the same date."""
        if (self.world.folder / "posts").exists():
            name = self.random.choice(sorted(self.posts))
            self.world.post(name, self.posts[name].at)

    def go_away(self) -> None:
        """Take the folder away, or bring it back."""
        posts, away = self.world.folder / "posts", self.world.folder / "away"
        posts.rename(away) if posts.exists() else away.rename(posts)

    def approve(self, now: datetime) -> None:
        """Let the editor approve what waits."""
        for one in self.world.occurrences.open("weekly"):
            if one.issue and self.random.random() < 0.7:
                try:
                    newest = self.world.issues.load(one.issue)
                    pipeline.approve_revision(self.world.issues, newest, now)
                except DigestError:
                    pass  # told elsewhere since; a tick drafts it anew

    def tick(self, now: datetime) -> None:
        """Tick, and maybe die of it."""
        self.dying = self.random.random() < 0.4
        crew = self.crew(now)
        try:
            for schedule in App(self.world.settings).schedules.load().schedules:
                for _ in run_schedule(schedule, crew, now):
                    self.live_or_die()
        except Crash:
            self.deaths += 1
        except DigestError as error:
            self.world.warnings.append(str(error))

    def live_or_die(self) -> None:
        if self.dies():
            raise Crash

    def dies(self) -> bool:
        return self.dying and self.random.random() < self.mortality

    def crew(self, now: datetime) -> TickDeps:
        """Return a crew whose every commit may be its last act."""
        made = App(self.world.settings).tick_runner(self.world.warnings.append).crew(now)
        return replace(
            made,
            occurrences=Mortal(port=made.occurrences, dies=self.dies),
            issues=Mortal(port=made.issues, dies=self.dies),
        )


def windows(runs: list[Occurrence]) -> list[tuple[datetime, datetime]]:
    """Return the windows of which an issue was approved, oldest first."""
    told = [one for one in runs if one.state in ("approved", "sent")]
    return [(one.start, one.end) for one in told if one.start and one.end]
