"""Settings: from a file and the environment; every mistake is named with its remedy."""

from pathlib import Path

import pytest

from digest.config import plugins
from digest.config.settings import load_settings, parse_settings
from digest.model.errors import ConfigError


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('titel = "x"', "digest.toml: titel: there is no such key. Did you mean 'title'?"),
        ('[mail]\nform = "x"', "mail.form: there is no such key. Did you mean 'from'?"),
        ('[[sources]]\nkind = "feed"\nurll = "x"', "sources[0].urll"),
        ("[digests.weekly]\nstoris = 3", "digests.weekly.storis"),
        ("[digests.weekly]\nstories = 0", "weekly.stories: a whole number of at least 1 is wanted"),
        ("[digests.weekly]\nstories = 99", "weekly.stories: a whole number of at most 50 is"),
        (
            '[digests.weekly]\nstories = "many"',
            "digests.weekly.stories: a whole number is wanted, not a text. Write the number",
        ),
        ("title = 3", "title: a text is wanted, not a whole number. Put it in quotation marks."),
        (
            "sources = 3",
            "sources: a list is wanted, not a whole number. Begin each with [[sources]]",
        ),
        ('mail = "x"', "mail: a table is wanted, not a text. Write it as a table: [mail]."),
        ('[look]\norder = "x"', 'look.order: a list is wanted, not a text. Write order = ["a"'),
        ("[[sources]]\n", "sources[0].kind: is missing. Write it: kind = ..."),
        ('timezone = "Mars/Base"', "timezone: 'Mars/Base' is no time zone. Use an IANA name"),
        ('[digests.a]\ntimezone = "CST6"', "digests.a.timezone: 'CST6' is no time zone"),
        ('language = "chinese"', "language: 'chinese' is no language. Write a tag of BCP 47 such"),
        ('language = "zh_TW"', "language: 'zh_TW' is no language"),
        ('[digests.a]\nlanguage = "qq"', "digests.a.language: 'qq' is no language"),
        ('[mail]\nfrom = "Weekly"', "mail.from: 'Weekly' is no mail address. Write \"Name <name@"),
        ('[mail]\nfrom = "A <a@b.org"', "mail.from: 'A <a@b.org' is no mail address"),
        ('[mail]\nreply_to = "a b@c"', "mail.reply_to: 'a b@c' is no mail address"),
        (
            '[mail]\npictures = "inline"',
            "mail.pictures: 'inline' is none of the choices. Choose from: ",
        ),
        ('[mail]\npictures = "host"', "mail.pictures: there is no archive to host them. Set mail"),
        (
            '[digests.a]\nprefer = "robot"',
            "digests.a.prefer: 'robot' is none of the choices. Choose from: ",
        ),
        (
            "[summarizers.extrat]",
            "summarizers.extrat: there is no summarizer 'extrat'. Did you mean 'extract'?",
        ),
        (
            "[summarizers.nonsense]",
            "summarizers.nonsense: there is no summarizer 'nonsense'. There is: extract",
        ),
        ("[mailers.smpt]", "mailers.smpt: there is no mailer 'smpt'. Did you mean 'smtp'?"),
        ('[mail]\nmailer = "smpt"', "mail.mailer: there is no mailer 'smpt'. Did you mean 'smtp'"),
        ('[mail]\nnotices = "owl"', "mail.notices: there is no mailer 'owl'. There is: "),
        (
            "[networks.bluesy]",
            "networks.bluesy: there is no network 'bluesy'. Did you mean 'bluesky'?",
        ),
        ("zzz = 1", "zzz: there is no such key. Known here: title, language"),
        ("title = ", "is not valid TOML: Invalid value (at end of document)"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(toml: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings(toml)
    assert said in str(caught.value)
    assert caught.value.exit_status == 2


def test_weekly_exists_without_being_written() -> None:
    edition = parse_settings('title = "渡口"\ntimezone = "Asia/Taipei"').edition("weekly")
    assert (edition.name, edition.title, edition.stories) == ("weekly", "渡口", 7)


def test_a_digest_overrides_the_blog() -> None:
    toml = 'title = "渡口"\n[digests.monthly]\ntitle = "渡口月報"\nstories = 12'
    edition = parse_settings(toml).edition("monthly")
    assert (edition.title, edition.stories) == ("渡口月報", 12)


def test_a_category_has_its_quota() -> None:
    toml = '[digests.weekly.quotas]\n"河" = { least = 1, most = 2 }'
    assert parse_settings(toml).edition("weekly").quotas["河"].most == 2
    with pytest.raises(ConfigError, match=r"digests\.weekly\.quotas.*mean 'most'"):
        parse_settings('[digests.weekly.quotas]\n"河" = { mist = 1 }\n')


def test_a_digest_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"daily.*monthly, weekly"):
        parse_settings("[digests.monthly]").edition("daily")


def test_the_environment_lies_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_text('title = "渡口"\n[digests.weekly]\nstories = 3\n', "utf-8")
    environ = {
        "DIGEST__TITLE": "河口",
        "DIGEST__DIGESTS__WEEKLY__STORIES": "5",
        "DIGEST__MAIL__FROM": "a@example.org",
        "DIGEST__FETCH__ALLOW_PRIVATE": '["10.0.0.0/8"]',
        "HOME": "elsewhere",
    }
    settings = load_settings(str(file), environ)
    assert settings.title == "河口"
    assert settings.edition("weekly").stories == 5
    assert settings.mail.from_ == "a@example.org"
    assert settings.fetch.allow_private == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("key", "value"),
    [("DIGEST__TITLE__X", "y"), ("DIGEST__FETCH__ALLOW_PRIVATE", "[no json")],
)
def test_an_environment_that_does_not_fit_is_named(tmp_path: Path, key: str, value: str) -> None:
    file = tmp_path / "digest.toml"
    file.write_text('title = "渡口"', "utf-8")
    with pytest.raises(ConfigError, match=key):
        load_settings(str(file), {key: value})


