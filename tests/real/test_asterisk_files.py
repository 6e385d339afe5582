"""The rendered files on a real Asterisk: trunk, seats, fallback, recordings, reload, bad input."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.cli import Fault
from callcenter.cli.render import rendered
from sip_config.model import Patience, SeatEndpoint
from sip_config.sounds import FOLDER as SOUNDS
from tests.real.asterisk_node import AsteriskNode, wav_seconds
from tests.real.plain_agi import PlainAgi
from tests.real.sipp import Sipp, spoken_keys
from tests.real.sipp_scenarios import INBAND_ONLY
from tests.real.ws_phone import WsPhone

StartNode = Callable[..., AsteriskNode]
StartSipp = Callable[[AsteriskNode], Sipp]

SOON = Patience(tries=1, between_s=1)  # one try, so that a test need not wait 20 s
TONE = SOUNDS / "tone"  # 0.5 s


@pytest.fixture
def node(start_node: StartNode) -> AsteriskNode:
    return start_node(patience=SOON)


@pytest.fixture
def sipp(node: AsteriskNode, start_sipp: StartSipp) -> Sipp:
    return start_sipp(node)


def ended(node: AsteriskNode, count: int = 1) -> list[list[str]]:
    node.wait_for(lambda: len(node.events("ENDED")) >= count, what=f"{count} ENDED in queue_log")
    return node.events("ENDED")


def recording(node: AsteriskNode, kind: str) -> Path:
    (path,) = node.given.folders.recordings.rglob(f"*-{kind}")
    return path


def test_start_log_holds_no_warning_and_no_error(node: AsteriskNode) -> None:
    assert node.complaints() == []


def test_without_controller_a_provincial_seat_is_rung_after_twenty_tries(
    start_node: StartNode, start_sipp: StartSipp
) -> None:
    node = start_node(patience=Patience())
    sipp = start_sipp(node)
    sipp.seat("8001")
    sipp.seat("8901", talk_s=2)
    began = time.monotonic()
    sipp.citizen(longest_s=60).wait(80)
    assert time.monotonic() - began > 20
    (arrived,) = node.events("ARRIVED")
    (fallback,) = node.events("FALLBACK")
    (connect,) = node.events("CONNECT")
    (end,) = ended(node)
    assert arrived[6:] == ["demo", "12348", "04315550123"]
    assert fallback[6] == "21"
    assert connect[3] == "8901"
    assert {line[1] for line in (arrived, fallback, connect, end)} == {arrived[1]}
    assert arrived[1].startswith("test-")
    assert int(end[5]) - int(arrived[5]) > 20_000


def test_both_sides_are_recorded_in_equal_and_true_length(node: AsteriskNode, sipp: Sipp) -> None:
    sipp.seat("8901", talk_s=3)
    sipp.citizen().wait()
    (end,) = ended(node)
    (arrived,) = node.events("ARRIVED")
    seconds = (int(end[5]) - int(arrived[5])) / 1000
    caller, heard = recording(node, "caller.wav"), recording(node, "heard.wav")
    assert wav_seconds(caller) == wav_seconds(heard)
    assert wav_seconds(caller) == pytest.approx(seconds, abs=0.3)
    assert caller.parent.relative_to(node.given.folders.recordings).parts == tuple(
        time.strftime("%Y %m %d", time.gmtime(int(arrived[5]) / 1000)).split()
    )
    assert caller.name == f"{end[1]}-caller.wav"


def test_a_controller_rings_a_seat_that_hears_who_calls(node: AsteriskNode, sipp: Sipp) -> None:
    sipp.seat("8001", talk_s=4)
    with PlainAgi(
        node,
        f'GOSUB seat-ring-v1 8001 1 "{TONE},1,15,{TONE}"',
        "GET VARIABLE DIALSTATUS",
        "GET VARIABLE ANSWEREDTIME_MS",
        "GET FULL VARIABLE ${TIMEOUT(absolute)}",
        "SET VARIABLE HOTLINE_SEAT 8001",
        "SET VARIABLE HOTLINE_DONE 1",
    ) as agi:
        sipp.citizen().wait()
        replies = agi.wait()
    assert replies[1] == "200 result=1 (ANSWER)"
    talk_s = int(replies[2].partition("(")[2].rstrip(")")) / 1000
    assert talk_s > 3.5
    assert 80 < float(replies[3].partition("(")[2].rstrip(")")) <= 90
    (end,) = ended(node)
    assert end[3] == "8001"
    assert end[7] == "ANSWER"
    assert end[10:] == ["1", "1"]
    # From the answer, less the half second that the seat and then the caller heard before the talk.
    seat = recording(node, "seat-1.wav16")
    assert wav_seconds(seat) == pytest.approx(talk_s - 1.0, abs=0.7)


@pytest.mark.parametrize(
    ("seat", "status"),
    [
        ({"decline": 486}, "BUSY"),
        ({"decline": 603}, "BUSY"),
        ({"decline": 480}, "NOANSWER"),
        ({"never_answer": True}, "NOANSWER"),
    ],
)
def test_a_seat_that_does_not_take_the_call_is_told_apart(
    node: AsteriskNode, sipp: Sipp, seat: dict[str, object], status: str
) -> None:
    sipp.seat("8001", **seat)  # type: ignore[arg-type]
    ring = f'GOSUB seat-ring-v1 8001 1 "{TONE},1,2,"'
    with PlainAgi(node, ring, "GET VARIABLE DIALSTATUS", "SET VARIABLE HOTLINE_DONE 1") as agi:
        sipp.citizen().wait()
        assert agi.wait()[1] == f"200 result=1 ({status})"


def test_a_seat_without_a_phone_is_unavailable_at_once(node: AsteriskNode, sipp: Sipp) -> None:
    ring = f'GOSUB seat-ring-v1 8001 1 "{TONE},1,15,"'
    with PlainAgi(node, ring, "GET VARIABLE DIALSTATUS", "SET VARIABLE HOTLINE_DONE 1") as agi:
        sipp.citizen().wait()
        assert agi.wait()[1] == "200 result=1 (CHANUNAVAIL)"


async def test_the_phone_that_registered_last_rings_browser_or_desk_phone(
    node: AsteriskNode, sipp: Sipp
) -> None:
    commands = (f'GOSUB seat-ring-v1 8001 1 "{TONE},1,15,"', "SET VARIABLE HOTLINE_DONE 1")
    sipp.seat("8001", talk_s=1)
    with PlainAgi(node, *commands) as agi:
        async with WsPhone(node, "8001") as browser:
            sipp.citizen()
            invite = await browser.invited()
            agi.wait()
    desk_phone = sipp.seat("8001", talk_s=1)
    with PlainAgi(node, *commands) as agi:
        sipp.citizen().wait()
        agi.wait()
    assert "UDP/TLS/RTP/SAVPF" in invite
    assert "a=fingerprint:SHA-256" in invite
    assert "a=rtcp-mux" in invite
    asked = desk_phone.messages()
    assert "INVITE sip:8001@" in asked
    assert "RTP/SAVPF" not in asked
    assert "m=audio" in asked


def test_the_seats_own_number_counts_and_not_what_its_phone_claims(
    node: AsteriskNode, sipp: Sipp
) -> None:
    sipp.dial("8001", "*1").wait()
    sipp.dial("8002", "*0").wait()
    assert node.channels() == 0
    assert node.complaints() == []


def test_a_changed_seat_reaches_a_running_asterisk_without_dropping_a_call(
    node: AsteriskNode, sipp: Sipp
) -> None:
    sipp.seat("8901", talk_s=5)
    citizen = sipp.citizen()
    node.wait_for(lambda: node.events("CONNECT"), what="the citizen talks")
    new = SeatEndpoint(number="8903", secret="secret-8903", display_name="新席", level="provincial")
    changed = node.apply(seats=(*node.given.seats, new))
    assert changed == ("extensions.conf", "pjsip.conf", "queues.conf")
    sipp.seat("8903")
    assert "8903" in node.cli("queue show fallback")
    citizen.wait()
    ended(node)
    (complete,) = node.events("COMPLETEAGENT")  # the seat ended the talk, not the reload
    assert int(complete[6]) >= 4, "the talk went on over the reload"


def test_a_changed_secret_shuts_the_old_one_out(node: AsteriskNode, sipp: Sipp) -> None:
    first, *others = node.given.seats
    node.apply(seats=(replace(first, secret="another-secret"), *others))
    with pytest.raises(AssertionError, match="not within"):
        sipp.seat(first.number, wait_s=2)
    sipp.seat(first.number, "another-secret")


TWO_KEYS = ("WAIT FOR DIGIT 10000", "WAIT FOR DIGIT 10000", "SET VARIABLE HOTLINE_DONE 1")
FIVE_AND_HASH = [f"200 result={ord('5')}", f"200 result={ord('#')}"]


@pytest.mark.parametrize("dtmf", ["rfc4733", "info"])
def test_keys_are_heard_by_rfc_4733_and_by_sip_info(
    node: AsteriskNode, sipp: Sipp, dtmf: str
) -> None:
    with PlainAgi(node, *TWO_KEYS) as agi:
        sipp.citizen(keys=((1.0, "5"), (1.0, "#")), dtmf=dtmf).wait()
        assert agi.wait()[:2] == FIVE_AND_HASH


def test_keys_of_a_phone_that_only_sends_tones_are_heard(
    node: AsteriskNode, sipp: Sipp, tmp_path: Path
) -> None:
    with PlainAgi(node, *TWO_KEYS) as agi:
        sipp.citizen(codecs=INBAND_ONLY, audio=spoken_keys(tmp_path / "keys")).wait()
        assert agi.wait()[:2] == FIVE_AND_HASH


def test_eight_callers_at_once_press_their_keys(node: AsteriskNode, sipp: Sipp) -> None:
    with PlainAgi(node, *TWO_KEYS) as agi:
        sipp.citizen(keys=((1.5, "5#"),), calls=8, rate=20).wait()
        agi.wait()
    assert sorted(agi.replies) == sorted([*FIVE_AND_HASH, "200 result=1"] * 8)
    assert len(ended(node, 8)) == 8


def test_with_nobody_there_a_message_is_taken(start_node: StartNode, start_sipp: StartSipp) -> None:
    node = start_node(patience=replace(SOON, fallback_s=2))
    start_sipp(node).citizen(hangup_after_s=8).wait()
    ended(node)
    (message,) = node.events("MESSAGE")
    assert message[6] == str(recording(node, "message.wav"))
    assert wav_seconds(Path(message[6])) > 1


def test_the_lease_takes_a_call_from_a_controller_that_hangs(
    start_node: StartNode, start_sipp: StartSipp
) -> None:
    node = start_node(patience=replace(SOON, lease_s=2))
    sipp = start_sipp(node)
    sipp.seat("8901", talk_s=1)
    with PlainAgi(node, "WAIT FOR DIGIT 60000"):
        sipp.citizen().wait()
    assert len(node.events("CONNECT")) == 1


def test_secrets_are_readable_by_their_owner_alone(node: AsteriskNode) -> None:
    modes = {p.name: os.stat(p).st_mode & 0o777 for p in node.config.iterdir()}
    assert set(modes.values()) == {0o600}


def test_hotline_render_writes_what_changed_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    assert {"pjsip.conf", "extensions.conf", "manager.conf"} <= set(rendered(tmp_path / "etc"))
    kept = (tmp_path / "home" / "seats.json").read_bytes()
    assert rendered(tmp_path / "etc") == ()
    assert (tmp_path / "home" / "seats.json").read_bytes() == kept
    assert (tmp_path / "home" / "seats.json").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("HOTLINE_SIP", "127.0.0.9:5070")
    assert rendered(tmp_path / "etc") == ("pjsip.conf",)
    monkeypatch.setenv("HOTLINE_SIP", "nonsense")
    with pytest.raises(Fault, match="HOTLINE_SIP"):
        rendered(tmp_path / "etc")
