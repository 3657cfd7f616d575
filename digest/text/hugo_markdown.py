"""Markdown as sites show it, with Hugo's shortcodes.

Hugo shortcodes in Markdown: each becomes the HTML it stands for, or nothing.

Hugo replaces shortcodes by placeholders before it reads the Markdown and puts their HTML in
afterwards (gohugo.io/content-management/shortcodes); so do we, so that a shortcode never changes
how the text around it is read.

Markdown as sites show it: CommonMark with what Goldmark and kramdown add to it.

Tables, strikethrough, footnotes, definition and task lists, emoji by name, marked, raised and
lowered words; attributes of blocks go, and so do footnotes and alerts (``> [!NOTE]``), which
stand beside the text. A formula has no words: ``FORMULA`` stands in its place, so that no
sentence is read over the hole.
"""

import re
from collections.abc import Callable
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from digest.text.embeds import find_media
from digest.text.text_buffer import FORMULA

_ATTRIBUTE = r"""(?:[.#][\w:-]+|[\w:-]+=(?:"[^"]*"|'[^']*'|[^\s{}"']+))"""
_ATTRIBUTES = rf"\{{:?\s*{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*\s*\}}"
_AT_END = re.compile(rf"(?<!\s)\s*+{_ATTRIBUTES}\s*\Z")
_AT_START = re.compile(rf"\A{_ATTRIBUTES}")
_ALERT = re.compile(r"\[!\w+\][+-]?(?=\s|\Z)")
_LOST_NOTE = re.compile(r"(?<![ \t])[ \t]*+\[\^[^\]\s]{1,40}\]")
_MARKED = re.compile(r"(?<![A-Za-z0-9=])==(?=[^\s=])(.{1,200}?)(?<=[^\s=])==(?![A-Za-z0-9=])")
_RAISED = re.compile(r"(?<=\w)([~^])([\w+\-]{1,12})\1")
_EMOJI = re.compile(r"(?<![A-Za-z0-9:/]):[a-z0-9_+\-]+:(?![A-Za-z0-9:/])")
_TEX = re.compile(r"[\\^_{}=<>+*/|]|\A\s*\w\s*\Z")
_DOLLARS = re.compile(r"\$(?![\s$])((?=[^$\n]*[\\^_{}])[^$\n]*+)(?<!\s)\$(?![0-9$])")
_SURE = {"$$": re.compile(""), "\\)": _TEX, "\\]": re.compile(r"[\\^_{}=]")}  # \[1\] is text
_LONGEST, _MOST_LINES = 2000, 200  # of a formula: what nobody closed is none, and costs little
_PAIRS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}


def render_commonmark(text: str) -> str:
    """Return the HTML of Markdown *text*; raw HTML in it is kept for the walk to judge."""
    parser = _make_parser()
    tokens = _drop_footnotes(parser.parse(text))
    for place, token in enumerate(tokens):
        if token.type == "inline" and token.children:
            if tokens[place - 2].type == "blockquote_open" and _ALERT.match(token.content):
                _mark_as_aside(tokens, place - 2)
            _clean_tokens(token.children)
    return str(parser.renderer.render(tokens, parser.options, {}))


@cache
def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(deflist_plugin).use(tasklists_plugin)
    parser.inline.ruler.before("escape", "formula", _parse_inline_formula)
    parser.block.ruler.before("fence", "formulas", _skip_block_formula, {"alt": ["paragraph"]})
    # A link is judged by the walk, which keeps its words; refused here it would stay as marks.
    parser.validateLink = _accept_link  # type: ignore[method-assign]  # its documented way
    return parser


def _accept_link(url: str) -> bool:  # noqa: ARG001 - markdown-it names and passes it
    return True


def _drop_footnotes(tokens: list[Token]) -> list[Token]:
    """Return *tokens* without the footnotes that stand below the text."""
    end = next((at for at, token in enumerate(tokens) if token.type == "footnote_block_open"), None)
    return tokens[:end]


def _mark_as_aside(tokens: list[Token], start: int) -> None:
    """Make the block quote that begins at *start*, an alert, what it is: an aside."""
    opened = tokens[start]
    opened.tag = "aside"
    for token in tokens[start:]:
        if token.type == "blockquote_close" and token.level == opened.level:
            token.tag = "aside"
            return


