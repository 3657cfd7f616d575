"""Ticks over weeks: what is due is made once, as the schedule says, whatever happens between."""

from dataclasses import replace
from pathlib import Path

import pytest

from digest.app.composition import App
from digest.schedule.explain import list_history
from tests.ticking import WEEKLY, World, taipei


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(folder=tmp_path, language="en")
    world.schedule()
    world.subscribe()
    for day in range(1, 29):
        world.post(f"p{day:02}", taipei(f"2026-02-{day:02} 12:00"))
    return world


def test_the_first_run_tells_one_week_and_no_backlog(world: World) -> None:
    world.tick("2026-02-14 12:00")
    assert world.states() == []
    world.tick("2026-02-16 08:05")
    assert world.states() == [("02-16", "sent")]
    assert world.told() == [[f"p{day:02}" for day in range(9, 16)]]


def test_a_second_tick_has_nothing_to_do(world: World) -> None:
    world.tick("2026-02-16 08:00")
    before = world.runs()
    assert world.tick("2026-02-16 08:00") == []
    assert world.tick("2026-02-16 08:15") == []
    assert world.runs() == before


def test_the_first_tick_takes_up_a_run_of_the_hour_before_and_none_older(world: World) -> None:
    world.tick("2026-02-16 09:30")
    assert world.states() == []
    world.tick("2026-02-23 08:59")
    assert world.states() == [("02-23", "sent")]


def test_three_weeks_asleep_make_one_issue_of_all(world: World) -> None:
    world.tick("2026-02-02 08:00")
    world.tick("2026-02-23 10:00")
    assert world.states() == [
        ("02-02", "sent"), ("02-09", "skipped"), ("02-16", "skipped"), ("02-23", "sent"),
    ]  # fmt: skip
    assert world.told()[1] == [f"p{day:02}" for day in range(2, 23)]
    assert any("missed: a tick came 14 days after its time" in said for said in world.warnings)


def test_three_weeks_asleep_make_three_issues_with_catch_up_all(world: World) -> None:
    world.schedule(WEEKLY + 'catch_up = "all"\n')
    world.tick("2026-02-02 08:00")
    world.tick("2026-02-25 10:00")
    assert [state for _, state in world.states()] == ["sent"] * 4
    days = [f"p{day:02}" for day in range(1, 23)]
    assert world.told() == [days[:1], days[1:8], days[8:15], days[15:22]]


def test_too_few_posts_wait_for_the_next_run(world: World) -> None:
    world.schedule(WEEKLY + "minimum = 8\n")
    world.tick("2026-02-09 08:00")
    assert world.told() == []
    assert "7 new posts, and at least 8 make an issue" in world.runs()[0].reason
    world.tick("2026-02-16 08:00")
    assert world.told() == [[f"p{day:02}" for day in range(2, 16)]]


def test_a_held_draft_leaves_when_it_is_approved(world: World) -> None:
    from digest.editorial import pipeline

    world.schedule('when = "Mon 08:00"\nunapproved = "hold"\n')
    world.tick("2026-02-09 08:00")
    assert world.states() == [("02-09", "held")]
    assert world.tick("2026-02-09 08:15") == []
    draft = world.issues.load("weekly-2026-02-09")
    pipeline.approve_revision(world.issues, draft, taipei("2026-02-09 09:00"))
    steps = world.tick("2026-02-09 09:15")
    assert [step.receipt.status for step in steps] == ["sent"] * 3
    assert world.readers_got() == [1, 1, 1]
    assert world.states() == [("02-09", "sent")]


def test_a_held_draft_gives_way_to_the_next(world: World) -> None:
    world.schedule('when = "Mon 08:00"\nunapproved = "hold"\n')
    world.tick("2026-02-09 08:00")
    world.tick("2026-02-16 08:00")
    assert world.states() == [("02-09", "skipped"), ("02-16", "held")]
    assert "nobody approved it before Mon 2026-02-16 08:00" in world.runs()[0].reason
    issue = world.issues.load("weekly-2026-02-16").issue
    assert issue.period.start == taipei("2026-02-02 08:00")


def test_a_lead_drafts_ahead_and_sends_at_its_time(world: World) -> None:
    world.schedule(WEEKLY + 'lead = "12h"\n')
    world.tick("2026-02-15 20:00")
    assert world.states() == [("02-16", "drafted")]
    assert world.tick("2026-02-16 07:45") == []
    world.tick("2026-02-16 08:00")
    assert world.states() == [("02-16", "sent")]
    assert world.runs()[0].end == taipei("2026-02-15 20:00")


