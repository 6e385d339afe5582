"""Which seats a caller may come to under a policy, and from when on at the latest. Rules only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from seats.places import city_of, seat_places, served_by
from seats.policy import SEATED, Policy, Stage, Who
from seats.seat import Level, Seat


def neighbours(policy: Policy, city: str) -> tuple[str, ...]:
    """The places near this one, as the policy names them; a county has those of its prefecture."""
    named = policy.neighbours
    return named[city] if city in named else named.get(city_of(city), ())


def takes(policy: Policy, stage: Stage, seat: Seat, group: str, city: str | None) -> bool:
    """Whether the stage, once open, lets this seat answer a caller of the group and city.

    The language is a wish, and a seat on its way home (`on_shift`) is not asked here.
    """
    if stage.who not in SEATED:
        return False
    if (policy.catch_all if stage.by_catch_all else group) not in seat.skills:
        return False
    if stage.who is Who.PROVINCIAL:
        return seat.level is Level.PROVINCIAL
    if seat.level is not Level.MUNICIPAL:
        return False
    if stage.who is Who.CITY:
        return city is not None and seat.city in served_by(city)
    if stage.who is Who.NEIGHBOURS:
        return city is not None and seat.city in neighbours(policy, city)
    return True


def opens_after_s(
    policy: Policy, seats: Iterable[Seat], group: str, city: str | None
) -> dict[str, float]:
    """Seat -> seconds of waiting after which it may answer, whatever goes on in the line.

    Stages that open only `when` something holds are left out: they promise nothing.
    """
    stages = [stage for stage in policy.of(group).stages if stage.when is None]
    opens: dict[str, float] = {}
    for seat in seats:
        after = [one.after_s for one in stages if takes(policy, one, seat, group, city)]
        if after:
            opens[seat.number] = min(after)
    return opens


def cities(policy: Policy, seats: Iterable[Seat]) -> list[str | None]:
    """Places whose callers may have seats that others have not; None stands for all others."""
    of_seats = {seat.city for seat in seats if seat.city is not None}
    own = (
        place
        for place in seat_places()
        if of_seats & {*served_by(place), *neighbours(policy, place)}
    )
    return [*sorted(own), None]


def groups(policy: Policy, seats: Iterable[Seat]) -> list[str]:
    """Groups that some seat serves or that the policy names."""
    return sorted({skill for seat in seats for skill in seat.skills} | policy.groups.keys())


def unreached(policy: Policy, seats: Collection[Seat]) -> Iterator[tuple[str, str | None]]:
    """Groups, each with one city, whose callers would wait for nobody at all, at whatever hour."""
    for group in groups(policy, seats):
        stages = policy.of(group).stages
        if any(stage.when is None and stage.who not in SEATED for stage in stages):
            continue
        for city in cities(policy, seats):
            if not opens_after_s(policy, seats, group, city):
                yield group, city
                break
