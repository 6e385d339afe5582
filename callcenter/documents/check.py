"""Whether a changed document would do: with the rest of the province, with what is published."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from callcenter.flows.check import check_here
from callcenter.flows.policies import NAME as POLICY
from callcenter.flows.policies import flows_only
from callcenter.province import ProvinceFaults, load_province
from callcenter.settings import Settings
from ivr_flows.load import FlowsRefused
from ivr_flows.model import CallApi, Flow, Queue, Step, Transfer, prompts_of
from ivr_flows.validation import validated
from ivr_flows.yaml_source import read_bytes


def new_faults(
    settings: Settings, changed: Mapping[str, str], in_force: Mapping[str, str]
) -> tuple[str, ...]:
    """What would be wrong with these documents in place that is not wrong now; one line each.

    `in_force`: the texts of the flows, and of the routing policy where one is published. A fault
    that was there before must not keep people from mending another.
    """
    with tempfile.TemporaryDirectory(prefix="hotline-province-") as scratch:
        folder = Path(scratch)
        for file in settings.province.glob("*.yaml"):
            shutil.copyfile(file, folder / file.name)
        for name, text in changed.items():
            (folder / name).write_text(text, "utf-8")
        found = _faults(settings, folder, in_force)
    if not found:
        return ()
    before = set(_faults(settings, settings.province, in_force))
    return tuple(fault for fault in found if fault not in before)


def _faults(settings: Settings, folder: Path, in_force: Mapping[str, str]) -> list[str]:
    try:
        province = load_province(folder)
    except ProvinceFaults as refused:
        return [line.removeprefix(f"{folder}/") for line in str(refused).splitlines()]
    check = check_here(settings.home, folder)
    found = []
    try:
        if policy := in_force.get(POLICY):
            check.policies.read(policy, province.routable)
    except FlowsRefused as refused:
        found += [str(fault) for fault in refused.faults if not fault.is_warning]
    try:
        check.flows(in_force, release=0)
    except FlowsRefused as refused:
        found += [str(fault) for fault in refused.faults if not fault.is_warning]
    return found


def groups_in_flows(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Group -> titles of the flows whose callers wait for it."""
    return _in_flows(texts, lambda step: [step.group] if isinstance(step, Queue) else [])


def prompts_in_flows(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Prompt -> titles of the flows that say it."""
    return _in_flows(texts, lambda step: [prompt for _, prompt in prompts_of(step)])


def lines_in_flows(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Line outside -> titles of the flows that transfer to it."""
    return _in_flows(texts, lambda step: [step.to] if isinstance(step, Transfer) else [])


def services_in_flows(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Service -> titles of the flows that ask it."""
    return _in_flows(texts, lambda step: [step.service] if isinstance(step, CallApi) else [])


def _in_flows(
    texts: Mapping[str, str], named: Callable[[Step], Iterable[str]]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for name, text in flows_only(texts).items():
        flow, _ = validated(Flow, read_bytes(text.encode(), file=f"{name}.yaml"))
        if flow is None:
            continue
        for step in flow.steps.values():
            for one in named(step):
                found.setdefault(one, set()).add(flow.title)
    return {one: tuple(sorted(titles)) for one, titles in found.items()}
