"""Editing from the command line: an issue or a thread as a text in $EDITOR, and what was edited."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli.base import Output, open_app
from digest.model.errors import ConfigError, DigestError, DraftError, NothingToDo

if TYPE_CHECKING:
    from digest.app.composition import App
    from digest.editorial.editing import BlockChange
    from digest.editorial.pipeline import Drafted, PipelineDeps
    from digest.model import Edit, Editable, EditStep, Post

_INSTEAD = "Set EDITOR; or: digest show --form > FILE, and digest show --apply FILE"
_CLIP, _LINE, _LONG = 60, 200, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EditRequest:
    """What of editing a command was asked for; ``apply`` is a file that was edited."""

    edit: bool = False
    form: bool = False
    apply: Path | None = None
    edits: bool = False
    undo: bool = False
    redo: bool = False

    def __bool__(self) -> bool:
        return bool(self.count)

    @property
    def count(self) -> int:
        """Return how many things were asked for; more than one cannot be done."""
        asked = (self.edit, self.form, self.apply, self.edits, self.undo, self.redo)
        return sum(bool(one) for one in asked)


def run_edits(out: Output, issue: str, asked: EditRequest, network: str = "") -> None:
    """Do what was *asked* of *issue*, or of its thread for *network*."""
    if asked.count > 1:
        raise ConfigError("--edit, --form, --apply, ...", "several were given", "Give one.")
    app = open_app(out)
    kit = app.kit(sourceless=True)
    desk = _Desk(app, kit, kit.issues.load(issue).issue.id, out, network)
    if asked.edits:
        desk.list_edits()
    elif asked.undo or asked.redo:
        desk.step("undo" if asked.undo else "redo")
    elif asked.form:
        click.echo(desk.text(), nl=False)
    elif asked.apply:
        desk.apply(_read_file(asked.apply))
    else:
        desk.edit()


def _read_file(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DigestError(str(path), f"cannot be read: {error}") from None


class _Desk:
    """One issue under an editor's hands, or one thread of it."""

    def __init__(
        self, app: "App", kit: "PipelineDeps", issue: str, out: Output, network: str
    ) -> None:
        from digest.editorial import pipeline

        self._app, self._kit, self._issue = app, kit, issue
        self._out, self._network, self._now = out, network, datetime.now(UTC)
        self._before = pipeline.preview_issue(kit, issue, self._now)

    def text(self) -> str:
        """Return what is edited as text."""
        from digest.editorial import edit_document
        from digest.render.thread_edit import write_manuscript

        if not self._network:
            return edit_document.write_edit_document(self._before, self._posts)
        for thread in self._before.revision.threads:
            if thread.network == self._network:
                return write_manuscript(thread)
        known = ", ".join(thread.network for thread in self._before.revision.threads)
        raise ConfigError(f"network {self._network!r}", "has no draft", f"There is: {known}.")

    @property
    def _posts(self) -> "Sequence[Post]":
        from digest.editorial import pipeline

        made = self._before.generated
        return pipeline.list_posts(self._kit, made.sources, made.period, made.edition)

    def edit(self) -> None:
        """Open the text in the editor and apply what comes back."""
        text = self.text()
        if not (sys.stdin.isatty() or os.environ.get("VISUAL") or os.environ.get("EDITOR")):
            raise ConfigError("--edit", "there is no terminal to edit on", _INSTEAD)
        try:
            back = click.edit(text, extension=".txt")
        except click.ClickException as error:
            raise DigestError("editor", error.message, _INSTEAD) from None
        if back is None or back == text:
            raise NothingToDo(self._issue, "nothing was changed")
        self.apply(back)

    def apply(self, text: str) -> None:
        """Save what *text* changes; DraftError names a file with all of it where some is not clear.

        What is clear is saved all the same.
        """
        from digest.editorial import editing

        changes, problems = self._asked(text)
        good, bad = editing.sift_changes(self._kit, self._issue, changes, self._now)
        problems = [*problems, *bad]
        if good:
            self._tell_frozen()
            self._tell(editing.record_changes(self._kit, self._issue, good, self._now, reopen=True))
        elif not problems:
            raise NothingToDo(self._issue, "nothing was changed")
        if problems:
            raise self._refusal(text, problems)

    def _refusal(self, text: str, problems: "Sequence[tuple[str, DigestError]]") -> DraftError:
        """Tell each of *problems*; return the error that names a file with *text* to go on with."""
        from digest.editorial import edit_document, pipeline

        for _, problem in problems:
            self._out.warn(str(problem))
        if not self._network:
            after = pipeline.preview_issue(self._kit, self._issue, self._now)
            text = edit_document.return_text(text, after, self._posts, problems)
        what = f"show {self._issue}"
        if self._network:
            what = f"threads {self._issue} --network {self._network}"
        path, count = self._kept(text), len(problems)
        cause = f"{count} {'thing' if count == 1 else 'things'} in it could not be saved"
        remedy = f"The whole text is in {path}; mend it, then: digest {what} --apply {path}"
        return DraftError(self._issue, cause, remedy)

    def _asked(
        self, text: str
    ) -> "tuple[list[tuple[str, BlockChange]], list[tuple[str, DigestError]]]":
        from digest.editorial import edit_document, editing

        if self._network:
            block = f"thread/{self._network}"
            return [(block, editing.BlockChange(block=block, value=text))], []
        read = edit_document.read_edit_document(text, self._before, self._posts)
        changes, problems = list(read.changes), list(read.problems)
        for url in read.adds:
            try:
                (post,) = self._app.read_pages([url], self._now)
                changes.append(("posts", editing.make_addition(self._kit, self._issue, post)))
            except DigestError as error:
                problems.append(("posts", error))
        return changes, problems

    def _kept(self, text: str) -> Path:
        """Write *text* to a new file here, or where temporary files are; return its path."""
        import tempfile

        name = f"{self._issue}{'-' if self._network else ''}{self._network}-edit"
        for folder in (Path.cwd(), Path(tempfile.gettempdir())):
            for number in range(1, 1000):
                path = folder / (f"{name}.txt" if number == 1 else f"{name}-{number}.txt")
                try:
                    with path.open("x", encoding="utf-8") as file:
                        file.write(text)
                except FileExistsError:
                    continue
                except OSError:
                    break
                return path
        raise DraftError(self._issue, "the text could not be kept in a file", f"\n{text}")

    def _tell_frozen(self) -> None:
        newest = self._before.revision
        if newest.approved:
            self._out.say(
                f"Revision {newest.number} stays approved until another is; this opens a new one."
            )

    def _tell(self, after: "Drafted") -> None:
        """Tell what the last step changed, and what preflight says of it."""
        step = after.history.done[-1]
        if self._out.json:
            click.echo(json.dumps(_step_json(step, after), ensure_ascii=False))
        else:
            was = {edit.block: edit.value for edit in self._before.history.edits.values()}
            for edit in step.edits:
                said = "as the generator says" if edit.value is None else _clip_edit(edit)
                mark = "back" if edit.value is None and edit.block in was else "edit"
                self._out.say(f"{mark}  {_show_block(edit.block)}: {said}")
            number, hash_ = after.revision.number, after.revision.hash
            self._out.say(f"revision {number} ({hash_[:12]}), not approved")
        for finding in after.findings:
            self._out.warn(str(finding))

    def list_edits(self) -> None:
        """Print every edit with what the generator says now."""
        from digest.editorial.editable_blocks import list_editable_blocks

        edited = [block for block in list_editable_blocks(self._before) if block.edited]
        if not edited:
            raise NothingToDo(self._issue, "nothing of it is edited")
        for block in edited:
            if self._out.json:
                click.echo(json.dumps(_editable_json(block), ensure_ascii=False))
            else:
                click.echo("\n".join(_report_block(block, _LONG if self._out.verbose else _LINE)))

    def step(self, what: str) -> None:
        """Undo or redo one step."""
        from digest.editorial import editing

        self._tell_frozen()
        move: Callable[..., Drafted] = editing.undo_step if what == "undo" else editing.redo_step
        after = move(self._kit, self._issue, self._now, reopen=True)
        step = (after.history.undone if what == "undo" else after.history.done)[-1]
        if self._out.json:
            click.echo(
                json.dumps({what: step.number} | _step_json(step, after), ensure_ascii=False)
            )
            return
        names = ", ".join(map(_show_block, step.blocks))
        self._out.say(f"{'undone' if what == 'undo' else 'done again'}: {names}")
        left = len(after.history.done)
        self._out.say(f"{left} {'step' if left == 1 else 'steps'} can be undone")


