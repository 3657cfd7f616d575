"""Words between quotation marks that nobody said: what an edit made of a quotation. Pure."""

from collections.abc import Iterator, Sequence

from digest.model import Issue, Story
from digest.text.line import seen
from digest.text.marks import pairs
from digest.text.tokens import units

LEAST = 5  # units, Han characters or words; fewer are a term, a name, a wink
_OPEN_END = "，,、；;：:— "


def sources(issue: Issue) -> tuple[str, ...]:
    """Return the texts that may be quoted in *issue*, folded: of its posts, and every title."""
    stories = tuple(issue.stories)
    titles = (post.title for story in stories for post in (story.post, *story.pick.siblings))
    also = (link.title for link in issue.also)
    own = (text for story in stories for text in (*_said(story), story.reading.summary))
    return tuple(dict.fromkeys(map(_folded, (issue.edition.title, *titles, *also, *own))))


def of_story(story: Story) -> tuple[str, ...]:
    """Return the texts that may be quoted in the summary of *story*, folded."""
    return tuple(map(_folded, _said(story)))


def _said(story: Story) -> tuple[str, ...]:
    return story.post.document.text, story.post.title, story.post.abstract


def altered(text: str, texts: Sequence[str]) -> Iterator[str]:
    """Yield the quotations of *text*, of five units or more, in none of the folded *texts*.

    White space, and characters that cannot be seen, make no difference, nor does the comma that
    leads on to "he said".
    """
    for pair in pairs(text, 0, len(text)):
        if pair.kind != "quote" or pair.depth or not pair.closed:
            continue
        words = text[pair.open + 1 : pair.close]
        said = _folded(words).rstrip(_OPEN_END)
        if len(units(words)) >= LEAST and not any(said in one for one in texts):
            yield words


def _folded(text: str) -> str:
    return "".join(seen(text).split())
