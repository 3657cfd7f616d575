"""What stands around a post's text in a feed and is no part of it: footers, calls, share lines.

Most of it is told without words: by its place, first or last, and because it recurs in the posts
of one blog, or because it names both post and blog ("The post X appeared first on Y", in whatever
language). A list knows the rest: the buttons of the usual services, chapter marks, hash tags.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from digest.model import Block, Document
from digest.text.text_buffer import fold_line

_EDGES = 2, 4  # blocks at the beginning and at the end that may recur
_LEAST, _SHARE = 3, 0.4
_LONGEST = 400
_ABOUT_ITSELF = 140  # characters beside the names of post and blog
_SHORTEST = 4  # letters of a title that is not found in any sentence
_NUMBERS = re.compile(r"\d+")
_BUTTON = re.compile(
    r"\W*(?:subscribe(?: now| today| here)?|share(?: this(?: post)?)?|leave a comment"
    r"|(?:\d+ )?comments?|read (?:more|on|the full (?:post|story|article))|sign up(?: now)?"
    r"|continue reading\b.{0,80}|upgrade to paid|refer a friend|give a gift(?: subscription)?"
    r"|get the app|(?:view|read) (?:in|online)\b.{0,40}|tweet(?: this)?|like this:?|share this:"
    r"|related:?|chapters:?|weiterlesen|(?:jetzt )?abonnieren|teilen|mehr lesen"
    r"|lire (?:la suite|plus)|s[’']abonner|abonnez-vous|partager"
    r"|leer más|seguir leyendo|suscr[ií]b(?:ete|irse)|compartir"
    r"|(?:立即|現在|现在)?(?:訂閱|订阅)|分享|(?:繼續|继续)(?:閱讀|阅读)"
    r"|(?:閱讀|阅读)(?:全文|更多|原文)|続きを読む|購読(?:する)?|共有(?:する)?|シェア"
    r"|계속 읽기|더 ?보기|구독(?:하기)?|공유(?:하기)?)\W*\Z",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"(?:thanks? (?:you )?for reading|danke fürs lesen|merci d[’']avoir lu|gracias por leer"
    r"|感謝(?:您的|你的)?(?:閱讀|收看)|感谢(?:您的|你的)?阅读|お?読みいただ|읽어 ?주셔서)"
    r"|\b(?:is a reader-supported publication|forwarded this (?:email|message)\?)"
    r"|\A\W*(?:to receive new posts and support"
    r"|(?:subscribe|follow (?:us|me)|訂閱|订阅|abonn|suscr[ií]b|購読|구독).{0,60}https?://)",
    re.IGNORECASE,
)
# What WordPress' SEO plugins set under a post, in the languages they speak; a name stands beside.
_FIRST = re.compile(
    r"appeared first|first appeared|originally published|最早(?:出現|發佈|發表|出现|发布)"
    r"|最先(?:出现|出現)"
    r"|最初に表示|erschien zuerst|apparu en premier|(?:publicó|apareció|aparece) primero"
    r"|apareceu primeiro|proviene da|sembra essere il primo|verscheen eerst|pochodzi z serwisu"
    r"|появил\w{1,6} сначала|впервые появил|dök först upp|(?:처음|먼저) (?:등장|게시)|ilk önce",
    re.IGNORECASE,
)
_MARKS = re.compile(r"\(?\d{1,2}:\d\d(?::\d\d)?\)?\s|(?:[#＃][^\s#＃]+\s*)+\Z")
_NOTHING = re.compile(r"no (?:content|description|release notes)(?: provided)?\.?\Z", re.IGNORECASE)
_TAIL = re.compile(r"\s{1,9}submitted by\s{1,9}/?u/\S{1,99}\s{1,9}\[link\]\s{1,9}\[comments\]\Z")


@dataclass(slots=True)
class Surroundings:
    """What is known of a blog's surroundings: its name, and what recurs in its posts."""

    blog: str = ""
    refrains: set[str] = field(default_factory=set)

    def learn(self, blog: str, documents: Sequence[tuple[Document, str]]) -> None:
        """Note what begins or ends many of *documents* of the blog, each with its title."""
        self.blog = blog
        counts: Counter[str] = Counter()
        for document, title in documents:
            head, tail = _EDGES
            edges = {*document.blocks[:head], *document.blocks[-tail:]}
            counts.update({_normal(document.of(block), title, blog) for block in edges})
        enough = max(_LEAST, _SHARE * sum(bool(document.blocks) for document, _ in documents))
        self.refrains.update(form for form, count in counts.items() if count >= enough)


def trim(document: Document, title: str, around: Surroundings) -> Document:
    """Return *document* without what stands around its text; as it is where nothing else is left.

    A text that only says that there is none goes.
    """
    said = [document.of(block) for block in document.blocks]
    if len(said) == 1 and _NOTHING.match(said[0]):
        return replace(document, text="", blocks=())
    first, last = 0, len(said)
    while last > first and _is_around(said[last - 1], title, around):
        last -= 1
    while first < last and _is_around(said[first], title, around):
        first += 1
    if first == last:
        return document
    end = document.blocks[last - 1].end
    if found := _TAIL.search(said[last - 1]):
        end -= len(found[0])
    return _slice(document, document.blocks[first:last], end)


def _is_around(said: str, title: str, around: Surroundings) -> bool:
    blog = around.blog
    if len(said) > _LONGEST + len(title) + len(blog):
        return False
    if _BUTTON.match(said) or _CALL.search(said) or _MARKS.match(said):
        return True
    line = fold_line(said)
    about_post = len(title) >= _SHORTEST and title in line
    names_both = bool(blog) and blog != title and blog in line
    if about_post and (names_both or _FIRST.search(line)):
        return len(line) <= len(title) + _ABOUT_ITSELF
    return _normal(said, title, blog) in around.refrains


def _normal(said: str, title: str, blog: str) -> str:
    line = fold_line(said)
    for name in (title, blog):
        line = line.replace(name, "\0") if name else line
    return _NUMBERS.sub("0", line).casefold()


def _slice(document: Document, blocks: tuple[Block, ...], end: int) -> Document:
    """Return *document* with *blocks*, neighbours of each other, alone; its text ends at *end*."""
    start = blocks[0].start
    if (start, end) == (0, len(document.text)):
        return document
    moved = tuple(
        replace(
            block,
            start=block.start - start,
            end=min(block.end, end) - start,
            strong=tuple((a - start, min(b, end) - start) for a, b in block.strong if a < end),
        )
        for block in blocks
    )
    return replace(document, text=document.text[start:end], blocks=moved)
