"""The list of categories: its size, its faults; a code never comes to mean another matter."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.records.taxonomy import TaxonomyFaults, built_in, read, replaced
from callcenter.records.taxonomy_store import FRESH_S, TaxonomyInForce, load, take
from ivr_flows.names import GROUPS
from reports import audit
from reports.store import Store
from tests.new_database import upgraded

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HEAD = "cat,cat_name,item,item_name,queue\n"
OWN = HEAD + "01,家事,0101,离婚,家事\n01,家事,0102,抚养,家事\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "own.csv"
    path.write_text(text, "utf-8")
    return path


def test_built_in_list_has_32_categories_and_246_items() -> None:
    items = built_in().items
    assert len(items) == 246
    assert len({item.category for item in items}) == 32
    assert built_in().name_of("0702") == "劳动报酬与社保福利·农民工欠薪"
    assert built_in().name_of("9999") is None


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_of_the_menu_has_categories_of_its_own(group: str) -> None:
    assert built_in().categories_of(group)


def test_nobody_knows_what_callers_of_no_group_ask_about() -> None:
    assert built_in().categories_of(None) == ()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "1: holds no items"),
        ("cat,cat_name,item,queue\n01,家事,0101,家事\n", "1: has no column item_name"),
        (HEAD + "1,家事,0101,离婚,家事\n", "2: cat '1' is not two digits"),
        (HEAD + "01,家事,0201,离婚,家事\n", "2: item '0201' is not 01 and two digits"),
        (OWN + "01,家事,0101,又一个,家事\n", "4: item 0101 comes twice"),
        (OWN + "01,婚姻,0103,探望,家事\n", "4: category 01 is named 家事 above"),
        (OWN + "01,家事,0103,,家事\n", "4: item_name is empty or longer than 60 characters"),
    ],
)
def test_fault_in_a_list_is_named_with_its_line(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(TaxonomyFaults) as found:
        read(written(tmp_path, text))
    assert found.value.faults == (what,)


def test_what_a_new_list_lacks_is_retired_and_keeps_its_name(tmp_path: Path) -> None:
    old = read(written(tmp_path, OWN))
    new = read(written(tmp_path, HEAD + "01,家事,0101,离婚,家事\n01,家事,0103,收养,家事\n"))
    whole = replaced(old, new, NOW)
    assert [item.code for item in whole.chosen_from] == ["0101", "0103"]
    assert whole.by_code["0102"].retired_at == NOW
    assert whole.name_of("0102") == "家事·抚养"
    # and comes back as the same matter only
    assert replaced(whole, old, NOW).by_code["0102"].retired_at is None
    other = read(written(tmp_path, OWN.replace("抚养", "继承")))
    with pytest.raises(TaxonomyFaults, match="0102: is 抚养 already"):
        replaced(whole, other, NOW, rename=True)


def test_a_code_in_use_gets_a_better_name_only_when_that_is_said(tmp_path: Path) -> None:
    old = read(written(tmp_path, OWN))
    new = read(written(tmp_path, OWN.replace("抚养", "抚养费")))
    with pytest.raises(TaxonomyFaults, match="never used for another matter"):
        replaced(old, new, NOW)
    assert replaced(old, new, NOW, rename=True).name_of("0102") == "家事·抚养费"


async def test_own_list_is_kept_in_the_database_and_its_import_audited(tmp_path: Path) -> None:
    path = written(tmp_path, OWN)
    async with Store(f"sqlite+aiosqlite:///{tmp_path}/t.db") as store:
        await upgraded(store)
        assert await load(store) == built_in()
        own = read(path)
        with pytest.raises(TaxonomyFaults):
            await take(store, own, by="李梅", now=NOW)
        seconds = 0.0
        in_force = TaxonomyInForce(store, clock=lambda: seconds)
        assert await in_force.look() == built_in()
        whole = await take(store, own, by="李梅", now=NOW, rename=True)
        assert len(whole.items) == 246 and len(whole.chosen_from) == 2
        assert await in_force.look() == built_in()  # asked a moment ago
        seconds = FRESH_S
        assert await in_force.look() == whole
        assert [one.action for one in await audit.entries(store)] == ["import_taxonomy"]
    Path(tmp_path / "t.db").unlink()
    seconds = 2 * FRESH_S
    assert await in_force.look() == whole  # without the database what was known last
