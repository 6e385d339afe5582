"""The program's one AMI connection: kept up for ever, actions paired with their replies.

AMI has no replay: what happens while the link is down is gone. So each new link begins with a
snapshot (`on_up`), while its events are kept back in order and handed on afterwards.
"""

import asyncio
import itertools
import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping

from callcenter.asterisk.ami_link import (
    AmiDown,
    AmiFault,
    AmiLink,
    AmiRefused,
    LinkLost,
    OutcomeUnknown,
    Waiting,
)
from callcenter.asterisk.protocol import AmiDecoder, AmiMessage, Value, encode_action

__all__ = ["AmiClient", "AmiDown", "AmiFault", "AmiRefused", "OutcomeUnknown"]

CONNECT_S = 5.0
LOGIN_S = 3.0  # longest wait for the reply to the login: a link that swallows it is none
REPLY_S = 10.0  # longest wait for the reply to an action
PING_S = 5.0  # between pings, and the longest wait for a pong
SNAPSHOT_S = 60.0  # longest `on_up`
BACK_OFF_S = (0.2, 2.0)  # first and longest pause before the next try, each ± 25 %
MAX_KEPT_BACK = 50_000  # events while the snapshot is taken
MAX_PENDING = 10_000  # actions without a reply
SLICE = 200  # kept-back events handed on before others get their turn

logger = logging.getLogger(__name__)


