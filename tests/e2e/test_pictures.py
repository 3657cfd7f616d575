"""`[mail] pictures`: the lead's picture by link, in the message, or under the archive."""

import email
import email.policy
import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.command import digest
from tests.http_server import Answer, HttpServer
from tests.png import png

POST = """---
title: 渡口的夜班
date: 2026-03-10T08:00:00+08:00
image: {url}/night.jpg
---

擺渡人林渡說：「船會等人，人也要等船，才過得了河。」夜裡的渡口沒有燈，只有他的菸。

渡口的人都知道，霧來的時候不能喊，要敲船舷三下，對岸才聽得見。
"""
CONFIG = """\
title = "渡口週報"
language = "zh-Hant-TW"
timezone = "Asia/Taipei"
site = "https://blog.example.org/"
store = "digest.db"

[[sources]]
kind = "hugo"
folder = "posts"

[mail]
from = "渡口週報 <weekly@example.org>"
archive = "https://blog.example.org/digest/"
pictures = "{mode}"

[fetch]
allow_private = ["127.0.0.1"]
"""


@pytest.fixture
def photo() -> bytes:
    written = BytesIO()
    Image.effect_noise((2400, 1350), 80).convert("RGB").save(written, "JPEG", quality=95)
    return written.getvalue()


def drafted(folder: Path, server: HttpServer, mode: str, **more: int) -> str:
    (folder / "posts").mkdir(exist_ok=True)
    (folder / "posts" / "night.md").write_text(POST.format(url=server.url), "utf-8")
    (folder / "digest.toml").write_text(CONFIG.format(mode=mode), "utf-8")
    return digest("draft", "--week", "2026-W11", cwd=folder, **more).err


BOMB = png(20_000, 20_000, rows=9)


def exported(folder: Path, form: str) -> bytes:
    digest("export", "--format", form, "--out", "out", cwd=folder)
    return (folder / "out").read_bytes()


def test_an_embedded_picture_is_small_and_in_the_message(
    tmp_path: Path, http_server: HttpServer, photo: bytes
) -> None:
    http_server.put("/night.jpg", Answer(body=photo, headers={"Content-Type": "image/jpeg"}))
    drafted(tmp_path, http_server, "embed")
    parsed = email.message_from_bytes(exported(tmp_path, "eml"), policy=email.policy.default)
    (part,) = [one for one in parsed.walk() if one.get_content_type() == "image/jpeg"]
    assert len(part.get_content()) <= 200 * 1024 < len(photo)
    assert Image.open(BytesIO(part.get_content())).width == 1056
    html = parsed.get_body(("html",)).get_content()
    assert f'src="cid:{part["Content-ID"].strip("<>")}"' in html
    assert b'src="data:image/jpeg;base64,' in exported(tmp_path, "html")

    http_server.put("/night.jpg", Answer(status=404))
    drafted(tmp_path, http_server, "embed")
    assert b"Content-Type: image/jpeg" in exported(tmp_path, "eml")


def test_a_hosted_picture_is_among_the_files_of_the_archive(
    tmp_path: Path, http_server: HttpServer, photo: bytes
) -> None:
    http_server.put("/night.jpg", Answer(body=photo, headers={"Content-Type": "image/jpeg"}))
    drafted(tmp_path, http_server, "host")
    html = exported(tmp_path, "html").decode()
    name = re.search(r'src="https://blog\.example\.org/digest/(pictures/[0-9a-f]{64}\.jpg)"', html)[
        1
    ]
    digest("export", "--format", "web", "--out", "site", cwd=tmp_path)
    assert Image.open(BytesIO((tmp_path / "site" / name).read_bytes())).width == 1056


@pytest.mark.parametrize(
    "answer",
    [Answer(status=404), Answer(body=b"<html>"), Answer(body=b""), Answer(body=BOMB)],
    ids=["404", "page", "", "bomb"],
)
def test_a_picture_that_is_not_to_be_had_breaks_nothing(
    tmp_path: Path, http_server: HttpServer, answer: Answer
) -> None:
    http_server.put("/night.jpg", answer)
    said = drafted(tmp_path, http_server, "embed")
    assert "the lead's picture is left out" in said
    assert b"<img" not in exported(tmp_path, "html")


def test_a_linked_picture_is_not_fetched(tmp_path: Path, http_server: HttpServer) -> None:
    drafted(tmp_path, http_server, "link")
    assert http_server.log == []
