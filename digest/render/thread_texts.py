"""What a thread says of a story: every text in several whole forms, the fullest first.

How a thread tells a story: every text in several whole forms, the fullest first.

A form is made of whole things only: sentences of the summary, a quotation with its speaker, a
title. Whoever plans takes the first form that fits.

What of a story can stand by itself in a thread: statements of somebody named, and points.

Nothing that asks, goes on from what was said before it, or points to what a reader does not see.

Hashtags from the tags of posts, within taste.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from digest.model import Digest, Issue, PullQuote, Quote, Story
from digest.render.thread_split import BreakRank, find_breaks
from digest.text.localization import Catalogue, load_catalogue
from digest.text.ranking.pull_quotes import is_displayable
from digest.text.text_buffer import clean_text, fold_line

QUOTE_CHARS = range(12, 141)
BEST_QUOTES = (
    8  # of the quotations of a story, best first; what comes after them is not worth a part
)
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


def choose_quotes(story: Story) -> tuple[Quote, ...]:
    """Return the quotations of *story* that can stand by themselves, the best first.

    Whole statements by somebody named, of a length to show, and not in the summary: no question
    (an interviewer asks), no phrase, nothing that leans on what was said before it ("But", "It")
    or is gone on with after it.
    """
    halves = _find_halves(story.reading.quotes)
    return tuple(
        quote
        for quote in [one for one in story.reading.quotes if one.speech][:BEST_QUOTES]
        if _can_show(quote) and len(quote.text) in QUOTE_CHARS
        if quote not in halves and _is_statement(quote.text)
        if not _repeats_summary(quote.text, story.reading.summary)
    )


def _can_show(quote: Quote) -> bool:
    """Return whether *quote* can be displayed: English ends it with a comma before "she said"."""
    text = quote.text
    if text.endswith(",") and not HAN.search(text):
        text = f"{text[:-1]}."
    return is_displayable(replace(quote, text=text))


def _find_halves(found: Sequence[Quote]) -> set[Quote]:
    """Return the spans that make a sentence only together (“Count,” she said, “twice.”)."""
    spans = sorted((q for q in found if q.speech), key=lambda q: (q.utterance, q.start))
    pairs = [(a, b) for a, b in pairwise(spans) if a.utterance == b.utterance]
    return {half for a, b in pairs if a.text[-1:] in _OPEN_END for half in (a, b)}


def _is_statement(text: str) -> bool:
    said = text.strip()
    asks_or_leans = said.endswith(("？", "?")) or _LEANS.match(said)
    return not asks_or_leans and not _TALK.search(said) and bool(_STATEMENT.search(said))


def strip_quote_comma(quote: Quote) -> str:
    """Return what was said, without the comma that led on to "he said"."""
    return quote.text.rstrip(_OPEN_END)


def write_quotation(quote: Quote) -> str:
    """Return *quote* between the marks of its own language.

    Those are 「」, or 『』 around a text with 「」 in it, where it holds Han characters, else “”.
    """
    text = strip_quote_comma(quote)
    marks = "“”" if not HAN.search(text) else "『』" if "「" in text else "「」"
    return f"{marks[0]}{text}{marks[1]}"


def choose_points(story: Story) -> tuple[str, ...]:
    """Return the points of *story* that can stand by themselves, nearest to its title first.

    None that leans on another sentence, speaks of somebody by a pronoun, is a quotation without
    a speaker, or is on the article itself.
    """
    sound = [point for point in story.reading.points if stands_alone(point)]
    wanted = list_topics(story.post.title)
    return tuple(sorted(sound, key=lambda point: -len(wanted & list_topics(point))))


def stands_alone(point: str) -> bool:
    """Return whether *point* is a sentence that needs no other one to be understood."""
    told = _QUOTED.sub("", point)
    bare = len(told.strip(" 。，.,")) < len(point) / 4
    leans = _LEANS.match(point) or _PRONOUN.search(told) or is_about_itself(point)
    return not bare and not leans


def is_about_itself(sentence: str) -> bool:
    """Return whether *sentence* speaks of its article, or of another part of an episode."""
    return bool(_ABOUT_ITSELF.search(sentence[:40]) or _ELSEWHERE.search(sentence))


def has_unnamed_person(text: str, names: Sequence[str]) -> bool:
    """Return whether *text* says "he" or "she" with nobody named before, of *names* or any."""
    told = _QUOTED.sub("", text)
    pronoun = _PRONOUN.search(told)
    before = told[: pronoun.start()] if pronoun else ""
    named = _PERSON.search(before) or any(p in before for name in names for p in _split_name(name))
    return bool(pronoun) and not named


def _split_name(name: str) -> Iterator[str]:
    """Yield *name* and the words of it that stand for it."""
    yield name
    yield from (part for part in re.split(r"[\s·．・]+", name) if len(part) > 1)


def _repeats_summary(quoted: str, summary: str) -> bool:
    """Return whether *quoted* tells no more than *summary* does."""
    return quoted in summary or (bool(list_topics(quoted)) and covers_topics(summary, quoted))


def covers_topics(text: str, other: str, share: float = _ALREADY_SAID) -> bool:
    """Return whether *text* speaks of a *share* of what *other* speaks of, by default most."""
    wanted = list_topics(other)
    return not wanted or len(wanted & list_topics(text)) >= share * len(wanted)


@lru_cache(maxsize=4096)  # every network's thread asks for the same stories
def list_topics(text: str) -> frozenset[str]:
    """Return the longer Latin words of *text* and the pairs of its Han characters."""
    words = {word.casefold() for word in _WORD.findall(text)}
    return frozenset(words | {a + b for a, b in pairwise(text) if HAN.fullmatch(a + b)})


def choose_best_quote(story: Story, issue: Issue) -> Quote | None:
    """Return the quotation to show of *story*: the issue's own, the editor's, or the best."""
    shown = issue.pull_quote
    chosen = [shown.quote] if shown and shown.url == story.post.url else []
    if "quote" in story.edited:
        chosen += story.reading.quotes[:1]
    said = (quote for quote in chosen if quote.speaker and fold_line(strip_quote_comma(quote)))
    return next(said, None) or next(iter(choose_quotes(story)), None)


def display_quote(story: Story, issue: Issue) -> Issue:
    """Return *issue* with the best quotation of *story* as its pull-quote."""
    quote = choose_best_quote(story, issue)
    pull = PullQuote(quote=quote, url=story.post.url, title=story.post.title) if quote else None
    return replace(issue, pull_quote=pull)


MOST_TITLES = 3
MOST_SENTENCES = 12  # of a summary; the rest of a longer one is no summary
FRESH_SHARE = 1 / 3  # a title of which its summary says less tells something of its own
NEAR = 40  # characters of the post between a point that leads to a quotation and this
SHARED_TOPICS = (
    3  # words or pairs of Han characters in both a quotation and a point on the same matter
)
THIN_LENGTH = (
    30  # a summary with fewer Han characters, or half as many words, says too little alone
)
_LATIN = re.compile(r"[^\W\u2e80-\uffff]+")
_PING = re.compile(r"(?<![A-Za-z0-9_.&/=])[@＠#＃](?=\w)")
_HERE = "\0"
_BETWEEN = re.compile(rf"[“「『]?{_HERE}[”」』]?")


def write_quote_with_speaker(quote: Quote, words: Catalogue) -> str:
    """Return *quote* with its speaker on a line below."""
    name = _choose_catalogue(quote, words).gettext("— {name}", name=quote.speaker)
    return f"{write_quotation(quote)}\n{name}"


def _write_named_quote(quote: Quote, words: Catalogue) -> str:
    """Return *quote* behind its speaker, between the marks of the quotation's own language."""
    words = _choose_catalogue(quote, words)
    named = words.gettext("{name}: “{quote}”", name=quote.speaker, quote=_HERE)
    return _BETWEEN.sub(lambda _: write_quotation(quote), named)


