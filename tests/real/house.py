"""The whole hotline for a test: private Asterisk, Redis, database and controller, on free ports."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from callcenter.province import load_province
from callcenter.province_secrets import load_secrets
from callcenter.rendering import render_input
from callcenter.settings import Settings
from callcenter.sounds import prepare
from reports.facts import Conversation
from reports.queries import recent
from reports.store import Store
from sip_config.model import Patience
from tests.real.asterisk_node import (
    HOST,
    AsteriskNode,
    find_asterisk,
    free_ports,
    free_rtp_range,
)
from tests.real.sipp import Party, Sipp

OWN_FLOWS = Path(__file__).with_name("own_flows.py")


class House:
    """Start, break and mend its parts; ask it what it knows. `close` leaves nothing running."""

    def __init__(
        self,
        folder: Path,
        *,
        patience: Patience | None = None,
        flows: Path | None = None,
        host: str = HOST,
        ami_secret: str | None = None,
        **settings: object,
    ) -> None:
        """`settings`: fields of Settings, as `wrap_up_s=0`; `flows`: a folder of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        sip, agi, ami, ws, web = free_ports(5, host)
        self.settings = Settings.model_validate(
            {
                "home": folder / "h",
                "sip": f"{host}:{sip}",
                "agi": f"{host}:{agi}",
                "ami": f"{host}:{ami}",
                "ws": f"{host}:{ws}",
                "web": f"{host}:{web}",
                "demo": True,
                "wrap_up_s": 0,
                "trunk_probe_s": 0,  # SIPp takes whatever comes for a call
                **settings,
            }
        )
        home = self.settings.home
        home.mkdir(exist_ok=True)
        province = load_province(self.settings.province)
        numbers, supervisors = province.phones
        # The secrets that Sipp's phones take for granted.
        phones = {
            "seats": {number: f"secret-{number}" for number in numbers},
            "supervisors": {number: f"secret-{number}" for number in supervisors},
        }
        ami_given = {"ami": ami_secret} if ami_secret else {}
        (home / "seats.json").write_text(json.dumps({**phones, **ami_given}))
        self.secrets = load_secrets(home, numbers, supervisors)
        prepare(home)
        given = render_input(
            self.settings, province, self.secrets, find_asterisk(), out=home / "asterisk" / "etc"
        )
        first, last = free_rtp_range()
        given = replace(given, rtp_first=first, rtp_last=last, patience=patience or given.patience)
        self.node = AsteriskNode(given)
        self.sipp = Sipp(self.node, folder / "sipp")
        self._folder = folder
        self._program = (
            ("-m", "callcenter", "serve") if flows is None else (str(OWN_FLOWS), str(flows))
        )
        self._redis: subprocess.Popen[bytes] | None = None
        self._controller: subprocess.Popen[bytes] | None = None

    def start(self) -> House:
        """All parts, ready for calls."""
        self.start_redis()
        self.hotline("db", "upgrade")
        self.node.start()
        self.start_controller()
        return self

    def close(self) -> None:
        """End everything."""
        self.sipp.close()
        self.stop_controller()
        self.node.stop()
        self.stop_redis(signal.SIGKILL)

    # --- parts ---

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start_redis(self) -> None:
        """A private Redis on this home's socket."""
        program = shutil.which("redis-server")
        assert program, "redis-server is installed by the set-up"
        socket = self.settings.redis_socket
        socket.unlink(missing_ok=True)
        self._redis = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir"]
            + [str(self.settings.home)],
            stdout=subprocess.DEVNULL,
        )
        self.wait_for(socket.exists, what="redis is up")

    def stop_redis(self, number: int = signal.SIGTERM) -> None:
        """End Redis by this signal."""
        if self._redis is not None:
            self._redis.send_signal(number)
            self._redis.wait(10)
            self._redis = None

    def start_controller(self, *, wait: bool = True) -> None:
        """`hotline serve` as a process of its own."""
        with (self.settings.home / "controller.log").open("ab") as log:
            self._controller = subprocess.Popen(
                [sys.executable, *self._program],
                env=self.environment(),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if wait:
            self.wait_for(self.is_healthy, what="the controller is healthy", timeout_s=30)

    def kill_controller(self) -> None:
        """As a crash: SIGKILL."""
        self._end_controller(signal.SIGKILL)

    def stop_controller(self) -> None:
        """As an operator does: SIGTERM."""
        self._end_controller(signal.SIGTERM)

    def _end_controller(self, number: int) -> None:
        if self._controller is not None:
            self._controller.send_signal(number)
            self._controller.wait(15)
            self._controller = None

    @property
    def controller_pid(self) -> int:
        """The controller's process id."""
        assert self._controller is not None, "no controller runs"
        return self._controller.pid

    def environment(self) -> dict[str, str]:
        """The environment that makes a program belong to this hotline."""
        s = self.settings
        given = {
            "HOTLINE_HOME": str(s.home),
            "HOTLINE_SIP": str(s.sip),
            "HOTLINE_AGI": str(s.agi),
            "HOTLINE_AMI": str(s.ami),
            "HOTLINE_WS": str(s.ws),
            "HOTLINE_WEB": str(s.web),
            "HOTLINE_DEMO": "1",
            "HOTLINE_RING_S": str(s.ring_s),
            "HOTLINE_WRAP_UP_S": str(s.wrap_up_s),
            "HOTLINE_FILING_S": str(s.filing_s),
            "HOTLINE_PROVINCE": str(s.province),
            "HOTLINE_NUMBER_A_MINUTE": str(s.number_a_minute),
            "HOTLINE_NUMBER_AT_ONCE": str(s.number_at_once),
            "HOTLINE_TRUNK_A_MINUTE": str(s.trunk_a_minute),
            "HOTLINE_TRUNK_AT_ONCE": str(s.trunk_at_once),
            "HOTLINE_TRUNK_PROBE_S": str(s.trunk_probe_s),
            "HOTLINE_BLOCKED_AT_ONCE": str(s.blocked_at_once),
            "HOTLINE_SECOND_FACTOR": ",".join(s.second_factor),
            "HOTLINE_LOCK_AFTER": str(s.lock_after),
            "HOTLINE_LOCK_S": str(s.lock_s),
            "HOTLINE_SESSION_S": str(s.session_s),
            "HOTLINE_IDLE_S": str(s.idle_s),
            "HOTLINE_PASSWORD_DAYS": str(s.password_days),
            "HOTLINE_NODE": s.node,
            "HOTLINE_CLUSTER": s.cluster,
            "REDIS_URL": s.redis_url,
            "DATABASE_URL": s.database_url,
        }
        return {**os.environ, **given}

    def hotline(self, *words: str) -> str:
        """What `hotline <words>` prints; it must go well."""
        return subprocess.run(
            [sys.executable, "-m", "callcenter", *words],
            env=self.environment(),
            cwd=self._folder,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    # --- parties ---

    def seat(self, number: str, **how: Any) -> Party:
        """A lawyer's desk phone that registers; see Sipp.seat."""
        return self.sipp.seat(number, **how)

    # --- questions ---

    def is_healthy(self) -> bool:
        """Whether /health answers 200."""
        try:
            url = f"http://{self.settings.web}/health"
            with urllib.request.urlopen(url, timeout=3) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            if self._controller is not None and self._controller.poll() is not None:
                raise AssertionError(f"the controller has ended:\n{self.log()}") from None
            return False

    def live(self) -> dict[str, Any]:
        """What the live page shows, now."""
        return self.api("live")

    def api(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        """GET, or POST when there is a body, below /api/v1 with the API key.

        Raises urllib.error.HTTPError.
        """
        key = (self.settings.home / "api.key").read_text().strip()
        request = urllib.request.Request(
            f"http://{self.settings.web}/api/v1/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return dict(json.load(answer))

    def post(self, path: str, body: dict[str, Any]) -> str:
        """POST to the API; the fault's id when it is refused, else empty."""
        try:
            self.api(path, body)
        except urllib.error.HTTPError as refused:
            return str(json.load(refused)["error"])
        return ""

    def seat_state(self, number: str) -> str:
        """A seat's state, with its reason when it has one."""
        seat = next(s for s in self.live()["seats"] if s["number"] == number)
        return seat["state"] + (f" ({seat['reason']})" if seat["reason"] else "")

    def calls(self) -> list[Conversation]:
        """What the database holds, oldest first."""

        async def ask() -> list[Conversation]:
            async with Store(self.settings.database_url) as store:
                return await recent(store, limit=1000)

        return asyncio.run(ask())[::-1]

    def ended(self, count: int = 1, timeout_s: float = 20) -> list[Conversation]:
        """Wait until so many calls have ended with their recordings closed, and hand them out."""
        calls: list[Conversation] = []

        def enough() -> bool:
            calls[:] = [c for c in self.calls() if c.ended_at and _is_closed(c)]
            return len(calls) >= count

        self.wait_for(enough, timeout_s, f"{count} ended calls", pause_s=0.3)
        return calls

    def kpi(self, metric: str) -> dict[str, Any]:
        """One rate of today by `hotline report kpi --json`."""
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600))
        rows = json.loads(
            self.hotline("report", "kpi", "--from", day, "--to", day, "--counts", "--json")
        )
        return next(row for row in rows if row["metric"] == metric)

    def metric(self, name: str) -> float:
        """A figure of /metrics by its name with labels; 0 while it was never counted."""
        with urllib.request.urlopen(f"http://{self.settings.web}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return next((float(li.split(" ")[-1]) for li in lines if li.startswith(f"{name} ")), 0.0)

    def log(self) -> str:
        """The end of the controller's log."""
        return (self.settings.home / "controller.log").read_text("utf-8", "replace")[-6000:]

    def wait_for(
        self,
        is_so: Callable[[], object],
        timeout_s: float = 15,
        what: str = "",
        pause_s: float = 0.05,
    ) -> None:
        """Ask until it is so."""
        until = time.monotonic() + timeout_s
        while not is_so():
            if time.monotonic() > until:
                log = self.log() if (self.settings.home / "controller.log").exists() else ""
                raise AssertionError(f"not within {timeout_s} s: {what}\n{log}")
            time.sleep(pause_s)


def _is_closed(call: Conversation) -> bool:
    return call.source == "journal" or (
        call.recording is not None and call.recording.duration_s is not None
    )
