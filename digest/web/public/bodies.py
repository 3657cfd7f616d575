"""What a client sends: read within a size and a time, whoever it is."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

FORM = 16 * 1024
NOTICE = 4 * 1024 * 1024
SECONDS = 10.0
_FIELDS = 50


async def body(request: Request, most: int = FORM) -> bytes:
    """Return the body of *request*; 413 where it is larger than *most*, 408 where too slow."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > most:
        raise HTTPException(413 if said.isdecimal() else 400)
    found = bytearray()
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                found += chunk
                if len(found) > most:
                    raise HTTPException(413, headers={"Connection": "close"})
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(found)


async def form(request: Request) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of a form, urlencoded or multipart (RFC 8058 allows both)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await body(request)
    if kind == "multipart/form-data":
        pairs = await _multipart(request, raw)
    elif kind in ("application/x-www-form-urlencoded", ""):
        pairs = _urlencoded(raw)
    else:
        raise HTTPException(415)
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return fields


def _urlencoded(raw: bytes) -> list[tuple[str, str]]:
    try:
        text = raw.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(400) from None


async def _multipart(request: Request, raw: bytes) -> list[tuple[str, str]]:
    from starlette.formparsers import MultiPartException, MultiPartParser

    async def stream() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        parser = MultiPartParser(request.headers, stream(), max_files=0, max_fields=_FIELDS)
        found = await parser.parse()
    except (MultiPartException, UnicodeDecodeError, KeyError, LookupError):
        raise HTTPException(400) from None
    return [(name, value) for name, value in found.multi_items() if isinstance(value, str)]


def first(fields: Mapping[str, tuple[str, ...]], name: str) -> str:
    """Return the first value of a field, "" where there is none."""
    return fields.get(name, ("",))[0]
