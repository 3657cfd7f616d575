"""What comes from a feed, made fit to print: text without control characters, links that are links.

Pure, standard library only. Escaping is the templates' business; this module drops what no
output may hold at all.

Words between quotation marks that nobody said: what an edit made of a quotation. Pure.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from digest.model import Image, Issue, Story
from digest.text.domain_names import ascii_host
from digest.text.quotation_marks import find_pairs
from digest.text.text_buffer import clean_text
from digest.text.tokens import split_units

_LINE_BREAKS = re.compile(r"[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]+")
_BIDI = "\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c"
_NONCHARACTERS = "".join(
    chr((plane << 16) + last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U0010ffff"
_UNPRINTABLE = re.compile(
    rf"[\x00-\x1f\x7f-\x9f{_BIDI}\ufdd0-\ufdef\ufeff\ud800-\udfff{_PRIVATE}{_NONCHARACTERS}]"
)
_BLANK = (
    " \u00a0\u00ad\u200b\u200c\u200d\u2060\u3000"  # what takes room, or none, and shows nothing
)
_MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED = re.compile(rf"({_MARKS}{{3}}){_MARKS}+")
_SPACES = re.compile(r" {2,}")
_URL_UNSAFE = re.compile(r"""[\s"'<>\\^`{|}\x00-\x20\x7f-\x9f]""")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_TRACKERS = re.compile(
    r"(?:^|[./])(?:pixel|beacon|track(?:ing|er)?|open|spacer|blank|1x1)\.(?:gif|png|php)$"
    r"|feedburner\.com/~(?:r|ff)/|doubleclick\.net/|google-analytics\.com/|/wf/open\b"
    r"|stats\.wordpress\.com/|pixel\.wp\.com/",
    re.IGNORECASE,
)
MIN_IMAGE_WIDTH = 120


def clean_line(text: str) -> str:
    """Return *text* on one line, NFC, without control, bidi-override and private characters.

    Such characters reorder or break what surrounds them; a title has no need of them, nor of more
    than three accents on one letter.
    """
    joined = _UNPRINTABLE.sub("", _LINE_BREAKS.sub(" ", unicodedata.normalize("NFC", text)))
    joined = _PILED.sub(r"\1", joined)
    return _SPACES.sub(" ", joined).strip(_BLANK)


def clip_text(text: str, limit: int) -> str:
    """Return *text* cut to *limit* characters at a word or punctuation mark, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if text[limit - 1].isalnum() and head[-1].isalnum() and head[-1].isascii():
        head = head.rpartition(" ")[0] or head
    return head.rstrip(" ,;:，、；：（「『《〈([“‘") + "…"


@lru_cache(maxsize=4096)  # an editor's every word asks again for the same links
def clean_link(url: str) -> str:
    """Return *url* as an absolute http(s) URL in ASCII, or "" where it is none."""
    url = _LINE_BREAKS.sub("", url).strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host or len(url) > 2000:
        return ""
    netloc = _encode_host(parts.netloc)
    if not netloc:
        return ""
    rest = tuple(_quote_part(part) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme.lower(), netloc, *rest))


def add_utm_parameters(url: str, utm: Mapping[str, str]) -> str:
    """Return *url* with the ``utm_*`` parameters it does not carry yet."""
    if not utm or not url:
        return url
    parts = urlsplit(url)
    has = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    missing = urlencode({name: value for name, value in utm.items() if name not in has})
    query = "&".join(part for part in (parts.query, missing) if part)
    return urlunsplit(parts._replace(query=query))


def clean_picture(image: Image | None, *, carried: bool = False) -> Image | None:
    """Return *image* cleaned where a mail may show it, else None.

    It must be no tracker, at least ``MIN_IMAGE_WIDTH`` CSS pixels wide where its size is known, and
    on https (a client blocks or warns about anything else) unless it is *carried* from elsewhere.
    """
    if image is None:
        return None
    url = clean_link(image.url)
    small = any(side is not None and side < MIN_IMAGE_WIDTH for side in (image.width, image.height))
    if (
        not (url if carried else url.startswith("https://"))
        or small
        or _TRACKERS.search(url.partition("?")[0])
    ):
        return None
    return Image(url=url, alt=clean_line(image.alt), width=image.width, height=image.height)


def find_passage_language(text: str, declared: str, around: str) -> str:
    """Return the BCP 47 tag for *text* where it is not in the language *around* it, else "".

    A declared language is believed unless the script contradicts it: no Han or kana in what is
    said to be Chinese or Japanese, Han in what is said to be English.
    """
    tag = _correct_by_script(text, declared or around)
    return "" if _find_primary_tag(tag) == _find_primary_tag(around) else tag


def _correct_by_script(text: str, tag: str) -> str:
    primary = _find_primary_tag(tag)
    if primary in ("zh", "ja"):
        return "en" if not _CJK.search(text) and len(_LATIN.findall(text)) > 1 else tag
    if primary == "en" and len(_CJK.findall(text)) > 3:
        return "ja" if len(_KANA.findall(text)) > len(text) / 10 else "zh-Hant"
    return tag


def _find_primary_tag(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()


def _quote_part(part: str) -> str:
    ascii_only = "".join(c if c.isascii() else _percent_encode(c) for c in part)
    return _PERCENT.sub("%25", _URL_UNSAFE.sub(lambda m: _percent_encode(m[0]), ascii_only))


def _percent_encode(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def _encode_host(netloc: str) -> str:
    userinfo, _, host = netloc.rpartition("@")
    if userinfo or _URL_UNSAFE.search(host):
        return ""
    try:
        return ascii_host(host)
    except ValueError:
        return ""


LEAST = 5  # units, Han characters or words; fewer are a term, a name, a wink
_OPEN_END = "，,、；;：:— "


def list_quotable_texts(issue: Issue) -> tuple[str, ...]:
    """Return the texts that may be quoted in *issue*, folded: of its posts, and every title."""
    stories = tuple(issue.stories)
    titles = (post.title for story in stories for post in (story.post, *story.pick.siblings))
    also = (link.title for link in issue.also)
    own = (text for story in stories for text in (*_read_story_texts(story), story.reading.summary))
    return tuple(dict.fromkeys(map(_fold_text, (issue.edition.title, *titles, *also, *own))))


def list_story_texts(story: Story) -> tuple[str, ...]:
    """Return the texts that may be quoted in the summary of *story*, folded."""
    return tuple(map(_fold_text, _read_story_texts(story)))


def _read_story_texts(story: Story) -> tuple[str, ...]:
    return story.post.document.text, story.post.title, story.post.abstract


def find_altered_quotes(text: str, texts: Sequence[str]) -> Iterator[str]:
    """Yield the quotations of *text*, of five units or more, in none of the folded *texts*.

    White space, and characters that cannot be seen, make no difference, nor does the comma that
    leads on to "he said".
    """
    for pair in find_pairs(text, 0, len(text)):
        if pair.kind != "quote" or pair.depth or not pair.closed:
            continue
        words = text[pair.open + 1 : pair.close]
        said = _fold_text(words).rstrip(_OPEN_END)
        if len(split_units(words)) >= LEAST and not any(said in one for one in texts):
            yield words


def _fold_text(text: str) -> str:
    return "".join(clean_text(text).split())
