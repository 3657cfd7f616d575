"""What a Hugo page inherits: ``cascade`` of its sections' pages and of the configuration.

See gohugo.io/configuration/cascade. What stands nearer to the page counts, the page itself most.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from digest.sources._hugo_page import compile_glob, make_logical_path

_TARGETS = ("target", "_target")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cascade:
    """Values for the pages that the globs match; an empty one matches all."""

    values: Mapping[str, object]
    path: str = ""
    kind: str = ""
    environment: str = ""
    languages: tuple[str, ...] = ()

    def reaches(self, path: PurePosixPath, language: str) -> bool:
        """Tell whether the page at *path* of *language* inherits the values."""
        return (
            _matches_glob(self.path, make_logical_path(path))
            and _matches_glob(self.kind, "page")
            and _matches_glob(self.environment, "production")
            and (not self.languages or any(_matches_glob(one, language) for one in self.languages))
        )


def read_cascades(settings: object) -> tuple[Cascade, ...]:
    """Return the cascades that *settings*, a table or a list of tables, hold."""
    several = settings if isinstance(settings, list) else [settings]
    return tuple(_read_cascade(table) for table in several if isinstance(table, dict))


def inherit_values(
    matter: Mapping[str, object], above: Iterator[Cascade], path: PurePosixPath, language: str
) -> dict[str, object]:
    """Return *matter* with what the page at *path* inherits of *above*, the nearest first."""
    whole = dict(matter)
    for cascade in above:
        if cascade.reaches(path, language):
            for key, value in cascade.values.items():
                whole.setdefault(key, value)
    return whole


def _matches_glob(pattern: str, text: str) -> bool:
    return not pattern or bool(compile_glob(pattern).match(text.lower()))


def _read_cascade(table: Mapping[str, object]) -> Cascade:
    lowered = {str(key).lower(): value for key, value in table.items()}
    target = next((lowered[name] for name in _TARGETS if isinstance(lowered.get(name), dict)), {})
    aim = {str(key).lower(): value for key, value in target.items()}  # type: ignore[attr-defined]  # a dict, see above
    params = lowered.get("params")
    own = {key: value for key, value in lowered.items() if key not in (*_TARGETS, "params")}
    more = {str(k).lower(): v for k, v in params.items()} if isinstance(params, dict) else {}
    return Cascade(
        values={**more, **own},
        path=str(aim.get("path") or ""),
        kind=str(aim.get("kind") or ""),
        environment=str(aim.get("environment") or ""),
        languages=_read_languages(aim),
    )


def _read_languages(aim: Mapping[str, object]) -> tuple[str, ...]:
    sites = aim.get("sites")
    matrix = sites.get("matrix") if isinstance(sites, dict) else None
    several = matrix.get("languages") if isinstance(matrix, dict) else aim.get("lang")
    several = several if isinstance(several, list) else [several] if several else []
    return tuple(str(one) for one in several)
