"""What a link points at: a video, an episode, a post on X; and the one form each is kept in."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from digest.model import Media, MediaKind

_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|mc_[ce]id|igshid|igsh|yclid|twclid"
    r"|_hsenc|_hsmi|vero_id|ref_src|ref_url|spm|oly_\w+_id)\Z",
    re.IGNORECASE,
)
_NO_HOST = re.compile(r"""[\s\x00-\x20"%<>\\^`{|}]""")
_AUDIO = (".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav", ".flac", ".aac")
_VIDEO = (".mp4", ".m4v", ".webm", ".mov", ".ogv")
_YOUTUBE_PATH = re.compile(r"/(?:embed|shorts|live|v|e)/([\w-]{6,20})")
_YOUTUBE_ID = re.compile(r"[\w-]{6,20}\Z")
_SPOTIFY = re.compile(
    r"/(?:intl-[\w-]+/)?(?:embed(?:-podcast)?/)?(episode|show|track|album|playlist)/(\w+)"
)
_APPLE = re.compile(r"/(?:[a-z]{2}/)?podcast(?:/([^/]+))?/(id\d+)")
_STATUS = re.compile(r"/(?:#!/)?(\w+)(?:/web)?/status(?:es)?/(\d+)")
_VIMEO = re.compile(r"/(?:video/|channels/\w+/|groups/\w+/videos/)?(\d{5,})")


def find_media(url: str, title: str = "") -> Media | None:
    """Return what *url* lets a reader watch or hear, in its canonical form; None for other pages.

    A channel, a profile or a home page of such a service is not something to watch: None.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    query = dict(parse_qsl(parts.query))
    if host in _SERVICES:
        kind, read = _SERVICES[host]
        found = read(parts.path, query)
        return _make_media(kind, found, title) if found else None
    path = parts.path.lower()
    if path.endswith(_AUDIO):
        return Media(kind="audio", url=canonicalize_url(url), title=title)
    return (
        Media(kind="video", url=canonicalize_url(url), title=title)
        if path.endswith(_VIDEO)
        else None
    )


def resolve_url(url: str, base: str = "") -> str:
    """Return *url* against *base* where a reader can follow it, "" where not: http(s) and a host.

    A user name or password in it goes: it is nobody's business, or hides where the link leads.
    """
    try:
        whole = urljoin(base, url.strip()) if url.strip() else ""
        parts = urlsplit(whole)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or _NO_HOST.search(host):
        return ""
    bare = parts.netloc.rpartition("@")[2]
    return whole if bare == parts.netloc else parts._replace(netloc=bare).geturl()


def untracked(url: str) -> str:
    """Return *url* without the parameters by which clicks are counted; all else stays as it is."""
    head, mark, rest = url.partition("?")
    if not mark:
        return url
    query, hash_mark, anchor = rest.partition("#")
    parts = [p for p in query.split("&") if p and not _TRACKING.match(p.partition("=")[0])]
    if len(parts) == query.count("&") + 1:
        return url
    return head + ("?" + "&".join(parts) if parts else "") + hash_mark + anchor


def canonicalize_url(url: str) -> str:
    """Return *url* in the one form in which the same page, video or episode is always written.

    The host in lower case, no default port, fragment or tracking parameter; a video or episode
    by ``find_media``'s form; "" for what is not an http(s) URL.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    known = find_media(url) if parts.hostname.removeprefix("www.") in _SERVICES else None
    if known is not None:
        return known.url
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = port is None or port == (443 if parts.scheme == "https" else 80)
    query = [
        (k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k)
    ]
    return (
        f"{parts.scheme}://{host}{'' if default else f':{port}'}{parts.path or '/'}"
        f"{'?' + urlencode(query) if query else ''}"
    )


def _make_media(kind: MediaKind, url: str, title: str) -> Media:
    thumbnail = ""
    if kind == "youtube" and "?v=" in url:
        thumbnail = f"https://i.ytimg.com/vi/{url.rpartition('=')[2]}/hqdefault.jpg"
    return Media(kind=kind, url=url, title=title, thumbnail=thumbnail)


def _canonicalize_youtube(path: str, query: dict[str, str]) -> str:
    if path.startswith("/playlist") or path == "/embed/videoseries":
        return f"https://www.youtube.com/playlist?list={query['list']}" if "list" in query else ""
    inside = _YOUTUBE_PATH.match(path)
    name = query.get("v", "") if path == "/watch" else inside[1] if inside else ""
    return f"https://www.youtube.com/watch?v={name}" if _YOUTUBE_ID.match(name) else ""


def _canonicalize_youtu_be(path: str, _query: dict[str, str]) -> str:
    return _canonicalize_youtube("/watch", {"v": path.strip("/")})


def _canonicalize_spotify(path: str, _query: dict[str, str]) -> str:
    found = _SPOTIFY.match(path)
    return f"https://open.spotify.com/{found[1]}/{found[2]}" if found else ""


def _canonicalize_apple(path: str, query: dict[str, str]) -> str:
    """Apple serves an episode under every country and slug; ``i`` alone names it where given."""
    found = _APPLE.match(path)
    if not found:
        return ""
    if "i" in query:
        return f"https://podcasts.apple.com/us/podcast/{found[2]}?i={query['i']}"
    return f"https://podcasts.apple.com/us/podcast/{found[1] + '/' if found[1] else ''}{found[2]}"


def _canonicalize_x(path: str, query: dict[str, str]) -> str:
    found = _STATUS.match(path)
    if found:
        return f"https://x.com/{found[1]}/status/{found[2]}"
    if path.startswith("/embed/") and query.get("id", "").isdigit():
        return f"https://x.com/i/status/{query['id']}"
    return ""


def _canonicalize_vimeo(path: str, _query: dict[str, str]) -> str:
    found = _VIMEO.match(path)
    return f"https://vimeo.com/{found[1]}" if found else ""


_SERVICES: dict[str, tuple[MediaKind, Callable[[str, dict[str, str]], str]]] = {
    "youtube.com": ("youtube", _canonicalize_youtube),
    "m.youtube.com": ("youtube", _canonicalize_youtube),
    "music.youtube.com": ("youtube", _canonicalize_youtube),
    "youtube-nocookie.com": ("youtube", _canonicalize_youtube),
    "youtu.be": ("youtube", _canonicalize_youtu_be),
    "open.spotify.com": ("spotify", _canonicalize_spotify),
    "podcasts.apple.com": ("apple-podcasts", _canonicalize_apple),
    "embed.podcasts.apple.com": ("apple-podcasts", _canonicalize_apple),
    "itunes.apple.com": ("apple-podcasts", _canonicalize_apple),
    "x.com": ("x", _canonicalize_x),
    "twitter.com": ("x", _canonicalize_x),
    "mobile.twitter.com": ("x", _canonicalize_x),
    "platform.twitter.com": ("x", _canonicalize_x),
    "vimeo.com": ("vimeo", _canonicalize_vimeo),
    "player.vimeo.com": ("vimeo", _canonicalize_vimeo),
}


def find_frame_media(url: str, title: str = "") -> Media | None:
    """Return what an iframe of *url* shows; None where a reader could not follow it."""
    found = find_media(url, title)
    if found is not None:
        return found
    address = canonicalize_url(url)
    host = (urlsplit(address).hostname or "").removeprefix("www.") if address else ""
    return Media(kind="embed", url=address, title=title) if host and host not in _SERVICES else None
