"""What the address of a Hugo page depends on: of the page itself, and of the configuration."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Permalink:
    """One pattern: for pages whose path below the content folder the glob ``path`` matches."""

    pattern: str
    path: str = ""
    kind: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRules:
    """What a site's configuration says of addresses; ``prefix`` is the language's folder."""

    base: str
    prefix: str = ""
    language: str = ""
    permalinks: tuple[Permalink, ...] = ()
    ugly: bool | frozenset[str] = False
    keep_case: bool = False
    drop_accents: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAddress:
    """What a page's address depends on.

    ``path`` is that of its file below the content folder, without the suffixes of format and
    language: ``posts/first``, for a bundle that of its folder. ``filename`` is the name of the
    file (of the bundle's folder) without them. ``folders`` are the folders it lies in as addresses
    name them, ``sections`` those that are sections, both from the outermost on.
    """

    path: PurePosixPath
    filename: str
    is_bundle: bool = False
    title: str = ""
    slug: str = ""
    url: str = ""
    date: datetime | None = None
    folders: tuple[str, ...] = ()
    sections: tuple["ContentSection", ...] = ()

    @property
    def way(self) -> tuple[str, ...]:
        """Return the folders of the innermost section, the outermost first."""
        return self.sections[-1].names if self.sections else ()

    @property
    def section(self) -> str:
        """Return the name of the first section, "" for a page that lies in none."""
        return self.way[0] if self.way else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentSection:
    """A section: its folder below the content, its name, and what its own page is called by."""

    path: PurePosixPath
    name: str
    title: str = ""
    slug: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the folders that lead to it, as Hugo keeps them."""
        return tuple(part.lower().replace(" ", "-") for part in self.path.parts)


def make_logical_path(path: PurePosixPath) -> str:
    """Return the path by which Hugo knows a page: "/posts/my-first", in lower case."""
    return "/" + path.as_posix().lower().replace(" ", "-").strip("/.")


@cache
def compile_glob(pattern: str) -> re.Pattern[str]:
    """Return what matches as *pattern* does in Hugo: ``*`` within a folder, ``**`` across."""
    out = ""
    depth = 0
    for piece in re.findall(r"\*\*|\\.|\[!?[^\]]*\]|.", pattern.lower(), re.DOTALL):
        match piece:
            case "**":
                out += ".*"
            case "*":
                out += "[^/]*"
            case "?":
                out += "[^/]"
            case "{":
                depth, out = depth + 1, out + "(?:"
            case "}" if depth:
                depth, out = depth - 1, out + ")"
            case "," if depth:
                out += "|"
            case _ if piece[0] == "[" and len(piece) > 2:
                out += piece.replace("[!", "[^", 1)
            case _:
                out += re.escape(piece.lstrip("\\") or piece)
    return re.compile(out + ")" * depth + r"\Z", re.DOTALL)


def read_permalinks(settings: object) -> tuple[Permalink, ...]:
    """Return the patterns of the ``permalinks`` of a configuration, in every form they have."""
    if isinstance(settings, list):
        return tuple(_read_permalink_table(one) for one in settings if isinstance(one, dict))
    out: list[Permalink] = []
    for key, value in settings.items() if isinstance(settings, dict) else ():
        if isinstance(value, str):
            out.append(Permalink(pattern=value, path=_make_section_glob(key), kind="page"))
        elif isinstance(value, dict):
            out += (
                Permalink(pattern=pattern, path=_make_section_glob(section), kind=key)
                for section, pattern in value.items()
                if isinstance(pattern, str)
            )
    return tuple(sorted(out, key=lambda one: -len(one.path)))


def _make_section_glob(section: str) -> str:
    name = section.strip(" /")
    return f"/{{{name},{name}/**}}" if name else "/*"


def _read_permalink_table(table: Mapping[str, object]) -> Permalink:
    target = table.get("target")
    target = target if isinstance(target, dict) else {}
    sites = target.get("sites")
    matrix = sites.get("matrix") if isinstance(sites, dict) else None
    several = matrix.get("languages") if isinstance(matrix, dict) else None
    return Permalink(
        pattern=str(table.get("pattern") or ""),
        path=str(target.get("path") or ""),
        kind=str(target.get("kind") or ""),
        languages=tuple(str(one) for one in several) if isinstance(several, list) else (),
    )
