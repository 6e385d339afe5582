"""What a supervisor clicks on the live board: menus, reasons, the bar of his telephone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from callcenter.bench.browser import Page
from tests.real.looks import keep_picture


async def choose(page: Page, button: str, words: str) -> None:
    """One entry of a menu."""
    await page.click(button)
    await page.until(f"{_entry(words)} !== undefined")
    await asyncio.sleep(0.4)  # the menu is still unfolding
    await page.value(f"{_entry(words)}.click()")


def _entry(words: str) -> str:
    shown = (
        "[...document.querySelectorAll('.el-dropdown-menu__item')].filter((e) => e.offsetParent)"
    )
    return f"{shown}.find((e) => e.innerText.includes('{words}'))"


async def give_reason(page: Page, reason: str, picture: str, folder: Path) -> None:
    """Type it into the dialog and agree."""
    await page.click(".el-message-box textarea")
    await page.type(reason)
    await asyncio.sleep(0.4)
    await keep_picture(page, picture, folder)
    await page.click(".el-message-box__btns .el-button--primary")


async def bar_says(page: Page, words: str) -> None:
    """Wait until the telephone's bar has these words."""
    await page.until(f"document.querySelector('.phone-bar').innerText.includes('{words}')")


async def mode(page: Page, number: int, words: str) -> None:
    """One of the four ways, by its button in the bar."""
    await page.click(f".phone-bar .modes button:nth-child({number})")
    await bar_says(page, words)
