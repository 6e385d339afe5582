"""Simulated lawyers and citizens on a real Asterisk; a small dialplan is the hotline."""

import asyncio
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from callcenter.demo.citizens import HERE, KNOWN, Citizen, run_citizens
from callcenter.demo.ear import learn_prompts
from callcenter.demo.persona import Persona
from callcenter.demo.phone import Phone
from callcenter.demo.phone_call import PhoneCall, Refused
from callcenter.demo.seats import Habits, run_seats
from callcenter.demo.sip import Account
from callcenter.demo.talk import load_talk
from callcenter.demo.voice import LEVELS
from callcenter.sounds import PACKAGED
from tests.real.asterisk_node import HOST, AsteriskNode

StartNode = Callable[..., AsteriskNode]

# Menu, seat, survey: what the hotline does, with what a citizen hears it by.
DIALPLAN = """
[from-demo]
exten => 12348,1,Answer()
same => n,Read(KEY,{prompts}/main_menu,1,,1,8)
same => n,QueueLog(demo,${{UNIQUEID}},NONE,MENU,${{KEY}}|${{CALLERID(num)}})
same => n,Gosub(seat-ring-{version},8001,1(,1,4,{prompts}/seat_number_before))
same => n,QueueLog(demo,${{UNIQUEID}},NONE,TALKED,${{DIALSTATUS}})
same => n,Read(RATE,{prompts}/survey,1,,1,8)
same => n,QueueLog(demo,${{UNIQUEID}},NONE,RATED,${{RATE}})
same => n,Hangup()
"""
QUICK = Habits(
    answer_s=(0.2, 0.4),
    talk_s=(2.0, 2.5),
    misses=0.0,
    settle_s=(0.1, 0.2),
    look_s=0.3,
    patience_s=3.0,
)
CITIZEN = Persona(
    number="13800001234",
    menu_keys=("2",),
    think_s=0.3,
    hangs_up_after_s=None,
    patience_s=40.0,
    talks_s=None,
    offer="wait",
    rating="1",
)


@pytest.fixture
def node(start_node: StartNode) -> AsteriskNode:
    started = start_node()
    prompts = started.given.folders.prompts
    for clip in PACKAGED.glob("*.wav"):
        shutil.copy(clip, prompts)
    file = started.config / "extensions.conf"
    found = re.search(r"\[seat-ring-(\S+)\]", file.read_text())
    assert found
    with file.open("a") as out:
        out.write(DIALPLAN.format(prompts=prompts, version=found[1]))
    started.cli("module load app_read.so")
    started.cli("dialplan reload")
    return started


def server(node: AsteriskNode) -> tuple[str, int]:
    return HOST, node.given.sip.port


def account(node: AsteriskNode, number: str) -> Account:
    return next(Account(s.number, s.secret) for s in node.given.seats if s.number == number)


def contacts(node: AsteriskNode) -> dict[str, str]:
    """Seat -> where its phone is."""
    return dict(re.findall(r"Contact:\s+(\d+)/sip:\d+@(\S+)", node.cli("pjsip show contacts")))