def _choose_catalogue(quote: Quote, words: Catalogue) -> Catalogue:
    """Return the furniture around *quote*: English around Latin letters in a Chinese thread."""
    latin = words.is_wide and not HAN.search(strip_quote_comma(quote))
    return load_catalogue("en", words.strings) if latin else words


def write_evidence(quote: Quote, story: Story, words: Catalogue) -> Iterator[str]:
    """Yield what may stand in a part of the quotation: with a point it belongs to, and alone."""
    shown = write_quote_with_speaker(quote, words)
    told = f"{story.reading.summary}\n{strip_quote_comma(quote)}"
    fresh = [point for point in choose_points(story) if not covers_topics(told, point)]
    beside = (point for point in fresh if strip_quote_comma(quote) not in point)
    yield from (f"{shown}\n\n{point}" for point in beside if _leads_to_quote(point, quote, story))
    yield shown


def _leads_to_quote(point: str, quote: Quote, story: Story) -> bool:
    """Return whether *point* leads to *quote*: it stands right before it, or tells of the same."""
    at = story.post.document.text.find(point)
    leads = at >= 0 and 0 <= quote.start - (at + len(point)) <= NEAR
    return leads or len(list_topics(point) & list_topics(strip_quote_comma(quote))) >= SHARED_TOPICS


