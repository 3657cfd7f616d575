"""Templates: found in a checkout or a wheel, overridden a file at a time, run in a sandbox.

A theme is a folder, ``email/default``. A name such as ``card.mjml.jinja`` is looked for in the
user's folder of the theme, the shipped one, and then in both folders of the default theme, so that
a theme holds only what it does otherwise.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from digest.model.errors import ConfigError, TemplateError

if TYPE_CHECKING:
    from digest.render.sandbox import Sandbox, TracedText

DEFAULT_THEME = "default"
_PACKAGE = Path(__file__).parents[1]


def find_shipped_templates() -> Path:
    """Return the folder of digest's own templates: in the wheel, else in a checkout."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The shipped templates, with the user's own folder *own* on top where there is one."""

    own: Path | None = None

    @classmethod
    def load(cls, own: Path | None = None) -> "Templates":
        """Return the templates with *own* on top; ConfigError if that is no folder."""
        if own is not None and not own.is_dir():
            raise ConfigError(f"templates = {str(own)!r}", "no such folder", "Create it.")
        return cls(own=own)

    def render(self, name: str, values: Mapping[str, Any], theme: str = DEFAULT_THEME) -> str:
        """Return template *name* (``email/mail.mjml.jinja``) of *theme* rendered with *values*.

        Names that end in ``.txt.jinja`` are rendered without escaping. Raises TemplateError that
        names file, line and cause.
        """
        kind, _, base = name.partition("/")
        self._check(kind, theme)
        return _run_template(base, values, self.folders(kind, theme), marks=False)

    def traced(
        self, name: str, values: Mapping[str, Any], theme: str = DEFAULT_THEME
    ) -> "TracedText":
        """Return what ``render`` does, with the file and line that each character came from."""
        from digest.render.sandbox import read_marks

        kind, _, base = name.partition("/")
        folders = self.folders(kind, theme)
        text = _run_template(base, values, folders, marks=True)
        return read_marks(text, _make_environment(folders, marks=True).files)

    def path(self, name: str, theme: str = DEFAULT_THEME) -> Path:
        """Return where the file *name* (``cards/card.typ``) is, for what Jinja does not read."""
        kind, _, base = name.partition("/")
        found = (folder / base for folder in self.folders(kind, theme))
        path = next((path for path in found if path.is_file()), None)
        if path is None:
            raise TemplateError(f"template {name}", "no such file", "Reinstall digest.")
        if not any(path.resolve().is_relative_to(root.resolve()) for root in self._roots):
            cause = "a link that leads out of the folder of templates"
            raise TemplateError(f"template {path}", cause, "Copy the file there instead.")
        return path

    def own_files(self) -> tuple[Path, ...]:
        """Return the user's own templates, each read; TemplateError at the first mistake."""
        if self.own is None:
            return ()
        for path in sorted((*self.own.glob("*.jinja"), *self.own.glob("*/*.jinja"))):
            remedy = f"Put it into a theme, such as {self.own / 'email' / DEFAULT_THEME}."
            raise TemplateError(f"template {path}", "nothing looks for it there", remedy)
        found = sorted(self.own.glob("*/*/*.jinja"))
        for path in found:
            kind, theme = path.parts[-3:-1]
            self._check(kind, theme)
            folders = self.folders(kind, theme)
            with _explain_errors(path.name, folders):
                _make_environment(folders, marks=False).get_template(path.name)
        return tuple(found)

    def folders(self, kind: str, theme: str = DEFAULT_THEME) -> tuple[Path, ...]:
        """Return where a template of *kind* (``email``, ``web``, ...) is looked for, in order."""
        if theme not in self.themes(kind):
            names = ", ".join(self.themes(kind))
            raise TemplateError(f"theme {theme!r}", "no such theme", f"There are: {names}.")
        wanted = (
            root / kind / name
            for name in dict.fromkeys((theme, DEFAULT_THEME))
            for root in self._roots
        )
        return tuple(folder for folder in wanted if folder.is_dir())

    def themes(self, kind: str) -> tuple[str, ...]:
        """Return the names of the themes of *kind*."""
        return tuple(
            sorted({path.name for root in self._roots for path in root.glob(f"{kind}/*/")})
        )

    def _check(self, kind: str, theme: str) -> None:
        """Raise TemplateError at the first unknown MJML tag or attribute of the user's files."""
        for folder in self.folders(kind, theme):
            if self.own is not None and folder.is_relative_to(self.own):
                for path in sorted(folder.glob("*.mjml.jinja")):
                    _check_file(path, path.stat().st_mtime_ns)

    @property
    def _roots(self) -> tuple[Path, ...]:
        return (
            (find_shipped_templates(),)
            if self.own is None
            else (self.own, find_shipped_templates())
        )


@cache
def _check_file(path: Path, _changed: int) -> None:
    from digest.render.mjml_check import find_problems

    for line, problem in find_problems(path.read_text(encoding="utf-8", errors="replace")):
        raise TemplateError(f"template {path}, line {line}", problem, "Correct the template.")


@cache
def _make_environment(folders: tuple[Path, ...], *, marks: bool) -> "Sandbox":
    from digest.render.sandbox import Sandbox

    return Sandbox(folders, marks=marks)


def _run_template(
    name: str, values: Mapping[str, Any], folders: tuple[Path, ...], *, marks: bool
) -> str:
    with _explain_errors(name, folders):
        return _make_environment(folders, marks=marks).run(name, values)


@contextmanager
def _explain_errors(name: str, folders: tuple[Path, ...]) -> Iterator[None]:
    """Raise what goes wrong in the template *name* as a TemplateError with its place."""
    try:
        yield
    except TemplateError:
        raise
    except Exception as error:
        raise _explain_error(error, name, folders) from error


def _explain_error(error: Exception, name: str, folders: tuple[Path, ...]) -> TemplateError:
    """Return *error* as one that says where it happened: file, line, cause."""
    path, line = _find_error_place(error, folders)
    place = f"{path or name}, line {line}" if line else str(path or name)
    cause = str(error) or type(error).__name__
    if isinstance(error, RecursionError):
        cause = "it includes or calls itself without an end"
    return TemplateError(f"template {place}", cause, "Correct the template, or remove your copy.")


def _find_error_place(error: Exception, folders: tuple[Path, ...]) -> tuple[str, int]:
    """Return file and line of the innermost template frame of *error*; ("", 0) if there is none."""
    line = getattr(error, "lineno", None)
    if isinstance(line, int):
        return str(getattr(error, "filename", "") or getattr(error, "name", "") or ""), line
    place, trace = ("", 0), error.__traceback__
    while trace is not None:
        place, trace = _find_template_frame(trace, folders) or place, trace.tb_next
    return place


def _find_template_frame(trace: TracebackType, folders: tuple[Path, ...]) -> tuple[str, int] | None:
    path = trace.tb_frame.f_code.co_filename
    inside = any(Path(path).is_relative_to(folder) for folder in folders)
    return (path, trace.tb_lineno) if inside else None
