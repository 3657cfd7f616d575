"""The links of review mails in the store: whoever uses one first acts, and nobody after."""

from dataclasses import asdict

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from digest.model import Review
from digest.store.engine import guarded
from digest.store.schema import review_uses, reviews


class ReviewStore:
    """Meets the port ``Reviews`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, review: Review) -> None:
        """Keep *review*, whose links are about to be sent."""
        values = {name: value for name, value in asdict(review).items() if name != "used"}
        with guarded(self._engine), self._engine.begin() as connection:
            connection.execute(insert(reviews).values(values))

    def find(self, name: str) -> Review | None:
        """Return the review *name*, None if there is none."""
        query = select(reviews).where(reviews.c.name == name)
        used = select(review_uses.c.action).where(review_uses.c.name == name)
        with guarded(self._engine), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            return Review(**row, used=tuple(sorted(connection.execute(used).scalars())))

    def use(self, name: str, action: str) -> bool:
        """Use the link of *action* up; tell whether it was not used before."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(review_uses).values(name=name, action=action))
        except IntegrityError:
            return False
        return True

    def release(self, name: str, action: str) -> None:
        """Let the link of *action* be used again: nothing came of it."""
        this = (review_uses.c.name == name, review_uses.c.action == action)
        with guarded(self._engine), self._engine.begin() as connection:
            connection.execute(delete(review_uses).where(*this))
