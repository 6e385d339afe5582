"""What a record may hold and when it is whole: rules without I/O or clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec

from callcenter.records.taxonomy import Taxonomy
from ivr_flows.names import SPECIAL_GROUPS
from reports.records import CallRecord, Filing

SEXES: Final = ("", "male", "female")
CALLER_GROUPS: Final = ("", *SPECIAL_GROUPS, "student", "enterprise", "other")
OUTCOMES: Final = (
    *("answered", "legal_aid", "mediation", "notary", "appraisal"),
    *("other_line", "visit", "complaint"),
)
MOST_SECONDARY: Final = 2
NO_MATTER: Final = "3214"  # nobody asked anything: there is no question to write down
_NAMES = {"main": "主要类别", "question": "咨询问题", "reply": "答复意见", "outcome": "处理结果"}


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What lawyers write. Meanings as in reports.records.CallRecord."""

    name: str = ""
    sex: str = ""
    caller_group: str = ""
    main: str | None = None
    secondary: tuple[str, ...] = ()
    question: str = ""
    reply: str = ""
    outcome: str | None = None
    litigation: bool = False
    petition: bool = False
    follow_up: date | None = None
    identity_confirmed: bool = False


_WRITTEN = Draft.__struct_fields__
_TEXTS = ("question", "reply")


class RecordRefused(Exception):
    """A change that cannot be made; `error` is a stable id."""

    def __init__(self, error: str, message: str) -> None:
        """`message`: one Chinese sentence for the person who asked."""
        super().__init__(message)
        self.error = error
        self.message = message


def draft_of(record: CallRecord) -> Draft:
    """What was written so far."""
    return Draft(**{name: getattr(record, name) for name in _WRITTEN})


def saved(
    record: CallRecord, draft: Draft, *, by: str, now: datetime, taxonomy: Taxonomy
) -> CallRecord:
    """The record with what is written now; the same object when nothing changed."""
    if draft == draft_of(record):
        return record
    if record.is_filed:
        raise RecordRefused("record_filed", "工单已提交，如需更正请填写更正原因。")
    return _written(record, draft, by, now, taxonomy)


def filed(
    record: CallRecord, draft: Draft, *, by: str, now: datetime, reason: str, taxonomy: Taxonomy
) -> tuple[CallRecord, Filing]:
    """The record filed, or corrected for this reason when it was filed before."""
    if record.is_filed and not reason:
        raise RecordRefused("reason_needed", "工单已提交，如需更正请填写更正原因。")
    if missing := missing_of(draft):
        names = "、".join(_NAMES[name] for name in missing)
        raise RecordRefused("record_incomplete", f"请先填写：{names}。")
    written = _written(record, draft, by, now, taxonomy)
    first = {} if record.is_filed else {"filed_at": now, "filed_by": by}
    written = msgspec.structs.replace(written, **first)
    return written, Filing(record=written, at=now, by=by, reason=reason)


def joined(stored: CallRecord, other: CallRecord) -> CallRecord:
    """The stored record with what only another of its call has, when both grew from one that
    neither knew to be written elsewhere; the same object when there is nothing.

    Who came and what was found out holds wherever it was noted. What was written counts when both
    are of one revision: then `other` was never stored. Texts stand one after the other.
    """
    new: dict[str, Any] = {
        "seats": tuple(dict.fromkeys((*stored.seats, *other.seats))),
        "urgent": stored.urgent or other.urgent,
        "identity_confirmed": stored.identity_confirmed or other.identity_confirmed,
    }
    if stored.revision == other.revision and stored.changed_at != other.changed_at:
        new |= {name: _of_both(stored, other, name) for name in _WRITTEN if name not in new}
        new["secondary"] = tuple(one for one in new["secondary"] if new["main"] not in (None, one))
    if all(getattr(stored, name) == value for name, value in new.items()):
        return stored
    by = {"changed_at": max(stored.changed_at, other.changed_at), "changed_by": other.changed_by}
    return msgspec.structs.replace(stored, **new, **by, revision=stored.revision + 1)


def _of_both(stored: CallRecord, other: CallRecord, name: str) -> object:
    kept, written = getattr(stored, name), getattr(other, name)
    if name in _TEXTS and kept and written and written not in kept:
        return f"{kept}\n{written}"
    return kept or written


def missing_of(draft: Draft) -> tuple[str, ...]:
    """Fields without which a record cannot be filed, in the order of the form."""
    needed = ["main"] if draft.main == NO_MATTER else ["main", "question", "outcome"]
    if draft.outcome == "answered" and draft.main != NO_MATTER:
        needed.insert(2, "reply")
    return tuple(name for name in needed if not (getattr(draft, name) or "").strip())


def _written(
    record: CallRecord, draft: Draft, by: str, now: datetime, taxonomy: Taxonomy
) -> CallRecord:
    _check_codes(record, draft, taxonomy)
    for name, known in (("sex", SEXES), ("caller_group", CALLER_GROUPS)):
        if getattr(draft, name) not in known:
            raise RecordRefused("invalid", f"{name} 不在可选范围内。")
    if draft.outcome is not None and draft.outcome not in OUTCOMES:
        raise RecordRefused("invalid", "outcome 不在可选范围内。")
    new = {name: getattr(draft, name) for name in _WRITTEN}
    # who has asked once who calls has asked
    new["identity_confirmed"] = draft.identity_confirmed or record.identity_confirmed
    return msgspec.structs.replace(
        record, **new, revision=record.revision + 1, changed_at=now, changed_by=by
    )


def _check_codes(record: CallRecord, draft: Draft, taxonomy: Taxonomy) -> None:
    codes = [code for code in (draft.main, *draft.secondary) if code]
    if len(draft.secondary) > MOST_SECONDARY or len(set(codes)) < len(codes):
        raise RecordRefused("invalid", "次要类别最多两个，且不得与其他类别重复。")
    if draft.secondary and not draft.main:
        raise RecordRefused("invalid", "请先选择主要类别。")
    had = {record.main, *record.secondary}
    for code in codes:
        item = taxonomy.by_code.get(code)
        if item is None or (item.retired_at and code not in had):
            raise RecordRefused("category_unknown", f"没有可选的类别 {code}。")


def redacted(text: str) -> str:
    """A text without its numbers of five digits and more, for who need not know whose they are."""
    out: list[str] = []
    for part in _runs(text):
        out.append("*" * 4 if part.isdecimal() and len(part) >= 5 else part)
    return "".join(out)


def _runs(text: str) -> Sequence[str]:
    runs: list[str] = []
    for char in text:
        if runs and runs[-1][-1].isdecimal() == char.isdecimal():
            runs[-1] += char
        else:
            runs.append(char)
    return runs