def _clean_tokens(children: list[Token]) -> None:
    """Take from the texts of one block what is no text, and write what its marks mean."""
    for place, token in enumerate(children):
        if token.type != "text":
            continue
        before = children[place - 1] if place else None
        if before is not None and before.type not in ("text", "softbreak", "hardbreak"):
            token.content = _AT_START.sub("", token.content, count=1)
        if place == len(children) - 1 or children[place + 1].type in ("softbreak", "hardbreak"):
            token.content = _AT_END.sub("", token.content)
        token.content = _clean_markup(token.content)


def _clean_markup(text: str) -> str:
    if "[^" in text:
        text = _LOST_NOTE.sub("", text)
    if "==" in text:
        text = _MARKED.sub(r"\1", text)
    if "~" in text or "^" in text:
        text = _RAISED.sub(r"\2", text)
    if _EMOJI.search(text):
        from emoji import emojize

        text = _EMOJI.sub(lambda found: emojize(found[0], language="alias"), text)
    return text


def _parse_inline_formula(state: StateInline, silent: bool) -> bool:
    r"""Read ``\(x^2\)``, ``\[...\]``, ``$$...$$`` or ``$x^2$`` as a formula."""
    source, at = state.src, state.pos
    closing = _PAIRS.get(source[at : at + 2])
    if closing:
        end = source.find(closing, at + 2, at + _LONGEST)
        inner = source[at + 2 : end] if end > 0 else ""
        if not inner.strip() or not _SURE[closing].search(inner):
            return False
        end += 2
    elif found := _DOLLARS.match(source, at):
        end = found.end()
    else:
        return False
    if not silent:
        state.push("text", "", 0).content = FORMULA
    state.pos = end
    return True


def _skip_block_formula(state: StateBlock, start: int, last: int, silent: bool) -> bool:
    """Leave out the lines of a formula that stands by itself."""
    first = _read_line(state, start)
    closing = _PAIRS.get(first[:2])
    if closing not in ("$$", "\\]") or state.is_code_block(start):
        return False
    for number in range(start, min(last, start + _MOST_LINES)):
        said = _read_line(state, number)
        if said.endswith(closing) and (number > start or len(said) > len(closing) + 2):
            state.line = number if silent else number + 1
            return True
        if not said and number > start and closing == "\\]":
            return False
    return False


def _read_line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].strip()


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


def extract_shortcodes(text: str) -> tuple[str, list[str]]:
    """Return *text* with every shortcode replaced by a placeholder, and the HTML of each.

    Paired shortcodes keep what they enclose, save code (kept as code) and what only a script
    can draw (dropped). A commented shortcode stays as the words it shows. Linear in *text*.
    """
    out: list[str] = []
    made: list[str] = []
    at = 0
    unclosed: set[str] = set()
    while (found := _find_shortcode(text, at)) is not None:
        start, end, name, closing, arguments = found
        out.append(text[at:start])
        at = end
        if not closing and (name in _SILENT or name == "highlight"):
            inner, at = ("", end) if name in unclosed else _find_enclosed_text(text, end, name)
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
            html = "" if closing else _render_shortcode(name, arguments)
        if _is_in_attribute(text, start):
            out.append("#")
        else:
            out.append(f"hugoxshortcode{len(made)}x")
            made.append(html)
    out.append(text[at:])
    return "".join(out), made


def insert_shortcodes(html: str, made: list[str]) -> str:
    """Return *html* with the HTML that the placeholders of ``extract_shortcodes`` stand for."""
    if not made:
        return html
    return _PLACEHOLDER.sub(lambda m: made[int(m[1])] if int(m[1]) < len(made) else m[0], html)


def _find_shortcode(text: str, at: int) -> tuple[int, int, str, bool, Arguments] | None:
    """Return start, end, name, whether it closes, and arguments of the next shortcode."""
    opened = _OPENS.search(text, at)
    if opened is None:
        return None
    start, mark = opened.start(), opened[0][-1]
    edge = _EDGE.search(text, opened.end())
    if edge is None or edge[0].startswith("{"):
        return start, _find_unclosed_end(text, opened.end(), edge), "", True, {}
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
        _parse_arguments(more + newline + rest),
    )


def _find_unclosed_end(text: str, at: int, following: re.Match[str] | None) -> int:
    """Return where a shortcode that nobody closed ends: with its line, or at the *following* one.

    Hugo refuses to build such a page; a reader has no use for the beginning of a command.
    """
    stop = following.start() if following else len(text)
    line = text.find("\n", at, stop)
    return line if line >= 0 else stop


def _parse_arguments(text: str) -> Arguments:
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


