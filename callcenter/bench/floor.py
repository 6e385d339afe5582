"""A controller that does nothing, to compare with.

`python -m callcenter.bench.floor WAY PORT SECONDS` prints `listening`, waits for one call, prints a
JSON list of milliseconds. Runs as a process of its own, so that nobody takes its turn. Ways:

- `steps`: over FastAGI, WAIT FOR DIGIT, then NOOP as soon as that is answered: the pattern
  of an IVR step with no thought in it. Its times are taken on the wire; none are printed.
- `burst`: over FastAGI, from the reply to one NOOP read to the reply to the next one read: both
  sides are awake already.
- `async`: the same over AsyncAGI, by an AMI action and its event.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from callcenter.bench.bare import AMI_SECRET, AMI_USER

PAUSE_MS = 50  # between two measured: a caller's key comes after a while too
WAIT_S = 30.0
WAIT_COMMAND = f"WAIT FOR DIGIT {PAUSE_MS}\n".encode()
NOOP = b"NOOP\n"


@contextmanager
def _agi_call(port: int) -> Iterator[Callable[[bytes], None]]:
    """One FastAGI call on this port; what is handed out sends a command and reads its reply."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        print("listening", flush=True)
        listener.settimeout(WAIT_S)
        line, _ = listener.accept()
    with line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.settimeout(WAIT_S)
        environment = b""
        while not environment.endswith(b"\n\n"):
            environment += line.recv(4096)

        def act(command: bytes) -> None:
            line.sendall(command)
            while not line.recv(4096).endswith(b"\n"):
                """A reply is one line."""

        yield act


def steps(port: int, seconds: float) -> list[float]:
    """Serve one call in the pattern of IVR steps."""
    with _agi_call(port) as act:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            act(WAIT_COMMAND)
            act(NOOP)
    return []


def burst(port: int, seconds: float) -> list[float]:
    """Serve one call with pairs of NOOPs."""
    with _agi_call(port) as act:
        return measured(lambda: act(NOOP), seconds)


def async_agi(port: int, seconds: float) -> list[float]:
    """Steer the next AsyncAGI call over the AMI on this port."""
    with socket.create_connection(("127.0.0.1", port), WAIT_S) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = link.makefile("rb")

        def act(**headers: str) -> None:
            text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            link.sendall(text.encode() + b"\r\n")

        def until(event: bytes) -> dict[bytes, bytes]:
            headers: dict[bytes, bytes] = {}
            for line in stream:
                name, colon, value = line.strip().partition(b": ")
                if colon:
                    headers[name] = value
                elif headers.get(b"Event") == event:
                    return headers
                else:
                    headers = {}
            raise ConnectionError("Asterisk closed AMI")

        act(Action="Login", Username=AMI_USER, Secret=AMI_SECRET)
        print("listening", flush=True)
        channel = until(b"AsyncAGIStart")[b"Channel"].decode()

        def noop() -> None:
            act(Action="AGI", Channel=channel, Command="NOOP", CommandID="bench")
            until(b"AsyncAGIExec")

        return measured(noop, seconds)


def measured(noop: Callable[[], None], seconds: float) -> list[float]:
    """Pairs of NOOPs for so long; milliseconds of the second of each pair."""
    times = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        noop()
        began = time.perf_counter()
        noop()
        times.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE_MS / 1000)
    return times


def main() -> None:
    """Run as told by the command line."""
    way, port, seconds = sys.argv[1:]
    measure = {"steps": steps, "burst": burst, "async": async_agi}[way]
    print(json.dumps(measure(int(port), float(seconds))), flush=True)


if __name__ == "__main__":
    main()
