"""Does the store know these keys? Without the old ones its links are dead, its marks blind."""

from collections.abc import Sequence

from sqlalchemy import Engine, select

from digest.errors import StoreError
from digest.store.engine import guarded
from digest.store.mail_schema import marks
from digest.store.upsert import upsert

_NAME = "audience key"


def acquaint(engine: Engine, names: Sequence[str], *, adopt: bool = False) -> None:
    """Remember the first of *names*, those of the keys there are, the newest first.

    StoreError where the store remembers a key that is not among them, unless they are to be
    adopted: whoever was erased could be taken in again, and no link in a sent mail would work.
    """
    query = select(marks.c.value).where(marks.c.name == _NAME)
    with guarded(engine), engine.connect() as connection:
        known = connection.execute(query).scalar()
    if known == names[0]:
        return
    if known is not None and known not in names and not adopt:
        cause = "are not those that its links were signed with"
        remedy = (
            "Put the old key file back beside the store (or the old key into DIGEST_AUDIENCE_KEY, "
            "on a line below the new one). If it is lost for good: digest subscribers keys --adopt"
        )
        raise StoreError("the keys of the audience", cause, remedy)
    with guarded(engine), engine.begin() as connection:
        upsert(connection, marks, [{"name": _NAME, "value": names[0]}])