async def until(node: AsteriskNode, is_so: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(node.wait_for, is_so, 20, what)


@asynccontextmanager
async def lawyers(node: AsteriskNode, habits: Habits = QUICK) -> AsyncIterator[None]:
    accounts = tuple(Account(seat.number, seat.secret) for seat in node.given.seats)
    running = asyncio.ensure_future(
        run_seats(server=server(node), accounts=accounts, habits=habits, dice=random.Random(1))
    )
    try:
        await until(node, lambda: len(contacts(node)) == len(accounts), "all seats registered")
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@asynccontextmanager
async def telephone(
    node: AsteriskNode,
    host: str = HERE,
    on_call: Callable[[str, PhoneCall], None] | None = None,
) -> AsyncIterator[Phone]:
    phone = Phone(server(node), on_call=on_call)
    await phone.open(host)
    try:
        yield phone
    finally:
        phone.close()


def citizen(persona: Persona = CITIZEN) -> Citizen:
    return Citizen(
        persona,
        shapes=learn_prompts((PACKAGED,), KNOWN),
        talk=load_talk("citizen"),
        dice=random.Random(1),
    )


async def test_citizen_is_led_served_heard_and_asked(node: AsteriskNode) -> None:
    async with lawyers(node), telephone(node) as phone:
        caller = citizen()
        call = await caller.call(phone)
        assert caller.heard == ["main_menu", "seat_number_before", "survey"]
        assert call.line.heard_frames > 100
        await until(node, lambda: bool(node.events("RATED")), "rated")
    assert node.events("MENU")[0][5:] == ["2", "13800001234"]
    assert node.events("TALKED")[0][5:] == ["ANSWER"]
    assert node.events("RATED")[0][5:] == ["1"]
    assert node.complaints() == []


async def test_lawyer_is_heard_by_the_citizen(node: AsteriskNode) -> None:
    async with lawyers(node), telephone(node) as phone:
        call = await phone.dial(user="13800001234", number="12348")
        call.line.press("3")
        heard: list[int] = []
        call.line.on_frame = lambda frame: heard.append(max(LEVELS[code] for code in frame))
        await until(node, lambda: bool(node.events("TALKED")), "talked")
        await call.hang_up()
    assert max(heard) > 200


async def test_lawyers_say_that_they_are_ready(node: AsteriskNode) -> None:
    async with lawyers(node):
        # *1 answers and plays a tone: one finished call for each seat
        await until(
            node,
            lambda: f"{len(node.given.seats)} calls processed" in node.cli("core show channels"),
            "each seat has dialled *1",
        )


async def test_lawyers_leave_no_registration_behind(node: AsteriskNode) -> None:
    async with lawyers(node):
        assert set(contacts(node)) == {seat.number for seat in node.given.seats}
    assert contacts(node) == {}
    assert node.channels() == 0


async def test_person_takes_a_seat_and_the_lawyer_gives_way_until_it_is_free(
    node: AsteriskNode,
) -> None:
    rung: list[str] = []

    def ringing(user: str, call: PhoneCall) -> None:
        rung.append(user)
        call.decline()

    async with lawyers(node), telephone(node, HOST, ringing) as person:
        simulated = contacts(node)
        assert await person.register(account(node, "8001"), expires_s=120)
        await asyncio.sleep(6 * QUICK.look_s)  # several times the lawyer has looked
        assert contacts(node) == simulated | {"8001": person.place}
        async with telephone(node) as phone:
            caller = citizen()
            await caller.call(phone)
        assert rung == ["8001"]
        await person.register(account(node, "8001"), expires_s=0)
        await asyncio.sleep(3 * QUICK.look_s)  # as if a page were being reloaded
        assert "8001" not in contacts(node)
        await until(node, lambda: contacts(node) == simulated, "the lawyer is back")


async def test_lawyer_lets_it_ring_and_the_caller_is_not_answered(node: AsteriskNode) -> None:
    async with lawyers(node, replace(QUICK, misses=1.0)), telephone(node) as phone:
        call = await phone.dial(user="13800001234", number="12348")
        call.line.press("1")
        await until(node, lambda: bool(node.events("TALKED")), "not answered")
        await call.hang_up()
    assert node.events("TALKED")[0][5:] == ["NOANSWER"]


async def test_citizen_who_hangs_up_early_leaves_nothing(node: AsteriskNode) -> None:
    async with telephone(node) as phone:
        await citizen(replace(CITIZEN, hangs_up_after_s=1.0)).call(phone)
        await until(node, lambda: node.channels() == 0, "the call is gone")
    assert node.events("MENU") == []


async def test_wrong_secret_registers_nothing(node: AsteriskNode) -> None:
    async with telephone(node, HOST) as phone:
        assert not await phone.register(Account("8001", "wrong"), expires_s=60)
        with pytest.raises(Refused):
            await phone.dial(user="8001", number="*1", account=Account("8001", "wrong"))
    assert contacts(node) == {}
    assert node.channels() == 0


async def test_citizens_call_by_themselves(node: AsteriskNode) -> None:
    running = asyncio.ensure_future(
        run_citizens(
            server=server(node),
            a_minute=600,
            shapes=learn_prompts((PACKAGED,), KNOWN),
            dice=random.Random(1),
        )
    )
    try:
        await until(node, lambda: node.channels() >= 3, "three citizens")
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    await until(node, lambda: node.channels() == 0, "nobody is left")


def test_demo_process_dies_with_its_parent(node: AsteriskNode, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    secrets = ",".join(f'"{seat.number}": "{seat.secret}"' for seat in node.given.seats)
    (home / "seats.json").write_text(f'{{"seats": {{{secrets}}}}}')
    starter = (
        "import subprocess, sys, time;"
        "print(subprocess.Popen([sys.executable, '-m', 'callcenter.demo']).pid, flush=True);"
        "time.sleep(600)"
    )
    environment = {
        **os.environ,
        "HOTLINE_HOME": str(home),
        "HOTLINE_SIP": f"{HOST}:{node.given.sip.port}",
        "HOTLINE_DEMO_CALLERS": "60",
    }
    with subprocess.Popen(
        [sys.executable, "-c", starter],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout
        demo = int(parent.stdout.readline())
        try:
            node.wait_for(lambda: len(contacts(node)) == len(node.given.seats), 30, "registered")
            node.wait_for(lambda: node.channels() > 0, 30, "somebody calls")
        finally:
            parent.send_signal(signal.SIGKILL)
            parent.wait()
    node.wait_for(lambda: not Path(f"/proc/{demo}").exists(), 10, "the demo is gone")
    assert contacts(node) == {}
