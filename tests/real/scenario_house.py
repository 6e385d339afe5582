"""A house for scenarios: short prompts, seats enough, services and outside lines of the test's own.

The AGI line to its controller goes through a tap.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import urllib.request
import wave
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from redis import Redis

from callcenter.app import _namespace
from callcenter.call import Call, from_json
from callcenter.province import load_province
from callcenter.settings import DEMO_PROVINCE
from callcenter.sounds import PACKAGED, RATE
from ivr_flows.model import GROUPS
from ivr_flows.names import LANGUAGES
from tests.real.agi_tap import AgiTap, HeardCall
from tests.real.asterisk_node import HOST, free_ports
from tests.real.house import House
from tests.real.scenario_plan import CLIP_S, TALK_S, Plan, calendar_of, caller_of
from tests.real.sipp import Party

SEATS = [str(8901 + n) for n in range(8)]


class ScenarioHouse(House):
    """Plays plans: `call` begins one, `heard` is what came of it."""

    def __init__(self, folder: Path) -> None:
        self._province = folder / "province"
        _write_province(self._province)
        _write_prompts(folder / "h" / "prompts")
        (self._controller_agi,) = free_ports(1)
        super().__init__(folder, province=self._province)
        self._redis_client: Any = Redis(unix_socket_path=str(self.settings.redis_socket))
        self._key = f"{{hotline}}:{_namespace(self.settings)}:calls"
        self.tap = AgiTap(
            host=HOST,
            port=self.settings.agi.port,
            controller_port=self._controller_agi,
            state=self._state,
        )
        self._numbers = 100
        self._taken_up = 0
        self._calendar = ""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "HOTLINE_AGI": f"{HOST}:{self._controller_agi}"}

    def start(self) -> ScenarioHouse:
        self.tap.__enter__()
        super().start()
        return self

    def close(self) -> None:
        super().close()
        self._redis_client.close()
        self.tap.__exit__()

    def _state(self, call_id: str) -> Call | None:
        saved = self._redis_client.hget(self._key, call_id)
        return from_json(saved) if saved else None

    def assume(self, facts: Mapping[str, str]) -> None:
        """Calls that arrive from now on find this day: the calendar, taken up without a restart."""
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        calendar = calendar_of(facts, today)
        if calendar == self._calendar:
            return
        self._calendar = calendar
        (self._province / "calendar.yaml").write_text(calendar, "utf-8")
        load_province(self._province)  # a fault would be told in the log alone
        os.kill(self.controller_pid, signal.SIGHUP)
        self._taken_up += 1
        wanted = self._taken_up
        log = self.settings.home / "controller.log"
        self.wait_for(
            lambda: log.read_text("utf-8", "replace").count("province is taken up") >= wanted,
            what="the controller has the new calendar",
        )

    def call(self, plan: Plan) -> tuple[Party, HeardCall]:
        """Begin the call, and wait until it has come to the controller."""
        self._numbers += 1
        party = self.sipp.citizen(
            keys=tuple(plan.keys),
            hangup_after_s=plan.hangup_after_s,
            caller=caller_of(self._numbers, plan.scenario.facts),
            longest_s=40,
        )
        try:
            return party, self.tap.calls.get(timeout=15)
        except queue.Empty:
            raise AssertionError(f"{plan.name} did not come in\n{party.account()}") from None

    def open_seats(self) -> None:
        """All seats register and are ready."""
        for number in SEATS:
            self.seat(number, answer_after_s=0.2, talk_s=TALK_S)

    def close_seats(self) -> None:
        """No seat takes calls any more."""
        for number in SEATS:
            request = urllib.request.Request(
                f"http://{self.settings.web}/api/v1/seats/{number}/state",
                data=json.dumps({"state": "not_ready"}).encode(),
                headers={"Content-Type": "application/json"},
            )
            urllib.request.urlopen(request, timeout=5).close()


def _write_province(folder: Path) -> None:
    shutil.copytree(DEMO_PROVINCE, folder)
    seats = [
        {
            "number": int(number),
            "name": f"省级{n}席",
            "level": "provincial",
            "skills": list(GROUPS),
            "languages": list(LANGUAGES),
        }
        for n, number in enumerate(SEATS)
    ]
    roster = {"groups": list(GROUPS), "seats": seats}
    (folder / "seats.yaml").write_text(yaml.safe_dump(roster, allow_unicode=True), "utf-8")


def _write_prompts(folder: Path) -> None:
    """A recording of CLIP_S in place of each prompt, so that scenarios do not take long."""
    own = folder / "silence.wav"
    own.parent.mkdir(parents=True)
    with wave.open(str(own), "wb") as audio:
        audio.setparams((1, 2, RATE, 0, "NONE", ""))
        audio.writeframes(bytes(2 * int(RATE * CLIP_S)))
    for language in LANGUAGES:
        (folder / language).mkdir()
        for file in (PACKAGED.parent / language).glob("*.wav"):
            shutil.copy(own, folder / language / file.name)
    own.unlink()
