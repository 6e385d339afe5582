"""A house for scenarios: short prompts, seats enough, services and outside lines of the test's own.

The AGI line to its controller goes through a tap.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import time
import wave
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from redis import Redis

from callcenter.call import Call, from_json
from callcenter.province import load_province
from callcenter.settings import DEMO_PROVINCE
from callcenter.sounds import PACKAGED, RATE
from ivr_flows.model import GROUPS
from ivr_flows.names import LANGUAGES
from tests.real.agi_tap import AgiTap, HeardCall
from tests.real.asterisk_node import HOST, TRUNK_HOST, free_ports
from tests.real.house import House
from tests.real.scenario_plan import CLIP_S, TALK_S, Plan, calendar_of, caller_of
from tests.real.scenario_service import Service, asked
from tests.real.sipp import Party

TIMES = 5  # a call is tried
OUTCOMES = ("answered", "failed")  # how lines outside go, and the trunks that lead there
SEATS = [str(8901 + n) for n in range(8)]
NO_CALLBACK = "callback: {from: 00:00, to: 00:01}"


class ScenarioHouse(House):
    """Plays plans: `call` begins one, `heard` is what came of it."""

    def __init__(self, folder: Path) -> None:
        self._province = folder / "province"
        _write_province(self._province)
        write_prompts(folder / "h" / "prompts")
        (self._controller_agi,) = free_ports(1)
        self._service = Service(*free_ports(1))
        self._outside = dict(zip(OUTCOMES, free_ports(len(OUTCOMES), TRUNK_HOST), strict=True))
        _write_outside(self._province, self._outside, self._service.port)
        super().__init__(folder, province=self._province)
        self._redis_client: Any = Redis(unix_socket_path=str(self.settings.redis_socket))
        self._key = f"{{hotline}}:{self.settings.namespace}:calls"
        self.tap = AgiTap(
            host=HOST,
            port=self.settings.agi.port,
            controller_port=self._controller_agi,
            state=self._state,
        )
        self._lines: dict[str, str] = {}
        self._begun: list[tuple[Plan, HeardCall]] = []
        self._numbers = 100
        self._taken_up = 0
        self._day = ("", "")

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "HOTLINE_AGI": f"{HOST}:{self._controller_agi}"}

    def start(self) -> ScenarioHouse:
        self.tap.__enter__()
        self._service.start()
        super().start()
        self.sipp.outside(TRUNK_HOST, self._outside["answered"], answer_after_s=0.2, talk_s=TALK_S)
        self.sipp.outside(TRUNK_HOST, self._outside["failed"], decline=486, answer_after_s=0.2)
        return self

    def close(self) -> None:
        self.tap.__exit__()  # it looks into Redis, which ends with the house
        super().close()
        self._service.stop()
        self._redis_client.close()

    def _state(self, call_id: str) -> Call | None:
        saved = self._redis_client.hget(self._key, call_id)
        return from_json(saved) if saved else None

    def _assume(self, plan: Plan) -> None:
        """Calls that arrive from now on find this day, and these lines outside.

        Both are of the province, which is taken up without a restart.
        """
        self._lines |= dict(plan.transfers)
        today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
        day = (calendar_of(plan.scenario.facts, today), _lines(self._province, self._lines))
        if day == self._day:
            return
        self._day = day
        for name, text in zip(("calendar.yaml", "lines.yaml"), day, strict=True):
            (self._province / name).write_text(text, "utf-8")
        load_province(self._province)  # a fault would be told in the log alone
        os.kill(self.controller_pid, signal.SIGHUP)
        self._taken_up += 1
        wanted = self._taken_up
        log = self.settings.home / "controller.log"
        self.wait_for(
            lambda: log.read_text("utf-8", "replace").count("province is taken up") >= wanted,
            what="the controller has the new province",
        )

    def must_wait(self, plan: Plan) -> bool:
        """Whether a call that has begun still needs a line to go otherwise, or asks the same.

        Hours are those of a call's arrival, but a line is looked up when it is rung; and a service
        knows its callers only by what they send.
        """
        return any(
            self._lines.get(line, outcome) != outcome and not self._is_idle(line)
            for line, outcome in plan.transfers
        ) or any(self._service.is_expecting(asked(of, sent)) for of, sent, _ in plan.services)

    def _is_idle(self, line: str) -> bool:
        """Whether every call that was to ring this line has done so, or is over."""
        rings = f"transfer {line}"
        return all(
            heard.is_over or any(words[-1] == rings for words in heard.turns)
            for plan, heard in self._begun
            if any(line == of for of, _ in plan.transfers)
        )

    def call(self, plan: Plan) -> tuple[Party, HeardCall]:
        """Begin the call, and wait until it has come to the controller."""
        self._assume(plan)
        self._numbers += 1
        party, heard = self._come_in(plan)
        self._begun.append((plan, heard))
        for service, sent, told in plan.services:
            self._service.expect(asked(service, sent), heard, told)
        return party, heard

    def _come_in(self, plan: Plan) -> tuple[Party, HeardCall]:
        for _ in range(TIMES):
            party = self.sipp.citizen(
                keys=tuple(plan.keys),
                hangup_after_s=plan.hangup_after_s,
                caller=caller_of(self._numbers, plan.scenario.facts),
                longest_s=40,
            )
            # Of many SIPp that run, two may choose the same port for their sound: one gives up.
            until = time.monotonic() + 15
            while not party.is_over and time.monotonic() < until:
                with contextlib.suppress(queue.Empty):
                    return party, self.tap.calls.get(timeout=0.1)
        raise AssertionError(f"{plan.name} did not come in\n{party.account()}")

    def open_seats(self) -> None:
        """All seats register and are ready."""
        for number in SEATS:
            self.seat(number, answer_after_s=0.2, talk_s=TALK_S)

    def close_seats(self) -> None:
        """No seat takes calls any more."""
        for number in SEATS:
            self.api(f"seats/{number}/state", {"state": "not_ready"})


def _write_outside(folder: Path, ports: Mapping[str, int], service_port: int) -> None:
    """A trunk for each way a line may go, and services of this test's own."""
    trunks = [
        {"name": "demo", "match": [TRUNK_HOST], "dialled": "12348"},
        *(
            {
                "name": outcome,
                "match": [f"127.0.0.{n}"],
                "dialled": "12348",
                "outbound": f"sip:{TRUNK_HOST}:{port}",
            }
            for n, (outcome, port) in enumerate(ports.items(), 41)
        ),
    ]
    (folder / "trunks.yaml").write_text(yaml.safe_dump({"trunks": trunks}), "utf-8")
    (folder / "lines.yaml").write_text(_lines(folder, {}), "utf-8")
    file = folder / "services.yaml"
    services = yaml.safe_load(file.read_text("utf-8"))
    for name, service in services["services"].items():
        service["url"] = f"http://{HOST}:{service_port}/{name}"
        service.pop("key", None)
    file.write_text(yaml.safe_dump(services, allow_unicode=True), "utf-8")


def _lines(folder: Path, outcomes: Mapping[str, str]) -> str:
    """lines.yaml with each line on the trunk that goes as wanted, at any hour."""
    lines = yaml.safe_load((folder / "lines.yaml").read_text("utf-8"))["lines"]
    for name, line in lines.items():
        line |= {"trunk": outcomes.get(name, "answered"), "hours": "always"}
    return str(yaml.safe_dump({"lines": lines}, allow_unicode=True, sort_keys=True))


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
    # Nobody is called back: that is no part of a scenario, and would keep seats from the others.
    routing = (folder / "routing.yaml").read_text("utf-8").splitlines()
    ruled = [NO_CALLBACK if line.startswith("callback:") else line for line in routing]
    (folder / "routing.yaml").write_text("\n".join(ruled) + "\n", "utf-8")


def write_prompts(folder: Path) -> None:
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
