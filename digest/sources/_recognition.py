"""Which generator makes a site of a folder: told by the files that only that one needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from digest.model.errors import ConfigError
from digest.sources._hugo_config import find_project
from digest.text.notation import parse_json, parse_toml

_LEVELS = 6
_CONFIGURATIONS = ("_config.yml", "_config.yaml", "_config.toml")
_READ = frozenset({"Hugo", "Jekyll", "Hexo"})
_SCRIPTS = ("js", "cjs", "mjs", "ts", "cts", "mts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """A generator by its name, the folder of its project, and the file that tells it."""

    generator: str
    root: Path
    evidence: str


# What nobody but the generator needs, and where its feed usually stands.
_OTHERS: dict[str, tuple[tuple[str, ...], str]] = {
    "Astro": (tuple(f"astro.config.{end}" for end in _SCRIPTS), "/rss.xml"),
    "Eleventy": ((".eleventy.js", *(f"eleventy.config.{end}" for end in _SCRIPTS)), "/feed.xml"),
    "Zola": (("zola.toml",), "/atom.xml"),
    "Pelican": (("pelicanconf.py",), "/feeds/all.atom.xml"),
    "Gatsby": (tuple(f"gatsby-config.{end}" for end in _SCRIPTS), "/rss.xml"),
    "Next.js": (tuple(f"next.config.{end}" for end in _SCRIPTS), "/feed.xml"),
    "Nuxt": (tuple(f"nuxt.config.{end}" for end in _SCRIPTS), "/feed.xml"),
    "Docusaurus": (tuple(f"docusaurus.config.{end}" for end in _SCRIPTS), "/blog/rss.xml"),
    "VitePress": ((".vitepress",), "/feed.rss"),
    "VuePress": ((".vuepress",), "/rss.xml"),
    "SvelteKit": (tuple(f"svelte.config.{end}" for end in _SCRIPTS), "/rss.xml"),
    "Quartz": (("quartz.config.ts",), "/index.xml"),
    "MkDocs": (("mkdocs.yml", "mkdocs.yaml"), "/feed_rss_created.xml"),
    "Nikola": (("nikola.py",), "/rss.xml"),
    "Middleman": (("config.rb",), "/feed.xml"),
    "Bridgetown": (("bridgetown.config.yml",), "/feed.xml"),
    "Lume": (("_config.ts",), "/feed.xml"),
    "Gridsome": (("gridsome.config.js",), "/rss.xml"),
    "Cobalt": (("_cobalt.yml",), "/rss.xml"),
    "Lektor": (("*.lektorproject",), "/blog/feed.xml"),
    "mdBook": (("book.toml",), ""),
}
_PACKAGES = {
    "astro": "Astro", "@11ty/eleventy": "Eleventy", "gatsby": "Gatsby", "next": "Next.js",
    "nuxt": "Nuxt", "@docusaurus/core": "Docusaurus", "vitepress": "VitePress",
    "vuepress": "VuePress", "@sveltejs/kit": "SvelteKit", "gridsome": "Gridsome",
}  # fmt: skip


def recognize_generator(folder: Path) -> Recognition | None:
    """Return the generator of the project that *folder* is of, the nearest above; None if none."""
    resolved = folder.resolve()
    for root in [resolved, *resolved.parents][:_LEVELS]:
        if found := next(_recognize_by_files(root), None):
            return found
    return None


def kind_of(folder: Path) -> str:
    """Return the kind of source that reads *folder*; ConfigError where none has its rules.

    A folder of Markdown that nothing tells more of is read as Hugo's, one with MDX is not.
    """
    found = recognize_generator(folder)
    if found is None:
        if next(folder.rglob("*.mdx"), None):
            raise _make_unknown_error(folder, "a generator that reads MDX", "")
        return "hugo"
    if found.generator not in _READ:
        raise _make_unknown_error(
            folder, f"{found.generator} ({found.evidence})", _OTHERS[found.generator][1]
        )
    return found.generator.lower()


def _make_unknown_error(folder: Path, generator: str, feed: str) -> ConfigError:
    cause = f"is a folder of {generator}, whose addresses its files do not tell"
    where = f", often at {feed}" if feed else ""
    remedy = f"Give the site's feed{where}: digest draft --feed URL, or digest init URL."
    return ConfigError(str(folder), cause, remedy)


def _recognize_by_files(root: Path) -> Iterator[Recognition]:
    """Yield what the files in *root* tell, the surest first."""
    config = next((name for name in _CONFIGURATIONS if (root / name).is_file()), "")
    if config:
        generator = "Hexo" if _is_hexo(root) else "Jekyll"
        yield Recognition(generator=generator, root=root, evidence=config)
    for name, (files, _) in _OTHERS.items():
        for pattern in files:
            if next(root.glob(pattern), None):
                yield Recognition(generator=name, root=root, evidence=pattern)
    for package in sorted(_PACKAGES.keys() & _list_packages(root)):
        yield Recognition(generator=_PACKAGES[package], root=root, evidence="package.json")
    if _is_zola(root / "config.toml"):
        yield Recognition(generator="Zola", root=root, evidence="config.toml")
    project = find_project(root)
    if project and project.root == root:
        yield Recognition(generator="Hugo", root=root, evidence="its configuration")
    if root.name == "_posts" and not any(
        (root.parent / name).is_file() for name in _CONFIGURATIONS
    ):
        yield Recognition(generator="Jekyll", root=root.parent, evidence="_posts")


def _is_hexo(root: Path) -> bool:
    return (root / "source" / "_posts").is_dir() or "hexo" in _list_packages(root)


def _list_packages(root: Path) -> frozenset[str]:
    """Return the packages that a project in JavaScript needs."""
    try:
        package = parse_json((root / "package.json").read_text("utf-8"))
    except (OSError, ValueError):
        return frozenset()
    table = package if isinstance(package, dict) else {}
    needs = (table.get(key) for key in ("dependencies", "devDependencies"))
    return frozenset(name for one in needs if isinstance(one, dict) for name in one)


def _is_zola(config: Path) -> bool:
    """Tell whether *config*, which Hugo's may be called like, is Zola's."""
    try:
        found = parse_toml(config.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return "base_url" in found and "baseURL" not in found
