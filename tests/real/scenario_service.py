"""The services that scenarios ask: each answer is what the scenario of the asking call says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.real.agi_tap import HeardCall
from tests.real.asterisk_node import HOST
from tests.real.scenario_plan import SERVICE_S

Asked = tuple[str, frozenset[tuple[str, str]]]  # a service, and what it is sent


def asked(service: str, sent: Mapping[str, str]) -> Asked:
    return service, frozenset(sent.items())


class Service:
    """Answers on a port of this machine, SERVICE_S after it was asked; else with status 500."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._expected: dict[Asked, tuple[HeardCall, Mapping[str, str] | str]] = {}
        self._server = ThreadingHTTPServer((HOST, port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def expect(self, what: Asked, heard: HeardCall, told: Mapping[str, str] | str) -> None:
        """This call will ask so, and is to be told that."""
        self._expected[what] = heard, told

    def is_expecting(self, what: Asked) -> bool:
        return what in self._expected

    def _answer(self, what: Asked) -> Mapping[str, str] | None:
        heard, told = self._expected.pop(what)
        heard.service_asked(what[0])
        time.sleep(SERVICE_S)
        heard.service_told()
        return None if isinstance(told, str) else told

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                what = asked(self.path.strip("/"), sent)
                told = service._answer(what) if service.is_expecting(what) else None
                body = json.dumps(told or {}).encode()
                self.send_response(500 if told is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
