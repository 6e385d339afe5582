"""The law texts lawyers are shown: where they come from, since when they hold, what they fit."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from callcenter.records.laws import BUILT_IN, LawFaults, Laws, LawsOfProvince, load_laws, read
from callcenter.records.taxonomy import built_in

DAY = date(2026, 11, 22)
NO_LAW_FOR = {  # items that are no matter of law, or of no law of the state
    "0903",  # new forms of work: no law of their own yet, the general ones are shown
    "0904",
    "2407",
    "3205",
    "3207",
    "3208",
    "3209",
}
ARTICLE = re.compile(r"第[零一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?")
HEADING = re.compile(r"^第[零一二三四五六七八九十百]+(?:编|分编|章|节)", re.MULTILINE)


@pytest.fixture(scope="module")
def laws() -> Laws:
    return load_laws(Path("nowhere"))


@pytest.fixture(scope="module")
def file() -> Sequence[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.load(BUILT_IN.read_text("utf-8"), yaml.CSafeLoader)
    return found


def test_each_law_tells_its_version_and_with_what_it_was_compared(
    file: Sequence[dict[str, Any]],
) -> None:
    for law in file:
        assert set(law) - {"until"} == {
            "law",
            "version",
            "in_force",
            "sources",
            "compared",
            "articles",
        }, law["law"]
        assert date(1990, 1, 1) < law["version"] <= law["in_force"], law["law"]
        assert law["in_force"] <= law.get("until", date.max), law["law"]
        assert law["version"] <= law["compared"], law["law"]
        assert len(set(law["sources"])) >= 2, f"{law['law']}: compared with no second source"
        assert law["articles"], law["law"]


def test_each_article_is_whole_and_only_itself(laws: Laws) -> None:
    for one in laws.articles:
        name = one.law + one.article
        assert ARTICLE.fullmatch(one.article), name
        assert len(one.text) >= 10 and one.text.endswith(("。", "；")), name
        assert not HEADING.search(one.text), f"{name}: a heading of the next part"
        assert not one.text.startswith(one.article), name
        assert not re.search(r"[ \t\u3000()]", one.text), f"{name}: spaces or narrow brackets"
        points = [line for line in one.text.splitlines() if line.startswith("（一）")]
        assert not points or "（二）" in one.text, f"{name}: a list of one"


def test_no_article_is_there_twice_on_a_day(laws: Laws) -> None:
    for day in (DAY, date(2027, 1, 1)):
        found = Counter((one.law, one.article) for one in laws.on(day).articles)
        assert [name for name, times in found.items() if times > 1] == []


def test_every_law_names_codes_of_the_list(laws: Laws) -> None:
    items = built_in().items
    known = {item.code for item in items} | {item.category for item in items}
    assert len(laws.articles) > 400
    assert {code for article in laws.articles for code in article.codes} <= known


@pytest.mark.parametrize("category", sorted({item.category for item in built_in().items}))
def test_each_category_has_three_articles_of_its_own(laws: Laws, category: str) -> None:
    found = laws.on(DAY).of([category], limit=3)
    assert len(found) == 3
    assert all(category in one.codes for one in found)


def test_each_item_of_law_has_an_article_of_its_own(laws: Laws) -> None:
    having = {code for one in laws.on(DAY).articles for code in one.codes}
    lacking = {item.code for item in built_in().items} - having
    assert lacking <= NO_LAW_FOR


def test_articles_of_the_very_item_come_first_then_those_near_it(laws: Laws) -> None:
    found = laws.of(["0401"], limit=30)
    assert "0401" in found[0].codes
    kinds = [0 if "0401" in a.codes else 1 if "04" in a.codes else 2 for a in found]
    assert kinds == sorted(kinds)
    assert set(kinds) == {0, 1, 2}
    assert all(any(code.startswith("04") for code in a.codes) for a in found)
    assert len(laws.of(["0401", "0702"], limit=3)) == 3
    assert laws.of([]) == []


def test_a_law_that_is_passed_is_shown_from_the_day_it_holds(laws: Laws) -> None:
    """The trademark law of 2026 takes the place of the one of 2019 on the first of January 2027."""

    def shown(day: date) -> list[str]:
        return [one.article for one in laws.on(day).of(["2702"]) if "2702" in one.codes]

    assert shown(date(2026, 12, 31)) == ["第五十七条"]
    assert shown(date(2027, 1, 1)) == ["第七十二条"]


def test_texts_change_at_midnight_and_with_the_file(tmp_path: Path) -> None:
    day = date(2026, 12, 31)
    province = LawsOfProvince(lambda: tmp_path, lambda: day)
    before = province.now()
    assert province.now() is before
    day = date(2027, 1, 1)
    assert province.now().articles != before.articles
    own = tmp_path / "laws.yaml"
    own.write_text(
        "- law: 吉林省某条例\n  version: 2025-01-01\n  articles:\n"
        '    - {article: 第一条, for: ["01"], text: "为了……"}\n',
        "utf-8",
    )
    assert [one.law for one in province.now().articles] == ["吉林省某条例"]
    own.write_text("- law: [", "utf-8")
    os.utime(own, ns=(1, 1))
    assert [one.law for one in province.now().articles] == ["吉林省某条例"]


def test_a_province_may_have_laws_of_its_own(tmp_path: Path) -> None:
    own = "- law: 吉林省某条例\n  version: 2025-01-01\n{}  articles:\n"
    one = '    - {article: 第一条, for: ["01"], text: "为了……"}\n'
    (tmp_path / "laws.yaml").write_text(own.format("") + one, "utf-8")
    assert [one.law for one in load_laws(tmp_path).articles] == ["吉林省某条例"]
    assert load_laws(tmp_path).on(date(1900, 1, 1)).articles
    for text in ("- law: [", own.format("  in_force: 明年\n") + one):
        (tmp_path / "laws.yaml").write_text(text, "utf-8")
        with pytest.raises(LawFaults, match=r"laws\.yaml"):
            read(tmp_path / "laws.yaml")
