"""How calls are found again, on every database."""

from dataclasses import fields
from datetime import timedelta

import pytest

from reports.facts import Survey
from reports.records import put
from reports.search import OUTCOMES, Turn, Wish, keep_transcript, search, transcript
from reports.store import Store
from tests.new_database import upgraded
from tests.reports.made import T0, answered, at, call, queued
from tests.reports.records_contract import record

SAID = (
    Turn("seat", 1.0, 2.5, "您好，12348热线。"),
    Turn("caller", 3.0, 6.0, "老板拖欠工资三个月了。"),
    Turn("caller", 9.0, 11.0, "拖欠工资怎么办？"),
)
CALLS = (
    answered("labour", caller="+864315550123", category="0702"),
    answered("family", caller="+8613900000123", city="222400", group="family", category="0102"),
    answered("later", arrived_at=T0 + timedelta(days=1), caller="+8613900000999"),
    queued("gave-up", caller="+864315550123"),
    call("menu"),
    call("refused", end_stage="blocked"),
    call("going-on", ended_at=None, ended_by=None, end_stage=None, survey=Survey(invited_at=at(9))),
)


def _wished(wish: Wish) -> str:
    said = {one.name: getattr(wish, one.name) for one in fields(wish)}
    return " ".join(f"{name}={value}" for name, value in said.items() if value) or "everything"


class SearchContract:
    """Subclasses give a fixture `address`: DATABASE_URL of an empty database for each test."""

    @pytest.fixture
    async def store(self, address):
        async with Store(address) as store:
            await upgraded(store)
            await store.upsert(CALLS)
            filed = record("family", main="0102", filed_at=at(300), filed_by="wang")
            await put(store, [record("labour", main="0702"), filed])
            yield store

    @pytest.mark.parametrize(
        ("wish", "found"),
        [
            (Wish(), {one.call_id for one in CALLS}),
            (Wish(first=T0 + timedelta(hours=1)), {"later"}),
            (Wish(before=T0 + timedelta(hours=1), outcome="answered"), {"labour", "family"}),
            (Wish(number="0123"), {"labour", "family", "gave-up"}),
            *(
                (Wish(number=f"{prefix}4315550123"), {"labour", "gave-up"})
                for prefix in ("0", "0086")
            ),
            (Wish(number="13900000999"), {"later"}),
            (Wish(number="%"), set()),
            (Wish(city="222400"), {"family"}),
            (Wish(group="family"), {"family"}),
            (Wish(seat="8001"), {"labour", "family", "later"}),
            (Wish(seat="8009"), set()),
            (Wish(category="07"), {"labour"}),
            (Wish(category="0102"), {"family"}),
            (Wish(record="open"), {"labour"}),
            (Wish(record="filed"), {"family"}),
            (Wish(record="filed", of_seat="8009"), set()),
            (Wish(outcome="abandoned"), {"gave-up"}),
            (Wish(outcome="ivr"), {"menu"}),
            (Wish(outcome="blocked"), {"refused"}),
            (Wish(outcome="running"), {"going-on"}),
            (Wish(outcome="overflow"), set()),
            (Wish(of_city="222400"), {"family"}),
            (Wish(of_city="222400", city="220100"), set()),
            (Wish(of_seat="8001", number="999"), {"later"}),
            (Wish(of_seat="8009"), set()),
        ],
        ids=lambda value: _wished(value) if isinstance(value, Wish) else "",
    )
    async def test_calls_are_found_by(self, store, wish, found):
        page = await search(store, wish, limit=50)
        assert {one.call_id for one in page.calls} == found
        assert page.total == len(found)
        assert page.records.keys() == found & {"labour", "family"}

    async def test_each_call_has_one_outcome_at_least(self, store):
        pages = [await search(store, Wish(outcome=one), limit=50) for one in OUTCOMES]
        seen = {one.call_id for page in pages for one in page.calls}
        assert seen == {one.call_id for one in CALLS}

    async def test_pages_follow_each_other_newest_first(self, store):
        whole = (await search(store, Wish(), limit=50)).calls
        parts = [await search(store, Wish(), limit=2, offset=n) for n in range(0, 8, 2)]
        assert [one.call_id for page in parts for one in page.calls] == [
            one.call_id for one in whole
        ]
        assert whole[0].call_id == "later"

    async def test_words_are_found_where_they_were_said(self, store):
        await keep_transcript(store, "labour", SAID)
        page = await search(store, Wish(words="拖欠工资"), limit=50)
        assert [one.call_id for one in page.calls] == ["labour"]
        assert page.words["labour"] == SAID[1]
        assert (await search(store, Wish(words="欠_资"), limit=50)).total == 0
        assert await transcript(store, "labour") == list(SAID)
        assert await transcript(store, "family") == []

    async def test_a_text_written_anew_replaces_the_old_one(self, store):
        await keep_transcript(store, "labour", SAID)
        await keep_transcript(store, "labour", SAID[:1])
        assert await transcript(store, "labour") == [SAID[0]]
        assert (await search(store, Wish(words="拖欠"), limit=50)).total == 0

    async def test_a_later_revision_of_the_call_keeps_what_was_said(self, store):
        await keep_transcript(store, "labour", SAID)
        await store.upsert([CALLS[0].model_copy(update={"revision": 5})])
        assert await transcript(store, "labour") == list(SAID)
