"""What is kept, as the ports see it: each opened on the store that the settings name."""

from datetime import datetime
from functools import partial
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

from digest import credentials, tokens
from digest.config import Settings
from digest.kept import is_name
from digest.ports import Audience, Feeds, Issues, Outbox, Pictures, Posts
from digest.store.acquainted import acquaint
from digest.store.audience import AudienceStore
from digest.store.engine import connect
from digest.store.issues import IssueStore
from digest.store.outbox import OutboxStore
from digest.store.pictures import PictureStore
from digest.store.posts import PostStore
from digest.store.renewals import count_renewals, last_renewal, renew_tokens


def pictures(settings: Settings) -> Pictures:
    """Return the pictures in the store."""
    return PictureStore(connect(settings.store_url), laid_out(settings))


def where(settings: Settings, path: str) -> str:
    """Return the file of the picture that a thread names *path*, laid out if it is kept."""
    return str(pictures(settings).path(path)) if is_name(path) else path


def laid_out(settings: Settings) -> Path:
    """Return where pictures are laid out as files: beside the store, else in the cache."""
    path = settings.store_url.removeprefix("sqlite:///")
    if path != settings.store_url:
        return Path(path).with_suffix(".pictures")
    return user_cache_path("digest") / "pictures"


def issues(settings: Settings) -> Issues:
    """Return the issues in the store, which need no source to be looked at or approved."""
    return IssueStore(connect(settings.store_url))


def posts(settings: Settings) -> Posts:
    """Return the posts in the store, which need no source to be looked at."""
    return PostStore(connect(settings.store_url))


def feeds(settings: Settings) -> Feeds:
    """Return what is stored of the sources."""
    return PostStore(connect(settings.store_url))


def outbox(settings: Settings) -> Outbox:
    """Return the outbox in the store."""
    return OutboxStore(connect(settings.store_url))


def audience(settings: Settings, *, adopt: bool = False) -> Audience:
    """Return the subscribers in the store; StoreError where its keys are gone, unless *adopt*."""
    engine, keys = connect(settings.store_url), keyring(settings)
    acquaint(engine, keys.names, adopt=adopt)
    return AudienceStore(engine, keys)


def keyring(settings: Settings) -> tokens.Keyring:
    """Return the keys that sign links: from the environment or a file, else made once and kept."""
    renewals = partial(_count_renewals, settings)
    if found := keys_from_outside(settings):
        return tokens.parse(found, "the key of the audience", renewals)
    return tokens.kept(keys_beside(settings), renewals)


def _count_renewals(settings: Settings) -> int:
    return count_renewals(connect(settings.store_url))


def renew(settings: Settings, now: datetime) -> int:
    """Make all tokens in the links of mails that are out outdated; return how often that was."""
    return renew_tokens(connect(settings.store_url), now)


def renewed(settings: Settings) -> tuple[int, datetime | None]:
    """Return how often the tokens were renewed, and when last."""
    engine = connect(settings.store_url)
    return count_renewals(engine), last_renewal(engine)


def keys_from_outside(settings: Settings) -> str:
    """Return the keys that the environment, a file of its own or the keyring holds, "" if none."""
    options = {"key_file": settings.audience.key_file}
    return credentials.secret("audience", "key", options, settings.folder)


def keys_beside(settings: Settings) -> Path:
    """Return the file that holds the keys where none are configured: beside the store."""
    url = settings.store_url
    if url.startswith("sqlite:///"):
        return Path(f"{url.removeprefix('sqlite:///')}.keys")
    folder = settings.folder if settings.file else user_data_path("digest")
    return folder / "digest.keys"
