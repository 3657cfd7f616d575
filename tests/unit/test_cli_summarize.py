import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from digest.cli.summarize import summarize, train
from digest.text.ranking import weights
from tests.labelled import load

POST = """---
title: 燈塔自動化
date: 2026-03-02
description: 守塔人談燈塔自動化。
---

守塔人林月嬌說：「燈不是給看得見的人點的。」燈塔自動化以後，守塔人的工作變成了修電腦。
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "b.md").write_text(POST, encoding="utf-8")
    (tmp_path / "a.html").write_text("<p>The lamp went out. Nobody came.</p>", encoding="utf-8")
    (tmp_path / "c.txt").write_text("left alone")
    return tmp_path


def test_a_row_a_file_in_the_order_of_names(folder):
    done = CliRunner().invoke(summarize, [str(folder), "--json", "--with-text"])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [row["file"] for row in rows] == ["a.html", "b.md"]
    quote = rows[1]["quotes"][0]
    assert rows[1]["text"][quote["start"] : quote["end"]] == quote["text"]
    assert rows[1]["summary"] == "守塔人談燈塔自動化。"
    assert (quote["speaker"], quote["speech"], quote["utterance"]) == ("林月嬌", True, 0)


def test_the_description_can_be_ignored(folder):
    given = [str(folder / "b.md"), "--json", "--ignore-description", "--max-chars", "30"]
    row = json.loads(CliRunner().invoke(summarize, given).stdout)
    assert row["summary"] == "燈塔自動化以後，守塔人的工作變成了修電腦。"
    assert "text" not in row


def test_people_read_a_table(folder):
    assert "— 林月嬌" in CliRunner().invoke(summarize, [str(folder)]).stdout


def test_train_writes_a_model(tmp_path):
    for at, one in enumerate(load("english")):
        body = one.post.document.text
        head = f'title: "{one.post.title}"\ndate: 2026-0{at % 2 + 1}-02\n'
        head += f"description: >-\n  {one.post.abstract}\n"
        (tmp_path / f"{at}.md").write_text(f"---\n{head}---\n\n{body}\n", encoding="utf-8")
    out = tmp_path / "extract.json"
    done = CliRunner().invoke(train, ["--folder", str(tmp_path), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["month"] for line in done.stdout.splitlines()] == [
        "2026-01",
        "2026-02",
    ]
    assert json.loads(out.read_text(encoding="utf-8"))["format"] == weights.FORMAT


def test_a_reader_that_goes_away_is_no_error(folder):
    """``digest summarize DIR | head -1`` prints a line, says nothing and exits 0."""
    for at in range(40):
        (folder / f"d{at}.md").write_text(POST, encoding="utf-8")
    made = [sys.executable, "-m", "digest", "summarize", str(folder), "--json", "--with-text"]
    with subprocess.Popen(made, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout.readline().startswith(b'{"file"')
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 0
