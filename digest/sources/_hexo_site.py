"""A Hexo site: its configuration, and the files of its posts (hexo.io/docs/configuration)."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from digest.model.errors import ConfigError
from digest.sources._front_matter import read_words
from digest.sources._hexo_links import HexoRules
from digest.text.notation import parse_yaml

CONFIGURATIONS = ("_config.yml", "_config.yaml")
READ = (".md", ".markdown", ".mkd", ".mkdn", ".mdwn", ".mdtxt", ".mdtext", ".html", ".htm")
UNREAD = (".adoc", ".asciidoc", ".org", ".rst", ".pug", ".jade", ".ejs", ".swig", ".njk", ".mdx")
_LEVELS = 6
_SEGMENTS = {"year": r"(?P<year>\d{4})", "month": r"(?P<month>\d{2})", "day": r"(?P<day>\d{2})",
             "i_month": r"(?P<month>\d{1,2})", "i_day": r"(?P<day>\d{1,2})",
             "title": r"(?P<title>.+?)"}  # fmt: skip
_TOKEN = re.compile(r":(\w*[^_\W])")


@dataclass(frozen=True, slots=True, kw_only=True)
class HexoSite:
    """A Hexo project; "" for what nobody says.

    ``source`` is the folder that holds ``_posts``, ``new_name`` the pattern of its files' names,
    and ``future`` tells that posts are shown before their date.
    """

    source: Path
    title: str = ""
    language: str = ""
    timezone: str = ""
    links: HexoRules = field(default_factory=lambda: HexoRules(base=""))
    new_name: str = ":title.md"

    def post_files(self, folder: Path, endings: tuple[str, ...] = READ) -> Iterator[Path]:
        """Yield the files of posts that lie in *folder*; hidden ones are none."""
        if self.links.assets and endings is READ:  # what ends otherwise belongs to a post
            endings = (PurePosixPath(self.new_name).suffix,)
        inner, whole = folder.resolve(), self.source / "_posts"
        for where, folders, names in os.walk(inner if inner.is_relative_to(whole) else whole):
            folders[:] = sorted(f for f in folders if not f.startswith(("_", ".")))
            yield from (
                Path(where, name)
                for name in sorted(names)
                if name.lower().endswith(endings) and not name.startswith(("_", "."))
            )

    def parse_name(self, path: PurePosixPath) -> Mapping[str, str]:
        """Return what the name of the post at *path*, below ``_posts``, tells: title and date."""
        pattern = _TOKEN.sub(
            lambda found: _SEGMENTS.get(found[1], "(?:.+?)"),
            re.escape(str(PurePosixPath(self.new_name).with_suffix(""))),
        )
        stem = path.with_suffix("").as_posix()
        try:
            found = re.fullmatch(pattern, stem)
        except re.error:  # a token that stands twice
            found = None
        named = {k: v for k, v in found.groupdict().items() if v} if found else {}
        return {"title": stem, **named}


def find_hexo(folder: Path) -> HexoSite:
    """Return the Hexo site that *folder* is of; one without settings where nothing tells them."""
    resolved = folder.resolve()
    for root in [resolved, *resolved.parents][:_LEVELS]:
        path = next((root / n for n in CONFIGURATIONS if (root / n).is_file()), None)
        if path is not None:
            return _make_site(root, _read_config(path))
    inside = next((f for f in (resolved, *resolved.parents) if f.name == "_posts"), None)
    return HexoSite(source=inside.parent if inside else resolved)


def _read_config(path: Path) -> Mapping[str, Any]:
    try:
        found = parse_yaml(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        cause = f"cannot be read: {' '.join(str(error).split())}"
        raise ConfigError(str(path), cause, "Mend it: the addresses hang on it.") from None
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}


def _make_site(root: Path, settings: Mapping[str, Any]) -> HexoSite:
    url = _with_plain_host(read_words(settings.get("url")).rstrip("/"))
    pretty = settings.get("pretty_urls")
    pretty = pretty if isinstance(pretty, dict) else {}
    language = settings.get("language")
    case = settings.get("filename_case")
    return HexoSite(
        source=(root / (read_words(settings.get("source_dir")) or "source")).resolve(),
        title=read_words(settings.get("title")),
        language=read_words(language[0] if isinstance(language, list) and language else language),
        timezone=read_words(settings.get("timezone")),
        new_name=read_words(settings.get("new_post_name")) or ":title.md",
        links=HexoRules(
            base=url if url.startswith(("http://", "https://")) else "",
            permalink=read_words(settings.get("permalink")) or HexoRules(base="").permalink,
            defaults=_read_texts(settings.get("permalink_defaults")),
            categories=_read_texts(settings.get("category_map")),
            category=read_words(settings.get("default_category")) or "uncategorized",
            case=case if isinstance(case, int) else 0,
            assets=settings.get("post_asset_folder") is True,
            index=pretty.get("trailing_index") is not False,
            html=pretty.get("trailing_html") is not False,
        ),
    )


def _with_plain_host(url: str) -> str:
    """Return *url* with its host in lower case, as browsers write it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower()))


def _read_texts(table: object) -> Mapping[str, str]:
    pairs = table.items() if isinstance(table, dict) else ()
    return {str(key): read_words(value) for key, value in pairs if read_words(value)}
