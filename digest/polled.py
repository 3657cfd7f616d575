"""What polling the sources came to, in words."""

from collections.abc import Iterator, Sequence

from digest.errors import SourceError
from digest.model import Collected


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
