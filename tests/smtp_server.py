# ruff: noqa: N802 - aiosmtpd names its hooks so
"""An SMTP server of our own with faults at every step of a message; aiosmtpd under it.

``server.fault = lambda step, address: ...`` is asked at each step: "greeting", "EHLO", "MAIL",
"RCPT", "DATA" (before 354), "body" (after 354), "." (the content is there), "kept" (it is kept,
not yet said so) and "said" (250 is out). It answers None (nothing), "drop" (hang up) or a reply.
What is kept is kept before it is answered, as a server must (RFC 5321, 6.1).
"""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

Fault = Callable[[str, str], "str | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One message that the server took."""

    sender: str
    recipient: str
    raw: bytes
    options: tuple[str, ...] = ()

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class SmtpServer:
    """What it kept, in order, and what it was asked; ``pipelining`` says whether it takes that.

    It takes ``most`` connections at once (0: any number) and counts those it ``refused``.
    """

    kept: list[Kept] = field(default_factory=list)
    fault: Fault = lambda _step, _address: None
    on_kept: Callable[[Kept], None] = lambda _one: None
    sessions: int = 0
    names: list[str] = field(default_factory=list)
    pipelining: bool = True
    refused: int = 0
    most: int = 0
    live: int = 0
    host: str = "127.0.0.1"
    port: int = 0

    @property
    def recipients(self) -> list[str]:
        return [one.recipient for one in self.kept]

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, name: str, responses: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = name
        self.names.append(name)
        if answer := await self._ask("EHLO", name, server):
            return [answer]
        extra = ["250-PIPELINING"] if self.pipelining else []
        return [*responses[:-1], *extra, responses[-1]]

    async def handle_HELO(
        self, server: Any, session: Session, envelope: Envelope, name: str
    ) -> str:
        if answer := await self._ask("EHLO", name, server):
            return answer
        session.host_name = name
        return "250 fine"

    async def handle_MAIL(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self._ask("MAIL", address, server):
            return answer
        envelope.mail_from, envelope.mail_options = address, list(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self._ask("RCPT", address, server):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        if answer := await self._ask(".", address, server):
            return answer
        one = Kept(
            sender=envelope.mail_from or "",
            recipient=address,
            raw=envelope.original_content or b"",
            options=tuple(envelope.mail_options),
        )
        self.kept.append(one)
        self.on_kept(one)
        if answer := await self._ask("kept", address, server):
            return answer
        if self.fault("said", address) == "drop":
            asyncio.get_running_loop().call_later(0.005, server.transport.close)
        return "250 OK"

    async def _ask(self, step: str, address: str, server: Any) -> str | None:
        answer = self.fault(step, address)
        if answer == "drop":
            server.transport.abort()
            raise asyncio.CancelledError
        if answer and answer.startswith("421"):
            asyncio.get_running_loop().call_later(0.005, server.transport.close)
        return answer


class _Smtp(SMTP):
    """Asks for faults around DATA as well, and before the greeting."""

    async def _handle_client(self) -> None:
        faulty = self.event_handler
        answer = faulty.fault("greeting", "")
        if faulty.most and faulty.live >= faulty.most:
            answer = "421 4.7.0 Too many concurrent connections"
        if answer:
            faulty.refused += 1
            if answer != "drop":
                await self.push(answer)
            self.transport.close()
            return
        faulty.live += 1
        try:
            await super()._handle_client()
        finally:
            faulty.live -= 1

    async def smtp_DATA(self, arg: str) -> None:
        faulty, envelope = self.event_handler, self.envelope
        address = envelope.rcpt_tos[0] if envelope and envelope.rcpt_tos else ""
        if address:
            if answer := await faulty._ask("DATA", address, self):
                await self.push(answer)
                return
            if faulty.fault("body", address) == "drop":
                await self.push("354 go on")
                self.transport.abort()
                raise asyncio.CancelledError
        await super().smtp_DATA(arg)


@contextmanager
def smtp_serving(
    *,
    password: str = "",
    context: ssl.SSLContext | None = None,
    implicit: bool = False,
    **options: Any,
) -> Iterator[SmtpServer]:
    """Run a server; with *password* it wants one, with *context* it speaks TLS."""
    handler = SmtpServer(pipelining=options.pop("pipelining", True))
    if password:
        options |= {"auth_required": not implicit, "auth_require_tls": not implicit}

        def check(_server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
            return AuthResult(success=data.password == password.encode(), handled=False)

        options["authenticator"] = check
    if context and not implicit:
        options["tls_context"] = context
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncio.Server:
        return await loop.create_server(
            lambda: _Smtp(handler, loop=loop, **options),
            "127.0.0.1",
            0,
            ssl=context if implicit else None,
        )

    listening = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    handler.port = listening.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        asyncio.run_coroutine_threadsafe(_stop(listening), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    rest = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
    for one in rest:
        one.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.sleep(0)
