"""The main menu in a real browser, by keys alone; and which tab of the browser holds what."""

from pathlib import Path

from callcenter.bench.browser import Page, open_page
from callcenter.web.rights import Role
from tests.callcenter.web.fake_view import FakeView
from tests.callcenter.web.people import people_in
from tests.real.board_page import serving, shown
from tests.real.looks import keep_picture

FOCUS = "document.activeElement"


async def press(page: Page, name: str, number: int, text: str = "") -> None:
    """A key that does what it does in a browser, unlike one that only pages hear of."""
    key = {"key": name, "code": name, "windowsVirtualKeyCode": number}
    await page.send("Input.dispatchKeyEvent", type="keyDown", text=text, **key)
    await page.send("Input.dispatchKeyEvent", type="keyUp", **key)


async def tab_to(page: Page, selector: str) -> None:
    for _ in range(30):
        await press(page, "Tab", 9)
        if await page.value(f"{FOCUS}.matches({selector!r})"):
            return
    raise AssertionError(f"no Tab leads to {selector}")


async def test_keys_lead_through_the_menu_and_tabs_are_named_after_their_page(
    tmp_path: Path,
) -> None:
    people = await people_in(tmp_path)
    await people.add(Role.SUPERVISOR, "zhuguan", seat="7001")
    async with serving(FakeView(), tmp_path, people) as url, open_page() as page:
        await shown(page, url)
        assert (await page.value("document.title")).startswith("实时看板 · ")
        await press(page, "Tab", 9)
        assert await page.value(f"{FOCUS}.className") == "shell-skip"
        assert await page.value(f"{FOCUS}.getBoundingClientRect().top") >= 0
        await keep_picture(page, "menu-skip", tmp_path)

        await tab_to(page, ".shell-menu a[href='/calls']")
        await press(page, "Enter", 13, text="\r")
        await page.until("location.pathname === '/calls'")
        await page.until("document.title.startsWith('通话记录 · ')")
        here = await page.value("document.querySelector('.shell-menu .here').innerText")
        assert here.strip() == "通话记录"
        await page.until("document.querySelector('.calls .filter')")
        await page.value("document.querySelector('.shell-skip').click()")
        assert await page.value(f"{FOCUS}.id") == "main"
    await people.store.close()
