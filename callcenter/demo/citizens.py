"""Simulated citizens: they call 12348, hear what is said, press keys, wait, talk and judge."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from callcenter.demo.ear import Ear
from callcenter.demo.persona import Persona, draw
from callcenter.demo.phone import Phone
from callcenter.demo.phone_call import PhoneCall, Refused, Unanswered
from callcenter.demo.seats import ended_within
from callcenter.demo.talk import Talk, load_talk, talk_forever

log = structlog.get_logger(__name__)

HERE = "127.0.0.2"  # the demo trunk knows its callers by this address
DIALLED = "12348"
FIRST_AFTER_S = 3.0
LONGEST_CALL_S = 600.0
MOST_AT_ONCE = 40  # each costs 100 datagrams a second; more is no demo but a load test
SPEAKS_S = (5.0, 12.0)  # into a recorder, before # ends it

# What a citizen acts on. The seat's announcement tells that a person has answered.
KNOWN = (
    "main_menu",
    "invalid_key",
    "no_key",
    "queue_offer",
    "callback",
    "callback_number",
    "message",
    "after_hours",
    "fallback_message",
    "seat_number_before",
    "seat_number_after",
    "survey",
    "survey_again",
    "city_menu",
    "service_menu",
    "aid_menu",
    "complaint_menu",
    "complaint",
    "special_menu",
    "emergency_menu",
    "to_police",
    "language_korean",
    "booking_day",
    "booking_note",
    "order_number",
    "order_code",
    "order_more",
)
INTO_RECORDER = (
    *("callback", "message", "fallback_message", "after_hours", "booking_note", "complaint"),
)


class Citizen:
    """One call of one persona."""

    def __init__(
        self,
        persona: Persona,
        *,
        shapes: Mapping[str, tuple[int, ...]],
        talk: Talk,
        dice: random.Random,
    ) -> None:
        """`shapes`: the prompts it knows (callcenter.demo.ear)."""
        self.heard: list[str] = []
        self._persona = persona
        self._shapes = shapes
        self._talk = talk
        self._dice = dice
        self._prompts: asyncio.Queue[str] = asyncio.Queue()
        self._menu_keys = list(persona.menu_keys)
        self._leaves_at = 0.0
        self._is_talking = False

    async def call(self, phone: Phone) -> PhoneCall:
        """Make the call from start to end; raises Refused or Unanswered."""
        call = await phone.dial(user=self._persona.number, number=DIALLED)
        now = asyncio.get_running_loop().time()
        early_s, patience_s = self._persona.hangs_up_after_s, self._persona.patience_s
        self._leaves_at = now + (early_s if early_s is not None else patience_s)
        try:
            call.line.on_frame = Ear(self._shapes, self._prompts.put_nowait).hear
            async with asyncio.timeout(LONGEST_CALL_S):
                await self._listen(call)
        except TimeoutError:
            log.info("a call had no end and was given up")
        finally:
            # done before anything else, also when this task is being cancelled
            call.leave()
        return call

    async def _listen(self, call: PhoneCall) -> None:
        while not call.ended.is_set():
            now = asyncio.get_running_loop().time()
            if now >= self._leaves_at:
                return
            try:
                prompt = await asyncio.wait_for(
                    self._prompts.get(), min(self._leaves_at - now, 0.5)
                )
            except TimeoutError:
                continue
            self.heard.append(prompt)
            await self._act(call, prompt)

    async def _act(self, call: PhoneCall, heard: str) -> None:
        persona, prompt = self._persona, heard.rpartition(":")[2]  # `ko-KR:main_menu`
        if prompt in ("main_menu", "invalid_key", "no_key"):
            # a wrong key is answered by "invalid_key" and then the menu: each counts once
            key = self._menu_keys.pop(0) if self._menu_keys and prompt == "main_menu" else None
            await self._press(call, key)
        elif prompt == "queue_offer":
            await self._press(call, {"callback": "*", "message": "#"}.get(persona.offer))
        elif prompt in persona.answers:
            await self._press(call, persona.answers[prompt])
        elif prompt == "order_more":
            self._stay(0.0)  # knows now what there was to know
        elif prompt == "to_police":
            self._begin_talk(call)
        elif prompt == "callback_number":
            number = persona.number if persona.number.isdigit() else "13800001234"
            await self._press(call, f"{number}#")
        elif prompt in INTO_RECORDER:
            talk_forever(call, self._talk, self._dice)
            await ended_within(call, self._dice.uniform(*SPEAKS_S))
            call.line.say(b"")
            await self._press(call, "#")
            while not self._prompts.empty():  # the longest of them ends as the others begin
                self._prompts.get_nowait()
        elif prompt.startswith("seat_number") and not self._is_talking:
            self._begin_talk(call)
        elif prompt in ("survey", "survey_again"):
            call.line.say(b"")
            self._stay(60.0)
            await self._press(call, persona.rating)

    def _begin_talk(self, call: PhoneCall) -> None:
        self._is_talking = True
        if self._persona.hangs_up_after_s is None:
            self._stay(self._persona.talks_s or LONGEST_CALL_S)
        talk_forever(call, self._talk, self._dice)

    def _stay(self, longest_s: float) -> None:
        self._leaves_at = asyncio.get_running_loop().time() + longest_s

    async def _press(self, call: PhoneCall, keys: str | None) -> None:
        if keys and not await ended_within(call, self._persona.think_s):
            call.line.press(keys)


@dataclass(frozen=True)
class Town:
    """What all citizens share."""

    phone: Phone
    shapes: Mapping[str, tuple[int, ...]]
    talk: Talk
    dice: random.Random


async def run_citizens(
    *,
    server: tuple[str, int],
    a_minute: float,
    shapes: Mapping[str, tuple[int, ...]],
    dice: random.Random,
) -> None:
    """Citizens call until cancelled: the first soon, then `a_minute` at random times."""
    phone = Phone(server)
    await phone.open(HERE)
    town = Town(phone=phone, shapes=shapes, talk=load_talk("citizen"), dice=dice)
    try:
        async with asyncio.TaskGroup() as calls:
            wait_s = FIRST_AFTER_S
            while a_minute > 0:
                await asyncio.sleep(wait_s)
                if len(phone.calls) < MOST_AT_ONCE:
                    calls.create_task(_one_call(town))
                wait_s = dice.expovariate(a_minute / 60.0)
            await asyncio.Event().wait()
    finally:
        phone.close()


async def _one_call(town: Town) -> None:
    persona = draw(town.dice, workday=_coming_workday())
    citizen = Citizen(persona, shapes=town.shapes, talk=town.talk, dice=town.dice)
    try:
        await citizen.call(town.phone)
    except (Refused, Unanswered) as fault:
        log.info("a citizen was not answered", why=repr(fault))
        return
    log.info("a citizen's call is over", heard=citizen.heard)


def _coming_workday() -> str:
    """Month and day, four digits, of the next day but six that is no weekend."""
    day = datetime.now(UTC).date() + timedelta(days=7)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return f"{day:%m%d}"
