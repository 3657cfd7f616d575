"""``digest init URL``: find out what can be found out, and write a commented digest.toml."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from digest.errors import ConfigError, DigestError, SourceError
from digest.sources import _opml
from digest.sources._decode import decode
from digest.usecases.discover import Found, discover

_NAME = 200  # a longer name is a mistake of the list

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
"""
TAIL = """\
[digests.weekly]
stories = 7                       # fewer when a week has fewer episodes
# max_chars = 140                 # of a summary in Chinese; twice that in English
# prefer = "author"               # or "extract": sentences of the post itself

[mail]
# mailer = "smtp"                 # or resend, buttondown, listmonk; by default .eml files
# from = "{name} <weekly@example.org>"
# reply_to = "editor@example.org"
# postal_address = "..."          # many countries ask for one
# unsubscribe = "https://digest.example.org/u"

# [fetch]
# allow_private = ["nas.example"] # names and networks of your own that may be read: "10.0.0.0/8"
"""
OPML_HEAD = """\
# Written by: digest init --opml {asked}
# Every value can also come from the environment: DIGEST__MAIL__MAILER=smtp

title = {title}
# language = "en"                 # BCP 47; by default what the first source says of itself
# timezone = "Asia/Taipei"        # IANA; decides where a week begins; by default as above
# site = "https://example.org/"
# store = "digest.db"             # by default a file in your data folder

# A source may be narrowed: only = {{ tags = ["tea"] }}, without = {{ words = ["advertisement"] }}
"""
OPML_SOURCE = """\
[[sources]]
{name}kind = "feed"
url = {url}

"""


def init(url: str, path: Path, *, force: bool = False, allow_private: Sequence[str] = ()) -> Found:
    """Write the configuration for the blog at *url* to *path* and return what was found.

    ConfigError if *path* is there and *force* is not given; SourceError if no feed is found.
    """
    _check_free(path, force=force)
    found = discover(url, allow_private)
    _write(path, configuration(url, found))
    return found


def init_opml(opml: Path, path: Path, *, force: bool = False) -> tuple[str, ...]:
    """Write the configuration for the feeds that the file *opml* lists; return their addresses.

    No feed is asked. ConfigError if *path* is there and *force* is not given, or if *opml* cannot
    be read or lists no feed.
    """
    _check_free(path, force=force)
    remedy = "Give the OPML file that a feed reader exports."
    try:
        text = decode(opml.read_bytes())
    except OSError as error:
        raise ConfigError(str(opml), f"cannot be read: {error.strerror}", remedy) from None
    except SourceError as error:
        raise ConfigError(str(opml), error.cause, remedy) from None
    feeds = _opml.read(text)
    if not feeds:
        raise ConfigError(str(opml), "lists no feed (no outline with an xmlUrl)", remedy)
    _write(path, opml_configuration(opml.name, _opml.title(text), feeds))
    return tuple(url for url, _ in feeds)


def _check_free(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        remedy = "Look at it, or write it anew with: digest init --force URL"
        raise ConfigError(str(path), "is there already", remedy)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        remedy = "Choose another place: digest --config FILE init URL"
        raise DigestError(str(path), f"cannot be written: {error.strerror}", remedy) from None


def opml_configuration(asked: str, title: str, feeds: Sequence[tuple[str, str]]) -> str:
    """Return the text of a digest.toml for *feeds*, each address and title.

    A source is named by its title where no other has the same; else its address is its name.
    """
    counts = Counter(name for _, name in feeds)
    sources = (
        OPML_SOURCE.format(
            name=f"name = {_toml(name[:_NAME])}\n" if name and counts[name] == 1 else "",
            url=_toml(url),
        )
        for url, name in feeds
    )
    head = OPML_HEAD.format(asked=_plain(asked), title=_toml(title))
    return f"{head}\n{''.join(sources)}{TAIL.format(name=_plain(title).replace(chr(34), ''))}"


def configuration(asked: str, found: Found) -> str:
    """Return the text of a digest.toml for what was *found*."""
    best, *others = found.feeds
    about = found.about
    lines = [f"# also found: {feed.url}  ({feed.title})" for feed in others]
    return (TEMPLATE + TAIL).format(
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
