"""An address, a name, a language as people type them -> as they are kept, or why they cannot be."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

LONGEST_NAME = 100
_PLAIN = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"""(?<![^\s<>()\[\]"',;:])[^\s<>()\[\]"',;:]+@[^\s<>()\[\]"',;:]+""")
_SPECIAL = ("test", "invalid", "localhost", "local", "onion", "arpa", "internal")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_HIDDEN = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TYPED = str.maketrans(
    {"＠": "@", "．": ".", "。": ".", "\u3000": " ", "\u00a0": " ", "\ufeff": ""}
)


class Unfit(ValueError):  # noqa: N818 - a verdict on what was typed, shown as it is
    """Why something that was typed cannot be kept, in words."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address as mail is sent to it, and what its other spellings share with it."""

    sent_to: str
    normal: str


def address(typed: str, *, smtputf8: bool = False) -> Address:
    """Return *typed* as an address; Unfit says why it is none. No DNS is asked.

    With *smtputf8* what stands before the @ may be beyond ASCII (RFC 6531): a reader who is in
    the store gets mail where the server can take it.

    The domain is in lower case and in ASCII (IDNA 2008), the local part as typed. Two spellings
    are one reader where they differ in case or in Unicode's form (NFC) alone; dots and what
    stands behind a "+" are kept, for they mean different mailboxes at most providers.
    """
    text = unicodedata.normalize("NFC", split(typed)[1]).translate(_TYPED).strip()
    text = text.removeprefix("mailto:").strip("<>").strip()
    if not text:
        raise Unfit("the address is empty")
    if _hides(text):
        raise Unfit("the address holds a control character or a line break")
    if _plain(text):
        local, _, domain = text.rpartition("@")
        sent_to = f"{local}@{domain.lower()}"
    else:
        sent_to = _judged(text, smtputf8=smtputf8)
    return Address(sent_to, sent_to.lower())


def split(typed: str) -> tuple[str, str]:
    """Return name and address of ``Lin Du <lin@example.org>``; the name is "" where none stands."""
    text = typed.strip()
    before, mark, after = text.rpartition("<")
    if mark and before.strip() and after.endswith(">"):
        return before.strip().strip('"').strip(), after[:-1]
    return "", text


def mailbox(written: str) -> Address:
    """Return the address of a mailbox as a setting holds it; Unfit says why it is none.

    A mailbox is an address alone or with a name before it (RFC 5322, 3.4).

    >>> mailbox("Lin Du <lin@example.org>").sent_to
    'lin@example.org'
    """
    if _PLAIN.fullmatch(written):
        return address(written)
    from email.utils import parseaddr

    found = parseaddr(written)[1]
    if _hides(written):
        raise Unfit("it holds a control character or a line break")
    if (
        "@" not in found
        or ("<" in written) != (">" in written)
        or not written.endswith((found, ">"))
    ):
        raise Unfit("it is not a name with an address in <>, nor an address alone")
    return address(found)


def _plain(text: str) -> bool:
    """Tell whether *text* is an address beyond doubt: most are, and the whole check is slow."""
    if len(text) > 254 or not _PLAIN.fullmatch(text) or "xn--" in text.lower():
        return False
    local, _, domain = text.rpartition("@")
    return len(local) <= 64 and domain.lower().rpartition(".")[2] not in _SPECIAL


def _judged(text: str, *, smtputf8: bool) -> str:
    """Return the address that email-validator makes of *text*."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise Unfit(str(error).rstrip(".")) from None
    if not smtputf8 and not found.local_part.isascii():
        raise Unfit(f"{found.local_part!r} before the @ is not ASCII: many servers refuse it")
    return f"{found.local_part}@{found.ascii_domain.lower()}"


def name(typed: str) -> str:
    """Return *typed* as a name, "" where it is empty; Unfit where it could reach into a header."""
    text = unicodedata.normalize("NFC", typed).strip()
    if _hides(text):
        raise Unfit("the name holds a control character or a line break")
    text = " ".join(text.split())
    if len(text) > LONGEST_NAME:
        raise Unfit(f"the name has more than {LONGEST_NAME} characters")
    return text


def _hides(text: str) -> bool:
    """Tell whether *text* holds what is not seen and may act: control characters, overrides."""
    if text.isprintable():
        return False
    return any(unicodedata.category(char) in _HIDDEN or char in _OVERRIDES for char in text)


@cache
def language(typed: str) -> str:
    """Return *typed* as a BCP 47 tag, "" where it is empty; Unfit where it is none."""
    text = typed.strip()
    if text and not _TAG.fullmatch(text):
        raise Unfit(f"{text[:40]!r} is no language tag: write zh-Hant-TW, en, ja")
    return text.replace("_", "-")


def shown(sent_to: str) -> str:
    """Return an address as people read it: its domain in Unicode."""
    local, _, domain = sent_to.rpartition("@")
    if "xn--" not in domain:
        return sent_to
    import idna

    try:
        return f"{local}@{idna.decode(domain)}"
    except idna.IDNAError:
        return sent_to


def nameless(text: str) -> str:
    """Return *text* with an ellipsis for every address in it: what is logged names nobody."""
    return _MAILBOX.sub("…", text)


def masked(sent_to: str) -> str:
    """Return an address that its owner knows again and nobody else learns: ``a…@example.org``."""
    local, _, domain = shown(sent_to).rpartition("@")
    return f"{local[:1]}…@{domain}"