def _find_enclosed_text(text: str, at: int, name: str) -> tuple[str, int]:
    """Return what stands between *at* and the closing shortcode *name*, and where that ends."""
    closing = re.compile(r"\{\{[<%]\s*/\s*" + re.escape(name) + r"\s*[>%]\}\}").search(text, at)
    return (text[at : closing.start()], closing.end()) if closing else ("", at)


def _is_in_attribute(text: str, start: int) -> bool:
    return text[max(0, start - 2) : start] == "](" or text[max(0, start - 1) : start] in (
        '"',
        "'",
        "=",
        "<",
    )


def _render_shortcode(name: str, a: Arguments) -> str:
    return _KNOWN[name](a) if name in _KNOWN else _render_unknown(a)


def _find_argument(a: Arguments, *names: str) -> str:
    return next((a[n] for n in names if a.get(n)), "")


def _make_frame_renderer(base: str, *names: str) -> Callable[[Arguments], str]:
    def made(a: Arguments) -> str:
        value = _find_argument(a, *names, "0", "src", "url")
        url = value if value.startswith("http") else base + value.lstrip("/")
        return (
            f'<iframe src="{escape(url)}" title="{escape(a.get("title", ""))}"></iframe>'
            if value
            else ""
        )

    return made


def _render_spotify(a: Arguments) -> str:
    if a.get("type") and a.get("id"):
        return _make_frame_renderer("https://open.spotify.com/", "path")(
            {**a, "path": f"{a['type']}/{a['id']}"}
        )
    if a.get("0") in ("episode", "track", "show", "playlist", "album") and a.get("1"):
        return _make_frame_renderer("https://open.spotify.com/")({"0": f"{a['0']}/{a['1']}"})
    return _make_frame_renderer("https://open.spotify.com/", "id")(a)


def _render_x_post(a: Arguments) -> str:
    number = _find_argument(a, "id", "1", "0")
    user = a.get("user") or (a.get("0", "") if "1" in a else "") or "i"
    return _make_frame_renderer("https://x.com/", "path")(
        {"path": number if "/" in number else f"{user}/status/{number}"}
    )


def _render_figure(a: Arguments) -> str:
    source = _find_argument(a, "src", "0", "link")
    size = "".join(f' {k}="{escape(a[k])}"' for k in ("width", "height") if k in a)
    caption = _find_argument(a, "caption", "title", "attr")
    alt = escape(_find_argument(a, "alt", "caption", "title"))
    image = f'<img src="{escape(source)}" alt="{alt}"{size}>'
    if not source:
        return ""

    return f"<figure>{image}<figcaption>{render_commonmark(caption)}</figcaption></figure>"


def _render_audio(a: Arguments) -> str:
    source = _find_argument(a, "src", "url", "file", "0")
    return f'<audio src="{escape(source)}"></audio>' if source else ""


def _render_video(a: Arguments) -> str:
    source = _find_argument(a, "src", "url", "file", "mp4", "0")
    return f'<video src="{escape(source)}"></video>' if source else ""


def _render_unknown(a: Arguments) -> str:
    """An unknown shortcode keeps what it plainly embeds, nothing else."""
    found = next((v for v in a.values() if find_media(v) is not None), "")
    return (
        f'<iframe src="{escape(found)}" title="{escape(a.get("title", ""))}"></iframe>'
        if found
        else ""
    )


_APPLE = _make_frame_renderer("https://podcasts.apple.com/", "id")
_YOUTUBE = _make_frame_renderer("https://www.youtube.com/embed/", "id")
_KNOWN: dict[str, Callable[[Arguments], str]] = {
    "youtube": _YOUTUBE,
    "youtube-lite": _YOUTUBE,
    "youtubelite": _YOUTUBE,
    "vimeo": _make_frame_renderer("https://vimeo.com/", "id"),
    "bilibili": _make_frame_renderer("https://www.bilibili.com/video/", "id", "bv"),
    "soundcloud": _make_frame_renderer("https://soundcloud.com/", "id"),
    "spotify": _render_spotify,
    "apple-podcast": _APPLE,
    "apple-podcasts": _APPLE,
    "applepodcast": _APPLE,
    "applepodcasts": _APPLE,
    "x": _render_x_post,
    "tweet": _render_x_post,
    "twitter": _render_x_post,
    "figure": _render_figure,
    "image": _render_figure,
    "img": _render_figure,
    "audio": _render_audio,
    "video": _render_video,
    "ref": lambda _a: "",
    "relref": lambda _a: "",
}
