"""Calls and callbacks of the other controllers of one hotline, as they saved them last.

Heard as seats are (seats.shared_line), within tens of milliseconds; read, never moved: whoever
wants something done with such a call asks the controller that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import msgspec
import structlog

from callcenter.call import Call, from_json
from callcenter.call import callback as cb
from callcenter.call.callback import Callback

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Theirs:
    controller: str
    state: Call | Callback


class Neighbours:
    """One per controller; without other nodes it stays empty."""

    def __init__(self) -> None:
        self.is_alive: Callable[[str], bool] = lambda controller: True
        """Whether this controller lives: what a dead one had is being taken over."""
        self.is_up: Callable[[], bool] = lambda: True
        """Whether anything is heard of them now: what is stale is not shown."""
        self.watchers: list[Callable[[Call | None, Call], None]] = []
        """Told of each change of a call, before (None: not heard of until now) and after."""
        self.leavers: list[Callable[[Call], None]] = []
        """Told of each call that is in progress elsewhere no more, as it was told of last."""
        self._kept: dict[str, _Theirs] = {}

    @property
    def calls(self) -> Iterator[Call]:
        """Calls in progress elsewhere."""
        for one in tuple(self._kept.values() if self.is_up() else ()):
            if isinstance(one.state, Call) and not one.state.is_over:
                yield one.state

    @property
    def callbacks(self) -> Iterator[Callback]:
        """Callers who wait elsewhere to be called back."""
        for one in tuple(self._kept.values() if self.is_up() else ()):
            if isinstance(one.state, Callback) and not one.state.is_over:
                yield one.state

    def call(self, call_id: str) -> Call | None:
        """A call in progress elsewhere; None when no other controller has it."""
        found = self._kept.get(call_id)
        return found.state if found and isinstance(found.state, Call) else None

    def controller_of(self, call_id: str) -> str | None:
        """Who has this call; None when it is no call of another controller that lives."""
        found = self._kept.get(call_id)
        return found.controller if found and self.is_alive(found.controller) else None

    # --- what is heard of them ---

    def hear(self, kind: str, text: str) -> None:
        """Take in what another controller told: `call`, `claim` or `gone`; the rest is passed."""
        if kind == "gone":
            self._let_go(text)
        elif kind == "call":
            controller, call_id, state = text.split(" ", 2)
            self._take(controller, call_id, state.encode(), is_news=True)
        elif kind == "claim":
            controller, _, call_id = text.partition(" ")
            if call_id in self._kept:
                self._kept[call_id] = _Theirs(controller, self._kept[call_id].state)

    def catch_up(self, stored: Mapping[str, tuple[str, bytes]]) -> None:
        """All of them, read anew: who has each, and its state."""
        for call_id in self._kept.keys() - stored.keys():
            self._let_go(call_id)
        for call_id, (controller, state) in stored.items():
            self._take(controller, call_id, state, is_news=call_id in self._kept)

    def ours(self, call_id: str) -> None:
        """This controller has the call now."""
        self._kept.pop(call_id, None)

    def _let_go(self, call_id: str) -> None:
        found = self._kept.pop(call_id, None)
        if found is not None and isinstance(found.state, Call):
            for leave in self.leavers:
                leave(found.state)

    def _take(self, controller: str, call_id: str, text: bytes, *, is_news: bool) -> None:
        try:
            state = cb.from_json(text) if call_id.startswith(cb.PREFIX) else from_json(text)
        except msgspec.MsgspecError:
            log.warning("a call of another controller cannot be read", call_id=call_id)
            return
        before = self.call(call_id)
        self._kept[call_id] = _Theirs(controller, state)
        if isinstance(state, Call) and is_news and state != before:
            for watch in self.watchers:
                try:
                    watch(before, state)
                except Exception:
                    log.exception("a watcher of calls elsewhere failed", call_id=call_id)
