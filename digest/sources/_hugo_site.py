"""A Hugo site: one language of a project, with all that its configuration says of its pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from digest.sources import _dates
from digest.sources._hugo_cascade import Cascade, read_cascades
from digest.sources._hugo_config import HugoProject, HugoSettings, find_project, merge_settings
from digest.sources._hugo_dates import DateRules, read_date_keys
from digest.sources._hugo_page import LinkRules, read_permalinks
from digest.text.language import find_closest_language
from digest.text.text_buffer import fold_line

NOWHERE = "https://example.invalid/"
_DEFAULT = "en"
_TOP = PurePosixPath()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFolder:
    """A folder of content and where below the site's content it stands.

    Its files are of ``language``, "" where the name of each tells ("post.fr.md").
    """

    folder: Path
    at: PurePosixPath = _TOP
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HugoSite:
    """One language of a Hugo project; "" for what nobody says.

    ``base`` is its URL with a slash at its end, ``language`` a BCP 47 tag, ``code`` what the
    project calls it and ``codes`` what it calls all it has, ``fallback`` the code of files whose
    name has none. ``root`` is the folder that guids count from. ``main`` are the sections that
    the project calls its main ones, ``static`` the folders whose files stand at ``base``.
    """

    base: str = ""
    title: str = ""
    language: str = ""
    timezone: str = ""
    code: str = _DEFAULT
    codes: frozenset[str] = frozenset()
    fallback: str = _DEFAULT
    root: Path = Path()
    contents: tuple[ContentFolder, ...] = ()
    links: LinkRules = field(default_factory=lambda: LinkRules(base=NOWHERE))
    dates: DateRules = field(default_factory=lambda: DateRules(zone=UTC))
    cascades: tuple[Cascade, ...] = ()
    main: tuple[str, ...] = ()
    static: tuple[Path, ...] = ()

    def under(self, *, base: str, timezone: str, language: str) -> "HugoSite":
        """Return the site with what somebody said of it in place of its own; "" changes nothing."""
        base = make_base_url(base) or self.base
        timezone = timezone or self.timezone
        return replace(
            self,
            base=base,
            timezone=timezone,
            language=language or self.language,
            links=replace(self.links, base=base or NOWHERE),
            dates=replace(self.dates, zone=_dates.find_zone(timezone)),
        )


def find_sites(folder: Path, language: str = "") -> list[HugoSite]:
    """Return the sites that *folder* holds content of, one a language, the one to read first.

    That is the one in *language*, else the project's default where the folder has it. There is
    none where no configuration of Hugo is above.
    """
    resolved = folder.resolve()
    project = find_project(resolved)
    sites = _build_sites(project) if project else []
    near = [
        site for site in sites if any(_paths_overlap(c.folder, resolved) for c in site.contents)
    ]
    tags = {site.language or site.code: site for site in near}
    wanted = next((site for site in near if site.code == language.lower()), None)
    if wanted := wanted or tags.get(find_closest_language(language, tags)):
        return [wanted]
    return sorted(near, key=lambda site: site.code != site.fallback)


def make_bare_site(folder: Path) -> HugoSite:
    """Return the site of a *folder* without a configuration: its content is what is called so."""
    folder = folder.resolve()
    root = next((f for f in (folder, *folder.parents) if f.name == "content"), None)
    content = ContentFolder(folder=root or folder, at=PurePosixPath("" if root else "posts"))
    return HugoSite(root=root or folder, contents=(content,))


def _paths_overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _build_sites(project: HugoProject) -> list[HugoSite]:
    """Return a site for each language of *project*, in the order of their weights."""
    languages = _list_languages(project.settings)
    default = str(project.settings.get("defaultcontentlanguage") or _DEFAULT).lower()
    fallback = default if default in languages else next(iter(languages), default)
    contents = _list_content_folders(project, languages)
    return [_build_site(project, code, own, fallback, contents) for code, own in languages.items()]


def _list_languages(settings: HugoSettings) -> dict[str, HugoSettings]:
    """Return the settings of each language, laid over those of the project."""
    tables = settings.get("languages")
    disabled = {str(code).lower() for code in _make_list(settings.get("disablelanguages"))}
    known = {
        code: table if isinstance(table, dict) else {}
        for code, table in (tables if isinstance(tables, dict) else {}).items()
    }
    known = known or {str(settings.get("defaultcontentlanguage") or _DEFAULT).lower(): {}}
    out: dict[str, HugoSettings] = {}
    for code in sorted(known, key=lambda code: (_read_weight(known[code]), code)):
        if code in disabled or known[code].get("disabled") is True:
            continue
        whole: HugoSettings = {}
        own = known[code]
        kept = ((key, value) for key, value in settings.items() if key not in own)
        merge_settings(whole, dict(kept, params=settings.get("params") or {}))
        merge_settings(whole, own)
        out[code] = whole
    return out


def _list_language_codes(settings: HugoSettings) -> frozenset[str]:
    """Return the codes by which the names of files tell their language."""
    tables = settings.get("languages")
    return frozenset(tables) if isinstance(tables, dict) else frozenset()


def _read_weight(table: Mapping[str, object]) -> float:
    weight = table.get("weight")
    return weight if isinstance(weight, int | float) and weight else float("inf")


def _build_site(
    project: HugoProject,
    code: str,
    settings: HugoSettings,
    fallback: str,
    contents: tuple[ContentFolder, ...],
) -> HugoSite:
    def said(*keys: str) -> str:
        return next((fold_line(settings[k]) for k in keys if isinstance(settings.get(k), str)), "")

    base, zone = make_base_url(said("baseurl")), said("timezone")
    is_multilingual = isinstance(project.settings.get("languages"), dict)
    named = said("locale", "languagecode")
    if not named and (is_multilingual or "defaultcontentlanguage" in project.settings):
        named = code
    ugly = settings.get("uglyurls")
    own = tuple(content for content in contents if content.language in ("", code))
    return HugoSite(
        base=base,
        title=said("title"),
        language=named,
        timezone=zone,
        code=code,
        codes=_list_language_codes(project.settings),
        fallback=fallback,
        root=_find_content_root(project, own),
        contents=own,
        links=LinkRules(
            base=base or NOWHERE,
            prefix=_find_prefix(project.settings, code, fallback),
            language=code,
            permalinks=read_permalinks(settings.get("permalinks")),
            ugly=frozenset(k for k, v in ugly.items() if v)
            if isinstance(ugly, dict)
            else bool(ugly),
            keep_case=settings.get("disablepathtolower") is True,
            drop_accents=settings.get("removepathaccents") is True,
        ),
        dates=DateRules(
            zone=_dates.find_zone(zone), keys=read_date_keys(settings.get("frontmatter"))
        ),
        cascades=read_cascades(settings.get("cascade")),
        main=_list_main_sections(settings),
        static=_list_static_folders(project),
    )


def _find_prefix(settings: HugoSettings, code: str, fallback: str) -> str:
    """Return the folder in which the pages of the language *code* stand."""
    tables = settings.get("languages")
    own = [t for t in tables.values() if isinstance(t, dict)] if isinstance(tables, dict) else []
    if any("baseurl" in table for table in own):
        return ""  # each language has a host
    in_folder = settings.get("defaultcontentlanguageinsubdir") is True
    return code if in_folder or code != fallback else ""


def _list_main_sections(settings: HugoSettings) -> tuple[str, ...]:
    params = settings.get("params")
    own = settings.get("mainsections")
    given = own or (params.get("mainsections") if isinstance(params, dict) else None)
    return tuple(str(one).lower() for one in _make_list(given))


def _list_content_folders(
    project: HugoProject, languages: Mapping[str, HugoSettings]
) -> tuple[ContentFolder, ...]:
    """Return the folders of content: those that are mounted, else each language's own."""
    module = project.settings.get("module")
    mounts = module.get("mounts") if isinstance(module, dict) else None
    mounted = tuple(_list_mounted_folders(project.root, mounts if isinstance(mounts, list) else []))
    if mounted:
        return mounted
    folders: dict[Path, list[str]] = {}
    for code, settings in languages.items():
        given = settings.get("contentdir")
        folder = project.root / (given if isinstance(given, str) else "content")
        folders.setdefault(folder, []).append(code)
    return tuple(
        ContentFolder(folder=folder, language=codes[0] if len(codes) == 1 else "")
        for folder, codes in folders.items()
    )


