"""The tags of Liquid (Jekyll) and Nunjucks (Hexo) in posts: each becomes what a reader sees of it.

A generator runs its tags before it reads the Markdown. What they would draw by a script, a
template or a plugin of the site's own is left out; what they enclose stays, but for code, which
stays code, and for what is no text. What an unknown tag plainly embeds (a video) stays as well.
See jekyllrb.com/docs/liquid and hexo.io/docs/tag-plugins.
"""

import re
from collections.abc import Callable, Mapping
from html import escape

from digest.text.embeds import find_media

_TAG = re.compile(r"\{%-?\s*+(/?[\w-]++)\s*+(.{0,2000}?)\s{0,99}-?%\}", re.DOTALL)
_OUTPUT = re.compile(r"\{\{-?\s*+(.{0,2000}?)\s{0,99}-?\}\}", re.DOTALL)
_EITHER = re.compile(r"\{%-?\s*(?P<name>[\w-]+)|\{\{")
_ARGUMENT = re.compile(r"""(?:([\w-]++)\s*+[=:]\s*+)?(?:"([^"]*)"|'([^']*)'|([^\s,"'=|]+))""")
_LITERAL = re.compile(r"""["']([^"']*)["']""")
_CODE = frozenset({"highlight", "codeblock", "code", "prism"})
_DROPPED = frozenset(
    {"comment", "capture", "mermaid", "chart", "echarts", "plantuml", "math", "katex", "schema"}
)
_LONGEST = 2000  # of a tag by itself: what nobody closed is none
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif|svg)\Z", re.IGNORECASE)
_FILE = re.compile(r"\.\w{3,4}(?:\?|\Z)")
_IMAGES = frozenset({"asset_img", "img", "image", "figure", "picture", "responsive_image"})

Links = Callable[[str], str]  # the name of a post or file -> its address, "" if there is none
_Arguments = Mapping[str, str]


def resolve_tags(text: str, values: Mapping[str, str], links: Links) -> str:
    """Return *text* with its tags resolved: *values* are what names in braces stand for.

    *links* finds what ``post_url``, ``link``, ``post_link`` and ``asset_path`` name.
    """
    out: list[str] = []
    at = 0
    while found := _EITHER.search(text, at):
        out.append(text[at : found.start()])
        written, at = (
            _render_tag(text, found.start(), values, links)
            if found["name"]
            else _render_output(text, found.start(), values)
        )
        out.append(written)
    out.append(text[at:])
    return "".join(out)


def _render_tag(text: str, start: int, values: Mapping[str, str], links: Links) -> tuple[str, int]:
    """Return what the tag at *start* shows, and where it ends."""
    is_closed = text.find("%}", start, start + _LONGEST) >= 0
    found = _TAG.match(text, start, start + _LONGEST) if is_closed else None
    if found is None:
        line = text.find("\n", start)
        return "", line if line >= 0 else len(text)
    name, given, end = found[1].lower(), found[2], found.end()
    if name in ("raw", "verbatim"):
        return _find_enclosed_text(text, end, name)
    if name in _CODE:
        inner, after = _find_enclosed_text(text, end, name)
        return f"\n\n<pre><code>{escape(inner.strip(chr(10)))}</code></pre>\n\n", after
    if name in _DROPPED:
        return "", _find_enclosed_text(text, end, name)[1]
    if name == "blockquote" or name == "quote":
        inner, after = _find_enclosed_text(text, end, name)
        return _render_quotation(inner, given), after
    if name == "pullquote":
        return "", _find_enclosed_text(text, end, name)[1]  # it repeats what the text says
    return _render_inline_tag(name, given, values, links), end


def _render_inline_tag(name: str, given: str, values: Mapping[str, str], links: Links) -> str:
    arguments = _parse_arguments(given)
    first = arguments.get("0", "")
    match name:
        case "post_url" | "link" | "asset_path" | "post_path":
            return links(given.strip("\"' ")) or "#"
        case "post_link" | "asset_link":
            several = (v for k, v in arguments.items() if k.isdigit() and k != "0")
            words = " ".join(v for v in several if v not in ("true", "false"))
            return f'<a href="{escape(links(first))}">{escape(words or first)}</a>'
        case "link_to" | "url_for":
            return first
        case "youtube":
            return _render_frame("https://www.youtube.com/embed/", arguments.get("id") or first)
        case "vimeo":
            return _render_frame("https://vimeo.com/", arguments.get("id") or first)
        case "iframe":
            return f'<iframe src="{escape(first)}"></iframe>'
        case _ if name in _IMAGES:
            return _render_image(arguments, links)
        case "include" | "include_relative":
            return _render_include(arguments, values)
    found = next((v for v in arguments.values() if find_media(v) is not None), "")
    return f'<iframe src="{escape(found)}"></iframe>' if found else ""


