"""The picture that a post's front matter names, and where it stands on the site.

A bundle's picture stands beside its page; every other counts from the site's root, as Hugo's own
templates and most themes read it (``absURL``).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import quote, urljoin

from digest.model import Image
from digest.sources import _front_matter
from digest.text.embeds import resolve_url

_KEYS = (
    "image", "images", "cover", "featured_image", "featuredimage", "featureimage",
    "feature_image", "coverimage", "cover_image", "thumbnail", "thumbnailimage", "banner", "hero",
    "header", "teaser", "img", "feature-img", "photos", "og_image", "index_img", "banner_img",
    "top_img",
)  # fmt: skip
_INNER = ("image", "src", "url", "path", "img", "teaser", "overlay_image", "og_image")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".svg")
_BUNDLED = (("*feature*",), ("*cover*", "*thumbnail*"))  # as Hugo's own templates look for them
_SAFE = "/%:?=&~+,;@!'()*#"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFolders:
    """Where the pictures of a post may lie: beside it, or under the site's root.

    ``beside`` is the folder of a post that has one of its own, at the URL ``url``; ``static`` are
    folders whose files stand at the site's ``base``. With ``is_below`` an address that begins
    with a slash counts from there as well, and not from the host.
    """

    base: str
    url: str = ""
    beside: Path | None = None
    static: tuple[Path, ...] = ()
    is_below: bool = False


def find_picture(matter: Mapping[str, object], shelf: PictureFolders) -> Image | None:
    """Return the picture that *matter* names first, or the one that its bundle is known by."""
    params = matter.get("params")
    for table in (matter, params if isinstance(params, dict) else {}):
        lowered = {str(key).lower(): value for key, value in table.items()}
        for address, alt in (
            one for key in _KEYS for one in _list_named_pictures(lowered.get(key))
        ):
            if found := _locate_picture(address, shelf):
                return Image(url=found, alt=alt)
    name = next(_find_bundled_pictures(matter, shelf.beside), "") if shelf.beside else ""
    return Image(url=_locate_picture(name, shelf)) if name else None


def _list_named_pictures(value: object) -> Iterator[tuple[str, str]]:
    """Yield the addresses that *value*, a text, a table or a list of them, gives, each with alt."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            table = {str(key).lower(): inner for key, inner in one.items()}
            alt = _front_matter.read_words(table.get("alt") or table.get("image_alt"))
            given = (_front_matter.read_words(table.get(key)) for key in _INNER)
            yield from ((address, alt) for address in given if address)
        elif isinstance(one, str) and (address := _front_matter.read_words(one)):
            yield address, ""


def _locate_picture(address: str, shelf: PictureFolders) -> str:
    """Return the URL of the picture *address*; "" where it is no address of a picture's."""
    quoted = quote(address, safe=_SAFE)
    if "://" in address or address.startswith("//"):
        return resolve_url(quoted, shelf.base)
    inside = address.removeprefix("./")
    if shelf.beside and not address.startswith("/") and (shelf.beside / inside).is_file():
        return resolve_url(quote(inside, safe=_SAFE), shelf.url)
    bare = address.lstrip("/")
    if shelf.is_below or any((folder / bare).is_file() for folder in shelf.static):
        return resolve_url(quote(bare, safe=_SAFE), shelf.base)
    return (
        resolve_url(quoted, shelf.base)
        if not address.startswith("..")
        else urljoin(shelf.url, quoted)
    )


def _find_bundled_pictures(matter: Mapping[str, object], folder: Path) -> Iterator[str]:
    """Yield the picture of a bundle that nobody names: by its title in ``resources``, or name."""
    pictures = sorted(
        path.name for path in folder.iterdir() if path.suffix.lower() in _ENDINGS and path.is_file()
    )
    titled = [
        (_front_matter.read_words(r.get("name")), _front_matter.read_words(r.get("src")))
        for r in _list_resources(matter)
    ]
    for patterns in _BUNDLED:
        for name, source in titled:
            if _matches_any(name, patterns):
                yield from (picture for picture in pictures if fnmatch(picture, source))
        yield from (picture for picture in pictures if _matches_any(picture, patterns))


def _list_resources(matter: Mapping[str, object]) -> Iterable[Mapping[str, object]]:
    several = matter.get("resources")
    return [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []


def _matches_any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name.lower(), pattern) for pattern in patterns)
