"""Flows for tests, written as a supervisor would write them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from textwrap import dedent, indent

from ivr_flows.catalogue import Catalogue, Line, Service
from ivr_flows.model import GROUPS, Flow, Flows
from ivr_flows.yaml_source import read_bytes

PERSON = "{do: queue, group: general, answered: bye}"
BYE = "{do: hangup}"

# What the small flows of these tests say; the texts matter only to the checks.
PROMPTS = {
    "hello": "您好。",
    "choose": "劳动请按1，人工请按0。",
    "invalid_key": "按键有误。",
    "no_key": "没有收到按键。",
    "queue_offer": "回电请按星号键，留言请按井号键。",
    "rate": "请评价，请按1到5。",
    "sorry_person": "抱歉。",
    "invalid_number": "号码有误。",
    "code": "请输入查询码，按井号键结束。",
    "main": "老年人请按1，查进度请按2，投诉请按3，报警请按4，长春请按5，人工请按0。",
    "moment": "正在查询。",
    "working": "正在办理。",
    "to_police": "正在转接110。",
    "bye": "再见。",
    "speak": "请留言。",
    "number": "请输入号码，按井号键结束。",
}


KOREAN = {
    **dict.fromkeys(PROMPTS, "…"),
    "hello": "안녕하십니까.",
    "choose": "노동은 1번, 상담원은 0번을 눌러 주십시오.",
    "main": "1번, 2번, 3번, 4번, 5번, 상담원은 0번을 눌러 주십시오.",
    "queue_offer": "전화를 받으시려면 별표, 음성을 남기시려면 우물 정자를 눌러 주십시오.",
    "rate": "1번부터 5번까지 눌러 주십시오.",
}


def flow_text(*steps: str, name: str = "main", start: str = "a", version: int = 1) -> str:
    head = f"flow: {name}\nversion: {version}\ntitle: 试验\nstart: {start}\nsteps:\n"
    return head + "".join(indent(dedent(part).strip("\n"), "  ") + "\n" for part in steps)


def flow_of(*steps: str, name: str = "main", start: str = "a", version: int = 1) -> Flow:
    text = flow_text(*steps, name=name, start=start, version=version)
    return Flow.model_validate(read_bytes(text.encode(), file=f"{name}.yaml").data)


def flows_of(*flows: Flow) -> Flows:
    return Flows(flows[0].flow, {flow.flow: flow for flow in flows})


POLICE = Line(title="报警", number="110", trunk="demo")
ORDERS = Service(
    title="工单进度",
    url="https://orders.example/progress",
    send=("order_code",),
    facts={"order_state": ("working", "done")},
)


def catalogue_of(
    prompts: Mapping[str, str] | None = None,
    *,
    korean: Mapping[str, str] | None = None,
    groups: Collection[str] = GROUPS,
    spoken: Collection[str] = (),
    closes: bool = False,
) -> Catalogue:
    texts = {"zh-CN": PROMPTS if prompts is None else prompts}
    return Catalogue(
        prompts=texts if korean is None else {**texts, "ko-KR": korean},
        groups=groups,
        services={"orders": ORDERS},
        lines={"police": POLICE},
        spoken={"ko-KR": frozenset(spoken)},
        closes=closes,
    )
