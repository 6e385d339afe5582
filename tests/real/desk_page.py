"""A lawyer at the desk's page in a real Chromium: clicks and keys, and what the page shows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from callcenter.bench.browser import Browser, Page, open_browser, speaking

# Keeps each connection of the page, so that a test can ask it what it heard.
EARS = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) {
    super(...given);
    window.connections.push(this);
  }
};
// A headset: there is no loudspeaker whose echo has to be taken out of what the lawyer says.
localStorage.setItem("hotline.devices", JSON.stringify({ isEchoCancelled: false }));
"""
# Resolves when half a second of what came in was louder than a line's noise.
SOUND = """
new Promise(async (done) => {
  const energy = async () => {
    for (const one of (await window.connections.at(-1).getStats()).values())
      if (one.type === "inbound-rtp") return one.totalAudioEnergy ?? 0;
    return 0;
  };
  for (let before = await energy(); ; ) {
    await new Promise((later) => setTimeout(later, 500));
    const now = await energy();
    if (now - before > 1e-3) return done(true);
    before = now;
  }
})
"""


class DeskPage:
    """One lawyer's tab. Steps wait until the page shows that they are done."""

    def __init__(self, browser: Browser, page: Page, address: str) -> None:
        self.browser = browser
        self.page = page
        self.address = address

    async def log_in(self, name: str, password: str) -> None:
        """Through the log-in page, to the desk that it leads lawyers to."""
        await enter(self.page, self.address, name, password)
        await self.shows("#desk-claim, #desk-take-over")

    async def sit_down(self) -> None:
        """Claim the seat; its telephone is registered when this returns."""
        await self.page.click("#desk-claim")
        await self.shows("#desk-check-go")
        await self.line_is_up()

    async def line_is_up(self) -> None:
        """Wait for the telephone's registration."""
        await self.shows("[role=status].line.up")

    async def close_dialog(self) -> None:
        """By Escape, as people do."""
        await self.page.key("Escape", "Escape")
        await self.page.until("!document.querySelector('.el-overlay-dialog')?.checkVisibility()")

    async def be_ready(self) -> None:
        """Unless the seat is so still: who comes back soon finds it as he left it."""
        ready = "document.querySelector('#desk-ready')"
        await self.page.until(f"{ready} || document.querySelector('.bar .state-tag.good')")
        await self.page.value(f"{ready}?.click()")
        await self.seat_is("空闲")

    async def seat_is(self, word: str) -> None:
        """Wait until the state bar says so."""
        await self.page.until(
            f"document.querySelector('.bar .state-tag')?.innerText.includes({json.dumps(word)})"
        )

    @property
    def faults(self) -> list[str]:
        """What console and network had to say, but for what must be: a stranger's first look at
        who he is, and a record that is asked for in the moment in which it is begun.
        """
        expected = ("/api/v1/me", "/record")
        return [one for one in self.page.complaints if not one.endswith(expected)]

    async def rings(self) -> None:
        """Wait for a call."""
        await self.shows("#desk-answer")

    async def answer(self) -> float:
        """By a click; milliseconds from it to the first sound, as the page measures them."""
        await self.page.click("#desk-answer")
        await self.shows("#desk-hang-up")
        await self.shows("#desk-caller[data-heard-ms]")
        return float(
            await self.page.value("document.querySelector('#desk-caller').dataset.heardMs")
        )

    async def hears(self) -> None:
        """Wait until sound comes in."""
        await self.page.value(SOUND)

    async def shows(self, selector: str) -> None:
        """Wait until there is such an element."""
        await self.page.until(f"document.querySelector({json.dumps(selector)})")

    async def hides(self, selector: str) -> None:
        """Wait until there is none."""
        await self.page.until(f"!document.querySelector({json.dumps(selector)})")


async def enter(page: Page, address: str, name: str, password: str) -> None:
    """Through the log-in page, to wherever it leads."""
    await page.send("Page.addScriptToEvaluateOnNewDocument", source=EARS)
    await page.open(f"{address}/")
    await page.click("input[name=username]")
    await page.type(name)
    await page.click("input[name=password]")
    await page.type(password)
    await page.click(".login-go")


@asynccontextmanager
async def lawyer(
    address: str, speech: Path, name: str, password: str, *, script: str = ""
) -> AsyncIterator[DeskPage]:
    """A Chromium of his own whose microphone says `speech`; logged in.

    `script` runs before those of each page.
    """
    async with open_browser(speaking(speech)) as browser:
        desk = DeskPage(browser, await browser.page(), address)
        await desk.page.send("Page.addScriptToEvaluateOnNewDocument", source=script)
        await desk.log_in(name, password)
        yield desk
