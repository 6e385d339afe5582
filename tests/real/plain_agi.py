"""The plainest of controllers: for each call a list of AGI commands, and what came back."""

import socket
import threading
from collections.abc import Callable

from tests.real.asterisk_node import AsteriskNode


class PlainAgi:
    """Listens where the node looks for its controller, in a thread of its own; `with` ends it."""

    def __init__(self, node: AsteriskNode, *commands: str) -> None:
        self._commands = commands
        self.replies: list[str] = []
        agi = node.given.agi
        self._listener = socket.create_server((agi.host, agi.port))
        self._thread = threading.Thread(target=self._serve)
        self._over = threading.Event()
        self._calls: list[threading.Thread] = []

    def __enter__(self) -> "PlainAgi":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        # shutdown wakes accept(); close alone does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(30)
        for call in self._calls:
            call.join(30)

    def wait(self, timeout_s: float = 30) -> list[str]:
        """The replies to all commands of one call."""
        assert self._over.wait(timeout_s), f"not all said: {self.replies}"
        return self.replies

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            call = threading.Thread(target=self._call, args=(connection,))
            call.start()
            self._calls.append(call)

    def _call(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb", buffering=0) as line:
            self._talk(line.readline, line.write)

    def _talk(self, read: Callable[[], bytes], write: Callable[[bytes], object]) -> None:
        while read().strip():
            pass  # the environment
        for command in self._commands:
            write(command.encode() + b"\n")
            reply = read().decode()
            while reply.startswith(("100", "HANGUP")):
                reply = read().decode()
            if not reply:
                return
            self.replies.append(reply.strip())
        self._over.set()