def test_skip_leaves_what_nobody_approved(world: World) -> None:
    world.schedule('when = "Mon 08:00"\nunapproved = "skip"\nlead = "1d"\n')
    world.tick("2026-02-15 08:00")
    world.tick("2026-02-16 08:00")
    assert world.states() == [("02-16", "skipped")]
    assert world.runs()[0].reason == 'nobody approved it in time (unapproved = "skip")'


def test_the_editor_is_told_once_of_each_event(world: World) -> None:
    world.schedule('when = "Mon 08:00"\nunapproved = "hold"\nreview = false\n')
    for hour in range(8, 12):
        world.tick(f"2026-02-09 {hour:02}:00")
    assert len([said for said in world.warnings if "waits for approval" in said]) == 1
    assert world.subjects("editor@example.org") == ["[digest] weekly: waits for you"]
    world.tick("2026-02-16 08:00")
    assert world.subjects("editor@example.org")[1:] == ["[digest] weekly: skipped; waits for you"]
    text = world.mails()[-1].get_content()
    assert "nobody approved it before Mon 2026-02-16 08:00" in text
    assert "digest schedule explain weekly" in text


def test_a_review_mail_is_the_notice(world: World) -> None:
    world.schedule('when = "Mon 08:00"\nunapproved = "hold"\n')
    world.tick("2026-02-09 08:00")
    world.tick("2026-02-09 08:15")
    (subject,) = world.subjects("editor@example.org")
    assert subject.startswith("For review: ")


def test_who_cannot_be_told_is_told_later(world: World) -> None:
    world.schedule(WEEKLY + "minimum = 99\n")
    (world.folder / "outgoing").write_text("in the way")
    world.tick("2026-02-09 08:00")
    assert any("the editor could not be told" in said for said in world.warnings)
    (world.folder / "outgoing").unlink()
    world.tick("2026-02-09 08:15")
    world.tick("2026-02-09 08:30")
    assert world.subjects("editor@example.org") == ["[digest] weekly: skipped"]


def test_a_source_that_fails_is_tried_again_until_its_time_is_over(world: World) -> None:
    world.tick("2026-02-02 08:00")
    posts = world.folder / "posts"
    away = posts.rename(world.folder / "away")
    posts.touch()
    posts.unlink()
    said = world.broken("2026-02-09 08:00")
    assert "there is no such folder" in said or world.states()[-1] == ("02-09", "claimed")
    away.rename(posts)
    world.tick("2026-02-09 09:00")
    assert world.states()[-1] == ("02-09", "sent")
    assert world.told()[-1] == [f"p{day:02}" for day in range(2, 9)]


def test_a_calendar_week_is_the_issue_that_draft_makes(world: World) -> None:
    world.schedule(WEEKLY + 'window = "calendar-week"\n')
    world.tick("2026-02-16 08:00")
    (one,) = world.runs()
    assert one.issue == "weekly-2026-W07"
    assert (one.start, one.end) == (taipei("2026-02-09 00:00"), taipei("2026-02-16 00:00"))


def test_a_broken_schedule_stops_no_other(world: World) -> None:
    world.schedule('when = "Mun 08:00"\n', "broken")
    assert "broken.toml: when" in world.broken("2026-02-16 08:00")
    assert world.states() == [("02-16", "sent")]


def test_each_digest_keeps_count_for_itself(world: World) -> None:
    world.schedule(
        'digest = "monthly"\nwhen = "1st 09:00"\nwindow = "calendar-month"\nunapproved = "send"\n',
        "monthly",
    )
    for day in (2, 9, 16, 23):
        world.tick(f"2026-02-{day:02} 08:00")
    world.tick("2026-03-01 09:00")
    assert world.states("monthly") == [("03-01", "sent")]
    assert world.told("monthly") == [[f"p{day:02}" for day in range(1, 29)]]


def test_a_window_that_is_told_already_makes_no_issue(world: World) -> None:
    world.tick("2026-02-16 08:00")
    world.schedule(WEEKLY.replace("Mon", "Tue") + 'window = "calendar-week"\n')
    world.tick("2026-02-17 08:00")
    assert world.states()[-1] == ("02-17", "skipped")
    assert "was told by an earlier issue" in world.runs()[-1].reason


@pytest.mark.parametrize("dated", ["2026-02-08 23:30", "2026-01-05 12:00", "2026-02-15 12:00"])
def test_a_post_that_comes_late_is_told_in_the_next_issue(world: World, dated: str) -> None:
    world.tick("2026-02-09 08:00")
    world.post("late", taipei(dated))
    world.tick("2026-02-16 08:00")
    assert "late" in world.told()[1]
    world.tick("2026-02-23 08:00")
    assert "late" not in world.told()[2]


