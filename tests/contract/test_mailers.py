"""What every mailer keeps, found by listing the folder; and the folder of files itself."""

from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from digest.app import mailer_factory
from digest.config import plugins
from digest.config.settings import Settings, parse_settings
from digest.delivery.mailers import folder
from digest.model.errors import ConfigError, DigestError
from digest.render.personalize import Personalizer, RecipientLinks
from tests.mailing import address, content

NAMES = plugins.list_adapters("mailers")
COMPLETE = {
    "folder": "",
    "smtp": 'host = "127.0.0.1"\nport = 1\nsecurity = "none"',
    "resend": 'url = "http://127.0.0.1:1"',
    "buttondown": 'url = "http://127.0.0.1:1"',
    "listmonk": 'url = "http://127.0.0.1:1"\nuser = "digest"\nlists = [1]',
}
DOCUMENT = Path(folder.__file__).parent / "README.md"


def settings(name: str, text: str, where: Path) -> Settings:
    mail = f'[mail]\nmailer = "{name}"\nfrom = "w@example.org"\n[mailers.{name}]\n{text}\n'
    return parse_settings(mail, str(where / "digest.toml"))


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        for key in mailer_factory.sign_in(name).secrets:
            monkeypatch.setenv(f"DIGEST_{name}_{key}".upper(), "secret-of-the-test")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_documented_and_goes_by_its_files_name(name: str, tmp_path: Path) -> None:
    assert f"| `{name}` |" in DOCUMENT.read_text("utf-8")
    made = mailer_factory.open_any_mailer(settings(name, COMPLETE[name], tmp_path))
    assert made.name == name
    assert mailer_factory.sign_in(name).steps


@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_is_named_with_its_key(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"\[mailers.{name}\] timeuot: there is no such key"):
        mailer_factory.open_any_mailer(settings(name, f"{COMPLETE[name]}\ntimeuot = 5", tmp_path))


@pytest.mark.parametrize("name", [one for one in NAMES if mailer_factory.sign_in(one).secrets])
def test_a_secret_does_not_stand_in_the_configuration(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = mailer_factory.sign_in(name).secrets
    with pytest.raises(ConfigError, match="a secret does not stand there"):
        mailer_factory.open_any_mailer(settings(name, f'{COMPLETE[name]}\n{key} = "x"', tmp_path))
    monkeypatch.delenv(f"DIGEST_{name}_{key}".upper())
    (tmp_path / "secret").write_text("from-a-file\n")
    own = f'{COMPLETE[name]}\n{key}_file = "secret"'
    made = mailer_factory.open_any_mailer(settings(name, own, tmp_path))
    assert getattr(made.options, key) == "from-a-file"


@pytest.mark.parametrize("name", [one for one in NAMES if one != "folder"])
def test_what_cannot_be_reached_is_told_in_a_line_without_the_secret(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(DigestError, match="cannot be reached") as told:
        mailer_factory.check_mailer(settings(name, COMPLETE[name], tmp_path))
    assert "secret-of-the-test" not in str(told.value)


def test_a_mailer_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"digest.toml: mail.mailer: there is no mailer 'smpt'"):
        mailer_factory.check_mailer(settings("smpt", "", tmp_path))


def test_files_are_whole_and_named_by_no_address(tmp_path: Path) -> None:
    mailer = folder.build({"folder": str(tmp_path / "a" / "b")})
    copier = Personalizer.of(
        content(), job="x", digest="h", passes=lambda n: RecipientLinks(token=f"t.{n}")
    )
    mine = RecipientLinks(token="t.1")
    made = copier.made(address(1), "讀者", mine, key="k", moment=datetime.now(UTC))
    lane = mailer.lane()
    for _ in range(2):
        (outcome,) = lane.send([made], made.key)
        assert outcome.status == "sent"
    (file,) = (tmp_path / "a" / "b").iterdir()
    assert file.read_bytes() == made.content
    assert address(1) not in file.name
    assert message_from_bytes(file.read_bytes())["Message-ID"] == made.id == outcome.id


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    mailer = folder.build({"folder": str(tmp_path / "file" / "out")})
    with pytest.raises(DigestError, match="is no folder"):
        mailer.check()
    copier = Personalizer.of(
        content(), job="x", digest="h", passes=lambda n: RecipientLinks(token="t")
    )
    made = copier.made("a@b.org", "", RecipientLinks(token="t"), key="k", moment=datetime.now(UTC))
    (outcome,) = mailer.lane().send([made], made.key)
    assert (outcome.status, outcome.general) == ("rejected", True)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_dkim_signs_what_smtp_sends(tmp_path: Path) -> None:
    import subprocess

    import dkim

    from tests.smtp_server import smtp_serving

    subprocess.run(
        ["openssl", "genrsa", "-out", tmp_path / "key.pem", "2048"], check=True, capture_output=True
    )
    public = subprocess.run(
        ["openssl", "rsa", "-in", tmp_path / "key.pem", "-pubout"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    record = b"v=DKIM1; k=rsa; p=" + "".join(public.splitlines()[1:-1]).encode()
    with smtp_serving() as server:
        own = f'host = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        own += 'dkim_key_file = "key.pem"'
        with pytest.raises(ConfigError, match=r"\[mailers.smtp\] dkim_selector: is not set"):
            mailer_factory.open_mailer(settings("smtp", own, tmp_path))
        mailer = mailer_factory.open_mailer(
            settings("smtp", f'{own}\ndkim_selector = "w"', tmp_path)
        )
        copier = Personalizer.of(
            content(), job="x", digest="h", passes=lambda n: RecipientLinks(token="t")
        )
        made = copier.made(
            "a@b.org", "", RecipientLinks(token="t"), key="k", moment=datetime.now(UTC)
        )
        lane = mailer.lane()
        assert lane.send([made], made.key)[0].status == "sent"
        lane.close()
        (one,) = server.kept
    assert one.message["DKIM-Signature"].startswith("v=1")
    assert "d=example.org" in one.message["DKIM-Signature"]
    assert dkim.verify(one.raw, dnsfunc=lambda _name, timeout=5: record)
