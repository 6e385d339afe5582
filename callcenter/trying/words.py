"""What the person who tries a flow may say has happened: keys, or a word for what is no key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ivr_flows.catalogue import Service
from ivr_flows.talk import Happened
from ivr_flows.turn import Act, CallService, Collect, End, JoinQueue, RecordVoice, Transfer

_KEYS: Final = re.compile(r"[0-9*#]{1,40}")
_SILENCE: Final = frozenset(("", "-", "no_key", "不按"))
_ANSWERED: Final = frozenset(("answered", "接通"))
_FAILED: Final = frozenset(("failed", "失败"))
_SPOKEN: Final = frozenset(("spoken", "说完"))
_BROKEN: Final = frozenset(("broken", "坏了"))
_END_OF_NOTE: Final = "#"


class NotUnderstood(Exception):
    """Neither a key nor a word that fits here; the message says what does."""


class NoEffect(Exception):
    """`what` may happen here, but the hotline takes no notice of it; the message says so."""

    def __init__(self, what: Happened, why: str) -> None:
        super().__init__(why)
        self.what = what


Services = Mapping[str, Service]


def happened(text: str, act: Act, services: Services) -> Happened:
    """What happens when this is said while `act` goes on. Raises NotUnderstood or NoEffect."""
    word = text.strip()
    if word in _SILENCE:
        return _silent(act, services)
    if _KEYS.fullmatch(word):
        return _pressed(word, act, services)
    if word in _BROKEN:
        return {"broken": "tried by hand"}
    if word in _ANSWERED and isinstance(act, JoinQueue):
        return {"answered": True}
    if word in _ANSWERED | _FAILED and isinstance(act, Transfer):
        return {"transferred": "answered" if word in _ANSWERED else "failed"}
    if word in _SPOKEN and isinstance(act, RecordVoice):
        return {"spoken": True}
    if isinstance(act, CallService):
        if word in _FAILED:
            return {"service": "failed"}
        told = dict(pair.split("=", 1) for pair in word.split() if "=" in pair)
        if told and all(
            value in _facts(act, services).get(name, ()) for name, value in told.items()
        ):
            return {"service": told}
    raise NotUnderstood(f"这里没有 {word!r} 这一说；{fitting(act, services)}")


def _facts(act: CallService, services: Services) -> Mapping[str, tuple[str, ...]]:
    service = services.get(act.service)
    return service.facts if service else {}


def fitting(act: Act, services: Services) -> str:
    """What may happen while this goes on, in a sentence."""
    match act:
        case Collect(purpose="number" | "digits"):
            return "可以输入数字（如 13800008000#），或 - 表示不按键"
        case Collect(keys=keys):
            return f"可以按 {' '.join(keys)}，按别的键算按错，- 表示不按键"
        case JoinQueue(offers=offers):
            keys = "".join(f"，按 {key} {_OFFERS[way]}" for key, way in offers.items())
            return f"可以说 接通（坐席接听并通话完毕）{keys}"
        case RecordVoice():
            return "可以说 说完"
        case Transfer():
            return "可以说 接通（对方接听并通话完毕）或 失败（没有接通）"
        case CallService():
            facts = _facts(act, services).items()
            told = "，或 ".join(f"{name}={'|'.join(values)}" for name, values in facts)
            return f"可以说 {told}（服务答复），或 失败" if told else "可以说 失败"
        case End():
            return "通话已经结束"


_OFFERS: Final = {"callback": "要求回拨", "message": "留言"}


def _silent(act: Act, services: Services) -> Happened:
    if isinstance(act, Collect):
        return {"no_key": True}
    raise NoEffect({"no_key": True}, f"这里不等按键；{fitting(act, services)}")


def _pressed(keys: str, act: Act, services: Services) -> Happened:
    match act:
        case Collect():
            return {"press": keys}
        case JoinQueue(offers=offers) if keys in offers:
            return {"press": keys}
        case RecordVoice() if keys == _END_OF_NOTE:
            return {"spoken": True}
        case _:
            raise NoEffect({"press": keys}, f"这时按 {keys} 没有作用；{fitting(act, services)}")
