"""The feed: numbers, replay, gaps, and who hears of what."""

import asyncio
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from callcenter.web.feed import Audience, Feed, Reach, reach_of
from callcenter.web.person import KEY_BEARER, Person, rights_of
from callcenter.web.rights import Right, Role


class Said(BaseModel):
    n: int = 0


def person(role: Role, *, seat: str | None = None, city: str | None = None) -> Person:
    roles = frozenset({role})
    return Person(name="x", roles=roles, rights=rights_of(roles), seat=seat, city=city)


PEOPLE = {
    "8001": person(Role.SEAT, seat="8001", city="220100"),
    "8101": person(Role.SEAT, seat="8101", city="220200"),
    "province": person(Role.SUPERVISOR),
    "changchun": person(Role.SUPERVISOR, city="220100"),
    "auditor": person(Role.AUDITOR),
    "key": KEY_BEARER,
}
AUDIENCES = [
    (Audience.everyone, set(PEOPLE)),
    (Audience(seat="8001"), {"8001"}),
    (Audience(right=Right.LIVE_SEE), {"province", "changchun", "key"}),
    (Audience(right=Right.LIVE_SEE, city="220100"), {"province", "changchun", "key"}),
    (Audience(right=Right.LIVE_SEE, city="220200"), {"province", "key"}),
    (Audience(right=Right.LIVE_SEE, city=None), {"province", "key"}),
    (Audience(city="220200"), {"8101", "province", "auditor", "key"}),
    (Audience(reach=Reach(board=True)), {"province", "key"}),
    (Audience(reach=Reach(board=True, city="220100")), {"changchun"}),
    (Audience(reach=Reach(seat="8101")), {"8101"}),
    (Audience(reach=Reach()), {"auditor"}),
    (Audience(seat="8001", right=Right.LIVE_SEE), set()),
]


@pytest.mark.parametrize(("audience", "expected"), AUDIENCES)
def test_an_audience_is_those_of_whom_all_of_it_holds(
    audience: Audience, expected: set[str]
) -> None:
    assert {name for name, one in PEOPLE.items() if audience.holds(one)} == expected


def test_no_two_people_of_one_reach_see_different_boards() -> None:
    for one, other in product(PEOPLE.values(), repeat=2):
        if reach_of(one) == reach_of(other):
            assert one.may(Right.LIVE_SEE) == other.may(Right.LIVE_SEE)


@given(keep=st.integers(1, 20), published=st.integers(0, 40), read=st.integers(-2, 45))
def test_what_came_after_is_whole_or_a_gap(keep: int, published: int, read: int) -> None:
    feed = Feed(keep=keep)
    for n in range(1, published + 1):
        feed.publish("said", Said(n=n), to=Audience.everyone)
    assert feed.seq == published
    found = feed.since(read)
    if found is None:
        assert read < max(0, published - keep) or read > published
    else:
        assert [entry.seq for entry in found] == list(range(read + 1, published + 1))
        assert [entry.data for entry in found] == [f'{{"n":{entry.seq}}}' for entry in found]


async def test_news_wakes_every_waiting_reader() -> None:
    feed = Feed()
    waiting = [asyncio.ensure_future(feed.wait(0, limit_s=60)) for _ in range(3)]
    await asyncio.sleep(0)
    assert not any(one.done() for one in waiting)
    feed.publish("said", Said(), to=Audience.everyone)
    await asyncio.gather(*waiting)
    await feed.wait(0, limit_s=60)  # what is there already is not waited for
    await feed.wait(1, limit_s=0.001)


def test_two_runs_do_not_share_their_numbers() -> None:
    assert Feed().boot != Feed().boot
