"""The flows that the hotline runs with, and their scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest

import callcenter
from ivr_flows.catalogue_files import read_catalogue
from ivr_flows.load import FLOWS, load_flows
from ivr_flows.model import VERBS
from ivr_flows.rehearsal import check_scenario_file, rehearse, untouched
from ivr_flows.scenario import SCENARIOS, read_scenario

PROVINCE = Path(callcenter.__file__).parent / "demo" / "province"
CATALOGUE, UNREADABLE = read_catalogue(PROVINCE)
OURS = load_flows(catalogue=CATALOGUE)
FILES = sorted(SCENARIOS.glob("*.yaml"))


def test_our_flows_are_those_of_the_folder_and_name_what_there_is() -> None:
    assert UNREADABLE == []
    assert set(OURS.by_name) == {file.stem for file in FLOWS.glob("*.yaml")}


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_our_flows_go_as_the_scenario_says(file: Path) -> None:
    assert check_scenario_file(file, OURS, CATALOGUE) == []


def test_the_scenarios_touch_every_step_and_key_of_our_flows() -> None:
    touched = set()
    for file in FILES:
        scenario, _, _ = read_scenario(file)
        assert scenario
        touched |= rehearse(scenario, OURS).touched
    assert {name: untouched(flow, touched) for name, flow in OURS.by_name.items()} == dict.fromkeys(
        OURS.by_name, []
    )


def test_our_flows_use_every_verb() -> None:
    verbs = {step.do for flow in OURS.by_name.values() for step in flow.steps.values()}
    assert verbs == set(VERBS)
