"""The configuration of a Hugo project, merged as Hugo merges it (gohugo.io/configuration).

A configuration is one file (``hugo.toml``, ``config.yaml`` ...), a folder (``config/_default/``,
``config/production/``), or both; every file of the folder but ``hugo.*`` and ``config.*`` holds
the table it is named after, and one with a second name that of a language (``menus.de.toml``).
Keys are read in lower case, for Hugo does not tell their case apart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from digest.model.errors import ConfigError
from digest.text.notation import parse_json, parse_toml, parse_yaml

HugoSettings = dict[str, Any]

_NAMES = ("hugo", "config")
_FORMS = (".toml", ".yaml", ".yml", ".json")
_ENVIRONMENTS = ("_default", "production")
_LEVELS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class HugoProject:
    """A Hugo project: its folder and its settings."""

    root: Path
    settings: HugoSettings = field(default_factory=dict)


def find_project(folder: Path) -> HugoProject | None:
    """Return the project whose configuration is nearest above *folder* or in it; None if none.

    ConfigError where that configuration cannot be read.
    """
    for root in [folder, *folder.parents][:_LEVELS]:
        if settings := _read_settings(root):
            return HugoProject(root=root, settings=settings)
    return None


def _read_settings(root: Path) -> HugoSettings:
    settings: HugoSettings = {}
    for path, table in _list_config_files(root):
        try:
            found = _lower_keys(_parse_config(path.read_text("utf-8-sig"), path.suffix))
        except (OSError, ValueError) as error:
            if not table and not _is_hugo_config(path, {}):
                continue
            cause = f"cannot be read: {' '.join(str(error).split())}"
            raise ConfigError(str(path), cause, "Mend it: the addresses hang on it.") from None
        if isinstance(found, dict) and (table or _is_hugo_config(path, found)):
            merge_settings(settings, _nest_settings(found, table))
    return settings


def merge_settings(base: HugoSettings, over: Mapping[str, Any]) -> None:
    """Lay *over* on *base*, table by table."""
    for key, value in over.items():
        below = base.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merge_settings(below, value)
        else:
            base[key] = _copy_value(value)


def _copy_value(value: Any) -> Any:  # noqa: ANN401 - any value of a configuration
    return (
        {key: _copy_value(one) for key, one in value.items()} if isinstance(value, dict) else value
    )


def _list_config_files(root: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield the files of the configuration of *root*, weakest first, and the table each holds."""
    main = (root / f"{name}{form}" for name in _NAMES for form in _FORMS)
    if first := next((path for path in main if path.is_file()), None):
        yield first, ()
    for environment in _ENVIRONMENTS:
        folder = root / "config" / environment
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.suffix in _FORMS and path.is_file():
                yield path, _find_table_keys(path.stem.lower())


def _find_table_keys(stem: str) -> tuple[str, ...]:
    """Return the keys under which the contents of a file called *stem* stand."""
    name, _, language = stem.partition(".")
    if name in _NAMES and not language:
        return ()
    if not language:
        return (name,)
    own = (name,) if name in ("menu", "menus", "params") else ()
    return ("languages", language, *own)


def _nest_settings(found: HugoSettings, table: tuple[str, ...]) -> HugoSettings:
    if len(table) == 1 and list(found) == list(table):  # it may name its table once more
        return found
    for key in reversed(table):
        found = {key: found}
    return found


def _is_hugo_config(path: Path, settings: Mapping[str, object]) -> bool:
    """Tell whether a file called ``config`` is Hugo's: other programs have such files, too."""
    return path.stem == "hugo" or "_default" in path.parts or "baseurl" in settings


def _parse_config(text: str, form: str) -> object:
    if form == ".toml":
        return parse_toml(text)
    return parse_json(text) if form == ".json" else parse_yaml(text)


def _lower_keys(value: object) -> object:
    """Return *value* with all keys of its tables in lower case."""
    if isinstance(value, dict):
        return {str(key).lower(): _lower_keys(one) for key, one in value.items()}
    return [_lower_keys(one) for one in value] if isinstance(value, list) else value
