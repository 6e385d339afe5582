"""What is wrong with lines, services and supervisors' telephones as rows, at the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from callcenter.documents.outside_rows import LineRow, PhoneRow, ServiceRow
from callcenter.documents.rows import FieldFault
from ivr_flows.catalogue import Line, Service
from ivr_flows.fields import NAME as NAME_FORM
from ivr_flows.names import FACTS
from seats.roster import NAME, NUMBER

MOST: Final[Mapping[str, int]] = {"lines": 200, "services": 100, "phones": 100}

# The models of the files say what is right; this is what people are told of a field that is not.
_LINE: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("title_form", "名称为 1 到 100 个字。"),
    "number": ("number_form", "号码为 2 到 32 位数字，可含 * # 和 +。"),
    "trunk": ("trunk_unknown", "请选择能呼出的中继。"),
    "hours": ("hours_unknown", "请选择全天或服务时间内。"),
}
_SERVICE: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("title_form", "名称为 1 到 100 个字。"),
    "url": (
        "url_form",
        "网址以 https:// 开头，不含账号、密码、空格和 #；http:// 只用于本机上的服务。",
    ),
    "send": ("send_form", "发送内容最多 10 项，用小写字母、数字和下划线命名。"),
    "facts": (
        "facts_form",
        "至少要有一个结果，每个结果至少一个取值，都用小写字母、数字和下划线命名。",
    ),
    "key": ("key_form", "密钥名称以字母开头，只含字母、数字、下划线和连字符。"),
}
_MakeFault = Callable[[str, str, str], FieldFault]


def line_faults(rows: Sequence[LineRow], trunks: Collection[str]) -> Iterator[FieldFault]:
    """All that is wrong with lines. `trunks`: those that lead out."""
    for n, row in enumerate(rows):
        fault = _at(f"lines.{n}")
        yield from _name_faults(fault, row.name, [one.name for one in rows[:n]])
        yield from _model_faults(fault, Line, row.model_dump(exclude={"name"}), _LINE)
        if row.trunk and row.trunk not in trunks:
            message = f"中继 {row.trunk} 不能呼出，请选择能呼出的中继。"
            yield fault("trunk", "trunk_unknown", message)


def service_faults(rows: Sequence[ServiceRow]) -> Iterator[FieldFault]:
    """All that is wrong with services, facts included that two of them tell."""
    told: dict[str, str] = {}
    for n, row in enumerate(rows):
        fault = _at(f"services.{n}")
        facts = {fact.name: fact.values for fact in row.facts}
        given = {**row.model_dump(exclude={"name"}), "facts": facts}
        yield from _name_faults(fault, row.name, [one.name for one in rows[:n]])
        yield from _model_faults(fault, Service, given, _SERVICE)
        if len(facts) < len(row.facts):
            yield fault("facts", "fact_twice", "同一结果写了两次。")
        for fact in facts:
            if fact in FACTS:
                message = f"结果 {fact} 由程序自己得出，请换一个代号。"
                yield fault("facts", "fact_taken", message)
            elif told.setdefault(fact, row.name) != row.name:
                message = f"结果 {fact} 已由接口 {told[fact]} 提供，请换一个代号。"
                yield fault("facts", "fact_taken", message)


def phone_faults(rows: Sequence[PhoneRow], seats: Collection[str]) -> Iterator[FieldFault]:
    """All that is wrong with supervisors' telephones. `seats`: numbers that they may not have."""
    for n, row in enumerate(rows):
        fault = _at(f"phones.{n}")
        if not NUMBER.fullmatch(row.number):
            yield fault("number", "number_form", "话机号码应为 3 到 6 位数字。")
        elif row.number in seats:
            yield fault("number", "number_taken", f"{row.number} 已是坐席的号码。")
        elif row.number in [one.number for one in rows[:n]]:
            yield fault("number", "number_twice", f"号码 {row.number} 写了两次。")
        if not NAME.fullmatch(row.name) or not row.name.strip():
            message = "名称为 1 到 20 个字，只用文字、数字、空格和括号。"
            yield fault("name", "name_form", message)


def _name_faults(fault: _MakeFault, name: str, before: Collection[str]) -> Iterator[FieldFault]:
    if not re.fullmatch(NAME_FORM, name):
        message = "代号以小写字母开头，只含小写字母、数字和下划线，最多 40 个。"
        yield fault("name", "name_form", message)
    elif name in before:
        yield fault("name", "name_twice", f"代号 {name} 写了两次。")


def _model_faults(
    fault: _MakeFault,
    model: type[Line] | type[Service],
    given: Mapping[str, Any],
    said: Mapping[str, tuple[str, str]],
) -> Iterator[FieldFault]:
    try:
        model.model_validate(given)
    except ValidationError as refused:
        for field in dict.fromkeys(str(one["loc"][0]) for one in refused.errors()):
            yield fault(field, *said[field])


def _at(row: str) -> _MakeFault:
    return lambda field, error, message: FieldFault(
        at=row, field=field, error=error, message=message
    )
