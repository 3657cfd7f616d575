"""Hashtags from the tags of posts, within taste."""

import re
from collections.abc import Sequence

from digest.model import Story

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


def hashtags(stories: Sequence[Story], most: int) -> tuple[str, ...]:
    """Return at most *most* tags: one of the lead, what several stories share, more of the lead.

    A tag is one word: "machine learning" becomes #MachineLearning. Names of people, kinds of
    text ("podcast"), numbers and whole phrases make no tag.
    """
    people = {name for story in stories for name in story.post.people}
    found: dict[str, tuple[str, list[int]]] = {}
    for place, story in enumerate(stories):
        for tag in dict.fromkeys(story.post.tags):
            if tag not in people and (word := _word(tag)):
                found.setdefault(word.casefold(), (word, []))[1].append(place)
    wanted = [(word, places) for word, places in found.values() if len(places) > 1 or 0 in places]
    wanted.sort(key=lambda entry: (-len(entry[1]), entry[1][0]))
    of_lead = [entry for entry in wanted if 0 in entry[1]][:1]
    rest = [entry for entry in wanted if entry not in of_lead]
    return tuple(f"#{word}" for word, _ in [*of_lead, *rest][:most])


def _word(tag: str) -> str:
    """Return *tag* as the word of a hashtag, "" where it makes none."""
    words = _NOT_IN_TAG.sub(" ", tag).split()
    word = words[0] if len(words) == 1 else "".join(w[:1].upper() + w[1:] for w in words)
    good = 1 < len(word) <= LONGEST and len(words) <= MOST_WORDS and any(map(str.isalpha, word))
    return word if good and word.casefold() not in _FORMATS else ""
