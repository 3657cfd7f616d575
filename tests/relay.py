"""A relay far away: it takes its time for every command, and more to accept a message.

It runs in a process of its own, for it must not take the time of whom it is measured with.
"""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


async def _speak(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: float, accept: float
) -> None:
    """Answer one client; commands that come together are answered one after the other."""
    writer.write(b"220 relay.example.org ESMTP\r\n")
    try:
        while line := await reader.readline():
            word = line[:4].upper()
            await asyncio.sleep(command)
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(accept)
                writer.write(b"250 taken\r\n")
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 fine\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def _serve(command: float, accept: float, ready: Any) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _speak(reader, writer, command, accept)

    server = await asyncio.start_server(client, "127.0.0.1", 0, limit=1 << 22)
    ready.put(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _run(command: float, accept: float, ready: Any) -> None:
    asyncio.run(_serve(command, accept, ready))


@contextmanager
def relay(command: float, accept: float) -> Iterator[tuple[str, int]]:
    """Yield host and port of a relay that takes *command* seconds each, *accept* for a message."""
    context = multiprocessing.get_context("spawn")
    ready = context.Queue()
    process = context.Process(target=_run, args=(command, accept, ready), daemon=True)
    process.start()
    try:
        yield "127.0.0.1", ready.get(timeout=30)
    finally:
        process.terminate()
        process.join()
