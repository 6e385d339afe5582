"""Commands for Asterisk: their bytes, and what they refuse."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.protocol import AgiReply, BadValue
from callcenter.asterisk.protocol import agi_commands as command


def test_each_command_is_one_line_with_quoted_arguments():
    assert [
        command.answer(),
        command.hangup(),
        command.noop(),
        command.stream_file("/p/zh-CN/主菜单", "12*#"),
        command.wait_for_digit(30_000),
        command.set_music(True),
        command.set_music(True, "slow"),
        command.set_music(False),
        command.set_variable("TIMEOUT(absolute)", "90"),
        command.get_variable("HOTLINE_DONE"),
        command.get_full_variable("${CDR(x)}|${Y}"),
        command.record_file("/r/a-message", limit_s=60),
        command.record_file("/r/a", limit_s=1, escape_digits="", beep=False, silence_s=5),
        command.exec_app("QueueLog", "hotline", "1.2", "NONE", "ARRIVED"),
        command.exec_app("StopMusicOnHold"),
        command.sync(42),
    ] == [
        b"ANSWER\n",
        b"HANGUP\n",
        b"NOOP\n",
        'STREAM FILE "/p/zh-CN/主菜单" "12*#"\n'.encode(),
        b'WAIT FOR DIGIT "30000"\n',
        b'SET MUSIC ON "hold"\n',
        b'SET MUSIC ON "slow"\n',
        b"SET MUSIC OFF\n",
        b'SET VARIABLE "TIMEOUT(absolute)" "90"\n',
        b'GET VARIABLE "HOTLINE_DONE"\n',
        b'GET FULL VARIABLE "${CDR(x)}|${Y}"\n',
        b'RECORD FILE "/r/a-message" "wav" "#" "60000" BEEP\n',
        b'RECORD FILE "/r/a" "wav" "" "1000" s=5\n',
        b'EXEC "QueueLog" "hotline,1.2,NONE,ARRIVED"\n',
        b'EXEC "StopMusicOnHold" ""\n',
        b'GET FULL VARIABLE "sync-42"\n',
    ]


def ring(seat: str = "8001", context: str = "ring-v1", **changes: object) -> bytes:
    given = {"who": "/p/who", "greeting": None, "attempt": 1, "ring_s": 15} | changes
    return command.ring_seat(context, seat, **given)


def test_a_seat_is_rung_with_what_it_and_the_caller_hear_on_picking_up():
    assert ring(attempt=2) == b'GOSUB "ring-v1" "8001" "1" "/p/who,2,15,"\n'
    assert ring(who=None, greeting="/p/g") == b'GOSUB "ring-v1" "8001" "1" ",1,15,/p/g"\n'
    assert ring(node="b", is_back=True) == b'GOSUB "ring-v1" "8001" "1" "/p/who,1,15,,b,1"\n'
    assert ring(who=None, is_back=True) == b'GOSUB "ring-v1" "8001" "1" ",1,15,,,1"\n'


def outside(number: str = "110", trunk: str = "demo", **changes: object) -> bytes:
    return command.ring_line("line-v1", number, trunk, **({"ring_s": 25} | changes))


def test_an_outside_line_is_rung_by_its_number_and_its_trunk():
    assert outside() == b'GOSUB "line-v1" "s" "1" "110,demo,25"\n'
    assert (
        outside("+8643188001122", ring_s=5) == b'GOSUB "line-v1" "s" "1" "+8643188001122,demo,5"\n'
    )


BAD = ['a"b', "a\\b", "a\nb", "a\0b", "a\x7fb", "\udcff", "x" * 1000]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(
    "build",
    [
        command.stream_file,
        command.get_variable,
        command.get_full_variable,
        lambda bad: command.stream_file("a", bad),
        lambda bad: command.set_music(True, bad),
        lambda bad: command.set_variable("A", bad),
        lambda bad: command.set_variable(bad, "a"),
        lambda bad: command.record_file(bad, limit_s=1),
        lambda bad: command.record_file("a", limit_s=1, file_format=bad),
        lambda bad: command.record_file("a", limit_s=1, escape_digits=bad),
        lambda bad: command.exec_app("Playback", bad),
        lambda bad: command.exec_app(bad),
        lambda bad: ring(bad),
        lambda bad: outside(bad),
        lambda bad: outside(trunk=bad),
        lambda bad: ring(context=bad),
        lambda bad: ring(who=bad),
        lambda bad: ring(greeting=bad),
    ],
)
def test_what_could_break_out_of_an_argument_is_refused(build: Callable[[str], bytes], bad: str):
    with pytest.raises(BadValue) as caught:
        build(bad)
    assert bad not in str(caught.value) or "list" in str(caught.value)


@pytest.mark.parametrize(
    "build",
    [
        lambda: command.wait_for_digit(0),
        lambda: command.record_file("a", limit_s=0),
        lambda: command.record_file("a", limit_s=1, silence_s=-1),
        lambda: command.sync(-1),
        lambda: ring(ring_s=0),
        lambda: outside(ring_s=0),
        lambda: outside("1"),
        lambda: outside("110&PJSIP/8001"),
        lambda: outside("110,60"),
        lambda: outside(trunk="demo,1"),
        lambda: ring(attempt=-1),
        lambda: ring("8001&PJSIP/1"),
        lambda: ring(who="a,b"),
        lambda: ring(who="a)T(b"),
        lambda: command.set_variable("SHELL(a b)", "x"),
        lambda: command.exec_app("System", "true"),
        lambda: command.exec_app("MixMonitor", "a.wav", "", "touch f"),
        lambda: command.exec_app("Playback", "a,noanswer"),
    ],
)
def test_what_is_out_of_bounds_or_off_the_list_is_refused(build: Callable[[], bytes]):
    with pytest.raises(BadValue):
        build()


def test_a_barrier_knows_its_own_reply():
    reply = AgiReply(200, 1, "sync-42", None, "200 result=1 (sync-42)")
    assert command.is_sync(reply, 42) and not command.is_sync(reply, 4)


@given(st.text(max_size=80))
def test_a_value_goes_out_as_one_quoted_argument_or_not_at_all(value: str):
    try:
        line = command.set_variable("NAME", value).decode()
    except BadValue:
        return
    assert line == f'SET VARIABLE "NAME" "{value}"\n'
    assert line.count('"') == 4 and line.count("\n") == 1
