"""Whoever a test wants to be, without a log-in."""

from typing import Any

from aiohttp.test_utils import TestClient

from callcenter.web.auth import GATE, Visitor
from callcenter.web.person import Person, rights_of
from callcenter.web.rights import Role


def person(role: Role, *, seat: str | None = None, city: str | None = None) -> Person:
    roles = frozenset({role})
    return Person(name=role.value, roles=roles, rights=rights_of(roles), seat=seat, city=city)


def be(client: TestClient[Any, Any], one: Person) -> None:
    """From now on this person asks."""

    async def visitor(_request: object) -> Visitor:
        return Visitor(one)

    client.server.app[GATE].visitor = visitor  # type: ignore[attr-defined]
