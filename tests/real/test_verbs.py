"""Digits, services, outside lines, notes and languages in real calls, one hotline for them all.

The flow is this test's own: the caller's city decides which verb he meets.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callcenter.bench.load import free_ports
from callcenter.settings import DEMO_PROVINCE
from callcenter.sounds import sound_folder
from reports.facts import Conversation
from stt.audio import RATE, Samples, read_channels
from tests.real.asterisk_node import TRUNK_HOST, wav_seconds
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


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    orders = Orders()
    house = Hotline(tmp_path_factory.mktemp("verbs") / "house", orders)
    try:
        house.start()
        yield house
    finally:
        house.close()
        orders.stop()


@pytest.fixture
def house(whole: Hotline) -> Iterator[Hotline]:
    """The hotline of all these tests, without the parties of the last one."""
    whole.orders.got.clear()
    whole.orders.state, whole.orders.wait_s = "done", 0.0
    yield whole
    whole.sipp.close()
    whole.wait_for(lambda: whole.node.channels() == 0, what="no channel is left")
    whole.wait_for(lambda: not whole.live()["calls"], what="no call is left")


def heard(house: House, call: Conversation, prompt: str, language: str = "zh-CN") -> float:
    """How well a second of the prompt is found in what the caller heard: 1 is itself.

    Of several seconds the one that is found best: on a busy machine a frame may be lost, and the
    recording may lack the first 20 ms of a call.
    """
    assert call.recording is not None
    sound = read_channels(Path(f"{call.recording.path}-heard.wav"))[0]
    clip = read_channels(sound_folder(house.settings.home, language) / f"{prompt}.wav")[0]
    starts = range(RATE // 10, max(len(clip) - RATE, RATE // 10 + 1), RATE // 2)
    return max(found(sound, clip[start : start + RATE]) for start in starts)


def found(sound: Samples, piece: Samples) -> float:
    """The best normalised correlation of a piece with any place of a sound."""
    if len(sound) <= len(piece):
        return 0.0
    size = 1 << int(np.ceil(np.log2(len(sound) + len(piece))))
    product = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(piece, size))
    matches = np.fft.irfft(product, size)[: len(sound) - len(piece)]
    energy = np.cumsum(np.concatenate(([0.0], sound.astype(np.float64) ** 2)))
    around = np.sqrt(energy[len(piece) : -1] - energy[: -len(piece) - 1])
    norm = float(np.linalg.norm(piece))
    return float(np.max(matches / np.maximum(around * norm, 1e-6 + norm * norm / 10)))


# --- lines outside -------------------------------------------------------------------------------


def test_a_caller_talks_to_the_police_is_recorded_and_goes_on(house: Hotline) -> None:
    raised = house.metric('hotline_alarms_total{name="emergency"}')
    line = house.line("demo", answer_after_s=1.0, talk_s=5)
    caller, citizen = house.call("police")
    house.until("transfer")
    (alarm,) = [a for a in house.live()["alarms"] if a["caller"].endswith(caller[-4:])]
    assert alarm["name"] == "emergency" and "****" in alarm["caller"]
    assert house.metric('hotline_alarms_total{name="emergency"}') == raised + 1
    citizen.wait(60)
    call = house.told(caller)
    (transfer,) = call.transfers
    assert (transfer.line, transfer.outcome) == ("police", "answered")
    assert transfer.answered_at and transfer.ended_at
    assert transfer.at < transfer.answered_at < transfer.ended_at
    assert 4 < (transfer.ended_at - transfer.answered_at).total_seconds() < 6.5
    assert (call.ended_by, call.end_stage, call.asked_at) == ("system", "ivr", None)
    assert [a.name for a in call.alarms] == ["emergency"]
    assert heard(house, call, "to_police") > 0.8
    assert heard(house, call, "goodbye") > 0.8
    assert call.recording and call.ended_at
    whole_s = (call.ended_at - call.arrived_at).total_seconds()
    assert wav_seconds(Path(f"{call.recording.path}-heard.wav")) == pytest.approx(whole_s, abs=0.6)
    asked = line.messages()
    assert "INVITE sip:110@127.0.0.3" in asked
    assert "<sip:12348@" in asked
    assert caller[3:] not in asked, "no citizen's number leaves the house"
    log = (house.settings.home / "controller.log").read_text("utf-8", "replace")
    (said,) = [text for text in log.splitlines() if "alarm" in text and call.call_id in text]
    assert "error" in said.lower() and caller[-7:] not in said


def test_each_way_that_a_line_may_fail_leads_on_in_turn(house: Hotline) -> None:
    house.line("busy", answer_after_s=0.2, decline=486)
    house.line("silent", never_answer=True)
    caller, citizen = house.call("fails", hangup_after_s=30)
    citizen.wait(60)
    call = house.told(caller)
    outcomes = [(t.line, t.outcome) for t in call.transfers]
    assert outcomes[:2] == [("busy", "busy"), ("silent", "no_answer")]
    assert outcomes[2][0] == "down" and outcomes[2][1] in ("unreachable", "no_answer")
    assert outcomes[3] == ("closed", "closed")
    assert outcomes[4][0] == "nobody"
    assert all(t.answered_at is None and t.ended_at for t in call.transfers)
    silent = call.transfers[1]
    assert silent.ended_at and 4.5 < (silent.ended_at - silent.at).total_seconds() < 7
    assert (call.group, call.end_stage) == ("general", "queue")
    assert heard(house, call, "to_police") < 0.5, "a closed line is not announced"


def test_the_caller_may_hang_up_in_the_talk_with_the_line(house: Hotline) -> None:
    house.line("demo", answer_after_s=0.5)
    caller, citizen = house.call("police", hangup_after_s=16)
    citizen.wait(60)
    call = house.told(caller)
    (transfer,) = call.transfers
    assert transfer.outcome == "answered" and transfer.answered_at and transfer.ended_at
    assert (call.ended_by, call.end_stage) == ("caller", "ivr")
    assert call.ended_at and abs((call.ended_at - transfer.ended_at).total_seconds()) < 1


def test_a_controller_killed_in_the_talk_is_followed_by_one_that_goes_on(house: Hotline) -> None:
    house.line("demo", answer_after_s=0.5, talk_s=12)
    caller, citizen = house.call("police")
    house.until("transfer")
    time.sleep(11)  # the announcement, and some of the talk
    house.kill_controller()
    time.sleep(1)
    house.start_controller()
    citizen.wait(60)
    call = house.told(caller)
    (transfer,) = call.transfers
    assert transfer.outcome == "answered" and transfer.answered_at and transfer.ended_at
    assert 11 < (transfer.ended_at - transfer.answered_at).total_seconds() < 13.5
    assert (call.ended_by, call.end_stage) == ("system", "ivr")
    assert [a.name for a in call.alarms] == ["emergency"]
    shown = [a for a in house.live()["alarms"] if a["call_id"] == call.call_id]
    assert len(shown) == 1
    assert heard(house, call, "goodbye") > 0.8


def test_a_talk_with_the_line_that_ends_without_a_controller_is_written_down(
    house: Hotline,
) -> None:
    line = house.line("demo", answer_after_s=6.0)
    caller, citizen = house.call("police", hangup_after_s=24)
    house.wait_for(lambda: "INVITE" in line.messages(), 30, "the line rings")
    house.kill_controller()  # the answer, the talk and the end are seen by Asterisk alone
    citizen.wait(60)
    house.start_controller()
    call = house.told(caller)
    (transfer,) = call.transfers
    assert (call.reconciled, call.ended_by, transfer.outcome) == (True, "caller", "answered")
    assert transfer.answered_at and transfer.ended_at == call.ended_at
    assert 5 < (transfer.answered_at - transfer.at).total_seconds() < 20


# --- digits and a service ------------------------------------------------------------------------


def test_a_number_that_is_typed_comes_back_as_the_state_of_its_order(house: Hotline) -> None:
    caller, citizen = house.call("ask", keys=((1.0, "2026*20260042"),))
    citizen.wait(60)
    assert house.orders.got == [{"order_number": "20260042"}]
    call = house.told(caller)
    assert (call.ended_by, call.end_stage, call.asked_at) == ("system", "ivr", None)
    assert heard(house, call, "order_done") > 0.8
    assert "20260042" not in call.to_json().decode()
    assert "20260042" not in (house.settings.home / "controller.log").read_text("utf-8", "replace")
    name = 'hotline_service_requests_total{outcome="answered",service="orders"}'
    assert house.metric(name) >= 1


@pytest.mark.parametrize("how", ["slow", "strange"])
def test_a_service_that_fails_leads_to_a_person(house: Hotline, how: str) -> None:
    house.orders.wait_s, house.orders.state = {"slow": (6.0, "done"), "strange": (0.0, "lost")}[how]
    kind = {"slow": "slow", "strange": "bad_fact"}[how]
    name = f'hotline_service_requests_total{{outcome="{kind}",service="orders"}}'
    before = house.metric(name)
    caller, citizen = house.call("ask", keys=((1.0, "4711#"),), hangup_after_s=14)
    citizen.wait(60)
    call = house.told(caller)
    assert (call.group, call.end_stage) == ("general", "queue")
    assert house.metric(name) == before + 1


def test_who_hangs_up_while_a_service_thinks_is_gone_and_the_next_is_served(
    house: Hotline,
) -> None:
    house.orders.wait_s = 2.5
    caller, citizen = house.call("ask", keys=((1.0, "4712#"),), hangup_after_s=1.0)
    citizen.wait(30)
    call = house.told(caller)
    assert (call.ended_by, call.end_stage) == ("caller", "ivr")
    assert house.metric("hotline_steps_failed_total") == 0


# --- notes and languages -------------------------------------------------------------------------


def note_of(house: Hotline, caller: str) -> float:
    """Seconds of the one note of this caller; its file is as long as it says."""
    call = house.told(caller)
    (note,) = call.notes
    assert (note.name, call.overflow, call.overflow_request) == ("complaint", None, None)
    assert note.duration_s is not None
    assert wav_seconds(Path(f"{note.audio}.wav")) == pytest.approx(note.duration_s, abs=0.2)
    return note.duration_s


def test_what_the_caller_says_is_kept_as_a_note_and_the_call_goes_on(house: Hotline) -> None:
    caller, citizen = house.call("note", keys=((14.0, "#"),), hangup_after_s=12)
    house.until("recording")
    house.until("queue")
    citizen.wait(60)
    assert 2 < note_of(house, caller) < 14
    assert house.told(caller).end_stage == "queue"


def test_a_note_outlives_the_controller_it_is_spoken_to(house: Hotline) -> None:
    caller, citizen = house.call("note", keys=((16.0, "#"),), hangup_after_s=14)
    house.until("recording")
    time.sleep(9)  # the words before it, and some of the note
    house.kill_controller()
    time.sleep(1)
    house.start_controller()
    house.until("queue")
    citizen.wait(60)
    assert 4 < note_of(house, caller) < 16


def test_a_caller_who_chose_korean_hears_korean_in_the_line_and_at_the_seat(
    house: Hotline,
) -> None:
    caller, citizen = house.call("korean")
    house.until("queue")
    time.sleep(31)  # until his place in the line was said
    house.seat("8901", answer_after_s=1.0, talk_s=5)
    citizen.wait(90)
    call = house.told(caller)
    assert (call.language, call.answered_at is not None) == ("ko-KR", True)
    for prompt in ("transfer", "position_next", "goodbye"):
        spoken = "ko-KR" if is_in(house, prompt, "ko-KR") else "zh-CN"
        assert heard(house, call, prompt, spoken) > 0.8, prompt


def is_in(house: Hotline, prompt: str, language: str) -> bool:
    return (sound_folder(house.settings.home, language) / f"{prompt}.wav").exists()
