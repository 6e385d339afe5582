"""What a supervisor does on the live board."""

from tests.real.browser import Page


async def set_not_ready(page: Page, number: str, reason: str) -> None:
    """By the seat's own menu on the board."""
    await page.click(f'[data-seat="{number}"]')
    await page.until("document.querySelector('[data-deed=not_ready]')?.checkVisibility()")
    await page.click("[data-deed=not_ready]")
    await page.until("document.querySelector('.el-message-box textarea')")
    await page.click(".el-message-box textarea")
    await page.type(reason)
    await page.click(".el-message-box .el-button--primary")
