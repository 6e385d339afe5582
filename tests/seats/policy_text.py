"""A routing.yaml without fault, and what is said of one, for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.names import SPECIAL_GROUPS
from seats.policy import (
    Policy,
)
from seats.policy_file import Known, load_policy
from seats.seat import Level, Seat
from seats.source import FileFaults

GOOD = """\
version: 3
catch_all: general
neighbours:
  220100: [220200, 220300]
head_start_s: {elderly: 600}
callback: {first: seat, tries: 2, every_s: 60, ring_s: 20, from: 09:00, to: "18:30"}
assume: {talk_s: 1800, waiting: 20}
default:
  stages:
    - {who: city}
    - {who: neighbours, after_s: 20}
    - {who: provincial, when: {queue_at_least: 3, longest_wait_s: 40, loss_rate: 0.25}}
    - {who: provincial, after_s: 30}
    - {who: provincial, after_s: 45, by_catch_all: true}
    - {who: line, line: oncall, after_s: 120}
    - {who: callback, after_s: 180}
groups:
  labour:
    order: skill_level
    sticky: {days: 30, for_s: 20}
    language_for_s: 10
    stages:
      - {who: municipal}
      - {who: message, after_s: 60}
"""


def seat(number: str, city: str | None, *skills: str) -> Seat:
    level = Level.PROVINCIAL if city is None else Level.MUNICIPAL
    return Seat(number, level, city, frozenset(skills), frozenset({"zh-CN"}), number)


SEATS = (seat("8001", "220100", "labour"), seat("8901", None, "labour", "general"))
KNOWN = Known(SEATS, ("oncall", "night"), SPECIAL_GROUPS)


def policy_of(tmp_path: Path, text: str, known: Known = KNOWN) -> Policy:
    path = tmp_path / "routing.yaml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path, known)


def faults_of(tmp_path: Path, text: str | bytes, known: Known = KNOWN) -> list[str]:
    path = tmp_path / "routing.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FileFaults) as found:
        load_policy(path, known)
    assert all(str(fault).startswith(f"{path}:") for fault in found.value.faults)
    assert all("\n" not in str(fault) for fault in found.value.faults)
    return [str(fault).removeprefix(f"{path}:") for fault in found.value.faults]
