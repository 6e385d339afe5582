"""Every page in English, in a real Chromium over the whole hotline; earlier versions restored."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from callcenter.bench.browser import Page, open_page
from callcenter.settings import DEMO_PROVINCE
from callcenter.web.rights import Role
from tests.real.english_page import chinese, names, texts
from tests.real.house import House
from tests.real.looks import keep_picture, low_contrast
from tests.real.people import log_in, make_person

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

TABS = "document.querySelectorAll('main .el-tabs__item').length"
SAID = "[...document.querySelectorAll('.try-panel .said')].map((one) => one.innerText).join()"
PEOPLE: dict[str, tuple[Role, str | None, tuple[str, ...]]] = {
    "lawyer": (Role.SEAT, "8002", ("/desk", "/calls", "/account")),
    "leader": (
        Role.SUPERVISOR,
        "7001",
        ("/live", "/wall", "/requests", "/calls", "/calls/{call}"),
    ),
    "manager": (
        Role.ADMIN,
        None,
        (
            *("/flows", "/flows/main", "/flows/routing", "/users"),
            *("/admin/seats", "/admin/calendar", "/admin/prompts", "/admin/blacklist"),
            *("/admin/lines", "/notices", "/system"),
        ),
    ),
    "auditor": (Role.AUDITOR, None, ("/audit", "/users")),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for the module: a call that was answered, and a province that nobody has changed."""
    with House(tmp_path_factory.mktemp("english")) as whole:
        yield whole


@pytest_asyncio.fixture(loop_scope="module")
async def page() -> AsyncIterator[Page]:
    async with open_page() as opened:
        yield opened


async def enter(page: Page, house: House, name: str, role: Role, seat: str | None) -> str:
    """Somebody of this role in the browser, in English; the hotline's address."""
    name = f"{name}-{secrets.token_hex(3)}"
    password = await asyncio.to_thread(make_person, house.settings, name, role, seat)
    entered = await asyncio.to_thread(log_in, house, name, password)
    cookie, _, value = entered["Cookie"].partition("=")
    url = f"http://{house.settings.web}"
    await page.send("Network.setCookie", url=url, name=cookie, value=value, httpOnly=True)
    await page.open(f"{url}/icon.svg")
    await page.value("localStorage.setItem('hotline.language', 'en')")
    return url


async def answered(house: House) -> str:
    """The id of a call that seat 8001 answered, once it is among the past ones."""

    def talk() -> str:
        house.seat("8001")
        citizen = house.sipp.citizen(keys=((1.0, "2"),), caller="04315550123")
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found[:] = [one for one in house.live()["calls"] if one["stage"] == "talking"]
            return bool(found)

        house.wait_for(is_there, 20, "a call is answered")
        citizen.stop()
        call = str(found[0]["call_id"])
        house.wait_for(lambda: _is_past(house, call), 20, "the call is kept")
        return call

    return await asyncio.to_thread(talk)


def _is_past(house: House, call: str) -> bool:
    return any(one.call_id == call for one in house.calls())


async def look(page: Page, address: str, known: str, picture: str, kept: Path) -> set[str]:
    """Open a page with all its tabs; what is left there in Chinese."""
    await page.open(address)
    left = await chinese(page, known)
    if address.endswith("/desk"):
        await page.click("#desk-claim")
        await page.until("Boolean(document.querySelector('.el-dialog'))")
        left |= await chinese(page, known)
    await keep_picture(page, f"en-{picture}", kept)
    for tab in range(1, await page.value(TABS)):
        await page.value(f"document.querySelectorAll('main .el-tabs__item')[{tab}].click()")
        left |= await chinese(page, known)
    if address.endswith("/flows/main"):
        await page.click(".flow-side .el-tabs__item:nth-child(4)")
        await press(page, "Start a trial call")
        await page.until(shows("The call begins"))
        left |= await chinese(page, known + await page.value(SAID))
        await keep_picture(page, "en-trial", kept)
    return left


