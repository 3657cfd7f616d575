"""What ``--watch`` looks at, and what the page hears of it."""

from pathlib import Path

import pytest

from digest.app.composition import App
from digest.app.demo import write_demo
from digest.config.settings import CONFIG_FILE, load_settings
from digest.web.desk.live_reload import look_again, read_file_times
from digest.web.desk.session import Desk
from tests.drafted import NOW


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    write_demo(folder := tmp_path / "demo", NOW)
    return Desk(app=App(load_settings(str(folder / CONFIG_FILE), {})))


def settings_of(desk: Desk) -> Path:
    return Path(desk.app.settings.file)


def test_posts_settings_and_templates_are_looked_at(desk: Desk, tmp_path: Path) -> None:
    before = read_file_times(desk.app)
    assert str(settings_of(desk)) in before
    post = next(path for path in before if path.endswith(".md"))
    Path(post).unlink()
    assert set(before) - set(read_file_times(desk.app)) == {post}
    (own := tmp_path / "templates").mkdir()
    (own / "card.mjml.jinja").write_text("x")
    text = settings_of(desk).read_text("utf-8")
    settings_of(desk).write_text(f'templates = "{own}"\n{text}', "utf-8")
    desk.renew(App(load_settings(str(settings_of(desk)), {})))
    assert str(own / "card.mjml.jinja") in read_file_times(desk.app)


def test_a_change_of_a_post_or_a_setting_makes_another_revision(desk: Desk) -> None:
    before, beat = desk.revision(), desk.beat
    text = settings_of(desk).read_text("utf-8")
    settings_of(desk).write_text(text.replace("聽寫簿週報", "改名的週報"), "utf-8")
    look_again(desk)
    assert desk.revision().issue.edition.title == "改名的週報"
    assert desk.beat > beat
    story = next(before.issue.stories).post
    source = settings_of(desk).parent / desk.app.settings.sources[0].folder
    path = next(p for p in source.rglob("*.md") if story.title in p.read_text("utf-8"))
    path.write_text(path.read_text("utf-8").replace(story.title, "改過題目的一篇"), "utf-8")
    look_again(desk)
    titles = [one.post.title for one in desk.revision().issue.stories]
    assert "改過題目的一篇" in titles


def test_what_is_wrong_is_told_until_it_is_mended(desk: Desk) -> None:
    text = settings_of(desk).read_text("utf-8")
    settings_of(desk).write_text(f"{text}\n[nonsense]\n", "utf-8")
    look_again(desk)
    assert "nonsense" in desk.trouble
    settings_of(desk).write_text(text, "utf-8")
    look_again(desk)
    assert desk.trouble == ""


def test_an_approved_issue_is_left_as_it_is(desk: Desk) -> None:
    from datetime import UTC, datetime

    approved = desk.issues.approve(desk.revision(), datetime.now(UTC))
    text = settings_of(desk).read_text("utf-8")
    settings_of(desk).write_text(text.replace("聽寫簿週報", "改名的週報"), "utf-8")
    look_again(desk)
    assert desk.revision() == approved