def test_what_an_editor_withheld_waits_for_another_approval(world: World) -> None:
    from digest.editorial import pipeline

    world.schedule('when = "Mon 08:00"\nunapproved = "hold"\ntargets = ["email", "x"]\n')
    world.tick("2026-02-09 08:00")
    draft = world.issues.load("weekly-2026-02-09")
    pipeline.approve_revision(world.issues, draft, taipei("2026-02-09 09:00"), ["x"])
    steps = world.tick("2026-02-09 09:15")
    assert [(s.receipt.target, s.receipt.status) for s in steps][-1] == ("x", "held")
    assert world.readers_got() == [1, 1, 1]
    assert world.tick("2026-02-09 09:30") == []
    assert world.states() == [("02-09", "approved")]
    world.tick("2026-02-11 08:00")
    assert world.states() == [("02-09", "sent")]
    assert world.runs()[0].targets["x"].reason == "left out: an editor did not approve it"
    assert world.subjects("editor@example.org")[1:] == []


def test_what_preflight_refuses_waits_for_a_person(world: World) -> None:
    config = world.folder / "digest.toml"
    text = config.read_text("utf-8")
    archive = '[mail]\narchive = "https://blog.example.org/{{ archive }}/"\n'
    config.write_text(text.replace("[mail]\n", archive), "utf-8")
    world.tick("2026-02-09 08:00")
    (one,) = world.runs()
    assert one.state == "held"
    assert "unrendered" in one.reason
    assert world.subjects("editor@example.org") == ["[digest] weekly: waits for you"]
    assert world.readers_got() == []
    assert world.tick("2026-02-09 08:15") == []


def test_what_another_issue_told_meanwhile_is_not_told_again(world: World) -> None:
    from digest.editorial import periods, pipeline

    world.schedule(WEEKLY + 'lead = "12h"\n')
    world.post("sunday", taipei("2026-02-01 22:00"))
    world.tick("2026-02-08 20:00")
    kit, now = App(world.settings).kit(), taipei("2026-02-08 21:00")
    special = pipeline.draft_issue(
        kit, App(world.settings).edition(), lambda zone: periods.find_week("2026-W06", zone), now
    )
    pipeline.approve_revision(world.issues, special.revision, now)
    world.tick("2026-02-09 08:00")
    by_hand, scheduled = world.told()
    assert not set(by_hand) & set(scheduled)
    assert scheduled == ["sunday"], "of the Sunday that the week by hand did not have"
    assert world.states() == [("02-09", "sent")]


def test_nobody_to_send_to_is_said(world: World) -> None:
    from sqlalchemy import delete

    from digest.store.engine import connect
    from digest.store.schema import subscribers

    with connect(world.settings.store_url).begin() as connection:
        connection.execute(delete(subscribers))
    (step,) = world.tick("2026-02-16 08:00")
    assert step.receipt.status == "skipped"
    assert "nobody gets 'weekly'" in step.receipt.reason
    assert world.states() == [("02-16", "sent")]
    assert "nobody gets" in world.runs()[0].reason


def test_without_a_way_to_unsubscribe_nothing_leaves_and_it_is_said(world: World) -> None:
    config = world.folder / "digest.toml"
    text = config.read_text("utf-8")
    config.write_text(
        text.replace("unsubscribe = ", "# unsubscribe = ").replace(
            "[serve]\nurl", "[serve]\n# url"
        ),
        "utf-8",
    )
    world.tick("2026-02-16 08:00")
    assert world.readers_got() == []
    assert world.states() == [("02-16", "approved")]
    assert any("has no way to unsubscribe" in said for said in world.warnings)


def test_a_tick_that_finds_another_at_work_leaves_it_alone(world: World) -> None:
    with world.occurrences.exclusive("weekly"):
        assert world.tick("2026-02-16 08:00") == []
    assert world.states() == []
    world.tick("2026-02-16 08:15")
    assert world.states() == [("02-16", "sent")]


def test_a_thread_that_is_broken_keeps_no_email_back(world: World) -> None:
    world.schedule(WEEKLY + 'lead = "12h"\ntargets = ["email", "x"]\n')
    world.tick("2026-02-08 20:00")
    draft = world.issues.load("weekly-2026-02-09")
    broken = tuple(
        replace(thread, parts=tuple(replace(part, length=999) for part in thread.parts))
        if thread.network in ("x", "mastodon")
        else thread
        for thread in draft.threads
    )
    world.issues.save(replace(draft, threads=broken, hash="b" * 64))
    world.tick("2026-02-09 08:00")
    assert world.readers_got() == [1, 1, 1]
    assert world.issues.approved("weekly-2026-02-09").withheld == ("mastodon", "x")
    assert world.subjects("editor@example.org") == ["[digest] weekly: is out, but not everywhere"]
    assert "999 of at most 280" in world.mails()[-1].get_content()


