"""Composition: what was typed becomes settings, and the demo's blog is always last week's."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest.app import composition
from digest.app.composition import App
from digest.app.demo import last_week, shift_dates
from digest.config.settings import Settings, SourceSettings, parse_settings
from digest.model.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://blog.example.org/posts/index.xml", "blog-example-org"),
        ("http://127.0.0.1:8917/", "127-0-0-1-8917"),
        ("not a url", "not-a-url"),
        ("///", "digest"),
    ],
)
def test_a_typed_feed_names_its_issues_by_its_host(url: str, name: str) -> None:
    assert composition.make_slug(SourceSettings(kind="feed", url=url))[:-5] == name


@pytest.mark.parametrize(
    ("folder", "name"),
    [("/home/me/river/content/posts", "river"), ("/content/posts", "digest"), ("/我的", "digest")],
)
def test_a_typed_folder_names_its_issues_by_its_telling_part(folder: str, name: str) -> None:
    assert composition.make_slug(SourceSettings(kind="hugo", folder=folder))[:-5] == name


def test_two_blogs_of_one_name_keep_their_issues_apart() -> None:
    one, other = (SourceSettings(kind="hugo", folder=f"/{who}/river/posts") for who in "ab")
    assert composition.make_slug(one) != composition.make_slug(other)
    assert composition.make_slug(one) == composition.make_slug(one)


def test_what_is_typed_takes_the_place_of_the_sources(tmp_path: Path) -> None:
    settings = parse_settings('[[sources]]\nkind = "feed"\nurl = "https://a.example.org/"')
    typed = composition.use_typed_source(
        settings, folder=str(tmp_path), site="https://b.example.org/"
    )
    assert [(one.kind, one.folder) for one in typed.sources] == [("hugo", str(tmp_path))]
    assert typed.site == "https://b.example.org/"
    assert App(typed).edition(typed=True).name == composition.make_slug(typed.sources[0])
    assert App(settings).edition().name == "weekly"


def test_a_feed_and_a_folder_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Give one"):
        composition.use_typed_source(
            Settings(), feed="https://a.example.org/", folder=str(tmp_path)
        )
    with pytest.raises(ConfigError, match="no such folder"):
        composition.use_typed_source(Settings(), folder=str(tmp_path / "none"))


def test_no_source_at_all_is_told_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match="digest init URL"):
        _ = App(Settings()).sources


def test_looks_come_from_the_file() -> None:
    toml = (
        '[look]\naccent = "#1d4e89"\nlogo = "https://a.example.org/l.png"\n[mail]\nfrom = "a@b.c"'
    )
    made = App(parse_settings(toml)).letterhead
    assert (made.look.accent, made.sender) == ("#1d4e89", "a@b.c")
    assert made.look.logo is not None
    assert made.look.logo.width == 160
    assert App(Settings()).letterhead.look.order


def test_own_templates_may_have_messages_of_their_own() -> None:
    toml = 'templates = "mine"\n[look.strings]\n"Our own" = "x"\n"{n} posts" = "{n} 篇文章"'
    assert App(parse_settings(toml)).letterhead.strings["Our own"] == "x"


def test_what_is_added_to_links_is_named_as_analytics_know_it() -> None:
    toml = '[look.utm]\nsource = "weekly"\nutm_medium = "email"'
    made = App(parse_settings(toml)).letterhead
    assert made.utm == {"utm_source": "weekly", "utm_medium": "email"}


def test_a_colour_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match="reddish"):
        _ = App(parse_settings('[look]\naccent = "reddish"')).letterhead


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        (datetime(2026, 3, 16, 0, 0, tzinfo=UTC), date(2026, 3, 9)),
        (datetime(2026, 3, 15, 15, 59, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 15, 16, 0, tzinfo=UTC), date(2026, 3, 9)),
    ],
)
def test_last_week_is_the_last_whole_one_in_taipei(now: datetime, monday: date) -> None:
    assert last_week(now) == monday


def test_only_the_dates_of_the_front_matter_move() -> None:
    post = "---\ntitle: 2026-03-02 的船\ndate: 2026-03-02T09:00:00+08:00\n---\ndate: 2026-03-02\n"
    moved = shift_dates(post, timedelta(weeks=2))
    assert "date: 2026-03-16T09:00:00+08:00\n---" in moved
    assert moved.endswith("date: 2026-03-02\n")
    assert "title: 2026-03-02 的船" in moved
    assert shift_dates("no front matter", timedelta(weeks=1)) == "no front matter"


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[networks.blusky]", "networks.blusky: there is no network"),
        ('[look]\naccent = "reddish"', "look.accent"),
        ('[look]\nlogo = "logo.png"', "look.logo = 'logo.png': mail programs .* https"),
        ('[look]\nlogo = "http://a.example.org/l.png"', "look.logo"),
        ('[look.strings]\n"Reed on" = "x"', "look.strings: 'Reed on': .* is it 'Read on'?"),
        ('[look.strings]\n"Read on" = "{n} x"', "nothing fills {n}. Write words only"),
        ('[look.strings]\n"{n} min read" = "{m}"', r"nothing fills \{m\}. There is \{n\}"),
    ],
)
def test_a_wrong_setting_is_named_with_its_key(toml: str, said: str) -> None:
    part = "networks" if "networks" in toml else "letterhead"
    with pytest.raises(ConfigError, match=said):
        getattr(App(parse_settings(toml)), part)


@pytest.mark.parametrize("key", ["unsubscribe", "preferences", "archive"])
def test_an_address_of_the_mail_is_a_web_address(key: str) -> None:
    with pytest.raises(ConfigError, match=rf"mail\.{key}.*no web address"):
        parse_settings(f'[mail]\n{key} = "javascript:alert(1)"')


def test_an_unknown_theme_is_named_with_file_and_key() -> None:
    settings = parse_settings('[digests.weekly]\ntheme = "glossy"')
    with pytest.raises(ConfigError) as caught:
        App(settings).edition()
    assert str(caught.value) == (
        "digest.toml: digests.weekly.theme: there is no theme 'glossy'. There is: default, letter."
    )
