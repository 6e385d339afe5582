"""The record of a call as a lawyer fills it in at his page: typed, chosen by pinyin, seen saved."""

from __future__ import annotations

import json

from tests.real.desk_page import DeskPage

QUESTION = "工地欠薪三个月，老板电话13900001234，没有签劳动合同"
REPLY = "保存工资记录，先向劳动监察投诉，也可以申请仲裁"
MAIN, SECONDARY = "0702", "0601"


async def state_says(desk: DeskPage, word: str) -> None:
    """Wait until the record says so of itself."""
    await desk.page.until(
        f"document.querySelector('#record-state')?.innerText.includes({json.dumps(word)})"
    )


async def write(desk: DeskPage, selector: str, text: str) -> None:
    """Into one of its fields, after what is there."""
    await desk.page.click(selector)
    await desk.page.type(text)


async def choose_category(
    desk: DeskPage, selector: str, typed: str, code: str, *, by_keys: bool = False
) -> None:
    """A category by pinyin: typed, and taken with the Enter key; reached by a click or Alt+C."""
    if by_keys:
        await desk.page.key("c", "KeyC", alt=True)
        await desk.page.until(f"document.activeElement.matches('{selector}')")
    else:
        await desk.page.click(f".el-select:has({selector}) .el-select__wrapper")
    await desk.page.type(typed)
    await desk.page.until(
        "[...document.querySelectorAll('.el-select-dropdown__item.is-hovering')]"
        f".some((one) => one.checkVisibility() && one.innerText.includes('{code}'))"
    )
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
    for kind in ("rawKeyDown", "keyUp"):
        await desk.page.send("Input.dispatchKeyEvent", type=kind, **enter)


async def fill_in(desk: DeskPage) -> None:
    """All that it needs to be filed."""
    await write(desk, "#record-name", "来电人甲")
    await choose_category(desk, "#record-main", "nmgqx", MAIN, by_keys=True)
    await choose_category(desk, "#record-secondary", "weiqian", SECONDARY)
    await desk.page.key("Escape", "Escape")
    await write(desk, "#record-question", QUESTION)
    await write(desk, "#record-reply", REPLY)
    await desk.page.click("#record-outcome label:first-child")
