"""Digits, services, outside lines, notes and languages in real calls, one hotline for them all.

The flow is this test's own: the caller's city decides which verb he meets.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from callcenter.sounds import sound_folder
from reports.facts import Conversation
from stt.audio import RATE, Samples, read_channels
from tests.real.asterisk_node import wav_seconds
from tests.real.house import House
from tests.real.verbs_house import Hotline, Orders


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
