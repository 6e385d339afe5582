"""Who calls and what they will do, drawn before the call: rules only, no clock, no I/O."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from callcenter.demo.orders import ORDERS

Offer = Literal["callback", "message", "wait"]

# Numbers nobody has: Jilin's area codes with exchanges that were never given out.
# Most call from the three cities that have seats of their own, so that the demo shows these too.
_EIGHT_DIGITS = ("0431", "0431", "0431", "0432")  # 长春、吉林市
_YANBIAN = "0433"
_SEVEN_DIGITS = ("0434", "0435", "0436", "0437", "0438", "0439")
_MOBILES = ("133", "138", "150", "159", "177", "186", "199")
_MENU = "123450"
_WRONG = "6789"
_BOOKED_FROM = "04315550177"  # where a booking is to be confirmed; nobody has it


@dataclass(frozen=True)
class Persona:
    """One citizen's call. Seconds; keys as on a telephone."""

    number: str  # shown to the hotline; "anonymous" for none
    menu_keys: tuple[str | None, ...]  # one for each time the menu is heard; None: presses nothing
    think_s: float  # from hearing what to press to pressing it
    hangs_up_after_s: float | None  # leaves early, wherever the call stands
    patience_s: float  # waits so long for a person
    talks_s: float | None  # leaves the talk by itself; None: the lawyer ends it
    offer: Offer  # what it wants when nobody is free
    rating: str | None  # the key of its judgement, None: hangs up or says nothing
    answers: Mapping[str, str] = field(default_factory=dict)  # prompt heard -> keys pressed on it


def number_of(dice: random.Random) -> str:
    """A number to be shown, of a range nobody has."""
    kind = dice.random()
    if kind < 0.03:
        return "anonymous"
    if kind < 0.45:
        return f"{dice.choice(_EIGHT_DIGITS)}55501{dice.randint(0, 999):03}"
    if kind < 0.70:
        area = _YANBIAN if kind < 0.58 else dice.choice(_SEVEN_DIGITS)
        return f"{area}55501{dice.randint(0, 99):02}"
    return f"{dice.choice(_MOBILES)}0000{dice.randint(0, 9999):04}"


def draw(dice: random.Random, *, workday: str = "0305") -> Persona:
    """One citizen: most know what they want, some err, some leave, most judge kindly.

    `workday`: month and day of a coming workday, for whoever books.
    """
    key = dice.choice(_MENU)
    keys: tuple[str | None, ...] = dice.choices(
        [(key,), (None,), (dice.choice(_WRONG), key)], weights=[84, 8, 8]
    )[0]
    person = Persona(
        number=number_of(dice),
        menu_keys=keys,
        think_s=dice.uniform(0.5, 7.0),
        hangs_up_after_s=dice.uniform(2.0, 25.0) if dice.random() < 0.05 else None,
        patience_s=dice.uniform(45.0, 240.0),
        talks_s=dice.uniform(8.0, 50.0) if dice.random() < 0.12 else None,
        offer=dice.choices(("callback", "message", "wait"), weights=[30, 20, 50])[0],
        rating=dice.choices(("1", "2", "3", "4", "5", None), weights=[48, 22, 8, 3, 2, 17])[0],
        answers={"service_menu": "0", "city_menu": dice.choice("1230")},
    )
    return _on_an_errand(person, dice, workday)


def _on_an_errand(person: Persona, dice: random.Random, workday: str) -> Persona:
    """Now and then somebody wants what the menu behind 5 offers, or Korean."""
    is_korean = person.number.startswith(_YANBIAN) and dice.random() < 0.5
    errand = "korean" if is_korean else dice.choices([*ERRANDS, ""], weights=[*WEIGHTS, 74])[0]
    if not errand:
        return person
    answers = {**person.answers, **ERRANDS[errand]}
    if errand == "progress":
        number, code = dice.choice([*ORDERS, ("654321", "0000")])
        answers |= {"order_number": f"{number}#", "order_code": f"{code}#"}
    elif errand == "booking":
        answers |= {"callback_number": f"{_BOOKED_FROM}#", "booking_day": workday}
    elif errand == "special":
        answers["special_menu"] = dice.choice("12345")
    keys: tuple[str | None, ...] = ("5", dice.choice("1234")) if errand == "korean" else ("5",)
    # it takes a while, and whoever has something to settle stays
    patience_s = max(person.patience_s, 150.0)
    return replace(person, menu_keys=keys, answers=answers, patience_s=patience_s)


# What is pressed on hearing each menu on the way (ivr_flows/flows/service.yaml and behind it).
ERRANDS: Mapping[str, Mapping[str, str]] = {
    "progress": {"service_menu": "1", "aid_menu": "2"},
    "booking": {"service_menu": "1", "aid_menu": "1"},
    "complaint": {"service_menu": "2", "complaint_menu": "1"},
    "special": {"service_menu": "3"},
    "emergency": {"service_menu": "4", "emergency_menu": "1"},
    "korean": {"service_menu": "5", "language_korean": "1"},
}
WEIGHTS = (8, 5, 5, 5, 2, 1)  # of the errands; the rest of a hundred wants a person
