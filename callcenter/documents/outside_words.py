"""What a change does to lines, services and supervisors' telephones, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from callcenter.documents.outside_rows import LineRow, PhoneRow, ServiceRow

HOURS: Final[Mapping[str, str]] = {"always": "全天", "open": "服务时间内"}
_Row = TypeVar("_Row", LineRow, ServiceRow, PhoneRow)


def line_words(before: Sequence[LineRow], after: Sequence[LineRow]) -> tuple[str, ...]:
    """What happens to lines, a sentence each."""
    old, new = ({row.name: row for row in rows} for rows in (before, after))
    found = [f"新增外线 {new[name].title}（{new[name].number}）" for name in new.keys() - old]
    found += [f"删除外线 {old[name].title}（{old[name].number}）" for name in old.keys() - new]
    found += _changed(old, new, _line)
    return (*sorted(found), *_moved("外线", [*old], [*new]))


def service_words(before: Sequence[ServiceRow], after: Sequence[ServiceRow]) -> tuple[str, ...]:
    """What happens to services, a sentence each."""
    old, new = ({row.name: row for row in rows} for rows in (before, after))
    found = [f"新增业务接口 {new[name].title}（{new[name].url}）" for name in new.keys() - old]
    found += [f"删除业务接口 {old[name].title}（{old[name].url}）" for name in old.keys() - new]
    found += _changed(old, new, _service)
    return (*sorted(found), *_moved("业务接口", [*old], [*new]))


def phone_words(before: Sequence[PhoneRow], after: Sequence[PhoneRow]) -> tuple[str, ...]:
    """What happens to supervisors' telephones, a sentence each."""
    old, new = ({row.number: row for row in rows} for rows in (before, after))
    found = [f"新增班长话机 {number}（{new[number].name}）" for number in new.keys() - old]
    found += [f"删除班长话机 {number}（{old[number].name}）" for number in old.keys() - new]
    found += _changed(old, new, lambda row: {"名称": row.name})
    return (*sorted(found), *_moved("班长话机", [*old], [*new]))


def _line(row: LineRow) -> Mapping[str, str]:
    hours = HOURS.get(row.hours, row.hours)
    return {"名称": row.title, "号码": row.number, "中继": row.trunk, "时段": hours}


def _service(row: ServiceRow) -> Mapping[str, str]:
    facts = " ".join(f"{fact.name}={'/'.join(fact.values)}" for fact in row.facts)
    sent = " ".join(row.send) or "无"
    key = row.key or "无"
    return {"名称": row.title, "网址": row.url, "发送": sent, "结果": facts, "密钥": key}


def _changed(
    old: Mapping[str, _Row], new: Mapping[str, _Row], told: Callable[[_Row], Mapping[str, str]]
) -> Iterator[str]:
    for name, row in new.items():
        if name in old and old[name] != row:
            was, becomes = told(old[name]), told(row)
            pairs = [(field, was[field], becomes[field]) for field in was]
            said = [f"{field}：{one} → {other}" for field, one, other in pairs if one != other]
            yield f"{name} {'，'.join(said)}"


def _moved(what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    stays = [name for name in new if name in old]
    if stays != [name for name in old if name in new]:
        yield f"{what}的顺序有调整"
