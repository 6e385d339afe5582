"""Asterisk's files as text: same input same bytes, and nothing breaks out of its line."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from asterisk.config import Config
from hypothesis import given, settings
from hypothesis import strategies as st

from sip_config.model import (
    Address,
    BadValue,
    Patience,
    RenderInput,
    SeatEndpoint,
    SupervisorEndpoint,
)
from sip_config.reload import MODULES, SEAT_FILES, reload_modules, restart_files
from sip_config.render import render, write
from tests.sip_config.rendered import GIVEN, HOST, section
from tests.thoroughness import tries


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert render(GIVEN) == render(replace(GIVEN))


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # pyst2 leaves it open
def test_every_file_is_read_back_by_an_independent_parser(tmp_path: Path) -> None:
    write(tmp_path, render(GIVEN))
    for path in tmp_path.iterdir():
        parsed = Config(str(path))
        text = path.read_text("utf-8")
        for category in parsed.categories:
            assert f"[{category.name}]" in text
            for item in category.items:
                # pyst2 keeps "=> x" as "> x" of the value.
                assert item.name in text and item.value.lstrip("> ") in text
        assert [c.name for c in parsed.categories], path.name


def test_a_seat_has_two_doors_to_one_number() -> None:
    text = render(GIVEN)["pjsip.conf"]
    desk, browser = section(text, "8001@phone"), section(text, "8001", "endpoint")
    for endpoint in (desk, browser):
        assert "aors = 8001" in endpoint
        assert "set_var = SEAT_NUMBER=8001" in endpoint
        assert "direct_media = no" in endpoint
        assert "device_state_busy_at = 1" in endpoint
        assert "allow = g722,alaw,ulaw,opus" in endpoint
    assert "webrtc = yes" in browser
    assert "webrtc = yes" not in desk
    aor = section(text, "8001", "aor")
    assert {"max_contacts = 1", "remove_existing = yes"} <= set(aor)
    assert "domain = phone" in section(text, "udp") and "domain = phone" in section(text, "tcp")
    assert "domain = phone" not in section(text, "ws")


SUPERVISOR = SupervisorEndpoint(number="7001", secret="s3cret-7001", display_name="省级班长席")


def test_a_supervisors_phone_registers_as_a_seats_does_and_may_dial_nobody() -> None:
    files = render(replace(GIVEN, supervisors=(SUPERVISOR,)))
    text = files["pjsip.conf"]
    for door, kind in (("7001@phone", ""), ("7001", "endpoint")):
        endpoint = section(text, door, kind)
        assert "context = supervisors-v1" in endpoint
        assert not any(line.startswith("set_var") for line in endpoint)
    assert "webrtc = yes" in section(text, "7001", "endpoint")
    assert section(files["extensions.conf"], "supervisors-v1") == ["exten => _X!,1,Hangup(21)"]
    assert "7001" not in files["queues.conf"] + files["extensions.conf"]


def test_a_supervisor_has_a_number_of_his_own() -> None:
    with pytest.raises(BadValue, match=r"supervisors\[0\].number: 8001 stands twice"):
        render(replace(GIVEN, supervisors=(replace(SUPERVISOR, number="8001"),)))


def test_a_trunk_is_known_by_its_addresses_alone() -> None:
    text = render(GIVEN)["pjsip.conf"]
    assert section(text, "demo-match") == [
        "type = identify",
        "endpoint = demo",
        "match = 127.0.0.2",
        "match = 10.0.0.0/24",
    ]
    assert {"identify_by = ip", "context = from-demo"} <= set(section(text, "demo"))


def test_a_trunk_calls_out_only_where_it_is_told_where_to_and_as_the_hotline() -> None:
    files = render(GIVEN)
    assert "-out]" not in files["pjsip.conf"] and "from_user" not in files["pjsip.conf"]
    assert "aors" not in "".join(section(files["pjsip.conf"], "demo"))
    trunk = replace(GIVEN.trunks[0], outbound="sip:10.0.0.9:5080")
    files = render(replace(GIVEN, trunks=(trunk,)))
    assert section(files["pjsip.conf"], "demo-out") == ["type = aor", "contact = sip:10.0.0.9:5080"]
    assert {"aors = demo-out", "from_user = 12348"} <= set(section(files["pjsip.conf"], "demo"))


def test_an_outside_line_is_rung_without_a_lease_and_given_back_with_one() -> None:
    ring = section(render(GIVEN)["extensions.conf"], "line-ring-v1")
    assert ring[0] == "exten => s,1,Set(TIMEOUT(absolute)=0)"
    dial = "Dial(PJSIP/${ARG1}@${ARG2},${ARG3},gm(hold)U(line-connect-v1^${ARG4}))"
    assert ring[4] == f"same => n,{dial}"
    assert ring[5:] == ["same => n,Set(TIMEOUT(absolute)=90)", "same => n,Return()"]


def test_without_the_codec_opus_is_not_offered() -> None:
    files = render(replace(GIVEN, tree=replace(GIVEN.tree, opus_module=None)))
    assert "opus" not in files["pjsip.conf"]
    assert "codec_opus" not in files["modules.conf"]


def test_only_provincial_seats_serve_the_fallback_queue() -> None:
    members = [
        line for line in section(render(GIVEN)["queues.conf"], "fallback") if "member" in line
    ]
    assert members == [
        "member => Local/8901@fallback-seat-v1/n,0,8901,hint:8901@seat-state-v1",
    ]


def test_the_call_goes_back_to_the_controller_as_often_as_given() -> None:
    files = render(replace(GIVEN, patience=Patience(tries=7, lease_s=33), dialplan_version=4))
    call = section(files["extensions.conf"], "call-v4")
    assert "same => n,GotoIf($[${HOTLINE_TRIES} > 7]?fallback-v4,s,1)" in call
    assert "same => n,Set(TIMEOUT(absolute)=33)" in call
    assert [line for line in call if "AGI(agi://127.0.0.1:4573/call," in line]
    assert "exten => T,1,Goto(fallback-v4,s,1)" in call
    assert "-v1" not in files["extensions.conf"] + files["queues.conf"] + files["pjsip.conf"]


def test_asterisks_manager_is_for_this_machine_and_a_few_classes() -> None:
    text = render(GIVEN)["manager.conf"]
    assert "bindaddr = 127.0.0.1" in section(text, "general")
    assert "webenabled = no" in section(text, "general")
    hotline = section(text, "hotline")
    assert "deny = 0.0.0.0/0.0.0.0" in hotline
    assert "write = call,originate,system" in hotline


BREAKING = ["\n", "\r", ";", "]", "[", "\0", "\x1b", "\x7f"]


@pytest.mark.parametrize("bad", BREAKING)
@pytest.mark.parametrize(
    "name",
    [
        "node",
        "sip.host",
        "ami_secret",
        "folders.prompts",
        "trunks[0].name",
        "trunks[0].match[1]",
        "trunks[0].dialled",
        "trunks[0].outbound",
        "seats[1].number",
        "seats[1].secret",
        "seats[1].display_name",
        "seats[1].level",
    ],
)
def test_what_could_leave_its_line_is_refused_with_its_name(name: str, bad: str) -> None:
    seat, trunk = GIVEN.seats[1], GIVEN.trunks[0]
    hostile = {
        "node": lambda: replace(GIVEN, node="n" + bad),
        "sip.host": lambda: replace(GIVEN, sip=Address(host=HOST + bad, port=5060)),
        "ami_secret": lambda: replace(GIVEN, ami_secret="secret123" + bad),
        "folders.prompts": lambda: replace(
            GIVEN, folders=replace(GIVEN.folders, prompts=Path("/p" + bad))
        ),
        "trunks[0].name": lambda: replace(GIVEN, trunks=(replace(trunk, name="a" + bad),)),
        "trunks[0].match[1]": lambda: replace(
            GIVEN, trunks=(replace(trunk, match=("127.0.0.2", "10.0.0.1" + bad)),)
        ),
        "trunks[0].dialled": lambda: replace(GIVEN, trunks=(replace(trunk, dialled="1" + bad),)),
        "trunks[0].outbound": lambda: replace(
            GIVEN, trunks=(replace(trunk, outbound="sip:10.0.0.9" + bad),)
        ),
        "seats[1].number": lambda: _with_seat(replace(seat, number="8901" + bad)),
        "seats[1].secret": lambda: _with_seat(replace(seat, secret="password1" + bad)),
        "seats[1].display_name": lambda: _with_seat(replace(seat, display_name="王" + bad)),
        "seats[1].level": lambda: _with_seat(replace(seat, level="municipal" + bad)),
    }[name]()
    with pytest.raises(BadValue, match=".*") as refused:
        render(hostile)
    assert refused.value.name == name
    assert str(refused.value).startswith(f"{name}: ")


def _with_seat(seat: SeatEndpoint) -> RenderInput:
    return replace(GIVEN, seats=(GIVEN.seats[0], seat))


@settings(max_examples=tries(200))
@given(st.text(max_size=70))
def test_any_display_name_is_refused_or_stays_on_its_line(name: str) -> None:
    try:
        text = render(_with_seat(replace(GIVEN.seats[1], display_name=name)))["pjsip.conf"]
    except BadValue as refused:
        assert refused.name == "seats[1].display_name"
        return
    assert len(text.split("\n")) == len(render(GIVEN)["pjsip.conf"].split("\n"))
    assert f'callerid = "{name}" <8901>' in text


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"rtp_last": 10002}, "rtp_last: leaves fewer than four ports for RTP"),
        ({"ami": Address(host=HOST, port=0)}, "ami.port: 0 is not a port (1 to 65535)"),
        (
            {"seats": (GIVEN.seats[0], GIVEN.seats[0])},
            "seats[1].number: 8001 stands twice",
        ),
        (
            {"trunks": (GIVEN.trunks[0], GIVEN.trunks[0])},
            "trunks[1].name: demo stands twice",
        ),
        (
            {"trunks": (replace(GIVEN.trunks[0], match=()),)},
            "trunks[0].match: names no address",
        ),
        (
            {"folders": replace(GIVEN.folders, run=Path("/" + "r" * 100))},
            "folders.run: too long for a socket (107 bytes)",
        ),
    ],
)
def test_what_asterisk_would_stumble_over_is_said_before(
    changes: dict[str, object], fault: str
) -> None:
    with pytest.raises(BadValue) as refused:
        render(replace(GIVEN, **changes))  # type: ignore[arg-type]
    assert str(refused.value) == fault


def test_secrets_do_not_show_in_a_traceback() -> None:
    assert "s3cret" not in repr(GIVEN)


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    files = render(GIVEN)
    assert write(tmp_path, files) == tuple(files)
    assert write(tmp_path, files) == ()
    times = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    assert write(tmp_path, files | {"queues.conf": "[fallback]\n"}) == ("queues.conf",)
    changed = {p.name for p in tmp_path.iterdir() if p.stat().st_mtime_ns != times[p.name]}
    assert changed == {"queues.conf"}


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    write(tmp_path / "etc", render(GIVEN))
    assert os.stat(tmp_path / "etc").st_mode & 0o777 == 0o700
    for path in (tmp_path / "etc").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.conf": "old"})

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write(tmp_path, {"a.conf": "new"})
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"a.conf": "old"}


def test_each_changed_file_is_reloaded_or_waits_for_a_restart() -> None:
    assert reload_modules(("pjsip.conf", "rtp.conf", "queues.conf")) == (
        "res_pjsip.so",
        "app_queue.so",
    )
    assert restart_files(("pjsip.conf", "rtp.conf", "queues.conf")) == ("rtp.conf",)
    assert MODULES.keys() <= render(GIVEN).keys()


def test_a_changed_seat_changes_files_that_a_reload_takes_up() -> None:
    more = replace(GIVEN.seats[1], number="8902")
    before, after = render(GIVEN), render(replace(GIVEN, seats=(*GIVEN.seats, more)))
    assert tuple(name for name in after if after[name] != before[name]) == SEAT_FILES
