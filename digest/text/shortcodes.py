"""Hugo shortcodes in Markdown: each becomes the HTML it stands for, or nothing.

Hugo replaces shortcodes by placeholders before it reads the Markdown and puts their HTML in
afterwards (gohugo.io/content-management/shortcodes); so do we, so that a shortcode never changes
how the text around it is read.
"""

import re
from collections.abc import Callable
from html import escape

from digest.text.embeds import media
from digest.text.line import FORMULA

_ARGUMENT = re.compile(
    r'(?:([\w-]++)\s*+=\s*+)?(?:"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)|`([^`]*)(?:`|\Z)|([^\s"`=]++))'
)
_PLACEHOLDER = re.compile("hugoxshortcode(\\d+)x")
_COMMENT = re.compile(r"\s*/\*(.*)\*/\s*", re.DOTALL)
_OPENS = re.compile(r"\{\{[<%]")
_EDGE = re.compile(r"\{\{[<%]|[>%]\}\}")
_SILENT = frozenset(
    {"mermaid", "chart", "echarts", "plantuml", "math", "katex", "raw", "css", "style", "script"}
)

_FORMULAS = frozenset({"math", "katex"})

Arguments = dict[str, str]


def lift(text: str) -> tuple[str, list[str]]:
    """Return *text* with every shortcode replaced by a placeholder, and the HTML of each.

    Paired shortcodes keep what they enclose, save code (kept as code) and what only a script
    can draw (dropped). A commented shortcode stays as the words it shows. Linear in *text*.
    """
    out: list[str] = []
    made: list[str] = []
    at = 0
    unclosed: set[str] = set()
    while (found := _next(text, at)) is not None:
        start, end, name, closing, arguments = found
        out.append(text[at:start])
        at = end
        if not closing and (name in _SILENT or name == "highlight"):
            inner, at = ("", end) if name in unclosed else _enclosed(text, end, name)
            if at == end:  # nobody closes it further on either
                unclosed.add(name)
            html = (
                f"<pre><code>{escape(inner.strip(chr(10)))}</code></pre>"
                if name == "highlight"
                else FORMULA
                if name in _FORMULAS
                else ""
            )
        elif name.startswith("/*"):
            html = escape(arguments.get("0", ""))
        else:
            html = "" if closing else _html(name, arguments)
        if _inside_attribute(text, start):
            out.append("#")
        else:
            out.append(f"hugoxshortcode{len(made)}x")
            made.append(html)
    out.append(text[at:])
    return "".join(out), made


def lower(html: str, made: list[str]) -> str:
    """Return *html* with the placeholders of ``lift`` replaced by the HTML they stand for."""
    if not made:
        return html
    return _PLACEHOLDER.sub(lambda m: made[int(m[1])] if int(m[1]) < len(made) else m[0], html)


def _next(text: str, at: int) -> tuple[int, int, str, bool, Arguments] | None:
    """Return start, end, name, whether it closes, and arguments of the next shortcode."""
    opened = _OPENS.search(text, at)
    if opened is None:
        return None
    start, mark = opened.start(), opened[0][-1]
    edge = _EDGE.search(text, opened.end())
    if edge is None or edge[0].startswith("{"):
        return start, _cut_off(text, opened.end(), edge), "", True, {}
    inside = text[opened.end() : edge.start()]
    if comment := _COMMENT.fullmatch(inside):
        shown = f"{{{{{mark}{comment[1]}{'>' if mark == '<' else '%'}}}}}"
        return start, edge.end(), "/*", False, {"0": shown}
    name, _, rest = inside.strip().rstrip("/").partition(" ")
    closing = name.startswith("/")
    name, newline, more = name.lstrip("/").partition("\n")
    return (
        start,
        edge.end(),
        name.lower() or rest.strip().lower(),
        closing,
        _arguments(more + newline + rest),
    )


def _cut_off(text: str, at: int, following: re.Match[str] | None) -> int:
    """Return where a shortcode that nobody closed ends: with its line, or at the *following* one.

    Hugo refuses to build such a page; a reader has no use for the beginning of a command.
    """
    stop = following.start() if following else len(text)
    line = text.find("\n", at, stop)
    return line if line >= 0 else stop


