import io
import json
import random

import pytest

from reports import exchange
from reports.exchange import ImportCounts, Importer, export_lines, numbered_lines
from reports.queries import find
from reports.rebuild import count_calls
from reports.store import Store
from tests.new_database import upgraded
from tests.reports.made import answered, at, call, likely, queued


@pytest.fixture
async def store(tmp_path):
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        yield store


async def imported(store, data):
    faults = []
    importer = Importer(store, on_fault=lambda line, what: faults.append(f"{line}: {what}"))
    return await importer.run(io.BytesIO(data)), faults


async def exported(store):
    return b"".join([lines async for lines in export_lines(store)])


def lines_of(conversations):
    return b"".join(each.to_json() + b"\n" for each in conversations)


async def test_export_into_an_empty_database_exports_the_same_bytes(store, tmp_path):
    made = [*likely(9, 1500), answered("x", zz=[1], recording={"path": "p", "duration_s": 1})]
    random.Random(2).shuffle(made)
    assert await imported(store, lines_of(made)) == (ImportCounts(written=1501), [])
    first = await exported(store)
    async with Store(f"sqlite:///{tmp_path}/second.db") as second:
        await upgraded(second)
        await imported(second, first)
        assert await exported(second) == first
    assert first.count(b"\n") == 1501


async def test_importing_twice_changes_nothing(store):
    data = lines_of(likely(10, 40))
    for _ in range(2):
        assert await imported(store, data) == (ImportCounts(written=40), [])
    assert (await exported(store)).count(b"\n") == 40


async def test_each_fault_is_told_with_its_line_and_every_good_line_is_taken(store):
    good = [answered(f"good-{n}").to_json() for n in range(4)]
    data = b"\n".join(
        [
            b"\xef\xbb\xbf" + good[0],  # a byte order mark, as Excel's friends write it
            good[1] + b"\r",
            b"",
            b"   ",
            b"not json",
            b"\xff\xfe",
            good[2].replace(b'"8001"', b'"80\\u000001"'),
            queued("late", ended_at=at(1)).to_json(),
            call("open", ended_at=None).to_json(),
            good[1].replace(b"labour", b"family"),
            good[1],
            b'{"call_id": "n", "x": NaN}',
            b'"' + b"x" * (10 << 20) + b'"',
            good[3],  # and no line end
        ]
    )
    counts, faults = await imported(store, data)
    assert faults == [
        "5: is not JSON: Expecting value at column 1",
        "6: is not UTF-8",
        "7: holds a NUL character",
        "8: ended_at: is before asked_at",
        "9: ended_at: is missing, only finished calls are imported",
        "10: call_id: was on line 2 already, with other facts",
        "12: is not JSON: NaN is no JSON number",
        "13: is longer than 1048576 bytes",
    ]
    assert counts == ImportCounts(written=3, repeated=1, refused=8)
    assert await count_calls(store) == 3
    assert (await find(store, "good-1")).group == "labour"


async def test_a_stored_newer_revision_is_kept_and_said(store):
    await store.upsert([answered("a-1", revision=6), answered("b-1")])
    counts, faults = await imported(store, lines_of([queued("a-1"), queued("b-1")]))
    assert (counts, faults) == (ImportCounts(written=1, older=1), [])
    assert (await find(store, "a-1")).revision == 6
    assert (await find(store, "b-1")).answered_at is None


async def test_a_value_that_only_the_database_refuses_costs_one_line(store):
    data = lines_of([answered("a"), answered("b"), answered("c")])
    odd = {**json.loads(answered("odd").to_json()), "x": 1}
    # SQLite's integers end at 64 bits; the check before it does not look at this column
    real = exchange.Conversation.from_json

    class Unchecked(exchange.Conversation):
        @classmethod
        def from_json(cls, line):
            found = real(line)
            return found.model_copy(update={"revision": 2**70}) if found.call_id == "odd" else found

    original, exchange.Conversation = exchange.Conversation, Unchecked
    try:
        counts, faults = await imported(store, data + json.dumps(odd).encode() + b"\n")
    finally:
        exchange.Conversation = original
    assert counts == ImportCounts(written=3, refused=1)
    assert faults == ["4: the database refuses a value of this call"]


async def test_an_empty_file_is_no_fault(store):
    assert await imported(store, b"") == (ImportCounts(), [])


@pytest.mark.parametrize("size", [0, 1, 2, 9])
def test_a_line_of_exactly_the_limit_is_taken_and_one_more_is_not(size, monkeypatch):
    monkeypatch.setattr(exchange, "LINE_BYTES", 10)
    data = b"x" * (9 + size) + b"\nnext\n"
    found = list(numbered_lines(io.BytesIO(data)))
    long = None if size > 1 else b"x" * (9 + size)
    assert found == [(1, long), (2, b"next")]
