"""A large province on the live board and on the wall: two hundred seats."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.bench.browser import Page, open_page
from callcenter.web.rights import Role
from callcenter.web.view import LiveView
from tests.callcenter.web.fake_view import SEATS, FakeView, empty_live, seat
from tests.callcenter.web.people import People, people_in
from tests.real.board_page import serving, shown
from tests.real.looks import keep_picture, low_contrast

STATES = ("ready", "talking", "wrap_up", "not_ready", "ringing", "offline", "held")


def large_province(count: int = 200) -> LiveView:
    now = datetime.now(UTC)
    rows = [(str(8000 + n), f"坐席第{n}号", *SEATS[n % len(SEATS)][2:]) for n in range(count)]
    seats = tuple(seat(row, STATES[n % len(STATES)], now) for n, row in enumerate(rows))
    return dataclasses.replace(empty_live(now), seats=seats)


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with open_page() as opened:
        yield opened


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    made = await people_in(tmp_path)
    await made.add(Role.SUPERVISOR, "zhuguan", seat="7001")
    yield made
    await made.store.close()


async def test_a_seat_among_two_hundred_is_found(
    page: Page, tmp_path: Path, people: People
) -> None:
    async with serving(FakeView(snapshot=large_province()), tmp_path, people) as url:
        await shown(page, url)
        assert await page.value("document.querySelectorAll('#seats [data-seat]').length") == 200
        assert await low_contrast(page) == []
        await keep_picture(page, "live-200-seats", tmp_path)
        await page.click("#find-seat")
        await page.type("8123")
        await page.until("document.querySelectorAll('#seats [data-seat]').length === 1")
        assert "坐席第123号" in await page.text("#seats")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
async def test_the_wall_leaves_none_of_two_hundred_seats_out(
    page: Page, tmp_path: Path, people: People, width: int, height: int
) -> None:
    async with serving(FakeView(snapshot=large_province()), tmp_path, people) as url:
        await shown(page, url, at="/wall", width=width, height=height)
        await page.until("document.querySelectorAll('.wall-seats li').length === 200")
        hidden = await page.value(
            "(() => { const card = document.querySelector('.wall-seats').getBoundingClientRect();"
            " return [...document.querySelectorAll('.wall-seats li')]"
            ".filter((one) => one.getBoundingClientRect().bottom > card.bottom + 1).length; })()"
        )
        assert hidden == 0
        assert await low_contrast(page) == []
        await keep_picture(page, f"wall-200-seats-{width}", tmp_path)
