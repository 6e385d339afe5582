"""Callers who press `*`, hang up and are called back, on the real Asterisk; and the music in line.

One hotline for all: who comes by the trunk `busy` is never reached, from the first test on, while
the others are.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from callcenter.bench.load import free_ports
from callcenter.settings import DEMO_PROVINCE
from reports.facts import Conversation
from sip_config.sounds import FOLDER as SOUNDS
from stt.audio import RATE, Samples, read_channels
from tests.real.asterisk_node import TRUNK_HOST
from tests.real.house import House
from tests.real.sipp import Party

FLOW = """
flow: main
version: 1
title: 排队和回电
start: where
steps:
  where: {do: branch, on_fact: city, cases: {"220300": music}, otherwise: person}
  music: {do: queue, group: labour, announce_every_s: 10, say: transfer, answered: goodbye}
  person:
    do: queue
    group: labour
    offer_after_s: 0
    say: transfer
    answered: goodbye
    callback: callback
    message: message
  callback:
    do: callback
    ask_number: callback_number
    say: callback
    limit_s: 60
    next: saved
    give_up: person
  message: {do: message, say: message, limit_s: 60, next: saved}
  saved: {do: play, say: callback_saved, next: goodbye}
  goodbye: {do: hangup, say: goodbye}
"""
OUT = {"demo": "127.0.0.3", "busy": "127.0.0.4"}  # where each trunk's telephones are
RULES = "callback: {first: %s, tries: 3, every_s: 30, ring_s: 20, from: 00:00, to: 23:59}"
NEVER_REACHED = "+864335550199"  # of another city than all others: its seat rings for nobody else


class Hotline(House):
    """The whole hotline with the flow above and trunks that lead to telephones of the test."""

    def __init__(self, folder: Path) -> None:
        flows = folder / "flows"
        flows.mkdir(parents=True)
        (flows / "main.yaml").write_text(FLOW, "utf-8")
        self.ports = {trunk: free_ports(1, host)[0] for trunk, host in OUT.items()}
        self._callers = iter(range(100, 1000))
        self.province = folder / "province"
        shutil.copytree(DEMO_PROVINCE, self.province)
        trunks = [
            {
                "name": name,
                "match": [TRUNK_HOST if name == "demo" else host],
                "dialled": "12348",
                "outbound": f"sip:{host}:{self.ports[name]}",
            }
            for name, host in OUT.items()
        ]
        (self.province / "trunks.yaml").write_text(json.dumps({"trunks": trunks}), "utf-8")
        self.rule("caller")
        super().__init__(folder, flows=flows, province=self.province)

    def rule(self, first: str) -> None:
        """Whom callbacks ring first."""
        path = self.province / "routing.yaml"
        lines = path.read_text("utf-8").splitlines()
        ruled = [RULES % first if line.startswith("callback:") else line for line in lines]
        path.write_text("\n".join(ruled) + "\n", "utf-8")

    def take_up(self) -> None:
        """The province, changed, into the running hotline."""
        log = self.settings.home / "controller.log"
        before = log.read_text("utf-8", "replace").count("the province is taken up")
        os.kill(self.controller_pid, signal.SIGHUP)
        self.wait_for(
            lambda: log.read_text("utf-8", "replace").count("the province is taken up") > before,
            what="the province is taken up",
        )

    def phone(self, trunk: str = "demo", **how: object) -> Party:
        """The telephone that whoever came by this trunk is called back on; as Sipp.outside."""
        return self.sipp.outside(OUT[trunk], self.ports[trunk], **how)  # type: ignore[arg-type]

    def wish(self, caller: str = "", *, host: str = TRUNK_HOST) -> str:
        """Somebody waits, presses `*` and hangs up while he says what it is about; his number."""
        caller = caller or f"+86431555{next(self._callers):04}"
        self.sipp.citizen(keys=((7.0, "*"),), hangup_after_s=3, caller=caller, host=host).wait(40)
        shown = f"****{caller[-4:]}"
        self.wait_for(
            lambda: [c for c in self.live()["callbacks"] if c["caller"].endswith(shown)],
            what="the callback is kept",
        )
        return caller

    def lawyer(self, number: str, **how: object) -> Party:
        """A seat's phone whose lawyer is ready; as Sipp.seat."""
        party = self.seat(number, **how)
        self.wait_for(
            lambda: (
                not self.seat_state(number).startswith(("offline", "not_ready"))
                or self.set_seat(number, "ready")
            ),
            what=f"{number} is ready",
        )
        return party

    def set_seat(self, number: str, state: str) -> bool:
        """As a supervisor does on the page; False while the seat has a call."""
        try:
            self.api(f"seats/{number}/state", {"state": state})
        except urllib.error.HTTPError as refused:
            return refused.code != 409
        return True

    def told(self, caller: str) -> Conversation:
        """The one conversation of this number, once it has ended and its recording is closed."""
        found: list[Conversation] = []

        def is_there() -> bool:
            found[:] = [c for c in self.calls() if c.caller == caller and c.ended_at]
            return bool(found) and bool(found[0].recording and found[0].recording.duration_s)

        self.wait_for(is_there, 25, f"the call of {caller} is written down", pause_s=0.3)
        (call,) = found
        return call

    def of(self, caller: str, count: int) -> list[Conversation]:
        """The conversations of this number, once there are so many and what came of it is told."""
        found: list[Conversation] = []

        def are_there() -> bool:
            found[:] = [c for c in self.calls() if c.caller == caller and c.ended_at]
            is_told = bool(found) and found[0].callbacks is not None
            return len(found) >= count and is_told and found[0].callbacks.state != "waiting"  # type: ignore[union-attr]

        self.wait_for(are_there, 40, f"{count} conversations of {caller}", pause_s=0.3)
        return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    house = Hotline(tmp_path_factory.mktemp("callback") / "house")
    try:
        house.start()
        house.phone("busy", decline=486, answer_after_s=0.2)
        house.wish(NEVER_REACHED, host=OUT["busy"])
        house.seat("8201")
        yield house
    finally:
        house.close()


