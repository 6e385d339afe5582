"""How far a rate is from its target, in whole calls: exact, by fractions and not by floats."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Distance:
    """`needed`: how many calls in a row must go well until the target is reached, 0 when it is;
    None when no number of them would do. `spare`: how many in a row may go badly before it is
    missed; 0 when it is missed already.
    """

    needed: int | None
    spare: int


def distance(numerator: int, denominator: int, target: float) -> Distance:
    """How far numerator / denominator is from `target` (0 < target <= 1, a decimal as written:
    0.95 is nineteen twentieths).

    A call that goes well adds one to both, one that goes badly to the denominator alone. Without
    any calls nothing is needed and nothing is to spare. Raises ValueError for what is no rate.
    """
    if not 0 <= numerator <= denominator:
        raise ValueError(f"not a rate: {numerator} of {denominator}")
    # by its shortest decimal, for the float itself is a little more or less than what is meant
    goal = Fraction(str(target))
    if not 0 < goal <= 1:
        raise ValueError(f"not a target: {target}")
    if numerator >= goal * denominator:
        return Distance(needed=0, spare=int(numerator / goal) - denominator)
    if goal == 1:
        return Distance(needed=None, spare=0)
    missing = (goal * denominator - numerator) / (1 - goal)
    return Distance(needed=-(-missing.numerator // missing.denominator), spare=0)
