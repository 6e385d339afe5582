"""The province folder and the secrets beside it."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.province import ProvinceFaults, dialled_place, load_province, load_trunks
from callcenter.province_secrets import SecretsUnreadable, load_secrets
from callcenter.settings import DEMO_PROVINCE
from seats.policy import DEFAULT, Stage, Who
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


LINES = "lines:\n  police: {title: 报警, number: '110', trunk: demo}\n"
SERVICES = """services:
  orders:
    title: 工单进度
    url: http://127.0.0.1:8349/progress
    send: [order_number]
    facts: {order_state: [done, none]}
"""


def province_with(folder: Path, **files: str) -> Path:
    """The demo's, with other files in it; without what may be absent unless it is given."""
    shutil.copytree(DEMO_PROVINCE, folder)
    for name in ("lines", "services", "routing"):
        (folder / f"{name}.yaml").unlink(missing_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def test_lines_and_services_may_be_absent_or_are_read_with_the_rest(tmp_path: Path) -> None:
    without = load_province(province_with(tmp_path / "a"))
    assert (without.lines, without.services) == ({}, {})
    province = load_province(province_with(tmp_path / "b", lines=LINES, services=SERVICES))
    assert (province.lines["police"].number, province.lines["police"].hours) == ("110", "always")
    assert province.services["orders"].facts == {"order_state": ("done", "none")}


ROUTING = """default:
  stages:
    - {who: provincial}
    - {who: line, line: police, after_s: 60}
"""


def test_a_province_without_a_policy_has_that_of_the_program(tmp_path: Path) -> None:
    assert load_province(province_with(tmp_path / "a")).policy == DEFAULT
    province = load_province(province_with(tmp_path / "b", lines=LINES, routing=ROUTING))
    assert province.policy.default.stages == (
        Stage(Who.PROVINCIAL),
        Stage(Who.LINE, 60.0, line="police"),
    )


def test_a_policy_is_checked_with_seats_and_lines(tmp_path: Path) -> None:
    routing = ROUTING + "catch_all: tax\n"
    with pytest.raises(ProvinceFaults) as faults:
        load_province(province_with(tmp_path / "a", routing=routing))
    told = str(faults.value).splitlines()
    assert [line.rpartition("/")[2] for line in told] == [
        "routing.yaml:4: default.stages[2].line: 'police' is not in lines.yaml (empty)",
        "routing.yaml:5: catch_all: 'tax' is a group that no seat serves",
    ]


def test_faults_of_lines_and_services_are_told_with_the_others(tmp_path: Path) -> None:
    folder = province_with(
        tmp_path / "p",
        lines=LINES + "  gov: {title: 政务, number: x, trunk: demo}\n",
        services=SERVICES.replace("127.0.0.1", "10.0.0.9"),
        seats="",
    )
    with pytest.raises(ProvinceFaults) as faults:
        load_province(folder)
    lines = str(faults.value).splitlines()
    assert any("seats.yaml:1" in line for line in lines)
    assert any("lines.yaml:3: lines.gov.number" in line for line in lines)
    assert any("services.yaml:4: services.orders.url" in line for line in lines)


def test_a_line_needs_a_trunk_that_calls_out(tmp_path: Path) -> None:
    trunks = "trunks:\n  - {name: demo, match: [127.0.0.2], dialled: '12348'}\n"
    folder = province_with(tmp_path / "p", lines=LINES, trunks=trunks)
    with pytest.raises(
        ProvinceFaults, match=r"lines.yaml:2: lines.police.trunk: the trunk demo has no `outbound`"
    ):
        load_province(folder)


@pytest.mark.parametrize(
    ("outbound", "is_good"),
    [
        ("sip:10.0.0.9:5060", True),
        ("sip:carrier.example.org", True),
        ("10.0.0.9:5060", False),
        ("sip:10.0.0.9;transport=tcp", False),
        ("sips:10.0.0.9", False),
        ("''", False),
    ],
)
def test_where_a_trunk_calls_out_to_is_one_plain_address(
    tmp_path: Path, outbound: str, is_good: bool
) -> None:
    file = tmp_path / "trunks.yaml"
    trunk = (
        f"  - name: demo\n    match: [127.0.0.2]\n    dialled: '12348'\n    outbound: {outbound}"
    )
    file.write_text(f"trunks:\n{trunk}\n")
    if is_good:
        assert load_trunks(file)[0].outbound == outbound
    else:
        with pytest.raises(FileFaults, match=r"trunks.yaml:5: trunks\[1\].outbound"):
            load_trunks(file)


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


def test_secrets_of_supervisors_lie_apart_from_those_of_seats(tmp_path: Path) -> None:
    kept = load_secrets(tmp_path, ["8001"], ["7001"])
    assert set(kept.seats) == {"8001"} and len(kept.supervisors["7001"]) >= 24
    assert load_secrets(tmp_path, ["8001"]).supervisors == kept.supervisors
    assert kept.supervisors["7001"] not in repr(kept)


def test_what_others_keep_in_the_file_stays(tmp_path: Path) -> None:
    (tmp_path / "seats.json").write_text(json.dumps({"accounts": {"admin": "x"}}))
    load_secrets(tmp_path, ["8001"])
    assert json.loads((tmp_path / "seats.json").read_text())["accounts"] == {"admin": "x"}


def test_keys_of_services_are_handed_on_and_never_shown(tmp_path: Path) -> None:
    assert load_secrets(tmp_path, []).services == {}
    file = tmp_path / "seats.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "services": {"orders": "k3y"}}))
    kept = load_secrets(tmp_path, [])
    assert kept.services == {"orders": "k3y"} and "k3y" not in repr(kept)


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"seats": []}', '{"services": []}', '{"services": {"orders": "a\\nb"}}'],
)
def test_a_file_that_cannot_be_read_is_not_written_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "seats.json").write_text(text)
    with pytest.raises(SecretsUnreadable, match="seats.json"):
        load_secrets(tmp_path, ["8001"])
    assert (tmp_path / "seats.json").read_text() == text


def test_a_trunk_and_each_number_dialled_through_it_stand_for_a_place(tmp_path: Path) -> None:
    file = tmp_path / "trunks.yaml"
    file.write_text(
        "trunks:\n  - name: jilin\n    match: [10.0.0.1]\n    dialled: '12348'\n"
        "    city: 220100\n    cities: {'043312348': 222400, '043912348': cbs}\n"
    )
    trunks = load_trunks(file)
    asked = ("12348", "043312348", "043912348", "")
    found = [dialled_place(trunks, "jilin", dialled) for dialled in asked]
    assert found == ["220100", "222400", "cbs", "220100"]
    assert dialled_place(trunks, "other", "12348") is None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("city: 999999", r"trunks.yaml:5: trunks\[1\].city: '999999' is no place"),
        ("city: 220000", r"trunks.yaml:5: trunks\[1\].city: '220000' is no place"),
        ("cities: {'x y': cbs}", r"trunks.yaml:5: trunks\[1\].cities: 'x y' is no number"),
        ("cities: {'0433': no}", r"trunks.yaml:5: trunks\[1\].cities.0433: 'no' is no place"),
    ],
)
def test_a_place_that_is_none_is_told_with_its_line(tmp_path: Path, line: str, fault: str) -> None:
    file = tmp_path / "trunks.yaml"
    file.write_text(
        f"trunks:\n  - name: jilin\n    match: [10.0.0.1]\n    dialled: '12348'\n    {line}\n"
    )
    with pytest.raises(FileFaults, match=fault):
        load_trunks(file)
