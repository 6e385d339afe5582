"""Small flows for tests of their publication, and a check that knows their prompts."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from callcenter.flows.check import FlowCheck
from callcenter.flows.policies import Here, Policies
from ivr_flows.catalogue import Catalogue

PROMPTS = {
    "hello": "您好。",
    "hello_again": "您好，又见面了。",
    "choose": "劳动请按1，人工请按0。",
    "invalid_key": "按键有误。",
    "no_key": "没有收到按键。",
    "sorry_person": "抱歉。",
    "queue_offer": "回电请按星号键，留言请按井号键。",
}


def main_text(version: int = 1, *, say: str = "hello", go_to: str = "") -> str:
    """A flow that greets with this prompt, then offers labour and a person."""
    one = f"{{do: goto_flow, flow: {go_to}}}" if go_to else "{do: play, say: hello, next: p}"
    return f"""flow: main
version: {version}
title: 试验
start: greeting
steps:
  greeting: {{do: play, say: {say}, next: menu}}
  menu: {{do: menu, say: choose, keys: {{"1": one, "0": p}}, give_up: p}}
  one: {one}
  p: {{do: queue, group: general, answered: bye}}
  bye: {{do: hangup}}
"""


def aid_text(version: int = 1) -> str:
    """A second flow, straight to a person."""
    return f"""flow: aid
version: {version}
title: 法律援助
start: p
steps:
  p: {{do: queue, group: labour, answered: bye}}
  bye: {{do: hangup}}
"""


def routing_text(version: int | None = 1, *, after_s: int = 30, line: str = "oncall") -> str:
    """A routing policy that rings this line after so many seconds."""
    number = "" if version is None else f"version: {version}\n"
    return f"""{number}default:
  stages:
    - {{who: provincial}}
    - {{who: line, line: {line}, after_s: {after_s}}}
"""


def check_of(silent: Collection[str] = (), here: Here | None = None) -> FlowCheck:
    """Knows the prompts above; those `silent` have no audio. `here`: what policies may name."""
    catalogue = Catalogue(prompts={"zh-CN": PROMPTS})
    policies = Policies(lambda: here or Here())
    return FlowCheck(
        lambda: catalogue, lambda one: "has no audio" if one in silent else None, policies
    )


def files(folder: Path) -> Path:
    """A folder with the first version of `main`."""
    folder.mkdir()
    (folder / "main.yaml").write_text(main_text(), encoding="utf-8")
    return folder
