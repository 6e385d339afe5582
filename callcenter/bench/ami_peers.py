"""One AMI client each, taking in a whole stream; run in a process of its own by `ami.py`.

Every client hands each event to a callback that reads its name and, of the names the program
wants, one header: what a program does at the least. It stops at the event `Shutdown`.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from callcenter.asterisk.ami import AmiClient
from callcenter.asterisk.protocol import AmiMessage

END = "Shutdown"  # the last event of the stream
Result = dict[str, float]


def _result(started: tuple[float, float], events: int, wanted: int) -> Result:
    return {
        "cpu_s": time.process_time() - started[0],
        "wall_s": time.perf_counter() - started[1],
        "events": events,
        "wanted": wanted,
    }


def _now() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _ours(port: int, wanted: frozenset[str], keep: frozenset[str]) -> Result:
    """Ours with a given filter; `keep` is what passes it."""

    async def serve() -> Result:
        seen = kept = 0
        over = asyncio.Event()

        def on_event(message: AmiMessage) -> None:
            nonlocal seen, kept
            seen += 1
            name = message.name
            if name in wanted:
                kept += 1
                message["uniqueid"] if "uniqueid" in message else message.get("callid")
            elif name == END:
                over.set()
            else:
                message["privilege"]  # all events: each is decoded

        async def nothing() -> None:
            """No snapshot: the stream is all there is."""

        client = AmiClient(
            "127.0.0.1",
            port,
            "bench",
            "bench",
            on_event=on_event,
            on_up=nothing,
            on_down=lambda: None,
            keep=keep,
        )
        started = _now()
        task = asyncio.ensure_future(client.run())
        await over.wait()
        result = _result(started, seen, kept)
        task.cancel()
        return result

    return asyncio.run(serve())


def ours_all(port: int, wanted: frozenset[str], names: frozenset[str]) -> Result:
    """Ours, every event wanted and decoded."""
    return _ours(port, wanted, names | {END})


def ours_filter(port: int, wanted: frozenset[str], names: frozenset[str]) -> Result:
    """Ours as the program runs it: other names are dropped before they are decoded."""
    return _ours(port, wanted, wanted | {END})


def asterisk_ami(port: int, wanted: frozenset[str], names: frozenset[str]) -> Result:
    """asterisk-ami: a reader thread, callbacks in it."""
    from asterisk.ami import AMIClient

    seen, kept, over = 0, 0, threading.Event()

    def on_event(event: Any, **_: Any) -> None:
        nonlocal seen, kept
        seen += 1
        if event.name in wanted:
            kept += 1
            event.keys.get("Uniqueid")
        elif event.name == END:
            over.set()

    client = AMIClient(address="127.0.0.1", port=port, timeout=60)
    client.add_event_listener(on_event)
    started = _now()
    client.login("bench", "bench")
    over.wait()
    return _result(started, seen, kept)


def pyst2(port: int, wanted: frozenset[str], names: frozenset[str]) -> Result:
    """pyst2: three threads; reads its socket byte by byte."""
    from asterisk.manager import Manager

    seen, kept, over = 0, 0, threading.Event()

    def on_event(event: Any, manager: Any) -> None:
        nonlocal seen, kept
        seen += 1
        if event.name in wanted:
            kept += 1
            event.get_header("Uniqueid")
        elif event.name == END:
            over.set()

    manager = Manager()
    manager.register_event("*", on_event)
    started = _now()
    manager.connect("127.0.0.1", port)
    manager.login("bench", "bench")
    over.wait()
    return _result(started, seen, kept)


def panoramisk(port: int, wanted: frozenset[str], names: frozenset[str]) -> Result:
    """panoramisk: asyncio, a task for each event and callback."""
    from panoramisk import Manager

    async def serve() -> Result:
        seen = kept = 0
        over = asyncio.Event()

        async def on_event(manager: Any, message: Any) -> None:
            nonlocal seen, kept
            seen += 1
            name = message.event
            if name in wanted:
                kept += 1
                message.get("Uniqueid")
            elif name == END:
                over.set()

        manager = Manager(host="127.0.0.1", port=port, username="bench", secret="bench")
        manager.register_event("*", on_event)
        started = _now()
        await manager.connect()
        await over.wait()
        result = _result(started, seen, kept)
        manager.close()
        return result

    return asyncio.run(serve())


CLIENTS: dict[str, Callable[[int, frozenset[str], frozenset[str]], Result]] = {
    client.__name__: client for client in (ours_all, ours_filter, asterisk_ami, pyst2, panoramisk)
}
