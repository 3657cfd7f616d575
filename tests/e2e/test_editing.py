"""Editing from the command line, as a person does it: in $EDITOR, in files, by options."""

import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from digest.app.composition import App
from digest.cli import main
from digest.config.settings import CONFIG_FILE, load_settings
from digest.model import Revision
from digest.render.export import build_issue_json
from tests.command import Done, digest
from tests.desks import Desk

WEEK = ("--week", "2026-W11")


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return Desk.at(tmp_path / "d").folder


def inside(
    *words: str | Path, cwd: Path, status: int = 0, env: dict[str, str] | None = None
) -> Done:
    """Run ``digest *words`` as ``tests.command.digest`` does, but in this process: much cheaper."""
    out, err, code = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", ["digest", *map(str, words)])
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    done = Done(status=code, out=out.getvalue(), err=err.getvalue())
    assert code == status, done
    return done


def editing(*pairs: tuple[str, str], say: str = "") -> dict[str, str]:
    """Return the environment in which $EDITOR replaces the first of each pair by the second."""
    code = "import sys, pathlib; p = pathlib.Path(sys.argv[-1]); t = p.read_text('utf-8')\n"
    code += (
        f"for old, new in {pairs!r}:\n    assert old in t, old\n    t = t.replace(old, new, 1)\n"
    )
    code += f"p.write_text(t + {say!r}, 'utf-8')"
    return {"EDITOR": f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"}


def revision(folder: Path, number: int | None = None) -> Revision:
    """Return the newest revision in the store of *folder*, or the one of that *number*."""
    issues = App(load_settings(str(folder / CONFIG_FILE), {})).issues
    return issues.load(issues.load().issue.id, number)


def shown(folder: Path, number: int | None = None) -> dict[str, Any]:
    """Return what ``digest show --json`` prints."""
    return build_issue_json(revision(folder, number))


def test_an_issue_is_edited_in_the_editor_and_keeps_it(demo: Path) -> None:
    before = shown(demo)
    env = editing((before["subject"], "我的主旨"), ("# pin, list", "# pin, list"))
    done = digest("show", "--edit", cwd=demo, env=env)
    assert "edit  subject: 我的主旨" in done.err
    after = shown(demo)
    assert (after["subject"], after["revision"]) == ("我的主旨", 2)
    assert "1 edit holds" in digest("draft", *WEEK, cwd=demo).err
    assert shown(demo)["subject"] == "我的主旨"
    listed = digest("show", "--edits", cwd=demo)
    assert listed.out.splitlines()[:2] == ["subject", "    我的主旨"]
    assert before["subject"] in listed.out
    undone = digest("show", "--undo", cwd=demo)
    assert "undone: subject" in undone.err
    assert shown(demo)["subject"] == before["subject"]
    assert shown(demo)["hash"] == before["hash"]
    digest("show", "--redo", cwd=demo)
    assert shown(demo)["subject"] == "我的主旨"
    assert digest("show", "--edit", cwd=demo, env=editing(), status=3).complaint


def test_bad_input_loses_nothing_that_was_good(demo: Path) -> None:
    before = shown(demo)
    wrong = "\n[subjet]\n錯字\n"
    env = editing((before["subject"], "好的主旨"), say=wrong)
    done = inside("show", "--edit", cwd=demo, env=env, status=1)
    assert shown(demo)["subject"] == "好的主旨"
    assert any("[subjet]: there is no such block" in line for line in done.warnings)
    kept = next(demo.glob("*-edit.txt"))
    assert str(kept) in done.err
    assert "好的主旨" in kept.read_text("utf-8")
    mended = kept.read_text("utf-8").replace("[subjet]", "[headline]")
    kept.write_text(mended, "utf-8")
    inside("show", "--apply", kept, cwd=demo)
    assert shown(demo)["headline"] == "錯字"
    assert shown(demo)["subject"] == "好的主旨"


def test_a_thread_is_edited_and_survives_the_next_draft(demo: Path) -> None:
    def parts() -> list[str]:
        made = next(one for one in revision(demo).threads if one.network == "x")
        return [part.text for part in made.parts]

    before = parts()
    env = editing((before[1], "換過的第二段。\n---\n多出來的一段。"))
    inside("threads", "--network", "x", "--edit", cwd=demo, env=env)
    assert parts() == [before[0], "換過的第二段。", "多出來的一段。", *before[2:]]
    inside("draft", *WEEK, cwd=demo)
    assert len(parts()) == len(before) + 1
    many = "\n---\n".join(["再一段"] * 25)
    env = editing(("換過的第二段。", many))
    done = inside("threads", "--network", "x", "--edit", cwd=demo, env=env, status=1)
    assert "could not be saved" in done.err
    kept = next(demo.glob("*-x-edit.txt"))
    assert kept.read_text("utf-8").count("再一段") == 25
    assert parts()[1] == "換過的第二段。"
    assert "which" in inside("threads", "--edit", cwd=demo, status=2).complaint


def test_what_draft_was_asked_for_is_kept(demo: Path) -> None:
    second = shown(demo)["sections"][1]["stories"][0]["url"]
    also = shown(demo)["also"][0]["url"]
    inside("draft", *WEEK, "--ban", second, "--pin", also, cwd=demo)

    def told() -> list[str]:
        return [story.post.url for story in revision(demo).issue.stories]

    for _ in range(2):
        assert second not in told()
        assert also in told()
        inside("draft", *WEEK, cwd=demo)
    lines = [
        line for line in inside("show", "--edits", cwd=demo).out.splitlines() if line[0] != " "
    ]
    assert all(line.startswith("choice/") for line in lines)
    assert len(lines) == 2
    inside("show", "--undo", cwd=demo)
    assert second in told()


def test_a_quotation_that_nobody_said_is_never_approved(demo: Path) -> None:
    quote = shown(demo)["pull_quote"]["text"]
    env = editing((f"\n{quote}\n", "\n這句話沒有人說過。\n"))
    done = inside("show", "--edit", cwd=demo, env=env)
    assert any("does not stand verbatim" in line for line in done.warnings)
    assert "verbatim" in inside("show", "--edits", cwd=demo).out
    assert "does not stand verbatim" in inside("approve", cwd=demo, status=1).err
    inside("show", "--undo", cwd=demo)
    inside("approve", cwd=demo)


def test_what_is_approved_stays_approved_until_a_newer_one_is(demo: Path) -> None:
    inside("approve", cwd=demo)
    before = shown(demo)
    env = editing((before["subject"], "太晚了嗎"))
    done = inside("show", "--edit", cwd=demo, env=env)
    assert "Revision 1 stays approved until another is; this opens a new one." in done.err
    after = shown(demo)
    assert (after["revision"], after["approved"]) == (2, None)
    assert shown(demo, 1)["approved"]
    inside("approve", cwd=demo)
    assert shown(demo, 1)["approved"] is None


def test_programs_read_and_write_the_same_text(demo: Path) -> None:
    form = inside("show", "--form", cwd=demo).out
    subject = shown(demo)["subject"]
    (demo / "form.txt").write_text(form.replace(f"\n{subject}\n", "\n程式的主旨\n", 1), "utf-8")
    done: Done = inside("show", "--apply", "form.txt", "--json", cwd=demo)
    said = done.json()
    assert said["changed"] == [{"block": "subject", "value": "程式的主旨"}]
    assert said["hash"] == shown(demo)["hash"]
    listed = inside("show", "--edits", "--json", cwd=demo).json()
    assert (listed["block"], listed["generated"]) == ("subject", subject)
    undone = inside("show", "--undo", "--json", cwd=demo).json()
    assert undone["undo"] == said["step"]
    assert inside("show", "--edits", cwd=demo, status=3).complaint
    assert inside("show", "--undo", cwd=demo, status=3).complaint


def test_an_editor_that_is_not_there_is_told_with_the_way_around(demo: Path) -> None:
    for editor in ("/nowhere/editor", "false"):
        done = inside("show", "--edit", cwd=demo, env={"EDITOR": editor}, status=1)
        assert "digest show --form" in done.complaint
    done = inside("show", "--edit", cwd=demo, env={"EDITOR": "", "VISUAL": ""}, status=2)
    assert "no terminal" in done.complaint
    assert inside("show", "--edit", "--undo", cwd=demo, status=2).complaint
    for words in (("show",), ("threads", "--network", "x")):
        assert inside(*words, "--edit", "--revision", "1", cwd=demo, status=2).complaint
    (demo / "latin").write_bytes(b"\xff\xfe\xfa")
    assert "cannot be read" in inside("show", "--apply", "latin", cwd=demo, status=1).complaint


def test_an_issue_drafted_without_configuration_is_edited_without_it(
    demo: Path, tmp_path: Path
) -> None:
    here = tmp_path / "elsewhere"
    here.mkdir()
    site = ("--site", "https://blog.example.org/")
    digest("draft", *WEEK, "--folder", demo / "blog/content/posts", *site, cwd=here)
    subject = digest("show", "--json", cwd=here).json()["subject"]
    digest("show", "--edit", cwd=here, env=editing((subject, "沒有設定的主旨")))
    assert digest("show", "--json", cwd=here).json()["subject"] == "沒有設定的主旨"
