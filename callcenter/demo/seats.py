"""Simulated lawyers: each registers as a seat, answers, talks, hangs up, and goes ready again."""

import asyncio
import json
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from callcenter.demo.phone import Phone
from callcenter.demo.phone_call import PhoneCall, Refused, Unanswered
from callcenter.demo.sip import Account
from callcenter.demo.talk import Talk, load_talk, talk_forever

log = structlog.get_logger(__name__)

READY_CODE = "*1"
REGISTER_S = 120
RING_LIMIT_S = 60.0
READY_LIMIT_S = 10.0
GOODBYE_S = 1.0


class SecretsFault(Exception):
    """seats.json cannot be used; the message says why."""


@dataclass(frozen=True)
class Habits:
    """How simulated lawyers behave; seconds, ranges from which one is drawn each time."""

    answer_s: tuple[float, float] = (1.0, 4.0)
    talk_s: tuple[float, float] = (15.0, 60.0)
    rest_after_miss_s: tuple[float, float] = (30.0, 60.0)
    misses: float = 0.03  # share of calls that are let ring
    settle_s: tuple[float, float] = (1.0, 3.0)  # from registering to the first "ready"
    # A seat that was set not ready without having missed a call (Asterisk started anew, say)
    # gets no sign of it, so a lawyer long without calls says "ready" once more.
    idle_s: tuple[float, float] = (240.0, 360.0)
    look_s: float = 15.0  # how often a seat looks whether a person holds it
    patience_s: float = 60.0  # a person whose page is reloaded or cut off is back before that


def load_secrets(path: Path) -> tuple[Account, ...]:
    """Seat phones of HOME/seats.json: an object of number -> secret; raises SecretsFault."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SecretsFault(f"{path}: not there yet; `hotline render` makes it") from None
    except ValueError as fault:
        raise SecretsFault(f"{path}: {fault}") from None
    seats = said.get("seats", said) if isinstance(said, dict) else None
    if not isinstance(seats, dict) or not all(isinstance(one, str) for one in seats.values()):
        raise SecretsFault(f"{path}: not an object of seat numbers and secrets")
    return tuple(Account(user=user, secret=secret) for user, secret in sorted(seats.items()))


class Lawyer:
    """One seat. Takes one call at a time; gives way to a person who registers in its place."""

    def __init__(
        self, account: Account, phone: Phone, *, habits: Habits, talk: Talk, dice: random.Random
    ) -> None:
        """`phone` is shared by all lawyers."""
        self.account = account
        self.is_here = False
        self.talks = 0
        self._phone = phone
        self._habits = habits
        self._talk = talk
        self._dice = dice
        self._offers: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self._is_busy = False
        self._ready_at = math.inf  # loop time at which to say "ready" next
        self._taken_until = 0.0  # loop time: the person is not given up before

    async def live(self) -> None:
        """Be a lawyer until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._stay_registered())
            tasks.create_task(self._take_calls())

    def offered(self, call: PhoneCall) -> None:
        """A call rings here."""
        if self._is_busy:
            call.decline()
            return
        self._is_busy = True
        self._offers.put_nowait(call)

    async def _stay_registered(self) -> None:
        while True:
            # asked before each renewal: renewing would throw a person's phone out
            try:
                is_taken = await self._is_taken()
                is_here = not is_taken and await self._phone.register(
                    self.account, expires_s=REGISTER_S
                )
                if is_taken and self.is_here:
                    log.info("gave way to another phone", seat=self.account.user)
            except Unanswered:
                is_here = False
            if is_here and not self.is_here:
                log.info("registered", seat=self.account.user)
                self._plan_ready(self._habits.settle_s)
            self.is_here = is_here
            await asyncio.sleep(self._habits.look_s)

    async def _is_taken(self) -> bool:
        """Has a person this seat, or had it a moment ago? Raises Unanswered."""
        now = asyncio.get_running_loop().time()
        if await self._phone.registered_elsewhere(self.account):
            self._taken_until = now + self._habits.patience_s
        return now < self._taken_until

    def _plan_ready(self, span: tuple[float, float]) -> None:
        self._ready_at = asyncio.get_running_loop().time() + self._dice.uniform(*span)

    async def _take_calls(self) -> None:
        while True:
            try:
                # wakes each second: the time of the next "ready" may have been moved meanwhile
                call = await asyncio.wait_for(self._offers.get(), 1.0)
            except TimeoutError:
                if self.is_here and asyncio.get_running_loop().time() >= self._ready_at:
                    await self._say_ready()
                continue
            try:
                await self._serve(call)
            except (Refused, Unanswered) as fault:
                log.info("a call came to nothing", seat=self.account.user, why=repr(fault))
            finally:
                self._is_busy = False

    async def _say_ready(self) -> None:
        self._plan_ready(self._habits.idle_s)
        try:
            if await self._is_taken():
                return  # the state of the seat is the person's
            call = await self._phone.dial(
                user=self.account.user, number=READY_CODE, account=self.account
            )
        except (Refused, Unanswered) as fault:
            log.info("could not say ready", seat=self.account.user, why=repr(fault))
            self._plan_ready(self._habits.rest_after_miss_s)
            return
        await ended_within(call, READY_LIMIT_S)
        await call.hang_up()

    async def _serve(self, call: PhoneCall) -> None:
        if self._dice.random() < self._habits.misses:
            log.info("lets it ring", seat=self.account.user)
            await ended_within(call, RING_LIMIT_S)
            call.decline()
            self._plan_ready(self._habits.rest_after_miss_s)
            return
        if await ended_within(call, self._dice.uniform(*self._habits.answer_s)):
            return  # the caller was gone first
        await call.answer()
        self.talks += 1
        talk_forever(call, self._talk, self._dice)
        await ended_within(call, self._dice.uniform(*self._habits.talk_s))
        await call.hang_up()
        self._plan_ready(self._habits.idle_s)


async def ended_within(call: PhoneCall, limit_s: float) -> bool:
    """Wait for the end of a call, not longer than the limit; did it end?"""
    try:
        await asyncio.wait_for(call.ended.wait(), limit_s)
    except TimeoutError:
        return False
    return True


async def run_seats(
    *,
    server: tuple[str, int],
    accounts: tuple[Account, ...],
    habits: Habits,
    dice: random.Random,
    here: str = "127.0.0.1",
) -> None:
    """All seats until cancelled, on one UDP port of `here`."""
    lawyers: dict[str, Lawyer] = {}

    def offered(user: str, call: PhoneCall) -> None:
        if user in lawyers:
            lawyers[user].offered(call)
        else:
            call.decline(404)

    phone = Phone(server, on_call=offered)
    await phone.open(here)
    talk = load_talk("lawyer")
    for account in accounts:
        lawyers[account.user] = Lawyer(account, phone, habits=habits, talk=talk, dice=dice)
    try:
        async with asyncio.TaskGroup() as tasks:
            for lawyer in lawyers.values():
                tasks.create_task(lawyer.live())
    finally:
        await _sign_off(phone, lawyers.values())


async def _sign_off(phone: Phone, lawyers: Iterable[Lawyer]) -> None:
    """Take the registrations back, so that nobody is rung in vain; Asterisk may be gone already."""
    try:
        async with asyncio.timeout(GOODBYE_S):
            await asyncio.gather(
                *(phone.register(one.account, expires_s=0) for one in lawyers if one.is_here)
            )
    except (TimeoutError, Unanswered):
        pass
    finally:
        phone.close()
