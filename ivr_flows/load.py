"""Flow files in, checked flows out: every fault with its file and line, or flows that are sound."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from ivr_flows.check import check_flows, check_steps
from ivr_flows.model import EXPECTED, GROUPS, KEY, NAME, VERBS, Fault, Flow, Flows, GotoFlow
from ivr_flows.paths import Finding
from ivr_flows.yaml_source import Source, SourceFault, Where, read_file

HERE: Final = Path(__file__).parent
FLOWS: Final = HERE / "flows"
PROMPTS: Final = HERE / "prompts" / "zh-CN" / "prompts.yaml"
FIRST: Final = "main"

_Model = TypeVar("_Model", bound=BaseModel)


class FlowsRefused(Exception):
    """Flow files with faults: nothing of them is used. `faults` are all of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def load_flows(
    folder: Path = FLOWS,
    *,
    prompts: Mapping[str, str] | None = None,
    groups: Collection[str] = GROUPS,
    first: str = FIRST,
) -> Flows:
    """All flows of a folder, sound. Raises FlowsRefused (warnings alone refuse nothing)."""
    if prompts is None:
        prompts, unreadable = read_prompts(PROMPTS)
        if unreadable:
            raise FlowsRefused(unreadable)
    files = sorted(folder.glob("*.yaml"))
    found, faults = _read_all(files, prompts=prompts, groups=groups)
    if first not in {file.stem for file in files}:
        faults.append(Fault(str(folder / f"{first}.yaml"), 1, "file", "does not exist"))
    if any(not fault.is_warning for fault in faults):
        raise FlowsRefused(faults)
    return Flows(first, {one.flow.flow: one.flow for one in found})


def load_sources(
    sources: Iterable[Source],
    *,
    prompts: Mapping[str, str],
    groups: Collection[str] = GROUPS,
    first: str = FIRST,
) -> tuple[Flows, list[Fault]]:
    """Flows that are kept elsewhere than in files, all of them, and warnings about them.

    Raises FlowsRefused.
    """
    found: dict[str, _Found] = {}
    faults: list[Fault] = []
    for source in sources:
        one, here = _understood(source)
        faults += here
        if one:
            found[one.flow.flow] = one
    faults += _findings(found, {}, found, prompts=prompts, groups=groups)
    if first not in found and not faults:
        faults.append(Fault(first, 1, "flow", "does not exist, and a call begins with it"))
    if any(not fault.is_warning for fault in faults):
        raise FlowsRefused(sorted(faults))
    return Flows(first, {name: one.flow for name, one in found.items()}), sorted(faults)


def check_flow_files(
    files: Iterable[Path], *, prompts: Mapping[str, str], groups: Collection[str] = GROUPS
) -> list[Fault]:
    """Every fault of these flow files. Flows beside them are read where they are gone to."""
    faults: list[Fault] = []
    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    for asked in folders.values():
        faults += _read_all(asked, prompts=prompts, groups=groups)[1]
    return faults


def read_prompts(file: Path) -> tuple[dict[str, str], tuple[Fault, ...]]:
    """Prompt id to spoken text from a prompts.yaml, and what kept it from being read."""
    try:
        source = read_file(file)
    except SourceFault as refused:
        return {}, (refused.fault,)
    if not isinstance(source.data, dict):
        return {}, (source.fault((), "should be a mapping of prompt ids"),)
    texts: dict[str, str] = {}
    for name, entry in source.data.items():
        text = entry.get("text", "") if isinstance(entry, dict) else entry
        texts[name] = text if isinstance(text, str) else ""
    return texts, source.faults


def validated(model: type[_Model], source: Source) -> tuple[_Model | None, list[Fault]]:
    """The file as this model, or its faults in the order of lines."""
    faults = list(source.faults)
    try:
        return model.model_validate(source.data), faults
    except ValidationError as error:
        errors = error.errors(include_url=False)
        holding = {one["loc"][:at] for one in errors for at in range(len(one["loc"]))}
        for one in errors:
            # Pydantic also calls a list too short whose items it could not read.
            if one["type"] == "too_short" and one["loc"] in holding:
                continue
            where, what = _readable(one)
            faults.append(source.fault(where, what))
        return None, sorted(faults)


@dataclass(frozen=True, slots=True)
class _Found:
    """A flow and the file it came from; `broken` steps had to be left out."""

    flow: Flow
    source: Source
    broken: frozenset[str]