@pytest.fixture
def house(whole: Hotline) -> Iterator[Hotline]:
    """The hotline without the parties that the last test brought."""
    standing = list(whole.sipp.parties)
    yield whole
    for party in whole.sipp.parties[len(standing) :]:
        if party.name == "seat 8001":  # gone before Asterisk knows: nobody may be sent to it
            whole.wait_for(lambda: whole.set_seat("8001", "not_ready"), what="8001 is free")
        party.stop()


def test_the_caller_is_rung_and_talks_with_the_seat_that_waited(house: Hotline) -> None:
    caller = house.wish()
    telephone = house.phone(answer_after_s=4)
    house.lawyer("8001", talk_s=4)
    house.wait_for(lambda: "INVITE sip:" in telephone.messages(), what="his telephone rings")
    house.wait_for(lambda: house.seat_state("8001") == "reserved", what="the seat waits for him")
    (shown,) = [c for c in house.live()["callbacks"] if c["caller"].endswith(caller[-4:])]
    assert (shown["state"], shown["tries"], shown["group"]) == ("calling", 1, "labour")
    asked, called = house.of(caller, 2)
    assert (called.callback_of, called.city, called.group) == (asked.call_id, "220100", "labour")
    (attempt,) = called.attempts
    assert (attempt.seat, attempt.outcome) == ("8001", "answered")
    assert called.answered_at and called.talk_ended_by == "seat"
    assert asked.overflow == "callback" and asked.callbacks and asked.overflow_request
    assert (asked.callbacks.state, asked.callbacks.tries[0].outcome) == ("reached", "answered")
    assert asked.overflow_request.done_at is not None
    invite = telephone.messages()
    assert f"INVITE sip:0{caller[3:]}@127.0.0.3" in invite and "<sip:12348@" in invite
    assert house.kpi("n_ans")["numerator"] == 0  # it was us who called


