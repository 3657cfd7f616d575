r"""The addresses of a Hugo site's pages, by the rules of Hugo itself.

A page's address is its front matter's ``url``, else the pattern that ``permalinks`` has for it,
else its place below the content folder with ``slug`` for its name. All but a ``url`` is put in
lower case and keeps letters, digits and ``. / \ _ # + ~ - @``, white space as hyphens. See
gohugo.io/content-management/urls and gohugo.io/configuration/permalinks.
"""

from posixpath import join, normpath
from urllib.parse import unquote_plus

from digest.sources._hugo_page import (
    LinkRules,
    PageAddress,
    Permalink,
    compile_glob,
    make_logical_path,
)
from digest.sources._hugo_tokens import escape_path, expand_pattern, lower_text, sanitize_path


def build_address(page: PageAddress, rules: LinkRules) -> str:
    """Return the address of *page*; UnknownTokenError where it has a token that Hugo lacks."""
    if page.url:
        return rules.base + _build_given_path(page, rules).lstrip("/")
    pattern = next((p.pattern for p in rules.permalinks if _matches_page(p, page, rules)), "")
    is_ugly = rules.ugly if isinstance(rules.ugly, bool) else page.section in rules.ugly
    is_index = page.slug == "index" and not page.is_bundle
    if pattern:
        parts = [normpath(unquote_plus(expand_pattern(pattern, page, rules)))]
        if is_index and not is_ugly:
            parts = [parts[0].removesuffix("index")]
    else:
        name = page.slug or _spell_name(page.path.name, rules)
        if is_index or (is_ugly and name == "index"):  # the page is its folder's own
            name, is_ugly = "", False
        parts = [*(_spell_name(folder, rules) for folder in page.folders), name]
    if is_ugly and parts[-1].strip("/"):
        parts[-1] = parts[-1].rstrip("/") + ".html"
    plain = (sanitize_path(part, rules).strip("/") for part in parts)
    link = "/".join(part for part in (rules.prefix, *plain) if part not in ("", "."))
    return rules.base + escape_path(f"{link}{'' if is_ugly or not link else '/'}")


def _spell_name(name: str, rules: LinkRules) -> str:
    """Return the *name* of a file or folder as it stands in an address: each space a hyphen."""
    return name if rules.keep_case else lower_text(name).replace(" ", "-")


def _build_given_path(page: PageAddress, rules: LinkRules) -> str:
    """Return the path that the front matter's ``url`` means, which nobody sanitizes."""
    url = page.url
    if ":" in url:
        url = unquote_plus(expand_pattern(url, page, rules)) or url
    prefix = ""
    if not url.startswith("/") and rules.prefix and not url.startswith(f"/{rules.prefix}"):
        prefix = f"/{rules.prefix}"
    if ".." in url:
        url = normpath(join("/", url)) + ("/" if url.endswith("/") else "")
    is_file = "." in url and not url.endswith("/")
    inside = "/".join(part for part in url.split("/") if part)
    if is_file and f"/{inside}".endswith("/index.html"):
        inside, is_file = inside.removesuffix("index.html").rstrip("/"), False
    link = f"{prefix}/{inside}" + ("" if is_file or not inside else "/")
    return escape_path(link, whole=True)


def _matches_page(permalink: Permalink, page: PageAddress, rules: LinkRules) -> bool:
    if permalink.languages and not any(
        compile_glob(one).match(rules.language) for one in permalink.languages
    ):
        return False
    if permalink.kind and not compile_glob(permalink.kind).match("page"):
        return False
    return not permalink.path or bool(
        compile_glob(permalink.path).match(make_logical_path(page.path))
    )
