"""A changed province reaches the running hotline: no call notices."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.asterisk.reload import reload_running
from callcenter.settings import DEMO_PROVINCE
from sip_config.model import SeatEndpoint
from sip_config.render import render, write
from tests.real.house import House

CHANGCHUN = "+864315550123"
NEW_SEAT = """\
  - number: 8004
    name: 长春四席
    level: municipal
    city: 220100
    skills: [labour, general]
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A hotline with a province of its own to change."""
    shutil.copytree(DEMO_PROVINCE, tmp_path / "province")
    with House(tmp_path / "house", province=tmp_path / "province") as whole:
        yield whole


def render_and_reload(house: House) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "callcenter", "render", "--reload"],
        env=house.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def change_seats(house: House, old: str, new: str) -> None:
    file = house.settings.province / "seats.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def hang_up_signal(house: House, said: str) -> None:
    """SIGHUP to the controller, and wait until its log has the words."""
    before = house.log().count(said)
    pid = int((house.settings.home / "controller.pid").read_text())
    assert pid == house.controller_pid
    os.kill(pid, signal.SIGHUP)
    house.wait_for(lambda: house.log().count(said) > before, what=said)


def numbers(house: House) -> set[str]:
    return {seat["number"] for seat in house.live()["seats"]}


def test_a_new_seat_takes_the_next_call_while_another_goes_on(house: House) -> None:
    house.seat("8001", talk_s=25)
    talk = house.sipp.citizen(keys=((1.0, "2"), (34.0, "1")), caller=CHANGCHUN)
    house.wait_for(lambda: house.seat_state("8001") == "talking", what="8001 talks")

    change_seats(house, "  - number: 8101\n", NEW_SEAT + "  - number: 8101\n")
    done = render_and_reload(house)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert {"extensions.conf", "pjsip.conf"} <= set(said)
    assert {"reloaded: pbx_config.so", "reloaded: res_pjsip.so"} <= set(said)
    assert render_and_reload(house).stdout == "Asterisk has it all already\n"

    hang_up_signal(house, "the province is taken up")
    assert house.seat_state("8004") == "offline"
    secret = json.loads((house.settings.home / "seats.json").read_text())["seats"]["8004"]
    house.seat("8004", secret=secret, talk_s=4)
    house.wait_for(lambda: house.seat_state("8004") == "ready", what="8004 is ready")
    second = house.sipp.citizen(keys=((1.0, "2"), (8.0, "2")), caller="+864315550124")
    second.wait(60)
    talk.wait(90)

    calls = {call.caller: call for call in house.ended(2)}
    assert [(a.seat, a.outcome) for a in calls["+864315550124"].attempts] == [("8004", "answered")]
    first = calls[CHANGCHUN]
    assert [(a.seat, a.outcome) for a in first.attempts] == [("8001", "answered")]
    talk_s = (first.talk_ended_at - first.answered_at).total_seconds()
    assert talk_s > 24
    assert (first.talk_ended_by, first.reconciled) == ("seat", False)
    assert first.survey and first.survey.answer == 1


def test_a_vanished_seat_finishes_its_call_and_leaves(house: House) -> None:
    house.seat("8001", talk_s=12)
    talk = house.sipp.citizen(keys=((1.0, "2"), (21.0, "1")), caller=CHANGCHUN)
    house.wait_for(lambda: house.seat_state("8001") == "talking", what="8001 talks")
    file = house.settings.province / "seats.yaml"
    head, _, tail = file.read_text("utf-8").partition("  - number: 8001\n")
    file.write_text(head + tail[tail.index("  - number:") :], "utf-8")
    assert render_and_reload(house).returncode == 0
    hang_up_signal(house, "the province is taken up")
    assert house.seat_state("8001") == "talking"
    talk.wait(60)
    house.wait_for(lambda: "8001" not in numbers(house), what="8001 has left")
    (call,) = house.ended()
    assert call.survey and call.survey.answer == 1
    assert "8001" not in house.node.cli("pjsip show endpoints")


def test_a_faulty_province_is_refused_and_the_old_one_stays(house: House) -> None:
    before = numbers(house)
    change_seats(house, "level: provincial", "level: national")
    done = render_and_reload(house)
    assert (done.returncode, done.stdout) == (1, "")
    assert "seats.yaml" in done.stderr and "national" in done.stderr
    hang_up_signal(house, "the changed province is refused")
    house.wait_for(lambda: "national" in house.log(), what="the faulty line")
    assert numbers(house) == before
    house.sipp.citizen(hangup_after_s=1.0).wait(30)
    assert len(house.ended()) == 1


def test_files_written_earlier_are_noticed_by_reading_back(house: House) -> None:
    change_seats(house, "  - number: 8101\n", NEW_SEAT + "  - number: 8101\n")
    config = house.settings.home / "asterisk" / "etc"
    house.hotline("render", "--out", str(config))
    assert "8004" not in house.node.cli("pjsip show endpoints")
    said = render_and_reload(house).stdout.splitlines()
    assert set(said) == {
        "reloaded: res_pjsip.so",
        "reloaded: pbx_config.so",
        "reloaded: app_queue.so",
    }
    assert "8004@phone" in house.node.cli("pjsip show endpoints")


def test_what_asterisk_refuses_is_named(house: House) -> None:
    given = house.node.given
    new = SeatEndpoint(number="8904", secret="secret-8904x", display_name="新", level="provincial")
    kept = tuple(seat for seat in given.seats if seat.number != "8904")
    files = render(replace(given, seats=(*kept, replace(new, number="8905"))))
    pjsip = files["pjsip.conf"]
    phone = pjsip.index("[8905@phone]")
    spoilt = pjsip[:phone] + pjsip[phone:].replace("dtmf_mode = rfc4733", "dtmf_mode = drums", 1)
    write(given.folders.config, {"pjsip.conf": spoilt})
    wanted = replace(given, seats=(*kept, replace(new, number="8905")))
    done = asyncio.run(reload_running(wanted, ("pjsip.conf",)))
    assert done.refused == (
        "seat 8905: endpoint 8905@phone is missing",
        "seat 8905: not in the fallback queue",
    )


def test_without_an_asterisk_it_says_so_in_one_line(house: House) -> None:
    house.node.stop()
    done = render_and_reload(house)
    assert done.returncode == 1
    assert done.stderr.startswith("hotline: no Asterisk of this hotline answers at")
    assert done.stderr.count("\n") == 1
