"""Names and phrases that titles and tags carry, and how often a text mentions them."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from digest.model import Post
from digest.text.tokens import STOP_HAN, STOP_WORDS
from digest.text.word_lists import HAN, KANA

READ = 20_000
LONGEST = 3
_CJK = KANA + HAN
_LATIN = re.compile(rf"[^\W_{_CJK}]+(?:[.'’+&-][^\W_{_CJK}]+)*")
_RUN = re.compile(rf"[{_CJK}]+|[^\W{_CJK}][^\n{_CJK}：:，,、。！？!?；;「」『』“”()（）—–|｜《》]*")
_MIXED = re.compile(rf"(?<=[a-z0-9]) ?(?=[{_CJK}])|(?<=[{_CJK}]) ?(?=[a-z0-9])")
_BRACKET = re.compile(r"[（(]([a-z][^（()）\n]{1,40})[）)]")
_LONGEST_NAME = 8
_NAMED = re.compile(r"[A-Z]|.+[A-Z]")
_EMPTY_HAN = re.compile(
    f"[{''.join(sorted(STOP_HAN))}從从給给讓让把被如何什麼么嗎吗呢吧更最又再还只已第每]"
)


@dataclass(frozen=True, slots=True)
class MentionCounts:
    """How often a name stands in the title of a post, in title and abstract, and in its text."""

    title: int
    head: int
    body: int


class PostWords:
    """What one post says, in lower case: ``head`` is title and abstract, ``body`` its text."""

    def __init__(self, title: str, abstract: str, text: str) -> None:
        self.title = fold_case(title)
        self.head = f"{self.title}\n{fold_case(abstract)}"
        self.body = fold_case(text)
        self._found: dict[frozenset[str], MentionCounts] = {}

    @classmethod
    def of(cls, post: Post) -> "PostWords":
        """Return what *post* says, the first ``READ`` characters of its text."""
        return _read_post_words(post.title, post.abstract, post.document.text[:READ])

    def mentions(self, name: "TopicName") -> MentionCounts:
        """Return how often *name* stands where; each name is looked for once."""
        if name.forms not in self._found:
            places = (name.count(text) for text in (self.title, self.head, self.body))
            self._found[name.forms] = MentionCounts(*places)
        return self._found[name.forms]

    @cached_property
    def brackets(self) -> tuple[tuple[str, str], ...]:
        """Return the Latin in brackets, as a key, each with the characters before it."""
        found = _BRACKET.finditer(self.body)
        return tuple(
            (make_name_key(m[1]), self.body[max(0, m.start() - _LONGEST_NAME) : m.start()])
            for m in found
        )


@lru_cache(maxsize=512)  # an editor's every choice asks again for what the same posts say
def _read_post_words(title: str, abstract: str, text: str) -> PostWords:
    return PostWords(title, abstract, text)


class TopicName:
    """A name or phrase to look for, in all the spellings given."""

    def __init__(self, spellings: Iterable[str]) -> None:
        self.forms = frozenset(fold_case(name) for name in spellings)
        self._latin = tuple(name for name in self.forms if name.isascii())
        others = self.forms - set(self._latin)
        self._spaced = tuple({form for name in others for form in _vary_spacing(name)})

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return _compile_names(self._latin)

    def count(self, text: str) -> int:
        """Return how often the name stands in *text*, which is folded; words are not cut."""
        n = sum(text.count(form) for form in self._spaced)
        if any(name in text for name in self._latin):
            n += len(self._pattern.findall(text))
        return n


def _vary_spacing(name: str) -> Iterator[str]:
    """Yield *name* with and without spaces between Latin and Han, however it was written."""
    yield name
    yield _MIXED.sub(" ", name)
    yield _MIXED.sub("", name)


def _compile_names(names: Iterable[str]) -> re.Pattern[str]:
    either = "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
    return re.compile(rf"(?<![a-z0-9])(?:{either})(?:s|es|’s|'s)?(?![a-z0-9])")


def find_aliases(said: PostWords, names: Container[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of *names* (keys) that a post equates: ``漢名（latin）``."""
    for latin, before in said.brackets:
        if latin in names:
            for length in range(_LONGEST_NAME, 1, -1):
                han = make_name_key(before[-length:])
                if han in names:
                    yield latin, han
                    break


def fold_case(text: str) -> str:
    """Return *text* with case and the two forms of 台 made equal."""
    return text.lower().replace("臺", "台")


def make_name_key(name: str) -> str:
    """Return what two spellings of one name have in common: no case, spaces or hyphens."""
    return fold_case(name).translate({32: None, 45: None, 95: None, 0x3000: None})


@lru_cache(maxsize=2048)
def list_title_names(title: str) -> tuple[str, ...]:
    """Return the names and phrases of *title*: up to ``LONGEST`` neighbouring words.

    Of words with spaces between them a single one must be written as a name (a capital in it).
    """
    return tuple(_find_title_phrases(title))


def _find_title_phrases(title: str) -> Iterator[str]:
    for run in _RUN.findall(title):
        words = _split_words(run)
        for first in range(len(words)):
            for last in range(first + 1, min(first + LONGEST, len(words)) + 1):
                if phrase := _make_phrase(words[first:last]):
                    yield phrase


def _split_words(run: str) -> list[str]:
    if _LATIN.match(run):
        return _LATIN.findall(run)
    import rjieba

    words: list[str] = rjieba.cut(run)
    return words


def _make_phrase(words: list[str]) -> str:
    """Return *words* as a phrase; "" where they make none."""
    if _LATIN.match(words[0]):
        if words[0].lower() in STOP_WORDS or words[-1].lower() in STOP_WORDS:
            return ""
        alone = len(words) == 1 and not _NAMED.match(words[0])
        return "" if alone or len(words[0]) < 2 else " ".join(words)
    phrase = "".join(words)
    short = not 2 <= len(phrase) <= 8 or min(map(len, words)) < 2
    return "" if short or _EMPTY_HAN.search(phrase) else phrase