def _read_all(
    asked: Sequence[Path], *, prompts: Mapping[str, str], groups: Collection[str]
) -> tuple[list[_Found], list[Fault]]:
    """Flows of one folder with all faults of the files asked for."""
    found: dict[str, _Found] = {}
    faults: list[Fault] = []
    for file in asked:
        one, here = _read(file)
        faults += here
        if one:
            found[one.flow.flow] = one
    names = {file.stem for file in asked}
    beside = _beside(found.values(), names, asked)
    faults += _findings(found, beside, names, prompts=prompts, groups=groups)
    return list(found.values()), sorted(faults)


def _findings(
    found: Mapping[str, _Found],
    beside: Mapping[str, _Found],
    names: Collection[str],
    *,
    prompts: Mapping[str, str],
    groups: Collection[str],
) -> list[Fault]:
    """What the checks say of the flows found, `beside` them those they may go to."""
    faults: list[Fault] = []
    flows = {name: one.flow for name, one in {**beside, **found}.items() if not one.broken}
    findings: list[Finding] = check_flows(flows, prompts=prompts, groups=groups)
    for one in found.values():
        if one.broken:
            known = {*flows, *names}
            findings += check_steps(
                one.flow, known, prompts=prompts, groups=groups, broken=one.broken
            )
    for finding in findings:
        of = found.get(finding.flow)
        if of:
            faults.append(
                of.source.fault(finding.where, finding.what, is_warning=finding.is_warning)
            )
    return faults


def _beside(
    found: Iterable[_Found], names: Collection[str], asked: Sequence[Path]
) -> dict[str, _Found]:
    """Flows in the same folder that those asked for go to, and the first one."""
    beside: dict[str, _Found] = {}
    todo = [FIRST, *_gone_to(found)] if asked else []
    while todo:
        name = todo.pop()
        file = asked[0].parent / f"{name}.yaml"
        if name not in names and name not in beside and file.is_file():
            one, _ = _read(file)
            if one:
                beside[name] = one
                todo += _gone_to([one])
    return beside


def _gone_to(found: Iterable[_Found]) -> list[str]:
    return [
        step.flow for one in found for step in one.flow.steps.values() if isinstance(step, GotoFlow)
    ]


def _read(file: Path) -> tuple[_Found | None, list[Fault]]:
    try:
        source = read_file(file)
    except SourceFault as refused:
        return None, [refused.fault]
    one, faults = _understood(source)
    if one and one.flow.flow != file.stem:
        faults.append(source.fault(("flow",), f"is {one.flow.flow}, but the file is {file.name}"))
        return None, faults
    return one, faults


def _understood(source: Source) -> tuple[_Found | None, list[Fault]]:
    flow, faults = validated(Flow, source)
    broken: frozenset[str] = frozenset()
    if flow is None:
        flow, broken = _without_broken(source)
    return _Found(flow, source, broken) if flow else None, faults


def _without_broken(source: Source) -> tuple[Flow | None, frozenset[str]]:
    """The flow without the steps that cannot be read, so that the others are checked too."""
    try:
        Flow.model_validate(source.data)
    except ValidationError as error:
        places = [one["loc"][:2] for one in error.errors()]
        if not all(len(place) == 2 and place[0] == "steps" for place in places):
            return None, frozenset()
        broken = frozenset(str(place[1]) for place in places)
        steps = {name: step for name, step in source.data["steps"].items() if name not in broken}
        if steps:
            return Flow.model_validate({**source.data, "steps": steps}), broken
    return None, frozenset()


_PATTERNS: Final = {
    NAME: "a name of a-z, 0-9 and _, at most 40",
    KEY: "one of the keys 0-9 * #",
    EXPECTED: "like play X, collect menu, join_queue X, record message, end or fallback",
}


def _readable(error: Any) -> tuple[Where, str]:
    """Where a Pydantic error is in the file, and what it says in plain words."""
    where: Where = tuple(part for part in error["loc"] if part != "[key]")
    if where[:1] == ("steps",) and len(where) > 2 and where[2] in VERBS:
        where = where[:2] + where[3:]  # Pydantic names the verb too, the file does not
    verbs = ", ".join(VERBS)
    given = repr(error["input"])[:60]
    kind = error["type"]
    if kind == "missing":
        return where, "is missing"
    if kind == "extra_forbidden":
        return where, "is not known here"
    if kind == "union_tag_not_found":
        return where, f"do is missing; verbs: {verbs}"
    if kind == "union_tag_invalid":
        return (*where, "do"), f"there is no verb {error['ctx']['tag']}; verbs: {verbs}"
    if kind == "too_short":
        return where, "should hold at least one"
    if kind == "string_pattern_mismatch":
        allowed = _PATTERNS.get(error["ctx"]["pattern"], "in a form that is known here")
        return where, f"should be {allowed}, not {given}"
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return where, f"should be a mapping, not {given}"
    what = str(error["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    return where, f"{what}, not {given}" if what.startswith("should") else what
