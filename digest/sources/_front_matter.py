"""Front matter: the settings at the head of a Hugo content file, in YAML, TOML or JSON."""

import re
from datetime import date, datetime, time, tzinfo
from typing import Any

from digest.sources import _dates
from digest.text.notation import parse_json_head, parse_toml, parse_yaml
from digest.text.text_buffer import fold_line

_YAML = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*\r?(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_OPENS = re.compile(r"(---|\+\+\+)[ \t]*\r?\n\s*[\w\"'-]+\s*[:=]")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+\Z")

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})

FrontMatter = dict[str, Any]


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """Return the front matter of *text*, keys in lower case, and its body.

    Text without front matter gives an empty one. ValueError says what is broken.
    """
    if text.startswith("---") and (found := _YAML.match(text)):
        return _check_table(parse_yaml(found[1])), text[found.end() :]
    if text.startswith("+++") and (found := _TOML.match(text)):
        return _check_table(parse_toml(found[1])), text[found.end() :]
    if text.startswith("{") and text[1:].lstrip().startswith(('"', "}")):
        matter, end = parse_json_head(text)
        return _check_table(matter), text[end:].lstrip("\r\n")
    if opened := _OPENS.match(text):
        raise ValueError(f"it is not closed by {opened[1]}")
    return {}, text


def _check_table(matter: object) -> FrontMatter:
    if matter is None:
        return {}
    if not isinstance(matter, dict):
        raise ValueError("it is not a table of keys and values")  # noqa: TRY004 - bad data
    return {str(key).lower(): value for key, value in matter.items()}


def read_words(value: object) -> str:
    """Return *value* as one line of text that a reader can see; "" for what is no text."""
    if isinstance(value, str):
        return fold_line(value)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def is_true(value: object) -> bool:
    """Tell whether Hugo takes *value* for true: texts as Go's ParseBool does, numbers but 0."""
    if isinstance(value, str):
        return value in _TRUE
    return isinstance(value, bool | int | float) and bool(value)


def read_list(value: object) -> tuple[str, ...]:
    """Return the texts of a list, or of one text, each once."""
    several = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(w for w in map(read_words, several) if w))


def read_names(value: object) -> tuple[str, ...]:
    """Return people's names: given as text, as a slug or as a table with a name."""
    several = value if isinstance(value, list) else [value]
    plain = (
        one.get("name") or one.get("title") if isinstance(one, dict) else one for one in several
    )
    return tuple(dict.fromkeys(_spell_out_slug(n) for n in map(read_words, plain) if n))


def _spell_out_slug(name: str) -> str:
    return name.replace("-", " ").title() if _SLUG.match(name) else name


def read_moment(value: object, zone: tzinfo) -> datetime | None:
    """Return the time *value* means, aware; one without a zone is the site's (*zone*).

    The year 1 is Go's way to write no date at all; it and the last one there is have hours that
    lie outside the calendar in another zone.
    """
    if isinstance(value, str):
        value = _dates.parse_moment(value, zone)
    if isinstance(value, datetime):
        found = value if value.tzinfo else value.replace(tzinfo=zone)
    elif isinstance(value, date):
        found = datetime.combine(value, time(), zone)
    else:
        return None
    return found if date.min.year < found.year < date.max.year else None