def test_a_value_of_the_environment_is_named_by_its_variable(tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_text('title = "渡口"', "utf-8")
    for key, value in (("DIGEST__TIMEZONE", "Mars"), ("DIGEST__DIGESTS__WEEKLY__STORIES", "x")):
        with pytest.raises(ConfigError, match=f"^environment, {key}: "):
            load_settings(str(file), {key: value})


def test_paths_count_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "digest.toml"
    file.parent.mkdir()
    file.write_text('store = "own.db"', "utf-8")
    settings = load_settings(str(file), {})
    assert settings.store_url == f"sqlite:///{tmp_path / 'sub' / 'own.db'}"
    assert parse_settings('store = "postgresql+psycopg://h/d"').store_url.startswith("postgresql")


def test_without_a_file_the_store_is_in_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "d"))
    settings = load_settings(None, {})
    assert settings.file == ""
    assert settings.store_url.endswith("digest.db")


def test_the_file_here_comes_before_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    users = tmp_path / "c" / "digest" / "digest.toml"
    users.parent.mkdir(parents=True)
    users.write_text('title = "user"', "utf-8")
    assert load_settings(None, {}).title == "user"
    (tmp_path / "digest.toml").write_text('title = "here"', "utf-8")
    assert load_settings(None, {}).title == "here"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="digest init URL"):
        load_settings(str(tmp_path / "none.toml"), {})


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_bytes(b"title = '\xff\xfe'")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(str(file), {})


def test_an_adapter_is_found_by_its_file() -> None:
    assert "extract" in plugins.list_adapters("summarizers")
    assert hasattr(plugins.load_adapter("summarizers", "extract"), "build")
    with pytest.raises(ConfigError, match="extract"):
        plugins.load_adapter("summarizers", "oracle")


@pytest.mark.parametrize(
    "tag", ["", "en", "zh-Hant-TW", "zh-Hans", "ja", "de-CH-1996", "es-419", "tlh", "en-x-mine"]
)
def test_a_language_of_bcp_47_is_taken(tag: str) -> None:
    assert parse_settings(f'language = "{tag}"').language == tag


@pytest.mark.parametrize(
    "who", ["a@b.org", "渡口週報 <a@b.org>", "<a@b.org>", '"A, B" <a@例子.tw>']
)
def test_a_mail_address_is_taken_with_and_without_a_name(who: str) -> None:
    assert parse_settings(f"[mail]\nfrom = '{who}'").mail.from_ == who
