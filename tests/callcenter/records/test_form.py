"""What a record may hold, when it may be filed, and how it is corrected."""

from __future__ import annotations

from dataclasses import replace as with_fields
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from callcenter.records.form import (
    Draft,
    RecordRefused,
    draft_of,
    filed,
    missing_of,
    redacted,
    saved,
)
from callcenter.records.taxonomy import Taxonomy, built_in
from reports.records import CallRecord

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
T1 = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
NEW = CallRecord(
    call_id="a-1",
    revision=1,
    seat="8001",
    seats=("8001",),
    answered_at=T0,
    changed_at=T0,
    changed_by="8001",
)
WHOLE = Draft(
    name="来电人",
    sex="female",
    caller_group="migrant_worker",
    main="0702",
    secondary=("0601", "3007"),
    question="欠薪",
    reply="投诉或仲裁",
    outcome="answered",
    litigation=True,
    follow_up=date(2026, 3, 9),
)


def save(record: CallRecord, draft: Draft) -> CallRecord:
    return saved(record, draft, by="wang", now=T1, taxonomy=built_in())


def file(record: CallRecord, draft: Draft, reason: str = "") -> CallRecord:
    return filed(record, draft, by="wang", now=T1, reason=reason, taxonomy=built_in())[0]


def with_(draft: Draft, **changes: Any) -> Draft:
    return msgspec.structs.replace(draft, **changes)


def test_what_is_written_is_the_next_revision_and_nothing_new_is_none() -> None:
    record = save(NEW, WHOLE)
    assert (record.revision, record.changed_by, record.changed_at) == (2, "wang", T1)
    assert draft_of(record) == WHOLE
    assert save(record, WHOLE) is record
    assert not record.is_filed


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"sex": "x"}, "invalid"),
        ({"caller_group": "x"}, "invalid"),
        ({"outcome": "x"}, "invalid"),
        ({"main": "9999"}, "category_unknown"),
        ({"secondary": ("0702",)}, "invalid"),
        ({"secondary": ("0601", "0601")}, "invalid"),
        ({"secondary": ("0601", "0602", "0603")}, "invalid"),
        ({"secondary": ("9999",)}, "category_unknown"),
        ({"main": None, "secondary": ("0601",)}, "invalid"),
    ],
)
def test_what_is_not_in_the_lists_is_refused(change: dict[str, Any], error: str) -> None:
    with pytest.raises(RecordRefused) as refused:
        save(NEW, with_(WHOLE, **change))
    assert refused.value.error == error


def test_retired_item_stays_where_it_was_and_is_chosen_no_more() -> None:
    items = tuple(
        with_fields(item, retired_at=T0) if item.code == "0702" else item
        for item in built_in().items
    )
    shorter = Taxonomy(items)
    had = save(NEW, WHOLE)
    again = with_(WHOLE, question="另问")
    assert saved(had, again, by="wang", now=T1, taxonomy=shorter).main == "0702"
    with pytest.raises(RecordRefused):
        saved(NEW, WHOLE, by="wang", now=T1, taxonomy=shorter)


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, ()),
        ({"main": None, "secondary": ()}, ("main",)),
        ({"question": " \n"}, ("question",)),
        ({"outcome": None}, ("outcome",)),
        ({"reply": ""}, ("reply",)),
        ({"reply": "", "outcome": "mediation"}, ()),
        ({"main": "3214", "question": "", "reply": "", "outcome": None}, ()),
    ],
)
def test_filing_needs_matter_question_and_outcome(
    change: dict[str, Any], missing: tuple[str, ...]
) -> None:
    draft = with_(WHOLE, **change)
    assert missing_of(draft) == missing
    if missing:
        with pytest.raises(RecordRefused) as refused:
            file(NEW, draft)
        assert refused.value.error == "record_incomplete"
    else:
        assert file(NEW, draft).is_filed


def test_filed_record_changes_by_corrections_with_a_reason_only() -> None:
    record = file(NEW, WHOLE)
    assert (record.filed_at, record.filed_by, record.revision) == (T1, "wang", 2)
    better = with_(WHOLE, reply="更正后的答复")
    with pytest.raises(RecordRefused) as refused:
        save(record, better)
    assert refused.value.error == "record_filed"
    with pytest.raises(RecordRefused) as refused:
        file(record, better)
    assert refused.value.error == "reason_needed"
    later = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
    corrected, filing = filed(
        record, better, by="zhao", now=later, reason="答复有误", taxonomy=built_in()
    )
    assert (corrected.filed_at, corrected.filed_by) == (T1, "wang")
    assert (corrected.changed_by, corrected.revision) == ("zhao", 3)
    assert (filing.reason, filing.record, filing.at) == ("答复有误", corrected, later)


def test_who_has_asked_who_calls_need_not_ask_again() -> None:
    asked = msgspec.structs.replace(NEW, identity_confirmed=True)
    assert save(asked, WHOLE).identity_confirmed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("电话13812345678，2026年3月欠薪12000元", "电话****，2026年3月欠薪****元"),
        ("身份证22010119900101123X", "身份证****X"),
        ("", ""),
        ("欠薪1234元", "欠薪1234元"),
    ],
)
def test_long_numbers_are_left_out_for_others(text: str, told: str) -> None:
    assert redacted(text) == told
