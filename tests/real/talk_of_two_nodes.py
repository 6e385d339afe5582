"""Talks whose citizen is at node a and whose lawyers and supervisors are at node b, as tests of two
nodes have them; everything is asked for at node b.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reports.facts import Conversation
from tests.real.asterisk_node import wav_seconds
from tests.real.house import House
from tests.real.rtp_tap import RtpTap, heard_by, sounds
from tests.real.sipp import Party, tone
from tests.real.talk_house import CALLER_HZ, GUEST_HZ, SEAT_HZ, hears
from tests.real.two_nodes import TwoNodes

SUPERVISOR_HZ = 1550
TRIES = 12
EVERYBODY = (CALLER_HZ, SEAT_HZ, GUEST_HZ, SUPERVISOR_HZ)  # as the lists below


@dataclass
class Talk:
    """A citizen of node a, and the seat at node b that has him."""

    nodes: TwoNodes
    call_id: str
    seat: str
    phone: Party
    citizen: Party

    def do(self, what: str, /, **to: str) -> str:
        """What the lawyer asks for at node b; the fault's id when it is refused."""
        return self.nodes.b.post(f"seats/{self.seat}/talk/{what}", {"to": to} if to else {})

    def supervise(self, what: str, phone: str) -> None:
        """What a supervisor asks for at node b, until his telephone there is where he wants it."""
        wish = {"reason": "带教", "phone": phone}
        assert self.nodes.b.post(f"calls/{self.call_id}/{what}", wish) == ""

        def is_there() -> bool:
            place = self.nodes.b.api(f"supervise?phone={phone}")["beside"]
            return bool(place and place["is_there"] and place["mode"] == what)

        self.nodes.b.wait_for(is_there, 15, f"{phone}: {what}", 0.1)

    def seat_is_now(self, number: str) -> None:
        """Both nodes' boards say that this seat has the caller."""
        for house in self.nodes:
            house.wait_for(lambda h=house: self._seat_at(h) == number, 20, f"at {number}", 0.2)  # type: ignore[misc]

    def _seat_at(self, house: House) -> str | None:
        calls = house.live()["calls"]
        return next((one["seat"] for one in calls if one["call_id"] == self.call_id), None)

    def guest(self) -> dict[str, object] | None:
        """Who is consulted, as the desk at node b is told."""
        found = self.nodes.b.api(f"desk?seat={self.seat}")["guest"]
        return dict(found) if found else None

    def ended(self) -> Conversation:
        """Its facts, once the citizen has gone."""
        self.citizen.stop()
        self.nodes.a.node.cli(f"channel request hangup {self._channel()}")

        def found() -> list[Conversation]:
            calls = [one for one in self.nodes.a.calls() if one.call_id == self.call_id]
            return [one for one in calls if one.recording and one.recording.duration_s is not None]

        self.nodes.a.wait_for(found, 40, "its facts", 0.3)
        return found()[0]

    def _channel(self) -> str:
        for line in self.nodes.a.node.cli("core show channels concise").splitlines():
            if line.endswith(f"!{self.call_id}"):
                return line.partition("!")[0]
        return "none"


def lawyer(
    nodes: TwoNodes, number: str, hertz: int = SEAT_HZ, node: str = "b", *, ready: bool = True
) -> Party:
    """A lawyer's telephone; `ready`: wait until both nodes know that it can be rung."""
    house = nodes.houses[node]
    phone = house.seat(number, answer_after_s=0.2, audio=tone(house.sipp.folder, hertz))
    nodes.b.post(f"seats/{number}/force", {"state": "ready", "reason": "准备测试"})
    if ready:
        seat_is(nodes, number, "ready")
    return phone


def seat_is(nodes: TwoNodes, number: str, state: str) -> None:
    for one in nodes:
        one.wait_for(lambda o=one: o.seat_state(number) == state, 15, f"{number} is {state}")  # type: ignore[misc]


def supervisor(nodes: TwoNodes, number: str) -> Party:
    phone = nodes.b.seat(number, answer_after_s=0.1, audio=tone(nodes.b.sipp.folder, SUPERVISOR_HZ))
    for one in nodes:
        one.wait_for(
            lambda o=one: o.api(f"supervise?phone={number}")["is_registered"],  # type: ignore[misc]
            what="the phone is known",
        )
    return phone


def talk(nodes: TwoNodes, seat: str, caller: str) -> Talk:
    """A citizen who has been put through to this seat, and heard who it is."""
    phone = lawyer(nodes, seat)
    citizen = dial(nodes, caller)
    found = call_of(nodes, caller, "talking")
    assert found["seat"] == seat
    one = Talk(nodes, str(found["call_id"]), seat, phone, citizen)
    with heard_by(phone) as at_seat, heard_by(citizen) as at_citizen:
        hear(at_seat, CALLER_HZ)
        hear(at_citizen, SEAT_HZ)
    return one


def dial(nodes: TwoNodes, caller: str, key: str = "4") -> Party:
    return nodes.a.sipp.citizen(
        keys=((0.6, key),), caller=caller, audio=tone(nodes.a.sipp.folder, CALLER_HZ), longest_s=120
    )


def call_of(nodes: TwoNodes, caller: str, stage: str) -> dict[str, object]:
    found: list[dict[str, object]] = []

    def is_there() -> bool:
        calls = nodes.b.live()["calls"]
        found[:] = [c for c in calls if c["caller"].endswith(caller[-4:]) and c["stage"] == stage]
        return bool(found)

    nodes.b.wait_for(is_there, 20, f"{caller} is {stage}", 0.2)
    return found[0]


def hear(tap: RtpTap, *hertz: int) -> None:
    """These are heard and nobody else, now or within seconds: rooms are entered one by one."""
    wanted = [one in hertz for one in EVERYBODY]
    heard: list[list[bool]] = []
    while wanted not in heard and len(heard) < TRIES:
        samples = tap.next(0.8)
        heard.append([sounds(samples, one) for one in EVERYBODY])
    assert heard[-1] == wanted, heard


def is_recorded(call: Conversation, track: str, hertz: int) -> bool:
    """Whether this tone sounds for a second anywhere in a file of the call's recording."""
    assert call.recording
    file = Path(f"{call.recording.path}-{track}")
    return any(hears(file, hertz, n, n + 1) for n in range(int(wav_seconds(file))))
