"""What a value of ``digest.toml`` must be; each check names file and key, cause and remedy."""

import re
from zoneinfo import ZoneInfo

from digest.errors import ConfigError

# RFC 5646, 2.1: language, script, region, variants, extensions; no grandfathered tags.
_LANGUAGE = re.compile(
    r"(?P<primary>[a-z]{2,3})(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
_COMMON = ("zh", "en", "ja", "ko", "de", "fr", "es", "pt", "it", "nl", "pl", "ru")
_MAILBOX = re.compile(r"(?:[^<>\r\n]*<\s*)?[^\s<>@,;:\"()]+@[^\s<>@,;:\"()]+?(?:\s*>)?")


def zone(file: str, key: str, value: str) -> None:
    """Check an IANA time zone."""
    try:
        ZoneInfo(value or "UTC")
    except (ValueError, OSError, KeyError):  # an unknown zone is a KeyError
        remedy = "Use an IANA name such as Asia/Taipei or Europe/Berlin."
        raise ConfigError(f"{file}: {key}", f"{value!r} is no time zone", remedy) from None


def address(file: str, key: str, value: str) -> None:
    """Check a web address; empty is none."""
    if value and not value.startswith(("https://", "http://")):
        remedy = "Write the whole address: https://..."
        raise ConfigError(f"{file}: {key}", f"{value!r} is no web address", remedy)


def language(file: str, key: str, value: str) -> None:
    """Check a language tag (BCP 47); empty is none."""
    found = _LANGUAGE.fullmatch(value)
    if value and not (found and _is_known(found["primary"].lower())):
        remedy = "Write a tag of BCP 47 such as zh-Hant-TW, zh-Hans, en or ja."
        raise ConfigError(f"{file}: {key}", f"{value!r} is no language", remedy)


def _is_known(primary: str) -> bool:
    if primary in _COMMON:
        return True
    from babel import Locale

    return primary in Locale("en").languages


def mailbox(file: str, key: str, value: str) -> None:
    """Check a name with an address, or an address alone (RFC 5322, 3.4); empty is none."""
    if value and (not _MAILBOX.fullmatch(value.strip()) or ("<" in value) != (">" in value)):
        remedy = 'Write "Name <name@example.org>".'
        raise ConfigError(f"{file}: {key}", f"{value!r} is no mail address", remedy)
