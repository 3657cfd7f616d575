"""The whole message (RFC 5322) with named slots, and its copies made by splicing.

Written by hand for two reasons: ``email.policy.SMTP`` turns a long List-Unsubscribe URL into an
encoded-word, which is invalid (cpython#85725), and writes encoded-words of more than 75 octets; and
a copy for one more reader must cost a splice, not a render. Quoted-printable may fold a line
anywhere, so every slot of a body stands on a line of its own between two soft line breaks. Where
the slots are is written down while the message is: no words of a subject or a body can be one.
"""

import re
from base64 import b64encode, encodebytes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from digest.model import Mail
from digest.model.draft import Slot
from digest.model.errors import DraftError
from digest.render.slots import SlottedText, make_placeholder, read_slots, split_slots
from digest.text.address import Unfit
from digest.text.address import address as judge_address
from digest.text.domain_names import ascii_host

NOBODY = "nobody@example.invalid"  # the sender of a draft where none is set (RFC 2606)
_ALLOWED = {
    "original": re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>"),
    "to": re.compile(r"(?:[^\x00-\x1f\x7f-\x9f]|\r\n )+"),
    "token": re.compile(r"[A-Za-z0-9._~-]{1,70}"),
    "date": re.compile(r"[ -~]{1,60}"),
    "message-id": re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>"),
}
_LONGEST = {"to": 2000}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BREAK = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_SPECIAL = re.compile(r'["\\]')
_LONGEST_WORD = 900  # of a line that may have 998 characters (RFC 5322, 2.1.1)
_ESCAPED = re.compile(r"[^\t -<>-~]+")
_CRLF = "\r\n"
_SOFT = "=\r\n"
_CONVENIENT = 76


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """What the head of a message says; ``sender`` and ``reply_to`` are (name, address).

    ``unsubscribe`` holds the URLs of List-Unsubscribe, https first, each with the reader's token
    behind it where they are ``personal``; ``list_id`` is (name, id). ``automatic`` mail asks not
    to be answered by programs (RFC 3834, 5); a mail that ``answers`` names the reader's copy of an
    earlier one in the slot "original".
    """

    subject: str
    sender: tuple[str, str]
    reply_to: tuple[str, str] | None = None
    language: str = ""
    list_id: tuple[str, str] | None = None
    unsubscribe: tuple[str, ...] = ()
    personal: bool = True
    automatic: bool = False
    answers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMessage:
    """A whole message (RFC 5322) with its slots open."""

    content: bytes
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class _OpenSlot:
    """A slot among the pieces of a message."""

    name: str


_Pieces = Iterable["str | _OpenSlot"]


def build_message(
    headers: Headers,
    text: str | SlottedText,
    html: str | SlottedText = "",
    inline: Mapping[str, bytes] | None = None,
) -> OpenMessage:
    """Return the message with its slots open: plain text first, then HTML (RFC 2046, 5.1.4).

    *inline* maps the content id of each picture that the HTML shows by ``cid:`` to its JPEG.
    Without *html* it is plain text alone.
    """
    text, html = _make_slotted(text), _make_slotted(html)
    if not html.text:
        return _join_pieces((*_build_head(headers), *_build_text_part("plain", text), _CRLF))
    boundary = "=_" + sha256(f"{text.text}\0{html.text}".encode()).hexdigest()[:24]
    shown = _build_text_part("html", html)
    if inline:
        pictures = ((_build_picture_part(name, jpeg),) for name, jpeg in inline.items())
        shown = _build_multipart("related", f"{boundary}r", (shown, *pictures))
    body = _build_multipart("alternative", boundary, (_build_text_part("plain", text), shown))
    return _join_pieces((*_build_head(headers), *body))


def _make_slotted(text: str | SlottedText) -> SlottedText:
    return SlottedText(text) if isinstance(text, str) else text


def _join_pieces(pieces: _Pieces) -> OpenMessage:
    """Return the message that *pieces* make, with a placeholder in each slot."""
    content, slots = bytearray(), list[Slot]()
    for piece in pieces:
        start = len(content)
        if isinstance(piece, _OpenSlot):
            content += make_placeholder(piece.name).encode("ascii")
            slots.append(Slot(name=piece.name, start=start, end=len(content)))
        else:
            content += piece.encode("ascii")
    return OpenMessage(content=bytes(content), slots=tuple(slots))


def _build_multipart(kind: str, boundary: str, parts: Iterable[_Pieces]) -> _Pieces:
    """Yield *parts*, each with a head of its own, as one part of several."""
    yield f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'
    for part in parts:
        yield f"--{boundary}\r\n"
        yield from part
        yield _CRLF
    yield f"--{boundary}--\r\n"


