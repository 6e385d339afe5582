"""What differs between two routing policies, in Chinese, for those who review one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields, replace
from difflib import SequenceMatcher
from typing import Any, Final

from ivr_flows.changes import Difference
from seats.longest_wait import Duty, Ends, LongestWait, longest_waits
from seats.places import name_of
from seats.policy import CallbackPolicy, First, GroupPolicy, Order, Policy, Stage, When, Who

_WHO: Final[Mapping[Who, str]] = {
    Who.CITY: "本市坐席",
    Who.NEIGHBOURS: "邻近市州坐席",
    Who.MUNICIPAL: "全省市级坐席",
    Who.PROVINCIAL: "省级坐席",
    Who.LINE: "外线",
    Who.CALLBACK: "转回拨",
    Who.MESSAGE: "转留言",
}
_ORDER: Final[Mapping[Order, str]] = {
    Order.LONGEST_IDLE: "空闲最久优先",
    Order.FEWEST_CALLS: "当日接听最少优先",
    Order.SKILL_LEVEL: "技能最高优先",
    Order.WEIGHTED: "按权重分派",
}
_FIRST: Final[Mapping[First, str]] = {First.SEAT: "先拨坐席", First.CALLER: "先拨群众"}
_SPECIAL: Final[Mapping[str, str]] = {
    "migrant_worker": "农民工",
    "elderly": "老年人",
    "disabled": "残疾人",
    "minor": "未成年人",
    "women": "妇女",
    "military": "军人军属",
    "low_income": "低收入群体",
}
_CALLBACK: Final[Mapping[str, str]] = {
    "first": "先拨谁",
    "tries": "次数",
    "every_s": "间隔秒数",
    "ring_s": "振铃秒数",
    "begin": "最早时间",
    "end": "最晚时间",
}
assert _CALLBACK.keys() == {field.name for field in fields(CallbackPolicy)}
_NOTHING: Final = "无"


def policy_differences(old: Policy, new: Policy) -> list[Difference]:
    """What the new policy does otherwise: first for all groups, then group by group."""
    found = [Difference("flow", "", words) for words in _for_all(old, new)]
    found += [
        Difference("changed", "default", f"其他业务组：{words}")
        for words in _group(old.default, new.default)
    ]
    for name in sorted(old.groups.keys() | new.groups.keys()):
        if name not in new.groups:
            words = f"业务组 {name} 不再单独规定，同其他业务组"
            found.append(Difference("removed", name, words))
            continue
        if name not in old.groups:
            words = f"业务组 {name} 改为单独规定"
            found.append(Difference("added", name, words))
        found += [
            Difference("changed", name, f"业务组 {name}：{words}")
            for words in _group(old.of(name), new.groups[name])
        ]
    return found


def wait_differences(old: Policy, new: Policy, duty: Duty) -> list[Difference]:
    """How the longest possible wait of each group changes, groups alike together."""
    changed: dict[str, list[str]] = {}
    before = {wait.group: wait for wait in longest_waits(old, duty)}
    for wait in longest_waits(new, duty):
        words = _wait(wait)
        was = _wait(before[wait.group]) if wait.group in before else _NOTHING
        if was != words:
            changed.setdefault(f"{was} 改为 {words}", []).append(wait.group)
    return [
        Difference("changed", groups[0], f"最长等候（{'、'.join(groups)}）：{words}")
        for words, groups in changed.items()
    ]


def _wait(wait: LongestWait) -> str:
    if wait.ends is Ends.NEVER:
        return "没有上限"
    hours, rest = divmod(round(wait.wait_s), 3600)
    minutes, left = divmod(rest, 60)
    named = ((hours, "小时"), (minutes, "分"), (left, "秒"))
    words = "".join(f"{n}{unit}" for n, unit in named if n) or "0秒"
    return words if wait.ends is Ends.HANDED_OVER else f"{words}（按假定）"


def stage_words(stage: Stage) -> str:
    """One stage: 20 秒起 邻近市州坐席."""
    words = f"{_shown(stage.after_s)} 秒起 {_WHO[stage.who]}"
    if stage.line:
        words += f" {stage.line}"
    if stage.by_catch_all:
        words += "（兜底组）"
    return words + (_when(stage.when) if stage.when else "")


def _when(when: When) -> str:
    given = (
        (when.queue_at_least, "排队不少于 {} 人"),
        (when.longest_wait_s, "最长已等不少于 {} 秒"),
        (when.loss_rate, "15 分钟放弃率不低于 {}"),
    )
    return "，仅当" + "且".join(text.format(_shown(one)) for one, text in given if one is not None)


def _for_all(old: Policy, new: Policy) -> Iterator[str]:
    if old.catch_all != new.catch_all:
        yield f"兜底组 {old.catch_all} 改为 {new.catch_all}"
    yield from _table("邻近市州", old.neighbours, new.neighbours, name_of)
    yield from _table(
        "优先群体提前秒数", old.head_start_s, new.head_start_s, lambda one: _SPECIAL.get(one, one)
    )
    for name, label in _CALLBACK.items():
        before, after = getattr(old.callback, name), getattr(new.callback, name)
        if before != after:
            yield f"回拨{label} {_shown(before)} 改为 {_shown(after)}"
    for name, label in (("talk_s", "一次接听秒数"), ("waiting", "同时排队人数")):
        before, after = getattr(old.assume, name), getattr(new.assume, name)
        if before != after:
            yield f"最长等候的假定：{label} {_shown(before)} 改为 {_shown(after)}"


def _table(
    label: str, old: Mapping[str, Any], new: Mapping[str, Any], named: Callable[[str], str]
) -> Iterator[str]:
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before != after:
            yield f"{label}：{named(key)} {_shown(before)} 改为 {_shown(after)}"


def _group(old: GroupPolicy, new: GroupPolicy) -> Iterator[str]:
    if old.order is not new.order:
        yield f"坐席次序 {_ORDER[old.order]} 改为 {_ORDER[new.order]}"
    before, after = _sticky(old), _sticky(new)
    if before != after:
        yield f"熟悉的律师 {before} 改为 {after}"
    if old.language_s != new.language_s:
        yield f"先等会说来电语言的坐席秒数 {_shown(old.language_s)} 改为 {_shown(new.language_s)}"
    yield from _stages(old.stages, new.stages)


def _stages(old: tuple[Stage, ...], new: tuple[Stage, ...]) -> Iterator[str]:
    """Stages taken away, put in, moved, and those that only open at another time."""
    gone, come = list[Stage](), list[tuple[int, Stage]]()
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            gone += old[i1:i2]
            come += [(j + 1, new[j]) for j in range(j1, j2)]
    for place, stage in come:
        words = stage_words(stage)
        sooner = [one for one in gone if replace(one, after_s=stage.after_s) == stage]
        if stage in gone:
            gone.remove(stage)
            yield f"“{words}”移到第 {place} 档"
        elif sooner:
            gone.remove(sooner[0])
            yield f"“{stage_words(sooner[0])}”改为“{words}”"
        else:
            yield f"第 {place} 档新增“{words}”"
    for stage in gone:
        yield f"取消“{stage_words(stage)}”"


def _sticky(group: GroupPolicy) -> str:
    if not group.sticky_days:
        return "不优先"
    return f"{group.sticky_days} 天内通过话的先等 {_shown(group.sticky_s)} 秒"


def _shown(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, First):
        return _FIRST[value]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Collection) and not isinstance(value, str):
        return "、".join(map(name_of, value)) or _NOTHING
    if hasattr(value, "strftime"):
        return str(value.strftime("%H:%M"))
    return str(value)
