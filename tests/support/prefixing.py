"""A small real proxy: it takes connections under a path, and hands them on byte by byte."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from urllib.parse import urlsplit

_PIECE = 65_536


@contextmanager
def proxy(site: str, *, prefix: str, strips: bool) -> Iterator[str]:
    """Stand before a site; gives the address of the prefix.

    What does not begin with the prefix is not for this site: the connection is closed.

    :param strips: whether the prefix is taken off before the request is handed on
    """
    loop = asyncio.new_event_loop()
    to = urlsplit(site)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await _hand_on(reader, writer, (str(to.hostname), int(to.port or 0)), prefix, strips)
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{prefix}"
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


async def _hand_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    to: tuple[str, int],
    prefix: str,
    strips: bool,
) -> None:
    """Hand on one request, and all bytes of its connection after that: a socket's, too."""
    method, path, rest = (await reader.readuntil(b"\r\n")).split(b" ", 2)
    if not path.startswith(prefix.encode()):
        return
    head = (await reader.readuntil(b"\r\n\r\n")).replace(b"Connection: keep-alive\r\n", b"")
    there, onward = await asyncio.open_connection(*to)
    path = path.removeprefix(prefix.encode()) if strips else path
    onward.write(b" ".join((method, path, rest)) + head)
    await asyncio.wait(
        [asyncio.ensure_future(_pour(reader, onward)), asyncio.ensure_future(_pour(there, writer))],
        return_when=asyncio.FIRST_COMPLETED,
    )
    onward.close()


async def _pour(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(_PIECE):
            into.write(piece)
            await into.drain()
