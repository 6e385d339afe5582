"""The demo's people: one for each seat, one for each other role; passwords in HOME/seats.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from callcenter.accounts.desk import AccountDesk
from callcenter.province_secrets import keep_users
from callcenter.web.rights import Role
from seats.seat import Seat

BY = "演示"
CHANGCHUN = "220100"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo."""

    name: str
    display_name: str
    role: Role
    seat: str | None = None
    city: str | None = None


STAFF = (
    DemoPerson("supervisor", "值班长", Role.SUPERVISOR, seat="7001"),
    DemoPerson("changchun", "长春主管", Role.SUPERVISOR, seat="7002", city=CHANGCHUN),
    DemoPerson("quality", "质检员", Role.QUALITY),
    DemoPerson("manager", "系统管理员", Role.ADMIN),
    DemoPerson("auditor", "审计员", Role.AUDITOR),
)


def demo_people(seats: Iterable[Seat]) -> tuple[DemoPerson, ...]:
    """The staff, and a lawyer of the same number at each seat."""
    lawyers = (DemoPerson(one.number, one.name, Role.SEAT, one.number) for one in seats)
    return (*STAFF, *lawyers)


async def add_demo_people(
    desk: AccountDesk, people: Iterable[DemoPerson], home: Path
) -> Mapping[str, str]:
    """Make the accounts that are missing; name → password of those made now."""
    there = {account.name for account in await desk.accounts.every()}
    made: dict[str, str] = {}
    for one in people:
        if one.name in there:
            continue
        made[one.name] = await desk.add(
            one.name,
            display_name=one.display_name,
            roles=(one.role,),
            seat=one.seat,
            city=one.city,
            must_change=False,
            by=BY,
        )
    if made:
        keep_users(home, made)
    return made