AHEAD = WEEKLY + 'lead = "12h"\n'


def test_a_draft_does_not_leave_while_its_schedule_is_paused(world: World) -> None:
    from digest.schedule import runner

    world.schedule(AHEAD)
    world.tick("2026-02-15 20:00")
    runner.pause_schedule(App(world.settings).occurrences, world.of(), taipei("2026-02-15 21:00"))
    assert world.tick("2026-02-16 08:00") == []
    assert world.states() == [("02-16", "drafted")]
    runner.resume_schedule(App(world.settings).occurrences, world.of(), taipei("2026-02-16 12:00"))
    world.tick("2026-02-16 12:15")
    assert world.readers_got() == [1, 1, 1]


def test_a_draft_of_a_day_that_is_left_out_does_not_leave(world: World) -> None:
    from datetime import date

    from digest.schedule import runner

    world.schedule(AHEAD)
    world.tick("2026-02-15 20:00")
    runner.leave_out_day(
        App(world.settings).occurrences, world.of(), date(2026, 2, 16), taipei("2026-02-15 21:00")
    )
    world.tick("2026-02-15 21:15")
    assert world.states() == [("02-16", "skipped")]
    world.tick("2026-02-22 20:00")
    world.tick("2026-02-23 08:00")
    assert world.told() == [[f"p{day:02}" for day in range(9, 23)]]


def test_a_draft_that_the_machine_slept_over_does_not_leave_days_late(world: World) -> None:
    world.schedule(AHEAD)
    world.tick("2026-02-15 20:00")
    world.tick("2026-02-19 09:00")
    assert world.states() == [("02-16", "skipped")]
    assert world.runs()[0].reason.startswith("missed: a tick came 3 days after its time")
    assert world.readers_got() == []


def test_a_tick_with_nothing_to_do_writes_nothing_about_runs(world: World) -> None:
    from digest.editorial import pipeline

    world.schedule(AHEAD)
    world.tick("2026-02-15 20:00")
    draft = world.issues.load("weekly-2026-02-16")
    pipeline.approve_revision(world.issues, draft, taipei("2026-02-15 20:30"))
    world.tick("2026-02-15 21:00")
    before = world.runs()
    world.tick("2026-02-15 22:00")
    assert world.runs() == before


def test_between_runs_the_sources_are_read_every_hour(world: World) -> None:
    """A feed lists its newest posts only: what came and went since the last run is told too."""

    def known() -> int:
        return App(world.settings).posts.newest()[0]

    world.tick("2026-02-11 09:00")
    assert known() == 10
    world.tick("2026-02-11 12:30")
    assert known() == 11
    world.post("now", taipei("2026-02-11 12:31"))
    world.tick("2026-02-11 13:00")
    assert known() == 11, "not an hour yet"
    world.tick("2026-02-11 13:30")
    assert known() == 12
    (world.folder / "posts").rename(world.folder / "away")
    assert world.tick("2026-02-11 15:00") == []


@pytest.mark.parametrize(
    ("language", "subject", "reason"),
    [
        ("zh-Hant-TW", "[digest] weekly：已略過", "新文章 0 篇，不到 9 篇；留待下一期"),
        ("zh-CN", "[digest] weekly：已略过", "新文章 0 篇，不到 9 篇；留待下一期"),
        ("ja", "[digest] weekly：見送り", "新しい記事は0本。9本に足りないため、次の号に回します"),
        ("en", "[digest] weekly: skipped", "0 new posts, and at least 9 make an issue"),
    ],
    ids=["hant", "hans", "ja", "en"],
)
def test_the_editor_is_told_in_the_language_of_the_digest(
    tmp_path: Path, language: str, subject: str, reason: str
) -> None:
    world = World(folder=tmp_path, language=language)
    world.schedule(WEEKLY + "minimum = 9\n")
    world.tick("2026-02-09 08:00")
    (notice,) = world.mails()
    assert notice["subject"] == subject
    assert reason in notice.get_content()
    assert reason in next(iter(list_history(world.facts("2026-02-09 09:00"))))["reason"]
    assert world.runs()[0].reason in world.warnings[-1]