def _render_frame(base: str, name: str) -> str:
    address = name if name.startswith("http") else base + name
    return f'<iframe src="{escape(address)}"></iframe>' if name else ""


def _render_image(arguments: _Arguments, links: Links) -> str:
    """Return the picture that an image tag names: the first word that ends as files do."""
    several = [*arguments.values()]
    place = next((at for at, v in enumerate(several) if _FILE.search(v)), len(several))
    source = several[place] if place < len(several) else ""
    words = (v for v in several[place + 1 :] if not v.isdigit())
    alt = arguments.get("alt") or " ".join(words)
    address = source if source.startswith(("http", "/")) else links(source) or source
    return f'<img src="{escape(address)}" alt="{escape(alt)}">' if source else ""


def _render_include(arguments: _Arguments, values: Mapping[str, str]) -> str:
    """Return what an include plainly embeds or shows: a video, a picture with its caption."""
    named = {k: v for k, v in arguments.items() if not k.isdigit()}
    file = arguments.get("0", "").lower()
    name = next((named[k] for k in ("id", "video", "youtubeid", "video_id") if named.get(k)), "")
    if "youtube" in file and name:
        return _render_frame("https://www.youtube.com/embed/", name)
    if found := next((v for v in named.values() if find_media(v) is not None), ""):
        return f'<iframe src="{escape(found)}"></iframe>'
    source = next((v for v in named.values() if _PICTURE.search(v)), "")
    if not source:
        return ""
    address = source if source.startswith("http") else values.get("site.baseurl", "") + source
    return f'<img src="{escape(address)}" alt="{escape(named.get("alt", ""))}">'


def _render_quotation(inner: str, given: str) -> str:
    """Return the quotation of a block with its speaker, as Hexo writes them: "Name, Source url"."""
    speaker = re.sub(r"https?://\S+", "", given).strip("\"' ").partition(",")[0].strip()
    said = "\n".join(f"> {line}" for line in inner.strip().splitlines())
    return f"\n\n{said}\n{f'>{chr(10)}> — {speaker}{chr(10)}' if speaker else ''}\n\n"


def _render_output(text: str, start: int, values: Mapping[str, str]) -> tuple[str, int]:
    """Return what ``{{ ... }}`` at *start* stands for, "" for what only the site knows."""
    is_closed = text.find("}}", start, start + _LONGEST) >= 0
    found = _OUTPUT.match(text, start, start + _LONGEST) if is_closed else None
    if found is None:
        return "{{", start + 2
    term, *filters = (part.strip() for part in found[1].split("|"))
    literal = _LITERAL.fullmatch(term)
    value = literal[1] if literal else values.get(term, "")
    for one in filters:
        name, _, given = one.partition(":")
        argument = _LITERAL.fullmatch(given.strip())
        other = argument[1] if argument else values.get(given.strip(), "")
        match name.strip():
            case "relative_url":
                value = values.get("site.baseurl", "") + _make_rooted_path(value)
            case "absolute_url":
                value = (
                    values.get("site.url", "")
                    + values.get("site.baseurl", "")
                    + _make_rooted_path(value)
                )
            case "prepend":
                value = other + value
            case "append":
                value += other
            case "default":
                value = value or other
    return value, found.end()


def _make_rooted_path(path: str) -> str:
    return path if path.startswith("/") or not path else f"/{path}"


def _parse_arguments(given: str) -> dict[str, str]:
    """Return named arguments by name and the others by "0", "1", ..."""
    out: dict[str, str] = {}
    position = 0
    for name, double, single, bare in _ARGUMENT.findall(given):
        if name:
            out[name.lower()] = double or single or bare
        else:
            out[str(position)] = double or single or bare
            position += 1
    return out


def _find_enclosed_text(text: str, at: int, name: str) -> tuple[str, int]:
    """Return what stands between *at* and the end of the tag *name*, and where that ends.

    A tag that nobody closes encloses all that follows, as the generators refuse such a page.
    """
    closing = re.compile(rf"\{{%-?\s*end{re.escape(name)}\s*-?%\}}")
    found = closing.search(text, at)
    return (text[at : found.start()], found.end()) if found else (text[at:], len(text))
