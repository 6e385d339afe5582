"""What differs between two versions of a flow: the text line by line, and the steps in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from ivr_flows.model import VERBS, Flow, Step

Kind = Literal["flow", "added", "removed", "verb", "changed", "key"]

_FIELDS: Final[Mapping[str, str]] = {
    "title": "标题",
    "start": "起始步骤",
    "say": "提示语",
    "again": "再问的提示语",
    "invalid": "按错的提示语",
    "no_key": "未按键的提示语",
    "ask_number": "问号码的提示语",
    "offer": "另选的提示语",
    "offers": "另选的按键",
    "keys": "按键",
    "cases": "分支",
    "wait_s": "等待秒数",
    "ring_s": "振铃秒数",
    "limit_s": "录音上限秒数",
    "announce_every_s": "播报间隔秒数",
    "offer_after_s": "多少秒后可另选",
    "tries": "次数",
    "digits": "位数",
    "into": "记为",
    "group": "业务组",
    "on_fact": "依据",
    "to": "去向",
    "service": "服务",
    "send": "送出的内容",
    "alarm": "告警",
    "special": "特殊群体",
    "flow": "流程",
    "next": "下一步",
    "otherwise": "其他情况",
    "give_up": "多次未按后",
    "answered": "通话后",
    "done": "通话后",
    "callback": "回拨",
    "message": "留言",
    "failed": "失败后",
    "not_rated": "未评价后",
}
_VERBS: Final[Mapping[str, str]] = {
    "play": "播放",
    "menu": "按键菜单",
    "ask": "输入数字",
    "branch": "分支判断",
    "queue": "排队等人工",
    "transfer": "转接外线",
    "survey": "满意度评价",
    "callback": "登记回拨",
    "message": "留言",
    "record": "录音记录",
    "call_api": "查询服务",
    "language": "切换语言",
    "set_city": "记下地区",
    "mark": "记下群体",
    "goto_flow": "转入流程",
    "hangup": "挂机",
}
assert _VERBS.keys() == VERBS.keys()
_NOTHING: Final = "无"


class Difference(msgspec.Struct, frozen=True):
    """One thing that differs. `step` is empty for the flow as a whole; `words` are Chinese."""

    kind: Kind
    step: str
    words: str


def unified(old: str, new: str, *, old_name: str, new_name: str) -> list[str]:
    """The lines of a unified diff, without line ends; empty when the texts are the same."""
    lines = difflib.unified_diff(
        old.split("\n"), new.split("\n"), fromfile=old_name, tofile=new_name, lineterm=""
    )
    return list(lines)


def differences(old: Flow | None, new: Flow) -> list[Difference]:
    """What the new flow does otherwise, in the order of its steps; `old` None: all is new."""
    if old is None:
        return [Difference("flow", "", f"新流程“{new.title}”，共 {len(new.steps)} 个步骤")]
    found = [
        Difference("flow", "", f"{_FIELDS[name]}：{getattr(old, name)} → {getattr(new, name)}")
        for name in ("title", "start")
        if getattr(old, name) != getattr(new, name)
    ]
    for name, step in new.steps.items():
        before = old.steps.get(name)
        if before is None:
            found.append(Difference("added", name, f"新增步骤 {name}（{_VERBS[step.do]}）"))
        elif before != step:
            found += _step(name, before, step)
    for name, step in old.steps.items():
        if name not in new.steps:
            found.append(Difference("removed", name, f"删除步骤 {name}（{_VERBS[step.do]}）"))
    return found


def _step(name: str, old: Step, new: Step) -> Iterator[Difference]:
    if old.do != new.do:
        yield Difference("verb", name, f"步骤 {name}：动作 {_VERBS[old.do]} 改为 {_VERBS[new.do]}")
        return
    for field in type(new).model_fields:
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            noun = {"cases": "情况"}.get(field, "按键")
            for words in _moved(before, after, noun):
                yield Difference("key", name, f"步骤 {name}：{words}")
        else:
            label = _FIELDS.get(field, field)
            words = f"{label} {_shown(before)} 改为 {_shown(after)}"
            yield Difference("changed", name, f"步骤 {name}：{words}")


def _moved(old: Mapping[str, str], new: Mapping[str, str], noun: str) -> Iterator[str]:
    """A target that only changed its key is told as moved, all else key by key."""
    from_key, to_key = _only_key(old), _only_key(new)
    moved = {
        target: (key, to_key[target])
        for target, key in from_key.items()
        if target in to_key and to_key[target] != key
    }
    for target, (key, other) in moved.items():
        yield f"到 {target} 的{noun}由 {key} 改为 {other}"
    left = {key: to for key, to in old.items() if moved.get(to, ("",))[0] != key}
    come = {key: to for key, to in new.items() if moved.get(to, ("", ""))[1] != key}
    for key, to in come.items():
        if key not in left:
            yield f"新增{noun} {key}，到 {to}"
        elif left[key] != to:
            yield f"{noun} {key} 由到 {left[key]} 改为到 {to}"
    for key, to in left.items():
        if key not in come:
            yield f"取消{noun} {key}（原到 {to}）"


def _only_key(table: Mapping[str, str]) -> dict[str, str]:
    """Target → key, of targets that one key alone leads to."""
    targets = list(table.values())
    return {to: key for key, to in table.items() if targets.count(to) == 1}


def _shown(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, tuple):
        return "、".join(map(str, value)) or _NOTHING
    return str(value)
