"""A hotline whose flow leads each city to another verb, with lines and a service outside."""

from __future__ import annotations

import json
import shutil
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from callcenter.bench.load import free_ports
from callcenter.settings import DEMO_PROVINCE
from reports.facts import Conversation
from tests.real.asterisk_node import TRUNK_HOST
from tests.real.house import House
from tests.real.sipp import Party

FLOW = """
flow: main
version: 1
title: 每个市州一种动作
start: where
steps:
  where:
    do: branch
    on_fact: city
    cases: {"220100": police, "220200": busy, "220300": number, "220400": note, "222400": korean}
    otherwise: person
  police:
    do: transfer
    say: to_police
    to: police
    ring_s: 10
    alarm: emergency
    done: goodbye
    failed: person
  busy:   {do: transfer, to: busy, ring_s: 5, done: goodbye, failed: silent}
  silent: {do: transfer, to: silent, ring_s: 5, done: goodbye, failed: down}
  down:   {do: transfer, to: down, ring_s: 5, done: goodbye, failed: closed}
  closed: {do: transfer, say: to_police, to: closed, ring_s: 5, done: goodbye, failed: gone}
  gone:   {do: transfer, to: nobody, ring_s: 5, done: goodbye, failed: person}
  number:
    {do: ask, say: order_number, into: order_number, digits: [4, 8], next: look, give_up: person}
  look:
    do: call_api
    say: looking_up
    service: orders
    send: [order_number]
    next: state
    failed: person
  state:  {do: branch, on_fact: order_state, cases: {done: order_done}, otherwise: person}
  order_done: {do: play, say: order_done, next: goodbye}
  note:   {do: record, say: complaint, into: complaint, limit_s: 60, next: noted}
  noted:  {do: play, say: complaint_saved, next: person}
  korean: {do: language, to: ko-KR, next: person}
  person: {do: queue, group: general, say: transfer, answered: goodbye}
  goodbye: {do: hangup, say: goodbye}
"""
CITY = {"police": "431", "fails": "432", "ask": "434", "note": "437", "korean": "433"}
HOST = {"demo": "127.0.0.3", "busy": "127.0.0.4", "silent": "127.0.0.5", "down": "127.0.0.6"}
SHUT = "hours:\n  - {workday: [], weekend: [], holiday: []}\n"


class Orders:
    """The service of work orders, as it may be asked: what it got, and what it says."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.state = "done"
        self.wait_s = 0.0
        orders = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                orders.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                time.sleep(orders.wait_s)
                body = json.dumps({"order_state": orders.state}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


class Hotline(House):
    """The whole hotline with the flow above, its lines and its service."""

    def __init__(self, folder: Path, orders: Orders) -> None:
        flows = folder / "flows"
        flows.mkdir(parents=True)
        (flows / "main.yaml").write_text(FLOW, "utf-8")
        self.orders = orders
        self.ports = {trunk: free_ports(1, host)[0] for trunk, host in HOST.items()}
        self._callers = iter(range(100, 1000))
        super().__init__(folder, flows=flows, province=self._province(folder / "province"))

    def _province(self, folder: Path) -> Path:
        shutil.copytree(DEMO_PROVINCE, folder)
        (folder / "routing.yaml").unlink()  # it names lines outside that are not there
        calendar = (folder / "calendar.yaml").read_text("utf-8")
        shut = calendar.replace("hours:\n  - daily: [00:00-24:00]\n", SHUT)
        assert shut != calendar
        trunks = [
            {
                "name": name,
                "match": [TRUNK_HOST if name == "demo" else host],
                "dialled": "12348",
                "outbound": f"sip:{host}:{self.ports[name]}",
            }
            for name, host in HOST.items()
        ]
        line = {"title": "x", "number": "110"}
        lines = {name: {**line, "trunk": name} for name in ("busy", "silent", "down")}
        lines["police"] = {**line, "trunk": "demo"}
        lines["closed"] = {**line, "trunk": "demo", "hours": "open"}
        lines["nobody"] = {**line, "trunk": "down"}
        orders = {
            "title": "x",
            "url": f"http://127.0.0.1:{self.orders.server.server_port}/progress",
            "send": ["order_number"],
            "facts": {"order_state": ["done", "working"]},
        }
        files: dict[str, object] = {
            "trunks": {"trunks": trunks},
            "lines": {"lines": lines},
            "services": {"services": {"orders": orders}},
        }
        for name, content in files.items():  # JSON is YAML too
            (folder / f"{name}.yaml").write_text(json.dumps(content), "utf-8")
        (folder / "calendar.yaml").write_text(shut, "utf-8")
        return folder

    def call(self, verb: str, **how: Any) -> tuple[str, Party]:
        """A citizen of the city that meets this verb, and his number."""
        caller = f"+86{CITY[verb]}5550{next(self._callers)}"
        return caller, self.sipp.citizen(caller=caller, **how)

    def line(self, trunk: str, **how: Any) -> Party:
        """The outside line that a trunk leads to; as Sipp.outside."""
        return self.sipp.outside(HOST[trunk], self.ports[trunk], **how)

    def until(self, stage: str) -> None:
        """Wait until the one call there is has come to this stage."""
        self.wait_for(
            lambda: [call["stage"] for call in self.live()["calls"]] == [stage], 30, stage
        )

    def told(self, caller: str) -> Conversation:
        """The facts of the call of this number, once it has ended."""
        found: list[Conversation] = []

        def is_there() -> bool:
            found[:] = [c for c in self.calls() if c.caller == caller and c.ended_at]
            return bool(found) and found[0].recording is not None

        self.wait_for(is_there, 25, f"the call of {caller} is written down", pause_s=0.3)
        (call,) = found
        return call
