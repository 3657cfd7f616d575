"""``digest init URL``: find out what can be found out, and write a commented digest.toml."""

from pathlib import Path

from digest.discover import Found, discover
from digest.errors import ConfigError, DigestError

TEMPLATE = """\
# Written by: digest init {asked}
# Every value can also come from the environment: DIGEST__MAIL__MAILER=smtp

title = {title}
language = {language}        # BCP 47: zh-Hant-TW, en, ja, ...
timezone = {timezone}        # IANA; decides where a week begins
site = {site}
# store = "digest.db"             # by default a file in your data folder

[[sources]]
kind = "feed"
url = {url}
{others}
[digests.weekly]
stories = 7                       # fewer when a week has fewer episodes
# max_chars = 140                 # of a summary in Chinese; twice that in English
# prefer = "author"               # or "extract": sentences of the post itself

[mail]
# from = "{name} <weekly@example.org>"
# reply_to = "editor@example.org"
# postal_address = "..."          # many countries ask for one
# unsubscribe = "https://digest.example.org/u"
"""


def init(url: str, path: Path, *, force: bool = False) -> Found:
    """Write the configuration for the blog at *url* to *path* and return what was found.

    ConfigError if *path* is there and *force* is not given; SourceError if no feed is found.
    """
    if path.exists() and not force:
        remedy = "Look at it, or write it anew with: digest init --force URL"
        raise ConfigError(str(path), "is there already", remedy)
    found = discover(url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(configuration(url, found), "utf-8")
    except OSError as error:
        remedy = "Choose another place: digest --config FILE init URL"
        raise DigestError(str(path), f"cannot be written: {error.strerror}", remedy) from None
    return found


def configuration(asked: str, found: Found) -> str:
    """Return the text of a digest.toml for what was *found*."""
    best, *others = found.feeds
    about = found.about
    lines = [f"# also found: {feed.url}  ({feed.title})" for feed in others]
    return TEMPLATE.format(
        asked=_plain(asked),
        name=_plain(about.title).replace('"', ""),
        title=_toml(about.title),
        language=_toml(about.language or "en"),
        timezone=_toml(about.timezone or "UTC"),
        site=_toml(about.site),
        url=_toml(best.url),
        others="".join(f"{_plain(line)}\n" for line in lines),
    )


def _plain(text: str) -> str:
    return " ".join("".join(c for c in text if c.isprintable()).split())


def _toml(text: str) -> str:
    """Return *text* as a TOML basic string."""
    escaped = _plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
