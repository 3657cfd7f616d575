"""A Jekyll site: its configuration, and the files of its posts (jekyllrb.com/docs)."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from digest.model.errors import ConfigError
from digest.sources._front_matter import read_words
from digest.sources._jekyll_links import STYLES
from digest.text.notation import parse_toml, parse_yaml

CONFIGURATIONS = ("_config.yml", "_config.yaml", "_config.toml")
READ = (".md", ".markdown", ".mkdown", ".mkdn", ".mkd", ".html", ".htm")
UNREAD = (".textile", ".adoc", ".asciidoc", ".org", ".rst")
_EXCLUDED = (
    ".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules",
    "vendor/bundle/", "vendor/cache/", "vendor/gems/", "vendor/ruby/",
)  # fmt: skip
_LEVELS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class JekyllSite:
    """A Jekyll project; "" for what nobody says.

    ``source`` is the folder that paths count from, ``base`` the site's URL with a slash at its
    end, ``permalink`` the pattern of its posts and ``values`` what Liquid names in braces.
    """

    source: Path
    base: str = ""
    title: str = ""
    language: str = ""
    timezone: str = ""
    permalink: str = STYLES["date"]
    separator: str = ""
    defaults: tuple[Mapping[str, Any], ...] = ()
    excluded: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def matter(self, own: Mapping[str, object], path: PurePosixPath) -> dict[str, object]:
        """Return the front matter *own* of the post at *path* laid over the site's defaults."""
        whole: dict[str, object] = {}
        for table in sorted(self.defaults, key=lambda one: len(_read_scope_path(one))):
            if _applies_to(table, path):
                whole |= {str(key).lower(): value for key, value in table["values"].items()}
        return whole | {key: value for key, value in own.items() if value is not None}

    def post_files(self, folder: Path, endings: tuple[str, ...] = READ) -> Iterator[Path]:
        """Yield the files in folders called ``_posts`` that lie in *folder* (or it in them)."""
        inner = folder.resolve()
        inside = inner if inner.is_relative_to(self.source) else self.source
        for where, folders, names in os.walk(inside):
            here = Path(where).relative_to(self.source)
            is_post = "_posts" in here.parts
            folders[:] = sorted(f for f in folders if self._is_walked(here / f, in_posts=is_post))
            if is_post:
                yield from (Path(where, n) for n in sorted(names) if n.lower().endswith(endings))

    def _is_walked(self, folder: Path, *, in_posts: bool) -> bool:
        name = folder.name
        if name.startswith((".", "#", "~")) or (name.startswith("_") and name != "_posts"):
            return False
        path = folder.as_posix()
        return in_posts or not any(
            fnmatch(path, one) or fnmatch(f"{path}/", one) or f"{path}/".startswith(f"{one}/")
            for one in self.excluded
        )


def find_jekyll(folder: Path) -> JekyllSite:
    """Return the Jekyll site that *folder* is of; one without settings where nothing tells them."""
    resolved = folder.resolve()
    for root in [resolved, *resolved.parents][:_LEVELS]:
        path = next((root / n for n in CONFIGURATIONS if (root / n).is_file()), None)
        if path is not None:
            return _make_site(root, _read_config(path))
    inside = next((f for f in (resolved, *resolved.parents) if f.name == "_posts"), None)
    return JekyllSite(source=inside.parent if inside else resolved)


def _read_config(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8-sig")
        found = parse_toml(text) if path.suffix == ".toml" else parse_yaml(text)
    except (OSError, ValueError) as error:
        cause = f"cannot be read: {' '.join(str(error).split())}"
        raise ConfigError(str(path), cause, "Mend it: the addresses hang on it.") from None
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}


def _make_site(root: Path, settings: Mapping[str, Any]) -> JekyllSite:
    url, path = (
        read_words(settings.get("url")).rstrip("/"),
        read_words(settings.get("baseurl")).strip("/"),
    )
    source = root / read_words(settings.get("source"))
    baseurl = f"/{path}" if path else ""
    known = {
        f"site.{key}": read_words(value) for key, value in settings.items() if read_words(value)
    }
    return JekyllSite(
        source=source.resolve(),
        base=f"{url}{baseurl}/" if url.startswith(("http://", "https://")) else "",
        title=read_words(settings.get("title")) or read_words(settings.get("name")),
        language=_find_language(settings),
        timezone=read_words(settings.get("timezone")),
        permalink=_find_permalink(settings),
        separator=read_words(settings.get("excerpt_separator")),
        defaults=_read_defaults(settings.get("defaults")),
        excluded=(*_EXCLUDED, *_read_texts(settings.get("exclude"))),
        values={**known, "site.url": url, "site.baseurl": baseurl},
    )


def _find_language(settings: Mapping[str, Any]) -> str:
    """Return the language, which has no key of Jekyll's own: plugins and themes read these."""
    keys = (read_words(settings.get(key)) for key in ("lang", "locale", "language", "default_lang"))
    return next((one for one in keys if one), "").replace("_", "-")


def _find_permalink(settings: Mapping[str, Any]) -> str:
    collections = settings.get("collections")
    posts = collections.get("posts") if isinstance(collections, dict) else None
    own = read_words(posts.get("permalink")) if isinstance(posts, dict) else ""
    given = own or read_words(settings.get("permalink")) or "date"
    return STYLES.get(given, given)


def _read_defaults(given: object) -> tuple[Mapping[str, Any], ...]:
    several = given if isinstance(given, list) else []
    return tuple(
        one for one in several if isinstance(one, dict) and isinstance(one.get("values"), dict)
    )


def _read_scope_path(table: Mapping[str, Any]) -> str:
    scope = table.get("scope")
    return str(scope.get("path") or "").strip("/") if isinstance(scope, dict) else ""


def _applies_to(table: Mapping[str, Any], path: PurePosixPath) -> bool:
    scope = table.get("scope")
    kind = scope.get("type") if isinstance(scope, dict) else None
    if kind is not None and kind not in ("posts", "post"):
        return False
    given = _read_scope_path(table)
    if "*" in given:
        return any(fnmatch(one.as_posix(), given) for one in (path, *path.parents))
    return path.as_posix().startswith(given)


def _read_texts(given: object) -> tuple[str, ...]:
    several = given if isinstance(given, list) else [given]
    return tuple(str(one).strip("/") for one in several if one)
