"""What the Hugo configuration above a content folder says of the site."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest.text.line import fold

NOWHERE = "https://example.invalid/"
_NAMES = ("hugo", "config")
_FORMS = (".toml", ".yaml", ".yml", ".json")
_LEVELS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A Hugo site: base URL (with a slash at its end), title, language, IANA zone; "" if unsaid."""

    base: str = ""
    title: str = ""
    language: str = ""
    timezone: str = ""


def of(folder: Path) -> Site:
    """Return what the configuration nearest above *folder* says; an empty Site if there is none."""
    for path in _candidates(folder.resolve()):
        settings = _read(path)
        if settings:
            return _site(settings)
    return Site()


def content(folder: Path) -> Path:
    """Return the folder of the posts where *folder* is a whole Hugo site, else *folder* itself."""
    inside = folder / "content"
    return inside if inside.is_dir() and any(path.is_file() for path in _beside(folder)) else folder


def _candidates(folder: Path) -> Iterator[Path]:
    for above in [folder, *folder.parents][:_LEVELS]:
        yield from _beside(above)


def _beside(folder: Path) -> Iterator[Path]:
    """Yield where a Hugo site at *folder* may have its configuration."""
    for place in (folder, folder / "config" / "_default"):
        yield from (place / f"{name}{form}" for name in _NAMES for form in _FORMS)


def _read(path: Path) -> dict[str, Any]:
    """Return the settings in *path*; none where it is missing, broken or no Hugo configuration."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return {}
    try:
        found = _parse(text, path.suffix)
    except ValueError:
        return {}
    settings = {str(k).lower(): v for k, v in found.items()} if isinstance(found, dict) else {}
    return settings if "baseurl" in settings or path.stem == "hugo" else {}


def _parse(text: str, form: str) -> object:
    if form == ".toml":
        return tomllib.loads(text)
    if form == ".json":
        return json.loads(text)
    import yaml

    try:
        return yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _site(settings: dict[str, Any]) -> Site:
    def said(*keys: str) -> str:
        return next((fold(settings[k]) for k in keys if isinstance(settings.get(k), str)), "")

    return Site(
        base=based(said("baseurl")),
        title=said("title"),
        language=said("languagecode", "locale", "defaultcontentlanguage"),
        timezone=said("timezone"),
    )


def based(url: str) -> str:
    """Return *url* as a base: absolute and with a slash at its end; "" if it is no http(s) URL."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        return ""
    return url if url.endswith("/") else url + "/"
