"""Files of schedules: what they may say, and what is said of those that say something else."""

from datetime import timedelta
from pathlib import Path

import pytest

from digest.app.composition import App
from digest.model.errors import ConfigError
from digest.schedule import loader
from digest.schedule.rules import Schedule
from tests.ticking import WEEKLY, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(folder=tmp_path, language="en")


def loaded(world: World, text: str, name: str = "weekly") -> Schedule:
    world.schedule(text, name)
    (made,) = App(world.settings).schedules.load().schedules
    return made


def refused(world: World, text: str, name: str = "weekly") -> str:
    """Return what is said of *text*, without the folder."""
    world.schedule(text, name)
    (error,) = App(world.settings).schedules.load().errors
    assert error.exit_status == 2
    return str(error).replace(f"{world.folder}/schedules/", "")


def test_a_schedule_takes_its_defaults_from_the_digest(world: World) -> None:
    made = loaded(world, 'when = "Mon 08:00"\n')
    assert made.digest == "weekly"
    assert made.crons == ("0 8 * * 1",)
    assert made.timezone == "Asia/Taipei"
    assert made.max_late == timedelta(hours=36)
    assert (made.unapproved, made.review) == ("hold", True)
    assert made.targets == ("email",)


def test_what_is_written_counts(world: World) -> None:
    made = loaded(
        world,
        'cron = ["0 8 * * 1", "30 17 * * 4"]\ntimezone = "Europe/Berlin"\ncatch_up = "all"\n'
        'window = "since-last-sent"\nlead = "1d"\nunapproved = "send"\nminimum = 0\n'
        'skip = ["2026-12-24"]\ntargets = ["email", "x"]\n'
        '[notify]\nemail = "a@example.org"\nwebhook = "https://chat.example.org/hook"\n',
    )
    assert made.crons == ("0 8 * * 1", "30 17 * * 4")
    assert made.max_late is None
    assert made.lead == timedelta(days=1)
    assert (made.least, made.review) == (1, False)
    assert made.skip == ("2026-12-24",)
    assert made.targets == ("email", "x")
    assert (made.notify.email, made.notify.webhook[:26]) == (
        "a@example.org",
        "https://chat.example.org/h",
    )


def test_social_is_every_network_that_is_set_up_and_takes_posts(world: World) -> None:
    config = world.folder / "digest.toml"
    text = config.read_text("utf-8")
    config.write_text(
        text + '\n[networks.bluesky]\nhandle = "x.example.org"\n[networks.linkedin]\n', "utf-8"
    )
    assert loaded(world, WEEKLY + 'targets = ["email", "social"]\n').targets == (
        "email",
        "bluesky",
    )


@pytest.mark.parametrize("tables", ["", "[networks.bluesky]\n[networks.threads]\n"])
@pytest.mark.parametrize("targets", ['["threads"]', '["email", "threads", "bluesky"]'])
def test_the_word_that_stood_for_all_networks_is_refused_with_its_remedy(
    world: World, tables: str, targets: str
) -> None:
    """Whatever is set up: no schedule of before changes its meaning in silence."""
    config = world.folder / "digest.toml"
    config.write_text(config.read_text("utf-8") + f"\n{tables}", "utf-8")
    said = refused(world, f"{WEEKLY}targets = {targets}\n")
    assert "'threads' takes posts from a person only" in said
    assert 'For every network that is set up write "social".' in said