async def test_every_page_is_english(page: Page, house: House, tmp_path: Path) -> None:
    call = await answered(house)
    left: dict[str, set[str]] = {}
    for name, (role, seat, paths) in PEOPLE.items():
        url = await enter(page, house, name, role, seat)
        for path in paths:
            own = names() + (texts() if path.startswith(("/flows", "/admin")) else "")
            picture = path.replace("{call}", "one").strip("/").replace("/", "-")
            address = url + path.format(call=call)
            left[f"{name} {path}"] = await look(page, address, own, picture, tmp_path)
    assert {at: words for at, words in left.items() if words} == {}


def shows(text: str) -> str:
    return f"Boolean(document.body?.innerText.includes({text!r}))"


async def press(page: Page, text: str) -> None:
    """The button that is shown last with this text, once it may be pressed."""
    one = (
        "[...document.querySelectorAll('button')]"
        f".filter((b) => b.offsetParent && !b.disabled && b.innerText.trim() === {text!r}).at(-1)"
    )
    await page.until(f"Boolean({one})")
    await page.value(f"{one}.click()")


async def field(page: Page, label: str, text: str) -> None:
    """Type into the field of a form with this label, in place of what is there."""
    one = (
        "[...document.querySelectorAll('.el-form-item')].filter((f) => f.offsetParent &&"
        f" f.querySelector('label')?.innerText.trim() === {label!r}).at(-1)?.querySelector('input')"
    )
    await page.until(f"Boolean({one})")
    await page.value(f"{one}.focus(), {one}.select()")
    await page.type(text)


async def test_an_earlier_version_of_the_seats_is_compared_and_restored(
    page: Page, house: House, tmp_path: Path
) -> None:
    url = await enter(page, house, "restorer", Role.ADMIN, None)
    await page.open(f"{url}/admin/seats")
    await page.until(shows("省级四席"))
    await page.value("document.querySelector('[aria-label=\"Edit 8001\"]').click()")
    await field(page, "Name", "a;b")
    await page.until(shows("1 to 20 letters, digits, spaces or brackets."))
    await keep_picture(page, "en-seat-fault", tmp_path)
    await field(page, "Name", "春城一席")
    await page.until(f"!{shows('1 to 20 letters')}")
    await press(page, "OK")
    await press(page, "Review and apply")
    await page.until(shows("8001 name: 长春一席 → 春城一席"))
    await field(page, "Reason", "A new sign on the door")
    await press(page, "Save and apply")
    await page.until(shows("In force"))

    await press(page, "Versions")
    await page.until(shows("A new sign on the door"))
    await page.value("[...document.querySelectorAll('.history-when')].at(-1).click()")
    await page.until(shows("Restoring the first version changes"))
    await page.until(shows("8001 name: 春城一席 → 长春一席"))
    await page.value("document.querySelector('.compare details').open = true")
    await page.until(shows("+    name: 长春一席"))
    await keep_picture(page, "en-versions", tmp_path)
    assert await low_contrast(page) == []
    await press(page, "Restore this version")
    await field(page, "Reason", "The old sign again")
    await keep_picture(page, "en-restore", tmp_path)
    await press(page, "Save and apply")
    await page.until(shows("The old sign again"))
    assert (house.settings.home / "province" / "seats.yaml").read_bytes() == (
        DEMO_PROVINCE / "seats.yaml"
    ).read_bytes()
    await page.value("localStorage.setItem('hotline.language', 'zh')")
    await page.open(f"{url}/admin/seats")
    await press(page, "历史版本")
    await page.until(shows("The old sign again"))
    await page.value("document.querySelectorAll('.history-when')[1].click()")
    await page.until(shows("8001 名称：长春一席 → 春城一席"))
    await keep_picture(page, "versions", tmp_path)
    await page.value("document.documentElement.classList.add('large-type')")
    await keep_picture(page, "versions-large", tmp_path)
    assert page.complaints == []
