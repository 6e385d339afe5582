"""How a page looks: contrast of all its text, and pictures of it that are kept."""

import os
from pathlib import Path

from callcenter.bench.browser import Page

# For each piece of text that a person sees: its contrast with what lies behind it (WCAG 2.1).
LOW_CONTRAST = """
(() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const lum = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (el) => {
    const layers = [];
    for (let at = el; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor);
      layers.push(c);
      if (c.length < 4 || c[3] === 1) break;
    }
    const over = (below, [r, g, b, a = 1]) => [r, g, b].map((v, i) => v * a + below[i] * (1 - a));
    return layers.reduceRight(over, [255, 255, 255]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !el.checkVisibility()) continue;
    if (["SCRIPT", "NOSCRIPT"].includes(el.tagName)) continue;
    if (el.closest(":disabled, .is-disabled")) continue; // WCAG 2.1, 1.4.3 leaves them out
    seen += 1;
    const [a, b] = [lum(parse(getComputedStyle(el).color)), lum(ground(el))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${walker.currentNode.data.trim()} ${ratio.toFixed(2)}`);
  }
  return { seen, found };
})()
"""

# Resolves when all that moves for a while has come to rest.
AT_REST = """
Promise.all(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime < 2000)
  .map((one) => one.finished.catch(() => undefined))).then(() => undefined)
"""


async def low_contrast(page: Page, *, texts: int = 10) -> list[str]:
    """Every visible text that is harder to read than WCAG AA allows, of more than `texts`.

    Looked at when it has come to rest: a button that is just being enabled has no colour yet.
    """
    await page.value(AT_REST)
    looked = await page.value(LOW_CONTRAST)
    assert looked["seen"] > texts, "there is next to no text on the page"
    return list(looked["found"])


async def keep_picture(page: Page, name: str, otherwise: Path) -> None:
    """A PNG in HOTLINE_SHOTS, or in the test's own folder: pages are looked at, not only tested."""
    await page.value(AT_REST)
    folder = Path(os.environ.get("HOTLINE_SHOTS") or otherwise)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.png").write_bytes(await page.picture())
