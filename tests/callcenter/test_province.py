"""The province folder and the secrets beside it."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.province import ProvinceFaults, load_province, load_trunks
from callcenter.province_secrets import SecretsUnreadable, load_secrets
from callcenter.settings import DEMO_PROVINCE
from seats.source import FileFaults


def test_the_demo_province_is_sound() -> None:
    province = load_province(DEMO_PROVINCE)
    assert {seat.number for seat in province.seats} >= {"8001", "8101", "8201", "8901"}
    assert [(t.name, t.match, t.dialled) for t in province.trunks] == [
        ("demo", ("127.0.0.2",), "12348")
    ]
    assert province.hours(datetime(2026, 2, 17, 13, 10, tzinfo=UTC), "220100") == "open"


def test_a_year_that_nobody_loaded_leads_to_a_person(tmp_path: Path) -> None:
    folder = tmp_path / "province"
    shutil.copytree(DEMO_PROVINCE, folder)
    text = (folder / "calendar.yaml").read_text()
    hours = "hours:\n  - workday: [09:00-17:00]\n    weekend: []\n    holiday: []\n"
    (folder / "calendar.yaml").write_text(text.replace("hours:\n  - daily: [00:00-24:00]\n", hours))
    province = load_province(folder)
    assert province.hours(datetime(2026, 2, 17, 4, 0, tzinfo=UTC), None) == "closed"
    assert province.hours(datetime(2031, 2, 17, 4, 0, tzinfo=UTC), None) == "open"


def test_the_faults_of_every_file_are_told_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "province"
    shutil.copytree(DEMO_PROVINCE, folder)
    (folder / "trunks.yaml").write_text("trunks:\n  - {name: a b, match: [nowhere], dialled: x}\n")
    (folder / "seats.yaml").unlink()
    with pytest.raises(ProvinceFaults) as faults:
        load_province(folder)
    lines = str(faults.value).splitlines()
    assert any("trunks.yaml:2: trunks[1].name" in line for line in lines)
    assert any("trunks.yaml:2: trunks[1].match" in line for line in lines)
    assert any("trunks.yaml:2: trunks[1].dialled" in line for line in lines)
    assert any("seats.yaml:1" in line for line in lines)


def test_a_trunk_lacking_a_field_is_named(tmp_path: Path) -> None:
    file = tmp_path / "trunks.yaml"
    file.write_text("trunks:\n  - {name: demo, match: [127.0.0.2]}\n")
    with pytest.raises(FileFaults, match="dialled"):
        load_trunks(file)


def test_secrets_are_made_once_kept_and_readable_by_the_owner_alone(tmp_path: Path) -> None:
    first = load_secrets(tmp_path, ["8001"])
    second = load_secrets(tmp_path, ["8001", "8002"])
    assert second.ami == first.ami and second.seats["8001"] == first.seats["8001"]
    assert len(second.seats["8002"]) >= 24 and second.seats["8002"] != second.seats["8001"]
    file = tmp_path / "seats.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert second.ami not in repr(second)


def test_what_others_keep_in_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / "seats.json").write_text(json.dumps({"accounts": {"admin": "x"}}))
    load_secrets(tmp_path, ["8001"])
    assert json.loads((tmp_path / "seats.json").read_text())["accounts"] == {"admin": "x"}


@pytest.mark.parametrize("text", ["{", "[]", '{"seats": []}'])
def test_a_file_that_cannot_be_read_is_not_written_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "seats.json").write_text(text)
    with pytest.raises(SecretsUnreadable, match="seats.json"):
        load_secrets(tmp_path, ["8001"])
    assert (tmp_path / "seats.json").read_text() == text
