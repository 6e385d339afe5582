"""A house for talks: short prompts, many seats, lines outside that answer, are silent, are busy."""

from __future__ import annotations

import shutil
import threading
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from redis import Redis

from callcenter.bench.load import free_ports
from callcenter.call import Call, from_json
from callcenter.settings import DEMO_PROVINCE
from ivr_flows.model import GROUPS
from ivr_flows.names import LANGUAGES
from tests.real.asterisk_node import TRUNK_HOST
from tests.real.house import House
from tests.real.scenario_house import write_prompts
from tests.real.sipp import Party, SippFailed, tone

GENERAL = [str(8901 + n) for n in range(19)]
GUESTS = ["8931", "8932"]  # nobody is sent to these but by their number
LABOUR = ["8941", "8942"]
SEATS = {
    **dict.fromkeys(GENERAL, ["general"]),
    **dict.fromkeys(GUESTS, [group for group in GROUPS if group not in ("general", "labour")]),
    **dict.fromkeys(LABOUR, ["labour"]),
}
SUPERVISORS = 4
CALLER_HZ, SEAT_HZ, GUEST_HZ = 450, 750, 1150
SPELL_STEP_S = 0.1


class TalkHouse(House):
    """`call` puts a citizen through to a seat; `do` is what the lawyer there wants."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self._ports = dict(
            zip(("answers", "silent", "busy"), free_ports(3, TRUNK_HOST), strict=True)
        )
        write_province(folder / "province", self._ports)
        write_prompts(folder / "h" / "prompts")
        super().__init__(folder, province=folder / "province", **({"ring_s": 4} | settings))
        self.phones: dict[str, Party] = {}
        self._numbers = 200
        self._starting = threading.Lock()
        self._redis_client: Any = Redis(unix_socket_path=str(self.settings.redis_socket))
        self._key = f"{{hotline}}:{self.settings.namespace}:calls"

    def start(self) -> TalkHouse:
        super().start()
        audio = tone(self.sipp.folder, GUEST_HZ)
        answers, silent, busy = self._ports.values()
        self.sipp.outside(TRUNK_HOST, answers, answer_after_s=0.3, audio=audio)
        self.sipp.outside(TRUNK_HOST, silent, never_answer=True)
        self.sipp.outside(TRUNK_HOST, busy, decline=486, answer_after_s=0.2)
        return self

    def lawyer(self, number: str, **how: Any) -> Party:
        """A seat that picks up soon; its voice is a tone."""
        how = {"answer_after_s": 0.2, "audio": tone(self.sipp.folder, SEAT_HZ), **how}
        with self._starting:
            try:
                self.phones[number] = self.seat(number, **{"wait_s": 4, **how})
            except SippFailed:  # somebody took its port for sound in the same moment
                self.phones[number] = self.seat(number, **how)
        return self.phones[number]

    def state(self, call_id: str) -> Call | None:
        """A call as it was saved last; None when it is over."""
        saved = self._redis_client.hget(self._key, call_id)
        return from_json(saved) if saved else None

    def call(self, **how: Any) -> tuple[str, str, Party]:
        """A citizen who is at a seat now: the call's id, the seat, his phone."""
        for _ in range(3):
            number, party = self._dial(how)
            if self._comes_in(number):
                break
            party.stop()  # of two that start at once, one may find its port for sound taken
        found: list[dict[str, Any]] = []

        def talks() -> bool:
            found[:] = [one for one in self._calls_of(number) if one["stage"] == "talking"]
            return bool(found)

        self.wait_for(talks, 20, f"{number} is at a seat", pause_s=0.3)
        return found[0]["call_id"], found[0]["seat"], party

    def _dial(self, how: dict[str, Any]) -> tuple[str, Party]:
        with self._starting:
            self._numbers += 1
            number = f"0{self._numbers}"
            party = self.sipp.citizen(
                keys=((0.6, "4"),),
                caller=f"+86431555{number}",
                audio=tone(self.sipp.folder, CALLER_HZ),
                **how,
            )
            time.sleep(0.2)
        return number, party

    def _comes_in(self, number: str) -> bool:
        until = time.monotonic() + 5
        while time.monotonic() < until:
            if self._calls_of(number):
                return True
            time.sleep(0.3)
        return False

    def _calls_of(self, number: str) -> list[dict[str, Any]]:
        return [one for one in self.live()["calls"] if one["caller"].endswith(number)]

    def do(self, by: str, what: str, /, **to: str) -> str:
        """What a lawyer asks for; the fault's id when it is refused, else empty."""
        return self.post(f"seats/{by}/talk/{what}", {"to": to} if to else {})

    def close(self) -> None:
        super().close()
        self._redis_client.close()


