"""Pictures in the store: what goes out with a draft lies beside it, whatever becomes of a file."""

from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select

from digest.model.errors import StoreError
from digest.model.picture_name import name_picture
from digest.model.private_files import make_private_folder, write_private
from digest.store.engine import lock_transaction, raise_store_errors
from digest.store.schema import picture_keys, pictures


class PictureStore:
    """Meets the port ``Pictures`` on one engine; *folder* is where files are laid out."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine, self._folder = engine, folder

    def keep(self, content: bytes, key: str = "") -> str:
        """Keep *content* and return its name; under *key* it is found again."""
        name = name_picture(content)
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, "pictures")
            if _read_content(connection, name) is None:
                connection.execute(insert(pictures).values(name=name, content=content))
            if key and _find_picture_name(connection, key) is None:
                connection.execute(insert(picture_keys).values(key=key, picture=name))
        return name

    def named(self, key: str) -> str:
        """Return the name of what was kept under *key*, "" where nothing was."""
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return _find_picture_name(connection, key) or ""

    def read(self, name: str) -> bytes:
        """Return the picture *name*; StoreError where it is not there or not what it was."""
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            content = _read_content(connection, name)
        if content is None or name_picture(content) != name:
            cause = "is not in the store" if content is None else "is not what was kept"
            raise StoreError(f"picture {name[:12]}", cause, "Draft the issue again.")
        return content

    def path(self, name: str) -> Path:
        """Return a file with the picture *name*, written where it is missing or was changed."""
        path, content = self._folder / name, self.read(name)
        try:
            if not path.is_file() or path.read_bytes() != content:
                make_private_folder(path.parent)
                write_private(path, content)
        except OSError as error:
            remedy = "Choose a place you may write to: store in digest.toml."
            raise StoreError(str(path), f"cannot be written: {error.strerror}", remedy) from None
        return path


def _read_content(connection: Connection, name: str) -> bytes | None:
    query = select(pictures.c.content).where(pictures.c.name == name)
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found)


def _find_picture_name(connection: Connection, key: str) -> str | None:
    query = select(picture_keys.c.picture).where(picture_keys.c.key == key)
    return connection.execute(query).scalar()