def _build_text_part(kind: str, content: SlottedText) -> _Pieces:
    yield (
        f"Content-Type: text/{kind}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    yield from _encode_quoted_printable(content)


def _build_picture_part(name: str, jpeg: bytes) -> str:
    lines = encodebytes(jpeg).decode("ascii").replace("\n", _CRLF)
    return (
        f"Content-Type: image/jpeg\r\nContent-ID: <{_check_token(name)}>\r\n"
        f"Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n{lines}"
    )


def open_message(mail: Mail) -> OpenMessage:
    """Return the whole message of *mail*."""
    return OpenMessage(content=mail.mime, slots=read_slots(mail).mime)


def fill_message(message: OpenMessage, values: Mapping[str, str]) -> bytes:
    """Return *message* with every slot replaced by its value.

    Raises DraftError for a slot without a value and for a value that could break out of its place.
    """
    for name, value in values.items():
        if not _ALLOWED[name].fullmatch(value) or len(value) > _LONGEST.get(name, 320):
            raise DraftError(f"{name} {value!r}", "cannot stand in a message")
    pieces, at = list[bytes](), 0
    for slot in message.slots:
        if slot.name not in values:
            raise DraftError("the message", f"no value for its {slot.name}")
        pieces += (message.content[at : slot.start], values[slot.name].encode())
        at = slot.end
    return b"".join((*pieces, message.content[at:]))


def make_dummy_values(recipient: str = "reader@example.invalid") -> dict[str, str]:
    """Return values for a preview or a test mail to *recipient*: no token of a reader, no date."""
    return {
        "to": recipient,
        "token": "preview",
        "date": "Thu, 01 Jan 1970 00:00:00 +0000",
        "message-id": "<preview@example.invalid>",
        "original": "<original@example.invalid>",
    }


def format_rfc_date(moment: datetime) -> str:
    """Return *moment* as the Date header has it (RFC 5322, 3.3), in its own zone."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment:%Y %H:%M:%S %z}"


def make_message_id(key: str, domain: str) -> str:
    """Return the Message-ID that belongs to *key* (issue, revision, reader), always the same."""
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{encode_domain(domain)}>"


def _encode_quoted_printable(content: SlottedText) -> _Pieces:
    """Yield *content* in quoted-printable (RFC 2045, 6.7), no slot of it ever split."""
    lines: list[list[str | _OpenSlot]] = [[]]
    for index, piece in enumerate(split_slots(content)):
        if index % 2:
            lines[-1].append(_OpenSlot(piece))
            continue
        first, *rest = _BREAK.split(piece)
        lines[-1].append(first)
        lines += ([row] for row in rest)
    for number, line in enumerate(lines):
        if number:
            yield _CRLF
        yield from _encode_line(line)


def _encode_line(line: Sequence[str | _OpenSlot]) -> _Pieces:
    """Yield the encoded lines of one line of text, a slot alone on its own."""
    rows = list[str | _OpenSlot]()
    for piece in line:
        if isinstance(piece, _OpenSlot):
            rows.append(piece)
        elif piece or len(line) == 1:
            rows += _split_chunks(_escape_text(piece))
    for number, row in enumerate(rows):
        if number:
            yield _SOFT
        yield row


def _escape_text(text: str) -> str:
    """Return *text* with what quoted-printable escapes: not ASCII, "=", and a last space."""
    safe = _ESCAPED.sub(lambda run: "=" + run[0].encode().hex("=").upper(), text)
    return safe[:-1] + f"={ord(safe[-1]):02X}" if safe[-1:] in (" ", "\t") else safe


def _split_chunks(encoded: str) -> Iterator[str]:
    """Yield *encoded* in pieces of at most 75 characters, no escape split."""
    start, end = 0, len(encoded)
    while end - start > _CONVENIENT - 1:
        stop = start + _CONVENIENT - 1
        stop -= next((back for back in (1, 2) if encoded[stop - back] == "="), 0)
        yield encoded[start:stop]
        start = stop
    yield encoded[start:]


def write_text_header(name: str, value: str) -> str:
    """Return a header line of free text, folded; RFC 2047 words where it is not plain ASCII.

    Text that looks like an encoded-word is encoded itself: decoded twice, it could end a header.
    """
    value = _CONTROL.sub(" ", value).strip()
    if _is_plain(value):
        return _fold_header(f"{name}:", value)
    return f"{name}: " + "\r\n ".join(_encode_words(value, len(name) + 2))


def _is_plain(value: str) -> bool:
    """Tell whether *value* may stand as it is: ASCII with breaks in it, and no encoded-word."""
    longest = max(map(len, value.split(" ")), default=0)
    return value.isascii() and "=?" not in value and longest < _LONGEST_WORD


def _fold_header(start: str, value: str) -> str:
    """Return *start* and *value*, folded before a space where a line grows long (RFC 5322, 2.2.3).

    Spam filters hold base64 where none is needed against a mail.
    """
    lines, line = [], start
    for word in re.findall(r" *[^ ]+", f" {value}"):
        if line != start and len(line) + len(word) > _CONVENIENT:
            lines.append(line)
            line = ""
        line += word
    return "\r\n".join((*lines, line))


def write_address_header(name: str, pair: tuple[str, str]) -> str:
    """Return an address header: a quoted or encoded display name and the address."""
    display = _CONTROL.sub(" ", pair[0]).strip()
    try:
        held = name == "To"
        known = pair[1] == NOBODY
        address = pair[1] if known else judge_address(pair[1], smtputf8=held).sent_to
    except Unfit as error:
        raise DraftError(f"{name} address {pair[1]!r}", f"not an address: {error}") from None
    if not display:
        return f"{name}: {address}"
    return f"{name}: " + "\r\n ".join((*_write_phrase(display, len(name) + 2), f"<{address}>"))


def _write_phrase(display: str, indent: int) -> Sequence[str]:
    """Return the lines of a display name (RFC 5322, 3.2.5): atoms, a quoted string, or words."""
    display = " ".join(display.split())
    if not _is_plain(display) or not display:
        return tuple(_encode_words(display, indent))
    quoted = display if _ATOMS.fullmatch(display) else '"' + _SPECIAL.sub(r"\\\g<0>", display) + '"'
    return _fold_header(" " * (indent - 1), quoted).strip().split("\r\n ")


def _build_head(headers: Headers) -> _Pieces:
    yield from ("MIME-Version: 1.0\r\n", write_address_header("From", headers.sender), _CRLF)
    yield from ("To: ", _OpenSlot("to"), _CRLF)
    if headers.reply_to:
        yield from (write_address_header("Reply-To", headers.reply_to), _CRLF)
    yield from (write_text_header("Subject", headers.subject), _CRLF)
    yield from ("Date: ", _OpenSlot("date"), _CRLF)
    yield from ("Message-ID: ", _OpenSlot("message-id"), _CRLF)
    if headers.language:
        yield f"Content-Language: {_check_token(headers.language)}\r\n"
    if headers.answers:
        yield from ("In-Reply-To: ", _OpenSlot("original"), _CRLF)
        yield from ("References: ", _OpenSlot("original"), _CRLF)
    if headers.automatic:
        yield "Auto-Submitted: auto-generated\r\n"
    yield from _build_list_fields(headers)


def _build_list_fields(headers: Headers) -> _Pieces:
    """Yield List-Id (RFC 2919) and List-Unsubscribe with its one-click mark (RFC 2369, 8058)."""
    if headers.list_id:
        name, list_id = headers.list_id
        words = _write_phrase(_CONTROL.sub(" ", name).strip(), 9)
        yield (
            "List-Id: "
            + "\r\n ".join((*words, f"<{_check_token(encode_domain(list_id))}>"))
            + _CRLF
        )
    for number, url in enumerate(headers.unsubscribe):
        yield f",\r\n <{_check_token(url)}" if number else f"List-Unsubscribe: <{_check_token(url)}"
        if headers.personal:
            yield _OpenSlot("token")
        yield ">"
    if headers.unsubscribe:
        yield _CRLF
        if headers.unsubscribe[0].startswith("https://"):
            yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def _encode_words(value: str, indent: int) -> Iterator[str]:
    """Yield *value* as base64 encoded-words, each line at most 76 octets (RFC 2047, 2)."""
    chunk, room = b"", _count_word_bytes(indent)
    for char in value:
        encoded = char.encode("utf-8", "replace")
        if len(chunk) + len(encoded) > room:
            yield _encode_word(chunk)
            chunk, room = b"", _count_word_bytes(1)
        chunk += encoded
    if chunk:
        yield _encode_word(chunk)


def _count_word_bytes(indent: int) -> int:
    """Return how many bytes one encoded-word holds after *indent* characters."""
    return (min(75, _CONVENIENT - indent) - len("=?utf-8?b??=")) // 4 * 3


def _encode_word(chunk: bytes) -> str:
    return f"=?utf-8?b?{b64encode(chunk).decode('ascii')}?="


def _check_token(value: str) -> str:
    if not re.fullmatch(r"[!-;=?-~]+", value):
        raise DraftError(f"header value {value!r}", "not plain ASCII without spaces")
    return value


def encode_domain(domain: str) -> str:
    """Return an address or domain with its domain in ASCII (IDNA)."""
    local, at, host = domain.rpartition("@")
    try:
        return local + at + ascii_host(host)
    except ValueError as error:
        raise DraftError(f"domain {host!r}", "no such name in DNS") from error