def _arguments(text: str) -> Arguments:
    """Return named arguments by name and positional ones by "0", "1", ..."""
    out: Arguments = {}
    position = 0
    for name, quoted, raw, bare in _ARGUMENT.findall(text):
        value = (quoted.replace('\\"', '"') or raw or bare).strip()
        if name:
            out[name.lower()] = value
        else:
            out[str(position)] = value
            position += 1
    return out


def _enclosed(text: str, at: int, name: str) -> tuple[str, int]:
    """Return what stands between *at* and the closing shortcode *name*, and where that ends."""
    closing = re.compile(r"\{\{[<%]\s*/\s*" + re.escape(name) + r"\s*[>%]\}\}").search(text, at)
    return (text[at : closing.start()], closing.end()) if closing else ("", at)


def _inside_attribute(text: str, start: int) -> bool:
    return text[max(0, start - 2) : start] == "](" or text[max(0, start - 1) : start] in (
        '"',
        "'",
        "=",
        "<",
    )


def _html(name: str, a: Arguments) -> str:
    return _KNOWN[name](a) if name in _KNOWN else _any(a)


def _first(a: Arguments, *names: str) -> str:
    return next((a[n] for n in names if a.get(n)), "")


def _frame(base: str, *names: str) -> Callable[[Arguments], str]:
    def made(a: Arguments) -> str:
        value = _first(a, *names, "0", "src", "url")
        url = value if value.startswith("http") else base + value.lstrip("/")
        return (
            f'<iframe src="{escape(url)}" title="{escape(a.get("title", ""))}"></iframe>'
            if value
            else ""
        )

    return made


def _spotify(a: Arguments) -> str:
    if a.get("type") and a.get("id"):
        return _frame("https://open.spotify.com/", "path")({**a, "path": f"{a['type']}/{a['id']}"})
    if a.get("0") in ("episode", "track", "show", "playlist", "album") and a.get("1"):
        return _frame("https://open.spotify.com/")({"0": f"{a['0']}/{a['1']}"})
    return _frame("https://open.spotify.com/", "id")(a)


def _x(a: Arguments) -> str:
    number = _first(a, "id", "1", "0")
    user = a.get("user") or (a.get("0", "") if "1" in a else "") or "i"
    return _frame("https://x.com/", "path")(
        {"path": number if "/" in number else f"{user}/status/{number}"}
    )


def _figure(a: Arguments) -> str:
    source = _first(a, "src", "0", "link")
    size = "".join(f' {k}="{escape(a[k])}"' for k in ("width", "height") if k in a)
    caption = _first(a, "caption", "title", "attr")
    image = (
        f'<img src="{escape(source)}" alt="{escape(_first(a, "alt", "caption", "title"))}"{size}>'
    )
    if not source:
        return ""
    from digest.text.markdown import render

    return f"<figure>{image}<figcaption>{render(caption)}</figcaption></figure>"


def _sound(a: Arguments) -> str:
    source = _first(a, "src", "url", "file", "0")
    return f'<audio src="{escape(source)}"></audio>' if source else ""


def _film(a: Arguments) -> str:
    source = _first(a, "src", "url", "file", "mp4", "0")
    return f'<video src="{escape(source)}"></video>' if source else ""


def _any(a: Arguments) -> str:
    """An unknown shortcode keeps what it plainly embeds, nothing else."""
    found = next((v for v in a.values() if media(v) is not None), "")
    return (
        f'<iframe src="{escape(found)}" title="{escape(a.get("title", ""))}"></iframe>'
        if found
        else ""
    )


_APPLE = _frame("https://podcasts.apple.com/", "id")
_YOUTUBE = _frame("https://www.youtube.com/embed/", "id")
_KNOWN: dict[str, Callable[[Arguments], str]] = {
    "youtube": _YOUTUBE,
    "youtube-lite": _YOUTUBE,
    "youtubelite": _YOUTUBE,
    "vimeo": _frame("https://vimeo.com/", "id"),
    "bilibili": _frame("https://www.bilibili.com/video/", "id", "bv"),
    "soundcloud": _frame("https://soundcloud.com/", "id"),
    "spotify": _spotify,
    "apple-podcast": _APPLE,
    "apple-podcasts": _APPLE,
    "applepodcast": _APPLE,
    "applepodcasts": _APPLE,
    "x": _x,
    "tweet": _x,
    "twitter": _x,
    "figure": _figure,
    "image": _figure,
    "img": _figure,
    "audio": _sound,
    "video": _film,
    "ref": lambda _a: "",
    "relref": lambda _a: "",
}
