"""What ids of the province are called by people, both ways: in tables, faults and the audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callcenter.english.excel import is_same
from seats.places import seat_places

LEVELS: Final[Mapping[str, str]] = {"municipal": "市级", "provincial": "省级"}
LANGUAGES: Final[Mapping[str, str]] = {"zh-CN": "普通话", "ko-KR": "朝鲜语", "en": "英语"}
WEEKDAYS: Final[Mapping[str, str]] = {
    "mon": "周一",
    "tue": "周二",
    "wed": "周三",
    "thu": "周四",
    "fri": "周五",
    "sat": "周六",
    "sun": "周日",
}
KINDS: Final[Mapping[str, str]] = {"workday": "工作日", "weekend": "周末", "holiday": "节假日"}
DAYS: Final[Mapping[str, str]] = {**WEEKDAYS, **KINDS}
EVERY_DAY: Final = "每天"
NIGHTS: Final[Mapping[str, str]] = {
    "message": "语音留言",
    "province": "省级坐席",
    "line": "夜间值班电话",
}
STATES: Final[Mapping[str, str]] = {
    "proposed": "待审批",
    "in_force": "生效中",
    "over": "已到期",
    "lifted": "已解除",
}
EVERYWHERE: Final = "全省"
EVERY_GROUP: Final = "全部事项"


def place(code: str | None) -> str:
    """The name of a place that seats may belong to; the whole province for None."""
    if code is None:
        return EVERYWHERE
    found = seat_places().get(code)
    return found.name if found else code


def place_code(name: str) -> str | None:
    """The code of a place by its code, its name, what its name alone begins with (延边), or what
    it is called in English.
    """
    places = seat_places()
    if (named := id_of(name, {code: one.name for code, one in places.items()})) is not None:
        return named
    short = name.rstrip("市州区") or name
    found = [code for code, one in places.items() if one.name.startswith(short)]
    return found[0] if len(found) == 1 and len(short) > 1 else None


def language(code: str) -> str:
    """The name of a language; its code where it has none here."""
    return LANGUAGES.get(code, code)


def id_of(word: str, words: Mapping[str, str]) -> str | None:
    """The id that a word stands for in Chinese or English, or the id itself; None for neither."""
    if word in words:
        return word
    return next((one for one, said in words.items() if is_same(word, said)), None)