def _list_mounted_folders(root: Path, mounts: Iterable[Any]) -> Iterable[ContentFolder]:
    for mount in mounts:
        if not isinstance(mount, dict):
            continue
        target = PurePosixPath(str(mount.get("target") or ""))
        if target.parts[:1] != ("content",):
            continue
        sites = mount.get("sites")
        matrix = sites.get("matrix") if isinstance(sites, dict) else None
        several = _make_list(
            matrix.get("languages") if isinstance(matrix, dict) else mount.get("lang")
        )
        yield ContentFolder(
            folder=root / str(mount.get("source") or ""),
            at=PurePosixPath(*target.parts[1:]),
            language=str(several[0]).lower() if len(several) == 1 else "",
        )


def _find_content_root(project: HugoProject, contents: Iterable[ContentFolder]) -> Path:
    usual = project.root / "content"
    return usual if all(c.folder.is_relative_to(usual) for c in contents) else project.root


def _list_static_folders(project: HugoProject) -> tuple[Path, ...]:
    given = _make_list(project.settings.get("staticdir")) or ["static"]
    return tuple(project.root / str(one) for one in given)


def _make_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value] if value else []


def make_base_url(url: str) -> str:
    """Return *url* as a base: absolute and with a slash at its end; "" if it is no http(s) URL."""
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        return ""
    return url if url.endswith("/") else url + "/"