def write_hooks(issue: Issue, lead: Story, count: int, words: Catalogue) -> Iterator[str]:
    """Yield what may open a thread of *count* stories: the lead, told so that it stands alone."""
    frame = _write_frame(issue.edition, count, words) if count > 1 else ""
    told = tuple(_write_headed_summary(lead)) if count > 1 else ()
    for opening in (*told, *_write_openings(lead)):
        yield f"{opening}\n\n{frame}".strip()
    yield from _write_openings(lead)


def _write_headed_summary(lead: Story) -> Iterator[str]:
    """Yield the title over the summary, where it says what the summary does not."""
    title, summary = _clean_line(lead.post.title), _clean_line(lead.reading.summary)
    if not covers_topics(summary, title, FRESH_SHARE) and not _needs_title(lead):
        yield from (f"{title}\n\n{told}" for told in _list_beginnings(summary))


def write_tellings(
    story: Story,
    quote: Quote | None,
    words: Catalogue,
    *,
    led: bool = False,
    kept: bool = False,
) -> Iterator[str]:
    """Yield what may tell *story* in one part; *led* puts the quotation before the summary.

    A quotation over nothing but the title is told only where it must be *kept*, and none beside
    words that hold it already.
    """
    openings = tuple(_write_openings(story))
    if quote:
        if led and not _needs_title(story):
            with_it = openings if kept else openings[:-1]
            fresh = (told for told in with_it if strip_quote_comma(quote) not in told)
            yield from (f"{write_quote_with_speaker(quote, words)}\n\n{told}" for told in fresh)
        elif strip_quote_comma(quote) not in openings[0]:
            yield f"{openings[0]}\n\n{_write_named_quote(quote, words)}"
    yield from openings


def write_leftovers(stories: Sequence[Story], words: Catalogue) -> Iterator[str]:
    """Yield what names the *stories* that got no part: three titles, two, one, none."""
    titles = [words.gettext("“{title}”", title=story.post.title) for story in stories]
    for many in range(min(MOST_TITLES, len(titles)), 0, -1):
        listed = words.gettext(", ").join(titles[:many])
        yield words.gettext("Also in this issue: {titles}.", titles=listed)
    yield ""


def write_invitation(count: int, whole: bool, words: Catalogue) -> str:
    """Return the line above the link: to all *count* stories if *whole*, else to the lead."""
    if count == 1:
        return words.gettext("The full story:")
    if whole:
        return words.ngettext("{n} story in full:", "All {n} stories in full:", count)
    return words.gettext("The story this began with:")


def _write_frame(edition: Digest, count: int, words: Catalogue) -> str:
    if not edition.title:
        return words.ngettext(
            "{n} story this time, starting here.", "{n} stories this time, starting here.", count
        )
    return words.ngettext(
        "{n} story from {title}, starting here.",
        "{n} stories from {title}, starting here.",
        count,
        title=edition.title,
    )


def _write_openings(story: Story) -> Iterator[str]:
    """Yield the summary, all of it and ever fewer of its sentences, then the title alone.

    The title joins a summary that says too little without it: above an extract that does not say
    what it is about, below one of a few words.
    """
    title, summary = _clean_line(story.post.title), _clean_line(story.reading.summary)
    for told in _list_beginnings(summary):
        if _needs_title(story):
            yield f"{title}\n\n{told}".strip()
        elif told == summary and _is_thin(summary) and not covers_topics(summary, title):
            yield f"{told}\n\n{title}".strip()
    yield from _list_beginnings(summary)
    yield title


