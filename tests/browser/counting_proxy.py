"""A proxy on loopback that hands bytes on both ways and counts them."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 256 * 1024


@dataclass
class CountingProxy:
    """Where it listens, and how many bytes went through it, both ways together, as they left and reached sockets."""

    to: int
    port: int = 0
    moved: int = 0

    async def serve(self, ready: threading.Event, ended: asyncio.Event) -> None:
        """Listen on `port`, or on a free one, until it is ended."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await ended.wait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._hand_on(reader, back), self._hand_on(there, writer))

    async def _hand_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while chunk := await source.read(_CHUNK):
                self.moved += len(chunk)
                target.write(chunk)
                await target.drain()
        except ConnectionError:
            pass  # the one side has gone: so does the other
        finally:
            target.close()


@contextmanager
def counting_proxy(to: int, *, port: int = 0) -> Iterator[CountingProxy]:
    """A proxy to a port of loopback until the block ends."""
    proxy, ready = CountingProxy(to, port), threading.Event()
    loop, ended = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=_run, args=(loop, proxy, ready, ended), name="counting proxy", daemon=True)
    thread.start()
    try:
        assert ready.wait(10), "the proxy did not start"
        yield proxy
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)


def _run(loop: asyncio.AbstractEventLoop, proxy: CountingProxy, ready: threading.Event, ended: asyncio.Event) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(proxy.serve(ready, ended))
