"""The pictures of a set-up: where they are kept, laid out as files, and fetched from."""

from contextlib import closing
from pathlib import Path

from platformdirs import user_cache_path

from digest.config import Settings
from digest.errors import FetchError
from digest.kept import is_name
from digest.ports import Pictures
from digest.store.engine import connect
from digest.store.pictures import PictureStore

_OK = 200


def pictures(settings: Settings) -> Pictures:
    """Return the pictures in the store."""
    return PictureStore(connect(settings.store_url), _folder(settings))


def read(settings: Settings, name: str) -> bytes:
    """Return the picture *name*; the store is opened by who needs it."""
    return pictures(settings).read(name)


def where(settings: Settings, path: str) -> str:
    """Return the file of the picture that a thread names *path*, laid out if it is kept."""
    return str(pictures(settings).path(path)) if is_name(path) else path


def _folder(settings: Settings) -> Path:
    """Return where pictures are laid out as files: beside the store, else in the cache."""
    path = settings.store_url.removeprefix("sqlite:///")
    if path != settings.store_url:
        return Path(path).with_suffix(".pictures")
    return user_cache_path("digest") / "pictures"


def fetched(settings: Settings, url: str) -> bytes:
    """Return the picture at *url*; FetchError where the server does not give it."""
    from digest.fetch import Client

    client = Client(origin=settings.site, allow_private=settings.fetch.allow_private)
    with closing(client):
        answer = client.get(url, accept="image/*")
    if answer.status != _OK:
        raise FetchError(url, f"the server answered {answer.status}", "Look at it in a browser.")
    return answer.body