def test_a_controller_killed_while_he_is_rung_is_followed_by_one_that_goes_on(
    house: Hotline,
) -> None:
    caller = house.wish()
    telephone = house.phone(answer_after_s=3)
    house.lawyer("8001", talk_s=4)
    house.wait_for(lambda: "INVITE sip:" in telephone.messages(), what="his telephone rings")
    house.kill_controller()
    picked_up = "he picks up, and nobody is there"
    house.wait_for(lambda: "ACK sip:" in telephone.messages(), what=picked_up)
    house.start_controller()
    asked, called = house.of(caller, 2)
    assert called.callback_of == asked.call_id and called.answered_at
    assert asked.callbacks and asked.callbacks.state == "reached"
    assert called.call_id == asked.callbacks.tries[-1].call_id


def test_music_goes_on_where_an_announcement_stopped_it(house: Hotline) -> None:
    caller = "+864345550101"
    house.sipp.citizen(hangup_after_s=25, caller=caller).wait(50)
    call = house.told(caller)
    assert call.recording is not None
    heard = read_channels(Path(f"{call.recording.path}-heard.wav"))[0]
    music = read_channels(SOUNDS / "hold" / "pentatonic.wav")[0]
    before, after = (_position(music, heard, at_s) for at_s in (7.0, 18.0))
    assert before is not None and after is not None
    # eleven seconds later, less what the announcement took: never from the beginning
    gone_on_s = (after - before) % (len(music) / RATE)
    assert 3 < gone_on_s < 10, (before, after)


def _position(music: Samples, heard: Samples, at_s: float) -> float | None:
    """Where in the music, in seconds, what is heard for a second at this moment stands."""
    piece = heard[int(at_s * RATE) : int((at_s + 1) * RATE)]
    looped = np.concatenate((music, music[: len(piece)]))
    size = 1 << int(np.ceil(np.log2(len(looped) + len(piece))))
    product = np.fft.rfft(looped, size) * np.conj(np.fft.rfft(piece, size))
    matches = np.fft.irfft(product, size)[: len(music)]
    energy = np.cumsum(np.concatenate(([0.0], looped.astype(np.float64) ** 2)))
    around = np.sqrt(energy[len(piece) :] - energy[: -len(piece)])[: len(music)]
    quality = matches / np.maximum(around * float(np.linalg.norm(piece)), 1e-6)
    best = int(np.argmax(quality))
    return best / RATE if quality[best] > 0.8 else None


def test_three_times_not_reached_is_given_up_and_written_down(house: Hotline) -> None:
    def given_up() -> bool:
        call = next(c for c in house.calls() if c.caller == NEVER_REACHED)
        return call.callbacks is not None and call.callbacks.state == "given_up"

    house.wait_for(given_up, 100, "the callback is given up", pause_s=0.5)
    calls = [c for c in house.calls() if c.caller == NEVER_REACHED]
    assert len(calls) == 1, calls
    (call,) = calls
    assert call.callbacks and [t.outcome for t in call.callbacks.tries] == ["busy"] * 3
    begun = [t.at for t in call.callbacks.tries]
    assert all(30 <= (b - a).total_seconds() < 40 for a, b in zip(begun, begun[1:], strict=False))
    assert call.overflow_request and call.overflow_request.done_at is None  # for people to do
    assert not [c for c in house.live()["callbacks"] if c["caller"].endswith(NEVER_REACHED[-4:])]


def test_the_seat_is_rung_first_when_the_policy_says_so(house: Hotline) -> None:
    house.rule("seat")
    house.take_up()
    try:
        caller = house.wish()
        telephone = house.phone(answer_after_s=1, talk_s=5)
        seat = house.lawyer("8001", answer_after_s=2)
        house.wait_for(lambda: "INVITE sip:" in seat.messages(), what="the seat rings")
        assert "INVITE sip:" not in telephone.messages()
        house.wait_for(lambda: "INVITE sip:" in telephone.messages(), what="his telephone rings")
        assert "ACK sip:" in seat.messages()
        asked, called = house.of(caller, 2)
        assert called.callback_of == asked.call_id and called.answered_at
        assert (called.ended_by, called.end_stage) == ("caller", "talking")
        assert called.talk_ended_at and called.answered_at
        assert 3 < (called.talk_ended_at - called.answered_at).total_seconds() < 14
        house.wait_for(lambda: house.seat_state("8001") == "ready", what="the seat is free")
    finally:
        house.rule("caller")
        house.take_up()
