"""What of a story can stand by itself in a thread: statements of somebody named, and points.

Nothing that asks, goes on from what was said before it, or points to what a reader does not see.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from digest.model import Issue, PullQuote, Quote, Story
from digest.text.line import fold
from digest.text.pullquotes import displayable

QUOTE_CHARS = range(12, 141)
BEST = 8  # of the quotations of a story, best first; what comes after them is not worth a part
HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")  # kana too
_WORD = re.compile(r"[^\W\d_\u2e80-\uffff]{4,}")
_ALREADY_SAID = 0.7
_OPEN_END = "，,、；;：:— "
_GOES_ON = re.compile(
    r"但|而且|不過|不过|所以|因為|因为|因此|然後|然后|可是|於是|于是|而是|还有|還有"
    r"|(?:and|but|so|because|or|then|also)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    rf"{_GOES_ON.pattern}|[他她它牠這那这此其]|同[時时樣样]|另外|此外|例如"
    r"|(?:he|she|it|they|this|that|these|those|his|her|its|their|such|for example)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"「[^」]*(?:」|\Z)|『[^』]*(?:』|\Z)|“[^”]*(?:”|\Z)|\"[^\"]*\"")
_PRONOUN = re.compile(
    r"(?<!其)[他她牠](?!人|處|处|國|国|方|們自己)|\b(?:he|she|his|hers?|him)\b", re.IGNORECASE
)
_PERSON = re.compile(
    r"[A-Z][a-z]+ [A-Z][a-z]+"
    r"|(?:[師师員员授士匠者]|[校院局市村]長|作家|歌手|學生|主持人|[詩诗]人)[\u4e00-\u9fff]{2,3}"
)
_TALK = re.compile(  # on the conversation, not in it
    r"[這这]個?(?:題目|题目|問題|问题|話題|话题|主題|主题)|[謝谢]{2}|感[謝谢]"
    r"|\b(?:thanks?|thank you|(?:good|great) question)\b",
    re.IGNORECASE,
)
_STATEMENT = re.compile(r"[。．.!！…」』”’)）]$|[，、；,;：:]")
_ABOUT_ITSELF = re.compile(
    r"本文|本篇|這篇文章|这篇文章|この記事|\b(?:this|the) (?:post|article|piece)\b", re.IGNORECASE
)
# What stands elsewhere: the other half of an episode, the post before.
_ELSEWHERE = re.compile(
    r"同一集|[上下續续]篇|[上下前]一篇|[上下]集|[這这本]一?集|\bpart (?:one|two|three|\d)\b"
    r"|\b(?:first|second|previous|next|last) (?:part|post|instal?lment|episode)\b",
    re.IGNORECASE,
)


def quotes(story: Story) -> tuple[Quote, ...]:
    """Return the quotations of *story* that can stand by themselves, the best first.

    Whole statements by somebody named, of a length to show, and not in the summary: no question
    (an interviewer asks), no phrase, nothing that leans on what was said before it ("But", "It")
    or is gone on with after it.
    """
    halves = _halves(story.reading.quotes)
    return tuple(
        quote
        for quote in [one for one in story.reading.quotes if one.speech][:BEST]
        if _shows(quote) and len(quote.text) in QUOTE_CHARS
        if quote not in halves and _is_statement(quote.text)
        if not _repeats(quote.text, story.reading.summary)
    )


def _shows(quote: Quote) -> bool:
    """Return whether *quote* can be displayed: English ends it with a comma before "she said"."""
    text = quote.text
    if text.endswith(",") and not HAN.search(text):
        text = f"{text[:-1]}."
    return displayable(replace(quote, text=text))


def _halves(found: Sequence[Quote]) -> set[Quote]:
    """Return the spans that make a sentence only together (“Count,” she said, “twice.”)."""
    spans = sorted((q for q in found if q.speech), key=lambda q: (q.utterance, q.start))
    pairs = [(a, b) for a, b in pairwise(spans) if a.utterance == b.utterance]
    return {half for a, b in pairs if a.text[-1:] in _OPEN_END for half in (a, b)}


def _is_statement(text: str) -> bool:
    said = text.strip()
    asks_or_leans = said.endswith(("？", "?")) or _LEANS.match(said)
    return not asks_or_leans and not _TALK.search(said) and bool(_STATEMENT.search(said))


def words_of(quote: Quote) -> str:
    """Return what was said, without the comma that led on to "he said"."""
    return quote.text.rstrip(_OPEN_END)


def said(quote: Quote) -> str:
    """Return *quote* between the marks of its own language.

    Those are 「」, or 『』 around a text with 「」 in it, where it holds Han characters, else “”.
    """
    text = words_of(quote)
    marks = "“”" if not HAN.search(text) else "『』" if "「" in text else "「」"
    return f"{marks[0]}{text}{marks[1]}"


def points(story: Story) -> tuple[str, ...]:
    """Return the points of *story* that can stand by themselves, nearest to its title first.

    None that leans on another sentence, speaks of somebody by a pronoun, is a quotation without
    a speaker, or is on the article itself.
    """
    sound = [point for point in story.reading.points if stands_alone(point)]
    wanted = topics(story.post.title)
    return tuple(sorted(sound, key=lambda point: -len(wanted & topics(point))))


def stands_alone(point: str) -> bool:
    """Return whether *point* is a sentence that needs no other one to be understood."""
    told = _QUOTED.sub("", point)
    bare = len(told.strip(" 。，.,")) < len(point) / 4
    leans = _LEANS.match(point) or _PRONOUN.search(told) or is_about_itself(point)
    return not bare and not leans


def is_about_itself(sentence: str) -> bool:
    """Return whether *sentence* speaks of its article, or of another part of an episode."""
    return bool(_ABOUT_ITSELF.search(sentence[:40]) or _ELSEWHERE.search(sentence))


def has_nobody(text: str, names: Sequence[str]) -> bool:
    """Return whether *text* says "he" or "she" with nobody named before, of *names* or any."""
    told = _QUOTED.sub("", text)
    pronoun = _PRONOUN.search(told)
    before = told[: pronoun.start()] if pronoun else ""
    named = _PERSON.search(before) or any(p in before for name in names for p in _parts(name))
    return bool(pronoun) and not named


def _parts(name: str) -> Iterator[str]:
    """Yield *name* and the words of it that stand for it."""
    yield name
    yield from (part for part in re.split(r"[\s·．・]+", name) if len(part) > 1)


def _repeats(quoted: str, summary: str) -> bool:
    """Return whether *quoted* tells no more than *summary* does."""
    return quoted in summary or (bool(topics(quoted)) and says(summary, quoted))


def says(text: str, other: str, share: float = _ALREADY_SAID) -> bool:
    """Return whether *text* speaks of a *share* of what *other* speaks of, by default most."""
    wanted = topics(other)
    return not wanted or len(wanted & topics(text)) >= share * len(wanted)


@lru_cache(maxsize=4096)  # every network's thread asks for the same stories
def topics(text: str) -> frozenset[str]:
    """Return the longer Latin words of *text* and the pairs of its Han characters."""
    words = {word.casefold() for word in _WORD.findall(text)}
    return frozenset(words | {a + b for a, b in pairwise(text) if HAN.fullmatch(a + b)})


def best_quote(story: Story, issue: Issue) -> Quote | None:
    """Return the quotation to show of *story*: the issue's own, the editor's, or the best."""
    shown = issue.pull_quote
    chosen = [shown.quote] if shown and shown.url == story.post.url else []
    if "quote" in story.edited:
        chosen += story.reading.quotes[:1]
    said = (quote for quote in chosen if quote.speaker and fold(words_of(quote)))
    return next(said, None) or next(iter(quotes(story)), None)


def on_display(story: Story, issue: Issue) -> Issue:
    """Return *issue* with the best quotation of *story* as its pull-quote."""
    quote = best_quote(story, issue)
    pull = PullQuote(quote=quote, url=story.post.url, title=story.post.title) if quote else None
    return replace(issue, pull_quote=pull)