def _show_block(block: str) -> str:
    kind, slash, of = block.partition("/")
    return f"{kind}{slash}{of[:8]}" if len(of) > _CLIP // 2 else block


def _clip_edit(edit: "Edit") -> str:
    from digest.editorial.editable_blocks import show_value

    return _shorten(_read_words(edit.block, show_value(edit.block, edit.value or "")), _CLIP)


def _shorten(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _read_words(block: str, value: str) -> str:
    """Return *value* as it is read: a quotation without its place."""
    if not block.startswith(("quote/", "pull-quote")):
        return value
    return value.split(" ", 2 if block == "pull-quote" else 1)[-1]


def _report_block(block: "Editable", most: int) -> list[str]:
    states = [
        name
        for name, holds in (
            ("its story is not in the issue", block.lost),
            ("the generator changed its mind since", block.stale),
            (block.problem, bool(block.problem)),
        )
        if holds
    ]
    said = f"  [{'; '.join(states)}]" if states else ""
    value, generated = (
        _read_words(block.name, block.value),
        _read_words(block.name, block.generated),
    )
    lines = [f"{_show_block(block.name)}{said}", f"    {_shorten(value, most)}"]
    return [*lines, f"    generator: {_shorten(generated, most)}"] if generated else lines


def _editable_json(block: "Editable") -> dict[str, Any]:
    return {
        "block": block.name,
        "value": block.value,
        "generated": block.generated,
        "stale": block.stale,
        "lost": block.lost,
        "problem": block.problem or None,
        "at": block.at.isoformat() if block.at else None,
    }


def _step_json(step: "EditStep", after: "Drafted") -> dict[str, Any]:
    from digest.editorial.editable_blocks import show_value

    return {
        "issue": after.history.issue,
        "revision": after.revision.number,
        "hash": after.revision.hash,
        "step": step.number,
        "changed": [
            {
                "block": edit.block,
                "value": None if edit.value is None else show_value(edit.block, edit.value),
            }
            for edit in step.edits
        ],
        "findings": [str(finding) for finding in after.findings],
    }
