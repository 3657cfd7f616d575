"""The time zone of a blog, told from the dates it prints."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

_HOUR = timedelta(hours=1)


def common(moments: Iterable[datetime]) -> str:
    """Return the IANA name of the offset most of *moments* have: "Etc/GMT-8" for +08:00.

    "" where there is none, or where it is no whole number of hours. (POSIX signs: Etc/GMT-8 is
    ahead of UTC.)
    """
    offsets = Counter(m.utcoffset() for m in moments)
    if not offsets:
        return ""
    offset = offsets.most_common(1)[0][0] or timedelta()
    hours, rest = divmod(offset, _HOUR)
    if rest:
        return ""
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"