def _clean_line(text: str) -> str:
    """Return *text* in one line, as a reader sees it."""
    return " ".join(clean_text(text).split())


def disarm_mentions(text: str) -> str:
    """Return *text* as a reader sees it, so that no network finds a mention or hashtag in it.

    Whom a title or a quotation names did not ask to be told of it. The word joiner (U+2060) parts
    the mark from the name and cannot be seen.
    """
    return _PING.sub("\\g<0>\u2060", clean_text(text))


def _list_beginnings(text: str) -> Iterator[str]:
    """Yield *text* and ever fewer of its first sentences, verbatim.

    A last sentence that only speaks of the article ("This post explains ..."), or of what stands
    elsewhere, is left out.
    """
    cuts = [place.offset for place in find_breaks(text) if place.rank <= BreakRank.SENTENCE]
    if len(cuts) >= MOST_SENTENCES:
        text, cuts = text[: cuts[MOST_SENTENCES - 1]].strip(), cuts[: MOST_SENTENCES - 1]
    while cuts and is_about_itself(text[cuts[-1] :]):
        text = text[: cuts.pop()].strip()
    yield from (text[:end].strip() for end in reversed([*cuts, len(text)]) if end)


def _needs_title(story: Story) -> bool:
    """Return whether the summary breaks off, speaks of nobody by name, or says too little.

    That is an extract without what the title speaks of, or "he" without who that is.
    """
    summary, names = story.reading.summary.rstrip(), [*story.post.people]
    names += [quote.speaker for quote in story.reading.quotes if quote.speaker]
    if summary.endswith(("…", "...")) or has_unnamed_person(summary, names):
        return True
    extract = story.reading.summary_from == "extract" and bool(summary)
    return extract and not covers_topics(summary, story.post.title)


def _is_thin(text: str) -> bool:
    return sum(map(len, HAN.findall(text))) + 2 * len(_LATIN.findall(text)) < THIN_LENGTH


LONGEST = 24
MOST_WORDS = 3
# What says how a thing is told, not what it is about.
_FORMATS = frozenset((
    "article", "articles", "blog", "blogs", "interview", "interviews",
    "news", "newsletter", "note", "notes", "podcast", "podcasts", "post",
    "posts", "talk", "talks", "video", "videos", "weekly", "文章", "部落格",
    "博客", "訪談", "访谈", "專訪", "新聞", "新闻", "電子報", "週報", "筆記", "笔记", "心得",
    "播客", "影片", "视频", "演講", "演讲", "摘要", "翻譯", "翻译", "記事", "動画", "対談",
))  # fmt: skip
_NOT_IN_TAG = re.compile(r"[^\w]+")


def choose_hashtags(stories: Sequence[Story], most: int) -> tuple[str, ...]:
    """Return at most *most* tags: one of the lead, what several stories share, more of the lead.

    A tag is one word: "machine learning" becomes #MachineLearning. Names of people, kinds of
    text ("podcast"), numbers and whole phrases make no tag.
    """
    people = {name for story in stories for name in story.post.people}
    found: dict[str, tuple[str, list[int]]] = {}
    for place, story in enumerate(stories):
        for tag in dict.fromkeys(story.post.tags):
            if tag not in people and (word := _make_hashtag_word(tag)):
                found.setdefault(word.casefold(), (word, []))[1].append(place)
    wanted = [(word, places) for word, places in found.values() if len(places) > 1 or 0 in places]
    wanted.sort(key=lambda entry: (-len(entry[1]), entry[1][0]))
    of_lead = [entry for entry in wanted if 0 in entry[1]][:1]
    rest = [entry for entry in wanted if entry not in of_lead]
    return tuple(f"#{word}" for word, _ in [*of_lead, *rest][:most])


def _make_hashtag_word(tag: str) -> str:
    """Return *tag* as the word of a hashtag, "" where it makes none."""
    words = _NOT_IN_TAG.sub(" ", tag).split()
    word = words[0] if len(words) == 1 else "".join(w[:1].upper() + w[1:] for w in words)
    good = 1 < len(word) <= LONGEST and len(words) <= MOST_WORDS and any(map(str.isalpha, word))
    return word if good and word.casefold() not in _FORMATS else ""
