"""Benchmark `ami`: how fast AMI events are taken in, beside three other Python clients.

A stand-in for Asterisk on loopback sends a recorded stream (`ami_stream.txt`: eight real calls of
a real Asterisk 22.10.1, classes call, agent, dtmf, user, system; test numbers only) over and over
as fast as TCP takes it: a slow reader holds it back. Each client runs alone in its own process,
bound to one core; its CPU time counts, since the machine may be busy.
"""

import contextlib
import importlib.util
import os
import pathlib
import socket
import statistics
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from callcenter.asterisk.heard import WANTED
from callcenter.bench.ami_peers import CLIENTS, END

STREAM = pathlib.Path(__file__).with_name("ami_stream.txt")
RUNS = 3  # of which the median counts
CLIENT_S = 600.0  # longest run of one client
CHUNK = 256 * 1024  # bytes, at the least, that the server hands to TCP at a time

# Events sent to each client: slow ones get fewer, their rate does not depend on it.
EVENTS = {
    "ours_all": 200_000,
    "ours_filter": 200_000,
    "asterisk_ami": 200_000,
    "panoramisk": 100_000,
    "pyst2": 2_000,
}
NEEDS = {"asterisk_ami": "asterisk.ami", "pyst2": "asterisk.manager", "panoramisk": "panoramisk"}


def run(scale: float = 1.0) -> dict[str, Any]:
    """All rows; `scale` shortens the streams. Rates are events of the stream per second."""
    frames = recorded()
    names = frozenset(frame.split(b"\r\n", 1)[0][7:].decode() for frame in frames)
    wanted = sum(frame.split(b"\r\n", 1)[0][7:].decode() in WANTED for frame in frames)
    rows = [
        _row(name, frames, names, max(1, int(EVENTS[name] * scale)))
        for name in CLIENTS
        if _is_installed(NEEDS.get(name))
    ]
    fastest = next(row for row in rows if row["client"] == "ours_filter")
    for row in rows:
        row["ratio"] = round(row["events_per_cpu_s"] / fastest["events_per_cpu_s"], 4)
    return {
        "bench": "ami",
        "stream": {
            "events": len(frames),
            "mean_bytes": round(sum(map(len, frames)) / len(frames) + 4),
            "mean_headers": round(sum(f.count(b"\r\n") + 1 for f in frames) / len(frames), 1),
            "wanted_share": round(wanted / len(frames), 3),
            "wanted": sorted(WANTED),
        },
        "target_events_per_s": 80_000,
        "ratio_to": "ours_filter, per second of CPU",
        "rows": rows,
    }


def recorded() -> list[bytes]:
    """The recorded events, each without its blank line."""
    return STREAM.read_bytes().split(b"\r\n", 1)[1].removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")


def _is_installed(module: str | None) -> bool:
    if module is None:
        return True
    with contextlib.suppress(ImportError):
        return importlib.util.find_spec(module) is not None
    return False


def _row(name: str, frames: list[bytes], names: frozenset[str], events: int) -> dict[str, Any]:
    times = max(1, round(events / len(frames)))
    results = []
    for _ in range(RUNS):
        with _server(frames, times) as port, _one_process() as pool:
            taken = pool.submit(CLIENTS[name], port, WANTED, names).result(CLIENT_S)
        results.append(taken)
    sent = times * len(frames)
    cpu_s = statistics.median(result["cpu_s"] for result in results)
    wall_s = statistics.median(result["wall_s"] for result in results)
    return {
        "client": name,
        "events": sent,
        "handed_on": int(results[0]["events"]) - 1,
        "wanted": int(results[0]["wanted"]),
        "cpu_s": round(cpu_s, 3),
        "wall_s": round(wall_s, 3),
        "events_per_cpu_s": round(sent / cpu_s),
        "events_per_s": round(sent / wall_s),
        "runs": RUNS,
    }


def _one_process() -> ProcessPoolExecutor:
    # "spawn": the client's memory and threads are its own.
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_stay_on_one_core)


def _stay_on_one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


@contextlib.contextmanager
def _server(frames: list[bytes], times: int) -> Iterator[int]:
    """Serve one client: banner, login, the stream so many times, the end mark."""
    whole = b"".join(frame + b"\r\n\r\n" for frame in frames)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, whole, times), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
    thread.join(10)


def _serve(listener: socket.socket, whole: bytes, times: int) -> None:
    peer, _ = listener.accept()
    with peer, contextlib.suppress(OSError):
        peer.sendall(b"Asterisk Call Manager/11.0.0\r\n")
        actions = _answered(peer)
        next(actions)  # the login
        at_once = max(1, CHUNK // len(whole))
        for _ in range(times // at_once):
            peer.sendall(whole * at_once)
        peer.sendall(whole * (times % at_once))
        peer.sendall(f"Event: {END}\r\nPrivilege: system,all\r\n\r\n".encode())
        for _ in actions:
            """Pings and the farewell, until the client closes."""


def _answered(peer: socket.socket) -> Iterator[bytes]:
    """Each action that comes, answered with success."""
    kept = b""
    while piece := peer.recv(65536):
        *actions, kept = (kept + piece).split(b"\r\n\r\n")
        for action in actions:
            ids = [line for line in action.split(b"\r\n") if line.lower().startswith(b"actionid")]
            peer.sendall(b"\r\n".join([b"Response: Success", *ids[:1], b"Message: good", b"", b""]))
            yield action
