"""Nobody is there: the policy's stages lead out of the line, on the real Asterisk.

Callers of three cities ask for three groups, each with a way out of its own.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from callcenter.bench.load import free_ports
from callcenter.settings import DEMO_PROVINCE
from reports.facts import Conversation
from tests.real.asterisk_node import TRUNK_HOST
from tests.real.house import House

FLOW = """
flow: main
version: 1
title: 无人接听
start: where
steps:
  where:
    do: branch
    on_fact: city
    cases: {"220100": labour, "220200": family}
    otherwise: contract
  labour:
    do: queue
    group: labour
    say: transfer
    callback: callback
    message: message
    answered: goodbye
  family:
    do: queue
    group: family
    say: transfer
    callback: callback
    message: message
    answered: goodbye
  contract:
    do: queue
    group: contract
    say: transfer
    callback: callback
    message: message
    answered: goodbye
  callback:
    do: callback
    ask_number: callback_number
    say: callback
    limit_s: 60
    next: saved
    give_up: contract
  message: {do: message, say: message, limit_s: 5, next: saved}
  saved: {do: play, say: callback_saved, next: goodbye}
  goodbye: {do: hangup, say: goodbye}
"""
GROUPS = {
    "labour": [{"who": "line", "line": "oncall", "after_s": 3}],
    "family": [
        {"who": "line", "line": "away", "after_s": 3},
        {"who": "message", "after_s": 9},
    ],
    "contract": [{"who": "callback", "after_s": 3}],
}
ONCALL, AWAY = "127.0.0.3", "127.0.0.4"
AT_LINE, AT_MESSAGE, TO_CALL_BACK = "+864315550171", "+864325550172", "+864345550173"


def _province(folder: Path, ports: dict[str, int]) -> Path:
    shutil.copytree(DEMO_PROVINCE, folder)
    trunks = [
        {"name": "demo", "match": [TRUNK_HOST], "dialled": "12348"},
        *(
            {"name": name, "match": [host], "dialled": "12348", "outbound": f"sip:{host}:{port}"}
            for (host, port), name in zip(ports.items(), ("oncall", "away"), strict=True)
        ),
    ]
    (folder / "trunks.yaml").write_text(json.dumps({"trunks": trunks}), "utf-8")
    lines = {
        name: {"title": name, "number": "12349", "trunk": name, "hours": "always"}
        for name in ("oncall", "away")
    }
    (folder / "lines.yaml").write_text(json.dumps({"lines": lines}), "utf-8")
    policy = yaml.safe_load((folder / "routing.yaml").read_text("utf-8"))
    policy["default"]["stages"] = [{"who": "provincial"}]
    policy["groups"] = {
        group: {"stages": [{"who": "provincial"}, *ways_out]} for group, ways_out in GROUPS.items()
    }
    (folder / "routing.yaml").write_text(yaml.safe_dump(policy), "utf-8")
    return folder


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "main.yaml").write_text(FLOW, "utf-8")
    ports = {host: free_ports(1, host)[0] for host in (ONCALL, AWAY)}
    whole = House(tmp_path / "house", flows=flows, province=_province(tmp_path / "province", ports))
    try:
        whole.start()
        whole.sipp.outside(ONCALL, ports[ONCALL], answer_after_s=0.5, talk_s=4)
        whole.sipp.outside(AWAY, ports[AWAY], answer_after_s=0.2, decline=486)
        yield whole
    finally:
        whole.close()


def test_with_nobody_there_a_line_a_message_and_a_callback_take_over(house: House) -> None:
    for caller, stays_s in ((AT_LINE, None), (AT_MESSAGE, None), (TO_CALL_BACK, 30)):
        house.sipp.citizen(caller=caller, hangup_after_s=stays_s)
    ended = {call.caller: call for call in house.ended(3, timeout_s=90)}

    at_line = ended[AT_LINE]
    assert [(t.line, t.outcome, t.in_line) for t in at_line.transfers] == [
        ("oncall", "answered", True)
    ]
    assert at_line.answered_at and 2.5 < _s(at_line, at_line.transfers[0].at) < 8

    at_message = ended[AT_MESSAGE]
    assert [(t.line, t.outcome) for t in at_message.transfers] == [("away", "busy")]
    assert at_message.overflow == "message" and at_message.answered_at is None
    # once led out of the line, the place in it had been kept: one stay, from the first asking on
    assert len(at_message.stints) == 1

    to_call_back = ended[TO_CALL_BACK]
    assert to_call_back.overflow == "callback"
    assert [one["group"] for one in house.live()["callbacks"]] == ["contract"]


def _s(call: Conversation, at: object) -> float:
    assert call.asked_at
    return (at - call.asked_at).total_seconds()  # type: ignore[operator, no-any-return]
