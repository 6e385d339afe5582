"""Who sits at which telephone: one page at a time, and what a seat did is what it does again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.desks import LOST_CODE, Desk, Desks, DeskTaken
from seats.seat import Change, SeatState, SeatStatus

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Room:
    """Desks with a clock of their own, and a note of what they asked for."""

    def __init__(self) -> None:
        self.now = NOON
        self.abandoned: list[str] = []
        self.awaited: set[str] = set()
        self.moved: list[tuple[Change, dict[str, object]]] = []
        self.closed: list[tuple[str, int]] = []
        self.taken: list[str] = []
        self.desks = Desks(
            clock=lambda: self.now,
            change=self._change,
            abandoned=self.abandoned.append,
            is_awaited=lambda number: number in self.awaited,
            on_taken=lambda desk: self.taken.append(desk.key),
        )

    def _change(self, number: str, change: Change, **more: object) -> bool:
        self.moved.append((change, more))
        return True

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def open(self, desk: Desk, name: str = "page") -> Desk | None:
        return self.desks.connect(
            desk.key, desk.person, lambda code: self.closed.append((name, code))
        )


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_second_page_is_told_who_has_the_desk_and_may_take_it_over(room: Room) -> None:
    first = room.desks.claim("8001", "wang")
    assert room.open(first, "first") == first
    with pytest.raises(DeskTaken) as taken:
        room.desks.claim("8001", "li")
    assert taken.value.by == "wang"
    with pytest.raises(DeskTaken):
        room.desks.claim("8001", "wang")  # his own second tab
    second = room.desks.claim("8001", "li", take_over=True)
    assert room.closed == [("first", LOST_CODE)]
    assert room.taken == [first.key]
    assert room.abandoned == ["8001"]
    assert room.desks.at("8001") == second
    assert room.open(first) is None  # the page that lost it does not come in again


def test_a_page_that_was_reloaded_has_its_desk_again(room: Room) -> None:
    first = room.desks.claim("8001", "wang")
    room.open(first)
    second = room.desks.claim("8001", "wang", former=first.key)  # before its end was noticed
    assert second.key != first.key and room.taken == []
    assert room.abandoned == ["8001"]


def test_a_page_that_is_cut_off_keeps_its_desk_for_a_while(room: Room) -> None:
    desk = room.desks.claim("8001", "wang")

    def close(code: int) -> None:
        room.closed.append(("page", code))

    room.desks.connect(desk.key, "wang", close)
    room.later(3600)
    room.desks.disconnect(desk, close)
    room.later(14)
    with pytest.raises(DeskTaken):
        room.desks.claim("8001", "li")
    assert room.open(desk, "again") == desk  # back by itself: nobody's talk was given up
    assert room.abandoned == []
    room.desks.disconnect(desk, close)  # of the line before: it changes nothing
    assert room.desks.at("8001") == desk


def test_a_page_that_stays_away_leaves_its_desk_to_anybody(room: Room) -> None:
    room.desks.claim("8001", "wang")
    room.later(15.1)
    assert room.desks.at("8001") is None
    assert room.desks.claim("8001", "li").person == "li"


def test_a_line_that_comes_twice_keeps_the_newer_one(room: Room) -> None:
    desk = room.desks.claim("8001", "wang")
    room.open(desk, "old")
    room.open(desk, "new")
    assert room.closed == [("old", LOST_CODE)]
    assert room.desks.connect(desk.key, "li", lambda code: None) is None  # another's session


def test_a_page_goes_on_where_it_was_when_we_were_started_anew(room: Room) -> None:
    before = Room().desks.claim("8001", "wang")  # in another life
    assert room.open(before) is None  # a stranger's key, for all that is known

    def open_own() -> Desk | None:
        return room.desks.connect(before.key, "wang", lambda code: None, own="8001")

    desk = open_own()
    assert desk is not None and (desk.number, desk.key) == ("8001", before.key)
    assert room.abandoned == []
    room.desks.claim("8001", "li", take_over=True)
    assert open_own() is None  # not where somebody else is
    room.desks.leave(room.desks.at("8001") or desk)
    assert open_own() is None  # nor after the desk was left


def test_who_leaves_leaves_nothing_behind(room: Room) -> None:
    desk = room.desks.claim("8001", "wang")
    room.open(desk)
    room.desks.leave(replace(desk, key="another"))
    assert room.desks.at("8001") == desk
    room.desks.leave(desk)
    assert room.desks.at("8001") is None and room.closed == [("page", LOST_CODE)]
    assert room.abandoned == ["8001"]
    room.desks.went(status(SeatState.READY))  # his telephone goes after him
    room.desks.claim("8001", "wang")
    room.desks.came("8001")
    assert room.moved == []


def status(state: SeatState, **more: object) -> SeatStatus:
    made = SeatStatus(number="8001", state=state, since=NOON, version=1, is_registered=True)
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_plain_telephone_is_no_page(room: Room) -> None:
    room.desks.went(status(SeatState.NOT_READY, reason="meal"))
    assert room.desks.came("8001") is False
    assert room.moved == []


def test_a_new_page_is_not_made_ready_by_itself(room: Room) -> None:
    room.desks.claim("8001", "wang")
    assert room.desks.came("8001") is True
    assert room.moved == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (status(SeatState.READY), (Change.READY, {})),
        (status(SeatState.RINGING), (Change.READY, {})),
        (status(SeatState.NOT_READY, reason="meal"), (Change.NOT_READY, {"reason": "meal"})),
        (status(SeatState.TALKING), (Change.WRAPPING, {})),
        (
            status(SeatState.WRAP_UP, lease_until=NOON + timedelta(seconds=30)),
            (Change.WRAPPING, {"lease_s": 25.0}),
        ),
    ],
)
def test_a_page_that_is_back_does_what_it_did(
    room: Room, before: SeatStatus, after: tuple[Change, dict[str, object]]
) -> None:
    room.desks.claim("8001", "wang")
    room.desks.went(before)
    room.desks.went(replace(before, state=SeatState.OFFLINE, is_registered=False))
    room.later(5)
    assert room.desks.came("8001") is True
    assert room.moved == [after]
    room.moved.clear()
    assert room.desks.came("8001") and room.moved == []  # once only


def test_a_page_that_is_back_rests_after_its_call_as_it_wished(room: Room) -> None:
    room.desks.claim("8001", "wang")
    room.awaited.add("8001")
    room.desks.went(status(SeatState.TALKING, rest_next="meal"))
    assert room.desks.came("8001")
    assert room.moved == [(Change.READY, {}), (Change.REST_NEXT, {"reason": "meal"})]


@pytest.mark.parametrize(
    ("wish", "after"),
    [(None, (Change.READY, {})), ("meal", (Change.NOT_READY, {"reason": "meal"}))],
)
def test_who_files_without_a_telephone_has_no_wrap_up_left(
    room: Room, wish: str | None, after: tuple[Change, dict[str, object]]
) -> None:
    room.desks.claim("8001", "wang")
    over = NOON + timedelta(seconds=600)
    room.desks.went(status(SeatState.WRAP_UP, lease_until=over, rest_next=wish))
    room.desks.filed("8001")
    assert room.desks.came("8001")
    assert room.moved == [after]


def test_filing_leaves_another_talk_of_the_seat_alone(room: Room) -> None:
    room.desks.claim("8001", "wang")
    room.desks.went(status(SeatState.TALKING))
    room.desks.filed("8001")
    assert room.desks.came("8001")
    assert room.moved == [(Change.WRAPPING, {})]


def test_a_page_whose_caller_waits_is_ready_for_him(room: Room) -> None:
    room.desks.claim("8001", "wang")
    room.desks.went(status(SeatState.TALKING))
    room.awaited.add("8001")
    room.desks.came("8001")
    assert room.moved == [(Change.READY, {})]


def test_what_was_long_ago_is_forgotten(room: Room) -> None:
    room.desks.went(status(SeatState.READY))
    room.later(61)
    room.desks.claim("8001", "wang")
    assert room.desks.came("8001") and room.moved == []
