"""Who asks: a person who is logged in, or the bearer of the API key."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from callcenter.web.errors import ApiFault
from callcenter.web.rights import RIGHTS, Right, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with rights. `city`: GB/T 2260 code that he is limited to; None: the province."""

    name: str
    display_name: str = ""
    roles: frozenset[Role]
    rights: frozenset[Right]
    seat: str | None = None
    city: str | None = None
    is_key: bool = False
    session: str | None = None
    """Id of the log-in."""
    is_limited: bool = False
    """Must first change the password or set up a second factor."""

    def may(self, right: Right) -> bool:
        """Has this person the right?"""
        return right in self.rights

    def sees_city(self, code: str | None) -> bool:
        """Is a call or seat of this place in this person's reach? None: of no known place."""
        return self.city is None or self.city == code


PERSON = web.RequestKey("person", Person)  # where the guard leaves who asks


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """All rights of these roles together."""
    return frozenset().union(*(RIGHTS[role] for role in roles))


KEY_BEARER = Person(
    name="api-key", display_name="API 密钥", roles=frozenset(), rights=frozenset(Right), is_key=True
)
"""Programs of the operator's own: every right, in no city."""


def person_of(request: web.Request) -> Person:
    """Who asks; raises ApiFault 401 on a route that let a stranger in."""
    person: Person | None = request.get(PERSON)
    if person is None:
        raise ApiFault(401, "login_needed", "请先登录。")
    return person


def need(person: Person, right: Right) -> None:
    """Refuse who lacks the right."""
    if not person.may(right):
        raise ApiFault(403, "no_right", "您的账号没有这项权限。")