def hears(file: Path, hertz: int, from_s: float, to_s: float) -> bool:
    """Whether a tone sounds in a recording, from one second to another (Goertzel's sum)."""
    return _sounds(*_samples(file, from_s, to_s), hertz)


def spell_without(file: Path, hertz: int, from_s: float, to_s: float) -> tuple[float, float]:
    """The longest spell about there in which a tone does not sound, as seconds of the recording.

    A file begins when sound comes, up to half a second after the call on a busy machine; the facts'
    seconds run ahead of it by as much.
    """
    began = spell = max(0.0, from_s - 1), max(0.0, from_s - 1)
    for part in np.arange(began[0], to_s + 1, SPELL_STEP_S):
        if _sounds(*_samples(file, part, part + SPELL_STEP_S), hertz):
            began = part + SPELL_STEP_S, part + SPELL_STEP_S
        else:
            began = began[0], part + SPELL_STEP_S
        spell = max(spell, began, key=lambda one: one[1] - one[0])
    return spell


def loudness(file: Path, from_s: float, to_s: float) -> float:
    """Root mean square of the samples between two seconds of a recording."""
    samples, _ = _samples(file, from_s, to_s)
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0


def _samples(file: Path, from_s: float, to_s: float) -> tuple[np.ndarray, int]:
    with wave.open(str(file), "rb") as audio:
        rate = audio.getframerate()
        audio.setpos(min(audio.getnframes(), int(from_s * rate)))
        frames = audio.readframes(int((to_s - from_s) * rate))
    return np.frombuffer(frames, np.int16).astype(float), rate


def _sounds(samples: np.ndarray, rate: int, hertz: int) -> bool:
    if len(samples) < rate // 20:
        return False
    turning = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / rate)
    return bool(abs(samples @ turning) / len(samples) > 150)


def write_province(folder: Path, ports: dict[str, int]) -> None:
    """Seats of SEATS, supervisors; lines outside at these ports of `TRUNK_HOST`: one that answers,
    one that is silent, one that is busy.
    """
    shutil.copytree(DEMO_PROVINCE, folder)
    seats = [
        {
            "number": int(number),
            "name": f"省级{number}席",
            "level": "provincial",
            "skills": [*skills],
            "languages": [*LANGUAGES],
        }
        for number, skills in SEATS.items()
    ]
    supervisors = [{"number": 7001 + n, "name": f"班长{n + 1}席"} for n in range(SUPERVISORS)]
    roster = {"groups": [*GROUPS], "seats": seats, "supervisors": supervisors}
    (folder / "seats.yaml").write_text(yaml.safe_dump(roster, allow_unicode=True), "utf-8")
    trunks = [
        {"name": "demo", "match": [TRUNK_HOST], "dialled": "12348"},
        *(
            {
                "name": name,
                "match": [f"127.0.0.{n}"],
                "dialled": "12348",
                "outbound": f"sip:{TRUNK_HOST}:{port}",
            }
            for n, (name, port) in enumerate(ports.items(), 41)
        ),
    ]
    (folder / "trunks.yaml").write_text(yaml.safe_dump({"trunks": trunks}), "utf-8")
    file = folder / "lines.yaml"
    lines = yaml.safe_load(file.read_text("utf-8"))["lines"]
    for line in lines.values():
        line |= {"trunk": "answers", "hours": "always"}
    lines["gov"]["trunk"], lines["night"]["trunk"] = "silent", "busy"
    file.write_text(yaml.safe_dump({"lines": lines}, allow_unicode=True), "utf-8")
