"""Leads a talk: what is said goes to the flow, what comes of it is shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Protocol

from callcenter.trying.record import turn_line
from callcenter.trying.screen import Screen
from callcenter.trying.situation import Misuse, Situation
from callcenter.trying.texts import Texts
from callcenter.trying.words import NoEffect, NotUnderstood, Services, happened
from ivr_flows.talk import Happened, Talk
from ivr_flows.turn import AnswerUnexpected, JoinQueue


class Show(Protocol):
    """Where a talk is shown."""

    def begin(self) -> None:
        """The call has begun."""

    def went_on(self) -> None:
        """Something happened: the talk's last turn is new."""

    def ignored(self, what: Happened, why: str) -> None:
        """Something happened that the hotline takes no notice of."""

    def note(self, text: str) -> None:
        """A remark."""

    def help(self) -> None:
        """What may be said now."""

    def ask(self) -> str:
        """What is said next; EOFError when there is no more."""

    def end(self) -> None:
        """Nothing more is said."""


class OnScreen:
    """For the eye."""

    def __init__(self, talk: Talk, here: Situation, screen: Screen) -> None:
        self._talk, self._here, self._screen = talk, here, screen

    def begin(self) -> None:
        """The call has begun."""
        flows = self._talk.flows
        self._screen.beginning(flows.by_name[flows.first], self._here)
        self.went_on()

    def went_on(self) -> None:
        """The last turn, and what who waits will hear."""
        self._screen.turn(self._talk.told[-1], self._talk.flows.first)
        if isinstance(self._talk.act, JoinQueue):
            language = self._talk.told[-1].last.language
            self._screen.in_line(self._talk.act, self._here.waiting, language)

    def ignored(self, what: Happened, why: str) -> None:
        """Why nothing came of it."""
        self._screen.note(why)

    def note(self, text: str) -> None:
        """A remark."""
        self._screen.note(text)

    def help(self) -> None:
        """What may be said now."""
        self._screen.help(self._talk.act)

    def ask(self) -> str:
        """What is said next."""
        return self._screen.ask()

    def end(self) -> None:
        """What the flow waits for."""
        self._screen.waits(self._talk)


class AsLines:
    """For programs: a JSON object a turn (`record`); remarks go to stderr."""

    def __init__(self, talk: Talk, here: Situation, texts: Texts) -> None:
        self._talk, self._here, self._texts = talk, here, texts
        self._lines = 0

    def begin(self) -> None:
        """The call has begun."""
        for text in self._here.notes:
            self.note(text)
        self.went_on()

    def went_on(self) -> None:
        """The last turn."""
        self._print(None)

    def ignored(self, what: Happened, why: str) -> None:
        """A line that says so."""
        self._print(what)

    def note(self, text: str) -> None:
        """A remark."""
        print(f"hotline try: {text}", file=sys.stderr)

    def help(self) -> None:
        """Programs read the README."""

    def ask(self) -> str:
        """A line of stdin."""
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line

    def end(self) -> None:
        """Each line says what is waited for."""

    def _print(self, ignored: Happened | None) -> None:
        line = turn_line(self._lines, self._talk, self._here, self._texts, ignored=ignored)
        print(json.dumps(line, ensure_ascii=False), flush=True)
        self._lines += 1


def play_out(talk: Talk, show: Show, services: Services, said: Iterable[str]) -> None:
    """What was given beforehand, one after another. Raises Misuse for what does not fit."""
    show.begin()
    rest = list(said)
    while rest and not talk.is_over:
        one = rest.pop(0)
        at = len(talk.told)
        try:
            _say(talk, show, services, one)
        except (NotUnderstood, AnswerUnexpected) as error:
            raise Misuse(f"--keys 第 {at} 项：{error}") from None
    if rest:
        show.note(f"通话已经结束，没有用上：{','.join(rest)}")
    show.end()


def converse(talk: Talk, show: Show, services: Services) -> None:
    """Ask for each next happening until the call is over or nobody says more."""
    show.begin()
    while True:
        if talk.is_over:
            show.end()
        try:
            text = show.ask().strip()
        except (EOFError, KeyboardInterrupt):
            break
        if text == "q" or (talk.is_over and text not in ("b", "?")):
            break
        if text == "?":
            show.help()
        elif text == "b":
            _back(talk, show)
        else:
            try:
                _say(talk, show, services, text)
            except (NotUnderstood, AnswerUnexpected) as error:
                show.note(str(error))
    if not talk.is_over:
        show.end()


def _say(talk: Talk, show: Show, services: Services, text: str) -> None:
    try:
        what = happened(text, talk.act, services)
    except NoEffect as why:
        show.ignored(why.what, str(why))
        return
    talk.do(what)
    show.went_on()


def _back(talk: Talk, show: Show) -> None:
    if talk.back():
        show.note("退回一步：")
        show.went_on()
    else:
        show.note("已经是来电的开头")
