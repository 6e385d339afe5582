"""What stands on a page in Chinese though it is English, but for names and what people wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from callcenter.bench.browser import Page
from callcenter.documents.roster_plan import read_roster
from callcenter.records import laws, taxonomy
from callcenter.settings import DEMO_PROVINCE
from ivr_flows.load import FLOWS
from ivr_flows.prompts.texts import LANGUAGE, folder_of, load_prompts

IN_ENGLISH = "localStorage.setItem('hotline.language', 'en');"
# All that somebody sees or hears read out, piece by piece.
TEXTS = """
(() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    if (walker.currentNode.parentElement.checkVisibility()) found.push(walker.currentNode.data);
  for (const one of document.querySelectorAll("body *"))
    if (one.checkVisibility()) {
      for (const name of ["placeholder", "aria-label", "title", "alt"])
        if (one.hasAttribute(name)) found.push(one.getAttribute(name));
      for (const side of ["::before", "::after"]) found.push(getComputedStyle(one, side).content);
    }
  return [document.title, ...found];
})()
"""
LOADED = "document.querySelector('main, .wall') && !document.querySelector('.el-loading-mask')"
# Characters, and the wide signs that stand between them.
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")

CHARACTERS = re.compile("[\u4e00-\u9fff]+")


def names(province: Path = DEMO_PROVINCE) -> str:
    """What is called in Chinese by its own name: seats, lines outside, the other language."""
    text = (province / "seats.yaml").read_text("utf-8")
    lines = (province / "lines.yaml").read_text("utf-8")
    return "\n".join((text, lines, "中文", *read_roster(text).groups.values()))


def texts() -> str:
    """What callers hear, and what flows and calendars say of themselves."""
    files = [*FLOWS.glob("*.yaml"), DEMO_PROVINCE / "calendar.yaml"]
    prompts = [prompt.text for prompt in load_prompts(folder_of(LANGUAGE)).values()]
    return "\n".join((*(file.read_text("utf-8") for file in files), *prompts))


def law() -> str:
    """Articles of law, and the categories of the ministry's own list."""
    return "\n".join(file.read_text("utf-8") for file in (laws.BUILT_IN, taxonomy.BUILT_IN))


def chinese_in(found: Iterable[str], known: str) -> set[str]:
    """Runs of it that do not stand in what is known, signs between them aside."""
    runs = {run for text in found for run in CHINESE.findall(text)}
    return {run for run in runs if run not in known and not _is_of(run, known)}


def _is_of(run: str, known: str) -> bool:
    pieces = CHARACTERS.findall(run)
    return bool(pieces) and all(piece in known for piece in pieces)


async def chinese(page: Page, known: str) -> set[str]:
    """What stands on the page in Chinese and is nobody's name."""
    await page.until(LOADED)
    await page.value("new Promise((done) => setTimeout(done, 300))")
    return chinese_in(await page.value(TEXTS), known)
