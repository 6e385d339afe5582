from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

from ivr_flows import model, verbs
from ivr_flows.model import Flow, Step, json_schema, prompts_of, targets
from tests.ivr_flows.flow_files import flow_of

SCHEMA = Path(model.__file__).parent / "flow.schema.json"


def test_the_schema_file_is_that_of_the_models() -> None:
    written = json.loads(SCHEMA.read_text("utf-8"))
    assert written == json_schema(), "run: hotline check --schema > ivr_flows/flow.schema.json"


def test_every_verb_has_a_model_and_an_engine_case() -> None:
    assert set(model.VERBS.values()) == set(get_args(Step))
    for verb, step in model.VERBS.items():
        assert get_args(step.model_fields["do"].annotation) == (verb,)
    passed_at_once = {model.Play, model.Branch, model.GotoFlow, *verbs.NOTED}
    assert set(verbs.ENTERED) == set(get_args(Step)) - passed_at_once
    assert set(verbs.ANSWERED) == set(verbs.AWAITED) == set(verbs.ENTERED) - {model.Hangup}


def test_one_prompt_may_stand_without_a_list() -> None:
    [one, two] = flow_of(
        "a: {do: play, say: hello, next: b}\nb: {do: hangup, say: [x, y]}"
    ).steps.values()
    assert prompts_of(one) == ((("say",), "hello"),)
    assert prompts_of(two) == ((("say",), "x"), (("say",), "y"))


def test_every_way_out_of_a_step_is_named_by_its_field() -> None:
    flow = flow_of(
        """
        a: {do: branch, on_fact: hours, cases: {open: b}, otherwise: c}
        b: {do: menu, say: x, keys: {"1": c}, give_up: d}
        c: {do: queue, group: general, answered: d, message: e}
        d: {do: survey, say: x, again: x, next: f, not_rated: g}
        """
    )
    assert [targets(step) for step in flow.steps.values()] == [
        ((("cases", "open"), "b"), (("otherwise",), "c")),
        ((("keys", "1"), "c"), (("give_up",), "d")),
        ((("answered",), "d"), (("message",), "e")),
        ((("next",), "f"), (("not_rated",), "g")),
    ]


def test_the_first_flow_is_valid_for_other_readers_of_the_schema() -> None:
    # What editors read must name each verb once, with its fields closed.
    definitions = json_schema()["$defs"]
    assert {definitions[name]["properties"]["do"]["const"] for name in definitions} == set(
        model.VERBS
    )
    assert all(part["additionalProperties"] is False for part in definitions.values())
    assert Flow.model_fields.keys() == json_schema()["properties"].keys()


def test_a_fault_is_one_line_with_its_place_and_a_warning_says_so() -> None:
    assert str(model.Fault("f.yaml", 3, "steps.a", "is odd")) == "f.yaml:3: steps.a: is odd"
    warning = model.Fault("f.yaml", 3, "steps.a", "is odd", is_warning=True)
    assert str(warning) == "f.yaml:3: steps.a: warning: is odd"
