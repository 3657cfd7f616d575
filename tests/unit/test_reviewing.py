"""The review mail: what it shows, what its links do, and what they do not."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.app.composition import App
from digest.editorial import pipeline
from digest.schedule.review import ReviewLinks, ReviewPage
from tests.public_site import Running, serving
from tests.ticking import World, taipei

HOLD = 'when = "Mon 08:00"\nunapproved = "hold"\nlead = "12h"\n'
SENT = taipei("2026-02-15 20:00")
LATER = taipei("2026-02-15 21:00")


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(folder=tmp_path)
    world.schedule(HOLD)
    world.subscribe()
    for day in range(9, 16):
        world.post(f"p{day:02}", taipei(f"2026-02-{day:02} 12:00"))
    world.tick(SENT)
    return world


@pytest.fixture
def office(world: World) -> ReviewLinks:
    return App(world.settings).review_links


def did(look: ReviewPage) -> str:
    return look.heading


def test_the_mail_shows_the_issue_the_words_and_the_links(world: World) -> None:
    (mail,) = world.mails()
    issue = world.issues.load("weekly-2026-02-16")
    assert mail["to"] == "editor@example.org"
    assert mail["auto-submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text
    assert html
    assert "有人核准之後才會寄出。" in text.get_content()
    assert set(world.links()) == {"approve", "hold"}
    for story in issue.issue.stories:
        assert story.post.title in text.get_content()
        assert story.post.title in html.get_content()
    body = html.get_content().partition("<body")[2]
    lead = next(issue.issue.stories).post.title
    assert body.index("letters.example.org/review") < body.index(f">{lead}<")
    assert "[[" not in text.get_content(), "an open slot"


def test_looking_does_nothing_however_often(world: World, office: ReviewLinks) -> None:
    for token in world.links().values():
        for _ in range(3):
            assert office.look(token, LATER).ask
    assert world.issues.approved("weekly-2026-02-16") is None
    assert world.states() == [("02-16", "drafted")]


def test_approved_by_link_it_leaves_at_its_time(world: World, office: ReviewLinks) -> None:
    link = world.links()["approve"]
    assert did(office.act(link, LATER)) == "Approved"
    assert did(office.act(link, LATER)) == "This link was used already"
    world.tick("2026-02-15 21:15")
    assert world.readers_got() == [], "approved is not yet its time"
    world.tick("2026-02-16 08:00")
    assert world.readers_got() == [1, 1, 1]
    assert did(office.look(world.links()["hold"], LATER)) == "It is approved already"


def test_held_by_link_it_waits_and_the_other_link_still_approves(
    world: World, office: ReviewLinks
) -> None:
    world.schedule(HOLD.replace('"hold"', '"send"') + "review = true\n")
    links = world.links()
    assert did(office.act(links["hold"], LATER)) == "Held"
    assert did(office.look(links["hold"], LATER)) == "This link was used already"
    world.tick("2026-02-16 08:00")
    assert world.readers_got() == []
    assert world.states() == [("02-16", "held")]
    assert did(office.act(links["approve"], taipei("2026-02-16 10:00"))) == "Approved"
    world.tick("2026-02-16 10:15")
    assert world.readers_got() == [1, 1, 1]


def test_a_draft_that_moved_on_is_not_approved_and_can_be_asked_for(
    world: World, office: ReviewLinks
) -> None:
    world.post("extra", taipei("2026-02-14 12:00"))
    kit_draft(world)
    first = world.links()
    for link in first.values():
        look = office.look(link, LATER)
        assert (look.status, look.ask) == (409, "again")
        assert look.values == {"number": 1, "issue": "weekly-2026-02-16", "newest": 2}
        assert did(office.act(link, LATER)) == "The draft has changed since"
    assert world.issues.approved("weekly-2026-02-16") is None
    assert did(office.act(first["approve"], LATER, again=True)) == "It is on its way"
    world.tick("2026-02-15 21:15")
    second = world.links()
    assert second != first
    assert did(office.act(second["approve"], LATER)) == "Approved"
    assert world.issues.approved("weekly-2026-02-16").number == 2


def kit_draft(world: World) -> None:
    """Draft the issue again, as an editor does who waits for one more post."""

    kit = App(world.settings).kit()
    period = world.issues.load("weekly-2026-02-16").issue.period
    pipeline.poll_sources(kit, LATER)
    pipeline.draft_issue(kit, App(world.settings).edition(), lambda _zone: period, LATER)


def test_old_forged_and_foreign_links_do_nothing(world: World, office: ReviewLinks) -> None:
    link = world.links()["approve"]
    late = office.act(link, SENT + timedelta(days=15))
    assert (late.status, late.heading) == (410, "This link is too old")
    for forged in (
        link[:-1] + ("a" if link[-1] != "a" else "b"),
        "x",
        link.replace("-approve", "-hold"),
    ):
        assert office.act(forged, LATER).status == 404
    other = office.keyring.sign("0123456789abcdef-approve", "review", SENT + timedelta(days=1))
    assert office.act(other, LATER).status == 404
    reader = office.keyring.sign(1, "reader")
    assert office.act(reader, LATER).status == 404
    assert world.issues.approved("weekly-2026-02-16") is None


def test_a_run_that_is_over_says_so(world: World, office: ReviewLinks) -> None:
    links = world.links()
    world.tick("2026-02-22 20:00")
    look = office.act(links["approve"], taipei("2026-02-22 21:00"))
    assert look.heading == "This run is over"
    assert "沒有人核准" in look.text


def test_without_an_address_of_the_pages_the_mail_names_the_command(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    config = tmp_path / "digest.toml"
    config.write_text(
        config.read_text("utf-8").replace('url = "https://letters', '# url = "https://letters'),
        "utf-8",
    )
    world.schedule(HOLD)
    world.post("a", taipei("2026-02-12 12:00"))
    world.tick(SENT)
    (mail,) = world.mails()
    body = mail.get_body(("plain",))
    assert body
    assert "核准的指令：digest approve weekly-2026-02-16" in body.get_content()
    assert world.links() == {}


def test_a_mail_that_cannot_leave_is_tried_again_and_told(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    world.schedule(HOLD)
    world.post("a", taipei("2026-02-12 12:00"))
    (tmp_path / "outgoing").write_text("in the way")
    world.tick(SENT)
    assert "審閱信未寄出：" in world.runs()[0].log[-1].text
    (tmp_path / "outgoing").unlink()
    world.tick("2026-02-15 20:15")
    assert set(world.links()) == {"approve", "hold"}


@pytest.fixture
def today(tmp_path: Path) -> Iterator[tuple[World, Running]]:
    """A world whose draft waits now, on the real clock, and the pages in a real server."""
    from datetime import UTC

    now = datetime.now(UTC)
    world = World(folder=tmp_path / "today")
    world.schedule(
        f'cron = "{now.minute} {now.hour} * * *"\ntimezone = "UTC"\nunapproved = "hold"\n'
    )
    world.subscribe()
    world.post("a", now - timedelta(hours=3))
    world.tick(now)
    with serving(world.folder) as site:
        yield world, site


def test_the_pages_ask_first_and_act_on_the_button(today: tuple[World, Running]) -> None:
    world, site = today
    path = f"/review/{world.links()['approve']}"
    shown = site.get(path, accept_language="en")
    assert shown.status == 200
    assert f'<form method="post" action="{path}">' in shown.text
    assert "Approve this issue?" in shown.text
    assert "要核准這一期嗎？" in site.get(path, accept_language="zh-TW").text
    assert shown.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert site.ask("HEAD", path).status == 200
    assert world.runs()[0].state == "held"
    assert world.issues.approved(world.runs()[0].issue) is None
    assert "<h1>Approved</h1>" in site.post(path, accept_language="en").text
    assert world.issues.approved(world.runs()[0].issue)
    assert site.post(path).status == 410
    assert site.get("/review/nonsense").status == 404
