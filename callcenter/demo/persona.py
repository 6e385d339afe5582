"""Who calls and what they will do, drawn before the call: rules only, no clock, no I/O."""

import random
from dataclasses import dataclass
from typing import Literal

Offer = Literal["callback", "message", "wait"]

# Numbers nobody has: Jilin's area codes with exchanges that were never given out.
# Most call from the three cities that have seats of their own, so that the demo shows these too.
_EIGHT_DIGITS = ("0431", "0431", "0431", "0432")  # 长春、吉林市
_YANBIAN = "0433"
_SEVEN_DIGITS = ("0434", "0435", "0436", "0437", "0438", "0439")
_MOBILES = ("133", "138", "150", "159", "177", "186", "199")
_MENU = "123450"
_WRONG = "6789"


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


def draw(dice: random.Random) -> Persona:
    """One citizen: most know what they want, some err, some leave, most judge kindly."""
    key = dice.choice(_MENU)
    keys: tuple[str | None, ...] = dice.choices(
        [(key,), (None,), (dice.choice(_WRONG), key)], weights=[84, 8, 8]
    )[0]
    return Persona(
        number=number_of(dice),
        menu_keys=keys,
        think_s=dice.uniform(0.5, 7.0),
        hangs_up_after_s=dice.uniform(2.0, 25.0) if dice.random() < 0.05 else None,
        patience_s=dice.uniform(45.0, 240.0),
        talks_s=dice.uniform(8.0, 50.0) if dice.random() < 0.12 else None,
        offer=dice.choices(("callback", "message", "wait"), weights=[30, 20, 50])[0],
        rating=dice.choices(("1", "2", "3", "4", "5", None), weights=[48, 22, 8, 3, 2, 17])[0],
    )