def test_a_shipped_schedule_says_what_is_meant_today(world: World) -> None:
    config = world.folder / "digest.toml"
    tables = "[networks.bluesky]\n"
    config.write_text(f"{config.read_text('utf-8')}\n{tables}", "utf-8")
    app = App(world.settings)
    for name in ("daily", "monthly", "weekly"):
        app.schedules.add(name)
    found = app.schedules.load()
    assert not found.errors
    assert {one.name: one.targets for one in found.schedules}["daily"] == ("bluesky",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it says neither when nor cron"),
        (WEEKLY + 'cron = "0 8 * * 1"', "when and cron are both given"),
        (
            'when = "Moonday 08:00"',
            "when: 'Moonday 08:00': 'moonday' is no day of the week. Write \"Mon 08:00\"",
        ),
        ('when = "Mon 25:00"', "when: 'Mon 25:00': 25:00 is no time of day"),
        ("when = 8", "when: a text or a list is wanted, not a whole number. Put it in quotation"),
        (
            WEEKLY + 'minimum = "3"',
            "minimum: a whole number is wanted, not a text. Write the number without quotation",
        ),
        (WEEKLY + "skip = [2026-02-16]", "skip[0]: a text is wanted, not a date. Put it in quot"),
        (WEEKLY + "[[notify]]", "notify: a table is wanted, not a list. Write it as a table: ["),
        (
            'cron = "0 8 30 2 *"',
            "cron: '0 8 30 2 *': bad day-of-month. Choose a day that the month has",
        ),
        ('cron = "0 8 31 4,6,9,11 *"', "cron: '0 8 31 4,6,9,11 *'"),
        ('cron = "61 8 * * 1"', "cron: '61 8 * * 1': bad minute. Five fields: minute, hour"),
        ('cron = "0 0 8 * * 1"', "cron: '0 0 8 * * 1' has 6 fields. Five fields"),
        ('cron = "@weekly"', "cron: '@weekly' has 1 fields. Five fields"),
        (
            WEEKLY + 'timezone = "Asia/Taipeh"',
            "timezone: 'Asia/Taipeh' is no time zone. Use an IANA name",
        ),
        (WEEKLY + 'timezone = "../../etc/passwd"', "timezone: '../../etc/passwd' is no time zone"),
        (
            WEEKLY + 'digest = "weekyl"',
            "digest: 'weekyl' is not configured. Write [digests.weekyl] into ",
        ),
        (WEEKLY + 'catchup = "all"', "catchup: there is no such key. Did you mean 'catch_up'?"),
        (
            WEEKLY + 'catch_up = "some"',
            "catch_up: 'some' is none of the choices. Choose from: skip, latest, all.",
        ),
        (WEEKLY + 'window = "week"', "window: 'week' is none of the choices. Choose from: "),
        (WEEKLY + 'max_late = "late"', "max_late: 'late' is no time span. Write \"36h\""),
        (WEEKLY + 'max_late = "0"', "max_late: '0' is sooner than a timer wakes a tick"),
        (WEEKLY + 'lead = "8d"', "lead: it is longer than the time between two runs, 7 days"),
        (WEEKLY + "review = true", "review: nobody could look at a draft that leaves at once"),
        (WEEKLY + 'skip = ["24.12."]', "skip: '24.12.' is no date. Write it like 2026-02-16"),
        (WEEKLY + "targets = []", "targets: it names none"),
        (WEEKLY + 'targets = ["emial"]', "targets: 'emial' is no target. Did you mean 'email'?"),
        (WEEKLY + 'targets = ["social"]', 'targets: "social" finds no network set up'),
        (WEEKLY + 'targets = ["linkedin"]', "targets: 'linkedin' takes posts from a person only"),
        (
            WEEKLY + '[notify]\nmail = "x"',
            "notify.mail: there is no such key. Did you mean 'email'?",
        ),
        (WEEKLY + '[notify]\nemail = "nobody"', "notify.email: 'nobody' is no mail address"),
        (
            WEEKLY + '[notify]\nemail = "editor@localhost"',
            "notify.email: 'editor@localhost' is no mail address",
        ),
        (WEEKLY + '[notify]\nwebhook = "chat"', "notify.webhook: 'chat' is no web address"),
        ("when = Mon", "is not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_file_key_and_remedy(world: World, text: str, said: str) -> None:
    assert refused(world, text).startswith(f"weekly.toml: {said}")


def test_a_file_is_named_as_a_schedule_can_be(world: World) -> None:
    assert refused(world, WEEKLY, "My Weekly").startswith("My Weekly.toml: its name cannot be")


def test_one_digest_has_one_schedule(world: World) -> None:
    world.schedule(WEEKLY, "again")
    assert "again.toml makes the issues of 'weekly' already" in refused(world, WEEKLY)


def test_what_ships_never_runs_by_itself(world: World) -> None:
    assert App(world.settings).schedules.load().schedules == ()
    (world.folder / "schedules").rmdir()
    (world.folder / "schedules").symlink_to(loader.shipped_folder())
    assert App(world.settings).schedules.load().schedules == ()


@pytest.mark.parametrize("name", ["daily", "monthly", "weekly"])
def test_what_ships_can_be_added_and_is_valid(world: World, name: str) -> None:
    config = world.folder / "digest.toml"
    config.write_text(
        config.read_text("utf-8") + '\n[networks.bluesky]\nhandle = "a.example.org"\n'
    )
    path = App(world.settings).schedules.add(name)
    assert path == world.folder / "schedules" / f"{name}.toml"
    (made,) = App(world.settings).schedules.load().schedules
    assert (made.name, made.digest) == (name, name)
    with pytest.raises(ConfigError, match="is there already"):
        App(world.settings).schedules.add(name)


def test_only_what_ships_can_be_added(world: World) -> None:
    with pytest.raises(
        ConfigError, match=r"no schedule 'hourly'. Name one of: daily, monthly, weekly"
    ):
        App(world.settings).schedules.add("hourly")


def test_a_schedule_is_found_by_its_name(world: World) -> None:
    with pytest.raises(ConfigError, match="digest schedule add weekly"):
        App(world.settings).schedules.find("")
    world.schedule(WEEKLY)
    assert App(world.settings).schedules.find("").name == "weekly"
    with pytest.raises(ConfigError, match=r"there is no schedule 'daily'. Name one of: weekly"):
        App(world.settings).schedules.find("daily")
    world.schedule("digest = 'daily'\n" + WEEKLY, "daily")
    with pytest.raises(ConfigError, match=r"there are several. Name one of: daily, weekly"):
        App(world.settings).schedules.find("")
    world.schedule("when = 8", "broken")
    assert App(world.settings).schedules.find("daily").digest == "daily"
    with pytest.raises(ConfigError, match=r"broken.toml: when"):
        App(world.settings).schedules.find("broken")
