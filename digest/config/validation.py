"""What a user wrote -> checked values, or a ConfigError that teaches: key, cause and remedy.

The one place that puts the words of msgspec into ours: for digest.toml, for a schedule, for the
options of a mailer, a network, a summarizer. ``check_zone`` and its like look at single values.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec

from digest.model.errors import ConfigError
from digest.text.address import Unfit, mailbox

_Value = TypeVar("_Value")
_Table = TypeVar("_Table", bound=msgspec.Struct)
_INTERNAL = "internal"

# An option that the program gives an adapter, such as a cache; no message offers it to a user.
Internal = Annotated[_Value, msgspec.Meta(extra={_INTERNAL: True})]

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
    "date": "a date",
    "datetime": "a date with a time",
    "time": "a time of day",
}
_REMEDIES = {
    "int": "Write the number without quotation marks.",
    "str": "Put it in quotation marks.",
    "bool": "Write true or false, without quotation marks.",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


def convert_table(
    tree: object,
    kind: type[_Table],
    name_key: Callable[[str], str],
    *,
    table: str = "",
    strict: bool = False,
) -> _Table:
    """Return *tree*, the table of the dotted name *table*, as *kind*.

    *name_key* makes the subject of an error of a dotted key. A text that stands for a number is
    taken for it, as a variable of the environment holds one, unless *strict*.

        convert_table({"stories": "many"}, DigestSettings, "digest.toml: {}".format)
        # ConfigError: digest.toml: stories: a whole number is wanted, not a text. Write the ...
    """
    try:
        return msgspec.convert(tree, kind, strict=strict)
    except msgspec.ValidationError as error:
        wrong = _explain_msgspec_error(str(error), table, kind)
        raise ConfigError(name_key(wrong.subject), wrong.cause, wrong.remedy) from None


def read_options(
    kind: type[_Table], options: Mapping[str, object], group: str, name: str
) -> _Table:
    """Return the *options* of ``[GROUP.NAME]`` as *kind*; ConfigError names the key that is wrong.

    read_options(Options, {"hots": "x"}, "mailers", "smtp")
    # ConfigError: [mailers.smtp] hots: there is no such key. Did you mean 'host'?
    """
    return convert_table(dict(options), kind, lambda key: f"[{group}.{name}] {key}")


def find_nearest(name: str, known: Iterable[str], none: str = "Known here") -> str:
    """Return the remedy for *name*, which is none of *known*: the nearest, else all there are."""
    known = list(known)
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"{none}: {', '.join(known)}."


def _explain_msgspec_error(said: str, table: str, root: type[msgspec.Struct]) -> ConfigError:
    """Return what is wrong by the words of msgspec, *said* of a value of *root* below *table*.

    Its subject is the dotted key alone; whoever read the value knows where it stands.
    """
    cause, _, path = said.partition(" - at `")
    inner = path.rstrip("`").removeprefix("$").lstrip(".")
    where = f"{table}.{inner}".strip(".")
    if unknown := re.search(r"unknown field `(.+?)`", cause):
        return _explain_unknown_key(unknown[1], where, _list_fields(_find_type(root, inner)))
    if missing := re.search(r"missing required field `(.+?)`", cause):
        key = f"{where}.{missing[1]}".lstrip(".")
        return ConfigError(key, "is missing", f"Write it: {missing[1]} = ...")
    return _explain_misfit(cause, where or "top level", _find_type(root, inner))


def _explain_unknown_key(name: str, where: str, known: Mapping[str, Any]) -> ConfigError:
    key = f"{where}.{name}".lstrip(".")
    return ConfigError(key, "there is no such key", find_nearest(name, known))


def _explain_misfit(cause: str, where: str, kind: object) -> ConfigError:
    """Return that a value is of another type, out of its bounds or none of the choices."""
    if choice := re.search(r"enum value (.+)", cause):
        choices = ", ".join(str(one) for one in get_args(kind))
        return ConfigError(where, f"{choice[1]} is none of the choices", f"Choose from: {choices}.")
    wanted = re.search(r"Expected `(.+?)`(?: (>=|<=|>|<) (\S+))?(?:, got `(\w+)`)?", cause)
    if not wanted:
        return ConfigError(where, cause[:1].lower() + cause[1:], "Mend that value.")
    names, sign, bound, given = wanted.groups()
    kinds = [one for one in names.split(" | ") if one != "null"] or ["null"]
    words = " or ".join(_WORDS.get(one, one) for one in kinds)
    if sign:
        return ConfigError(
            where, f"{words} of {_BOUNDS[sign]} {bound} is wanted", "Change the number."
        )
    instead = f", not {_WORDS.get(given, given)}" if given else ""
    return ConfigError(where, f"{words} is wanted{instead}", _suggest_remedy(kinds[0], where, kind))


def _suggest_remedy(name: str, where: str, kind: object) -> str:
    last = where.rpartition(".")[2]
    tables = isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    if name == "array":
        return f"Begin each with [[{where}]]." if tables else f'Write {last} = ["a", "b"].'
    if name == "object":
        return f"Write it as a table: [{where}]."
    return _REMEDIES.get(name, "Mend that value.")


def _find_type(root: type[msgspec.Struct], path: str) -> object:
    """Return the type of what stands at *path* below *root*; of a list or table, of its items."""
    kind: object = root
    for step in re.sub(r"\[.*?\]", "", path).split("."):
        kind = _find_item_type(_list_fields(kind).get(step, kind))
    return kind


def _find_item_type(kind: object) -> object:
    """Return what *kind* holds: X of tuple[X, ...], dict[str, X], X | None, Annotated[X, ...]."""
    arguments = get_args(kind)
    if not arguments or get_origin(kind) is Literal:
        return kind
    if get_origin(kind) is dict:
        return _find_item_type(arguments[1])
    if get_origin(kind) in (tuple, Annotated, Union, UnionType):
        return _find_item_type(arguments[0])
    return kind


def _list_fields(kind: object) -> dict[str, Any]:
    """Return the keys of a table of *kind*, as they are written, with their types; else none."""
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return {}
    hints = get_type_hints(kind, include_extras=True)
    own = (f for f in msgspec.structs.fields(kind) if f.name != "file")
    return {f.encode_name: hints[f.name] for f in own if not _is_internal(hints[f.name])}


def _is_internal(kind: object) -> bool:
    notes = (note for note in get_args(kind) if isinstance(note, msgspec.Meta))
    return any(_INTERNAL in (note.extra or ()) for note in notes)


# RFC 5646, 2.1: language, script, region, variants, extensions; no grandfathered tags.
_LANGUAGE = re.compile(
    r"(?P<primary>[a-z]{2,3})(?:-[a-z]{3}){0,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)
_COMMON = ("zh", "en", "ja", "ko", "de", "fr", "es", "pt", "it", "nl", "pl", "ru")


def check_zone(file: str, key: str, value: str) -> None:
    """Check an IANA time zone."""
    try:
        ZoneInfo(value or "UTC")
    except (ValueError, OSError, KeyError):  # an unknown zone is a KeyError
        remedy = "Use an IANA name such as Asia/Taipei or Europe/Berlin."
        raise ConfigError(f"{file}: {key}", f"{value!r} is no time zone", remedy) from None


def check_web_address(file: str, key: str, value: str) -> None:
    """Check a web address; empty is none."""
    if value and not value.startswith(("https://", "http://")):
        remedy = "Write the whole address: https://..."
        raise ConfigError(f"{file}: {key}", f"{value!r} is no web address", remedy)


def check_language(file: str, key: str, value: str) -> None:
    """Check a language tag (BCP 47); empty is none."""
    found = _LANGUAGE.fullmatch(value)
    if value and not (found and _is_known_language(found["primary"].lower())):
        remedy = "Write a tag of BCP 47 such as zh-Hant-TW, zh-Hans, en or ja."
        raise ConfigError(f"{file}: {key}", f"{value!r} is no language", remedy)


def _is_known_language(primary: str) -> bool:
    if primary in _COMMON:
        return True
    from babel import Locale

    return primary in Locale("en").languages


def check_mailbox(file: str, key: str, value: str) -> None:
    """Check a name with an address, or an address alone (RFC 5322, 3.4); empty is none."""
    if not value:
        return
    try:
        mailbox(value.strip())
    except Unfit as error:
        remedy = f'Write "Name <name@example.org>"; {error}.'
        raise ConfigError(f"{file}: {key}", f"{value!r} is no mail address", remedy) from None
