"""Names that a flow may use and the program gives: languages, facts, groups, cities, keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final = ("zh-CN", "ko-KR", "en")  # the first: where every call begins, spoken in need
HOME_LANGUAGE: Final = LANGUAGES[0]
CITIES: Final = (  # GB/T 2260 codes of Jilin's prefectures, and 长白山, which has none
    *("220100", "220200", "220300", "220400", "220500", "220600", "220700", "220800", "222400"),
    "cbs",
)
SPECIAL_GROUPS: Final = (  # whom the law has served first (domain §2.2); told by key
    *("migrant_worker", "elderly", "disabled", "minor", "women", "military", "low_income"),
)
FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "hours": ("open", "closed"),
    "holiday": ("yes", "no"),
    "night": ("message", "province", "line"),
    "city": (*CITIES, "other", "unknown"),
    "city_source": (
        *("dialled", "landline", "confirmed", "mobile_hint", "menu", "seat", "unknown"),
    ),
    "language_hint": ("korean", "chinese"),
    "caller_known": ("yes", "no"),
    "repeat_caller": ("yes", "no"),
    "special": ("yes", "no"),
    "open_order": ("yes", "no"),
    "queue": ("empty", "short", "long"),
}
FACT_WORDS: Final[Mapping[str, str]] = {
    "hours": "whether the place of the call is open now, by the calendar",
    "holiday": "whether today is a public holiday, by the calendar",
    "night": "who answers when closed: nobody (a message), provincial seats, or the line `night`",
    "city": "GB/T 2260 code of the prefecture the caller is in, or chose by key (set_city)",
    "city_source": "how the city was found: number dialled, area code, told in an earlier call, "
    "mobile prefix (a hint), key, seat",
    "language_hint": "the language the caller's place suggests (0433, Yanbian: korean)",
    "caller_known": "whether the caller's number can be rung back",
    "repeat_caller": "whether this number called before within 7 days; no until it is known",
    "special": "whether the caller is of a special group, by key (mark) or by the flagged numbers",
    "open_order": "whether a work order of this caller is open, as far as the services told",
    "queue": "callers waiting now: none, fewer than five, or more",
}
GROUPS: Final = ("family", "labour", "contract", "general", "service")

# Names of places, as they are said in the midst of a sentence; the last of any other place.
PLACE_CLIPS: Final = tuple(f"place_{city}" for city in (*CITIES, "other"))
CITY_SLOT: Final = "{city}"  # said: the name of the caller's place; in set_city: that place
BLOCKED_FLOW: Final = "blocked"  # where calls of refused numbers begin; owes nobody a person

RESCUE_SAY: Final = "sorry_person"  # said when a step breaks in a call ...
RESCUE_GROUP: Final = "general"  # ... and the line the caller then joins

SURVEY_KEYS: Final = "12345"  # 1 very satisfied to 5 very dissatisfied (contract: Facts)
NUMBER_KEYS: Final = "0123456789#"
NUMBER_END: Final = "#"
NUMBER_DIGITS: Final = (7, 15)  # shortest local number; longest number of ITU-T E.164

ASK_KEYS: Final = "0123456789*#"
ASK_CLEAR: Final = "*"  # what was typed is forgotten, the caller begins anew
