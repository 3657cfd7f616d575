"""What polling the sources came to, in words."""

from collections import Counter
from collections.abc import Iterator, Sequence

from digest.errors import SourceError
from digest.model import ON_HOLD, Collected, Post

FLOODED = f"{ON_HOLD}it came in a flood"
UNDATED = f"{ON_HOLD}it has no date, and it was there before the first reading"
ONE_DATE = f"{ON_HOLD}it prints the same date as most posts of the blog"


def warnings(collected: Sequence[Collected]) -> Iterator[str]:
    """Yield what a person should know of the sources, those that failed first."""
    for one in collected:
        if one.failed:
            yield f"{one.source}: {one.failed.cause}. {one.failed.remedy}".rstrip()
    for one in collected:
        yield from one.warnings


def failure(collected: Sequence[Collected]) -> SourceError | None:
    """Return why there is nothing, where every source failed; None where one answered."""
    failed = [one.failed for one in collected if one.failed]
    if not failed or len(failed) < len(collected):
        return None
    return SourceError(failed[0].source, failed[0].cause, failed[0].remedy)


def held_warnings(source: str, held: Sequence[Post]) -> Iterator[str]:
    """Yield for each kind of reason how many posts wait for a person, with an example."""
    let_in = "Look: digest show posts --held. Let in: digest collect --release"
    if flooded := sum(post.note == FLOODED for post in held):
        why = "in a place or with dates that no post had before"
        yield f"{source}: {flooded} posts came at once, {why}; they are held back. {let_in}"
    if others := [post for post in held if post.note != FLOODED]:
        count = f"{len(others)} posts are" if len(others) > 1 else "1 post is"
        title, why = others[0].title, others[0].note.removeprefix(ON_HOLD)
        example = "such as" if len(others) > 1 else "it is"
        yield f"{source}: {count} held back, {example} “{title}”: {why}. {let_in} [URL]"


def rewritten_warning(old: Post, post: Post) -> str:
    """Return what to say of *post*, a new text with a new date in the place of *old*."""
    return (
        f"{post.source}: “{post.title}” of {post.published:%Y-%m-%d} was written over"
        f" “{old.title}” of {old.published:%Y-%m-%d}. An edit is no news by itself; to tell it:"
        f" digest draft --pin {post.url}"
    )


def unread(posts: Sequence[Post]) -> tuple[str, ...]:
    """Return a line for each reason why full texts are missing, with the number of posts."""
    reasons = Counter(post.note for post in posts if post.note and post.text_from == "feed")
    return tuple(
        f"{count} of {len(posts)} posts are told from the feed's text alone: {reason}"
        for reason, count in reasons.most_common()
    )
