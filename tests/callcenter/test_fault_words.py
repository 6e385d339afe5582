"""Whatever the checks find can be read by those who know no English."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Any

import pytest

from callcenter.catalogue import catalogue_here
from callcenter.flows.fault_words import in_chinese
from callcenter.flows.policies import Here, Policies
from callcenter.province import load_province
from callcenter.settings import DEMO_PROVINCE
from ivr_flows.catalogue import Catalogue
from ivr_flows.load import FLOWS, FlowsRefused, check_texts
from ivr_flows.rewriting import rewritten
from ivr_flows.yaml_source import read_bytes

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TEXTS = {file.stem: file.read_text("utf-8") for file in sorted(FLOWS.glob("*.yaml"))}


@cache
def catalogue() -> Catalogue:
    return catalogue_here(DEMO_PROVINCE)[0]


def spoilt(value: Any, draw: Random) -> Any:
    if isinstance(value, dict):
        kept = {key: spoilt(one, draw) for key, one in value.items() if draw.random() > 0.04}
        if draw.random() < 0.03:
            kept[draw.choice(["9", "x", "say", "wait_s"])] = draw.choice(["goodbye", 99, {}, ["Q"]])
        return kept
    if isinstance(value, list):
        return [spoilt(one, draw) for one in value]
    if draw.random() < 0.06:
        return draw.choice(["goodbye", "Nowhere!", "survey", "labour", 0, -3, 4, 999, "", True])
    return value


# Always the same seeds: a sentence that nobody has seen yet shall not fail somebody else's work.
@pytest.mark.parametrize("seed", range(60))
def test_faults_of_flows_are_told_in_chinese(seed: int) -> None:
    draw = Random(seed)
    name = draw.choice(list(TEXTS))
    data = read_bytes(TEXTS[name].encode(), file=name).data
    text = rewritten(TEXTS[name], spoilt(data, draw))
    for fault in check_texts({name: text}, catalogue=catalogue(), beside=TEXTS):
        assert CHINESE.search(in_chinese(fault.what)), fault.what


@cache
def policies() -> Policies:
    found = load_province(DEMO_PROVINCE)
    here = Here(found.routable, found.policy, "")
    return Policies(lambda: here)


@pytest.mark.parametrize("seed", range(60))
def test_faults_of_policies_are_told_in_chinese(seed: int) -> None:
    text = (DEMO_PROVINCE / "routing.yaml").read_text("utf-8")
    data = read_bytes(text.encode(), file="routing").data
    raw = rewritten(text, spoilt(data, Random(seed))).encode()
    try:
        policies().submitted(raw, shown="routing.yaml", expected=2)
    except FlowsRefused as refused:
        for fault in refused.faults:
            assert CHINESE.search(in_chinese(fault.what)), fault.what


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("there is no step menue", "没有名为 menue 的步骤"),
        (
            "there is no group law; known: family, labour",
            "没有名为 law 的业务组；可用：family, labour",
        ),
        (
            "the text names the key 9, which does nothing here in ko-KR",
            "提示语里说可按 9，但这里没有这个按键（朝鲜语）",
        ),
        ("should be less than or equal to 5, not 9", "应不大于 5，不能是 9"),
        ("the prompt hi has no audio: make /somewhere/hi.wav", "提示语 hi 没有录音文件"),
        ("something quite new", "something quite new"),
    ],
)
def test_what_a_fault_is_called(what: str, words: str) -> None:
    assert in_chinese(what) == words


@pytest.mark.parametrize(
    "text", ["", "a: [", "\ta: 1", "a: &x 1", "a: 1\r\n", "\ufeffa: 1", "a: 1\n---\nb: 2", "[1]: 2"]
)
def test_a_text_that_cannot_be_read_is_told_in_chinese(text: str) -> None:
    for fault in check_texts({"main": text}, catalogue=catalogue()):
        assert CHINESE.search(in_chinese(fault.what)), fault.what