class AmiClient:
    """Keeps one AMI link; see the module for what a new link does.

    `on_event` gets each event whose name is in `keep`, in order, never two at a time; what it
    raises is logged and forgotten. It runs inside the reading of the socket: while it works,
    nothing more is read, so a flood waits in TCP and not in memory. Keep it short.
    `on_up` is awaited after login; it may use `action` and `collect`. If it fails the link is
    closed and built anew. `on_down` is called once for each `on_up` that was begun.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        on_event: Callable[[AmiMessage], None],
        on_up: Callable[[], Awaitable[None]],
        on_down: Callable[[], None],
        keep: frozenset[str],
    ) -> None:
        self._address = (host, port)
        self._user, self._secret = user, secret
        self._on_event, self._on_up, self._on_down = on_event, on_up, on_down
        self._keep = keep
        self._link: AmiLink | None = None
        self._pending: dict[str, Waiting] = {}
        self._lists = 0  # of them, those that collect events
        self._is_logged_in = False
        self._numbers = itertools.count(1)
        self.is_up = False
        """Logged in, snapshot taken, events flow."""
        self.links = 0
        """Connections that came as far as login since the start."""
        self.events = 0
        """Events handed to `on_event`."""
        self.faults = 0
        """Exceptions of `on_event` that were logged."""
        self.orphans = 0
        """Replies nobody waited for: late ones, or errors without an ActionID."""
        self.filtered = 0
        """Events dropped by their name on former links."""

    @property
    def is_logged_in(self) -> bool:
        """Whether actions can be sent: from before the snapshot on."""
        return self._is_logged_in

    async def run(self) -> None:
        """Connect, serve, connect again, until cancelled."""
        pauses, last_reason = _pauses_s(), ""
        while True:
            reason, was_up = await self._serve_one_link()
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # Before 3.13 a TaskGroup that ends by a fault swallows a cancel of that moment.
                raise asyncio.CancelledError
            if was_up:
                pauses = _pauses_s()
            if was_up or reason != last_reason:  # a peer that stays away is said once
                logger.warning("AMI link is down: %s", reason)
            last_reason = reason
            await asyncio.sleep(next(pauses))

    async def action(self, name: str, **headers: Value) -> AmiMessage:
        """Send one action and wait for its good reply; a sequence repeats its header.

        AmiRefused: Asterisk said no. AmiDown: not sent. OutcomeUnknown: the link was lost or
        REPLY_S went by. BadValue: a header that must not go over the wire.
        """
        return (await self._request(name, headers, is_list=False))[0]

    async def collect(self, name: str, **headers: Value) -> list[AmiMessage]:
        """The events of a list action (CoreShowChannels …), the closing one left out."""
        return (await self._request(name, headers, is_list=True))[1]

    async def _request(
        self, name: str, headers: Mapping[str, Value], *, is_list: bool, login: bool = False
    ) -> tuple[AmiMessage, list[AmiMessage]]:
        link = self._link
        if link is None or link.lost_because or not (login or self._is_logged_in):
            raise AmiDown(f"{name}: no AMI link, not sent")
        if len(self._pending) >= MAX_PENDING:
            raise AmiDown(f"{name}: {MAX_PENDING} actions wait for replies, not sent")
        action_id = f"h{next(self._numbers)}"
        whole = encode_action(name, {"ActionID": action_id, **headers})
        waiting = self._pending[action_id] = Waiting(name, is_list=is_list)
        self._lists += is_list
        link.decoder.collecting = self._lists > 0
        try:
            link.write(whole)
            async with asyncio.timeout(REPLY_S):
                return await waiting.done, waiting.events or []
        except TimeoutError:
            raise OutcomeUnknown(f"{name}: no reply in {REPLY_S:.0f} s, outcome unknown") from None
        finally:
            del self._pending[action_id]
            self._lists -= is_list
            link.decoder.collecting = self._lists > 0

    def _take(self, link: AmiLink, message: AmiMessage) -> None:
        if not message.name:
            self._take_reply(message)
            return
        if self._lists:
            waiting = self._pending.get(message.action_id)
            if waiting is not None and waiting.events is not None:
                waiting.take_event(message)
                return
            if message.name not in self._keep:
                return  # of a list whose waiter has gone
        if link.kept_back is None:
            self._hand_on(message)
        elif len(link.kept_back) < MAX_KEPT_BACK:
            link.kept_back.append(message)
        else:
            link.lose(f"over {MAX_KEPT_BACK} events came while the snapshot was taken")

    def _take_reply(self, reply: AmiMessage) -> None:
        waiting = self._pending.get(reply.action_id)
        if waiting is not None:
            waiting.take_reply(reply)
            return
        # A late reply; or Asterisk's second answer, without ActionID, to a line it found too long.
        self.orphans += 1
        logger.warning("AMI reply that nobody waits for dropped: %s", reply.get("message"))

    def _hand_on(self, event: AmiMessage) -> None:
        self.events += 1
        try:
            self._on_event(event)
        except Exception:
            self.faults += 1
            logger.exception("AMI event %s could not be handled", event.name)

    async def _serve_one_link(self) -> tuple[str, bool]:
        """Why it ended, and whether it had been up."""
        link = AmiLink(AmiDecoder(self._keep), self._take, self._fail_pending)
        try:
            async with asyncio.timeout(CONNECT_S):
                await asyncio.get_running_loop().create_connection(lambda: link, *self._address)
        except (OSError, TimeoutError) as fault:
            return f"cannot connect to {self._address[0]}:{self._address[1]}: {fault!r}", False
        self._link = link
        reason = ""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(link.until_lost())
                await self._serve(link)
        except* (LinkLost, AmiFault) as group:
            # An action that the loss cut short says less than the loss itself.
            told = [str(f) for f in group.exceptions if not isinstance(f, OutcomeUnknown)]
            reason = told[0] if told else link.lost_because or str(group.exceptions[0])
        finally:
            was_up = self.is_up
            self._let_go(link)
        return reason, was_up

    async def _serve(self, link: AmiLink) -> None:
        # Nothing may go before the login: a ping sent first is answered "permission denied".
        login = {"Username": self._user, "Secret": self._secret}
        try:
            async with asyncio.timeout(LOGIN_S):
                await self._request("Login", login, is_list=False, login=True)
        except TimeoutError:
            raise LinkLost(f"no reply to the login in {LOGIN_S:.0f} s") from None
        self.links += 1
        self._is_logged_in = True
        await self._take_snapshot(link)
        await self._hand_on_kept_back(link)
        self.is_up = True
        logger.info("AMI link is up: %s", link.decoder.banner)
        await self._keep_alive(link)

    async def _take_snapshot(self, link: AmiLink) -> None:
        try:
            async with asyncio.timeout(SNAPSHOT_S):
                await self._on_up()
        except Exception as fault:
            if link.lost_because:
                raise LinkLost(link.lost_because) from fault
            logger.exception("AMI snapshot could not be taken")
            raise LinkLost(f"the snapshot failed: {fault!r}") from fault

    async def _hand_on_kept_back(self, link: AmiLink) -> None:
        kept_back = link.kept_back
        assert kept_back is not None
        link.pause()  # so that the events kept back cannot grow under our hands
        while kept_back:
            for _ in range(min(SLICE, len(kept_back))):
                self._hand_on(kept_back.popleft())
            await asyncio.sleep(0)
        link.kept_back = None
        link.resume()

    async def _keep_alive(self, link: AmiLink) -> None:
        while True:
            await asyncio.sleep(PING_S)
            reads = link.reads
            try:
                async with asyncio.timeout(PING_S):
                    await self.action("Ping")
            except TimeoutError:
                if link.reads == reads:  # else the pong stands behind a flood of events
                    raise LinkLost(f"nothing was heard for {PING_S:.0f} s") from None

    def _fail_pending(self) -> None:
        for waiting in self._pending.values():
            waiting.fail()

    def _let_go(self, link: AmiLink) -> None:
        """Leave nothing of this link behind, whatever it came to."""
        link.lose("let go")
        self._link = None
        self.is_up = False
        self.filtered += link.decoder.dropped
        if self._is_logged_in:
            self._is_logged_in = False
            try:
                self._on_down()
            except Exception:
                logger.exception("the loss of the AMI link could not be handled")


def _pauses_s() -> Iterator[float]:
    """Growing pauses; jittered, so that two controllers do not knock in step."""
    pause_s, most_s = BACK_OFF_S
    while True:
        yield pause_s * random.uniform(0.75, 1.25)
        pause_s = min(most_s, pause_s * 2)
