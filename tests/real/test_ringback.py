"""What a lawyer hears until somebody answers whom he calls, packet by packet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from tests.real.asterisk_node import TRUNK_HOST
from tests.real.rtp_tap import RATE, RtpTap, heard_by
from tests.real.sipp import tone
from tests.real.talk_house import CALLER_HZ, GENERAL, GUEST_HZ, TalkHouse

RINGING_HZ, NETWORK_HZ = 450, 950
RINGS_S = 7.0


class Ringing(TalkHouse):
    """A house whose lines outside take their time."""

    def line_outside(self, *, says_before: bool = False) -> None:
        """The line rings, or the network says something, for RINGS_S; then it is picked up."""
        port = self._ports["answers"]
        for party in self.sipp.parties:
            if party.name == f"line at {TRUNK_HOST}" and party.port == port:
                party.stop()
        folder = self.sipp.folder
        self.sipp.outside(
            TRUNK_HOST,
            port,
            answer_after_s=RINGS_S,
            audio=tone(folder, GUEST_HZ),
            before=tone(folder, NETWORK_HZ) if says_before else None,
        )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ringing]:
    made = Ringing(tmp_path_factory.mktemp("ringback"))
    try:
        made.start()
        yield made
    finally:
        made.close()


def seconds_of(samples: np.ndarray, hertz: int) -> tuple[float, float]:
    """How long this tone sounds, and how long anything does, in tenths."""
    size = RATE // 10
    turning = np.exp(-2j * np.pi * hertz * np.arange(size) / RATE)
    tenths = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    sounds = sum(bool(abs(one @ turning) / size > 150) for one in tenths)
    loud = sum(bool(np.sqrt(np.mean(one**2)) > 200) for one in tenths)
    return sounds / 10, loud / 10


def rings(tap: RtpTap) -> bool:
    """Whether a second of ringing tone comes within five, and nothing else."""
    sounds, loud = seconds_of(tap.next(5.0), RINGING_HZ)
    return 0.7 <= sounds <= 1.3 and loud - sounds <= 0.3


@contextmanager
def call_out(house: Ringing, seat: str) -> Iterator[RtpTap]:
    """The lawyer calls somebody and has picked up himself."""
    house.lawyer(seat)
    house.api("desk/claim", {"seat": seat})
    wish = {"number": "13904310000", "reason": "回访"}
    call_id = house.api(f"desk/call?seat={seat}", wish)["call_id"]
    house.wait_for(lambda: house.seat_state(seat) == "talking", what="his own phone", pause_s=0.1)
    with heard_by(house.phones[seat]) as tap:
        yield tap
    house.node.cli("channel request hangup all")
    house.wait_for(lambda: house.state(call_id) is None, what="the call is over")
    house.phones[seat].stop()


def test_who_calls_out_hears_it_ring(house: Ringing) -> None:
    house.line_outside()
    with call_out(house, GENERAL[0]) as tap:
        assert rings(tap)
        time.sleep(RINGS_S - 5.0)
        assert tap.hears(GUEST_HZ, RINGING_HZ) == [True, False]


def test_who_calls_out_hears_what_the_network_says(house: Ringing) -> None:
    house.line_outside(says_before=True)
    with call_out(house, GENERAL[1]) as tap:
        sounds, loud = seconds_of(tap.next(4.0), NETWORK_HZ)
        assert sounds > 3 and loud - sounds <= 0.3
        time.sleep(RINGS_S - 4.0)
        assert tap.hears(GUEST_HZ, NETWORK_HZ) == [True, False]


def test_who_consults_somebody_hears_what_the_network_says(house: Ringing) -> None:
    house.line_outside(says_before=True)
    house.lawyer(GENERAL[3])
    call_id, seat, citizen = house.call(hangup_after_s=60)
    time.sleep(3)  # both hear who the other is
    with heard_by(house.phones[seat]) as tap, heard_by(citizen) as at_citizen:
        assert house.do(seat, "consult", line="court") == ""
        house.wait_for(lambda: tap.hears(NETWORK_HZ) == [True], what="the network says it")
        assert at_citizen.hears(NETWORK_HZ) == [False]
        assert house.do(seat, "complete") == "not_answered"
        house.wait_for(lambda: house.do(seat, "conference") == "", 20, "somebody picked up")
        assert tap.hears(GUEST_HZ, NETWORK_HZ) == [True, False]
        house.wait_for(lambda: at_citizen.hears(GUEST_HZ) == [True], what="they are three")
    citizen.stop()
    house.node.cli("channel request hangup all")
    house.wait_for(lambda: house.state(call_id) is None, what="the call is over")


def test_who_consults_somebody_hears_it_ring_and_never_later(house: Ringing) -> None:
    house.line_outside()
    house.lawyer(GENERAL[2])
    call_id, seat, citizen = house.call(hangup_after_s=60)
    time.sleep(3)  # both hear who the other is
    with heard_by(house.phones[seat]) as tap, heard_by(citizen) as at_citizen:
        assert house.do(seat, "consult", line="court") == ""
        time.sleep(0.5)
        assert rings(tap)
        waits = at_citizen.next(1.0)
        assert seconds_of(waits, RINGING_HZ)[1] > 0.5, "music, as ever"
        time.sleep(RINGS_S - 5.0)
        assert tap.hears(GUEST_HZ, RINGING_HZ) == [True, False]
        assert house.do(seat, "cancel") == ""
        house.wait_for(lambda: tap.hears(CALLER_HZ) == [True], what="they talk again")
        assert house.do(seat, "hold") == ""
        time.sleep(1)
        sounds, loud = seconds_of(tap.next(3.0), RINGING_HZ)
        assert loud > 2 and sounds < 0.5, "he hears the music that the caller hears"
    citizen.stop()
    house.node.cli("channel request hangup all")
    house.wait_for(lambda: house.state(call_id) is None, what="the call is over")
