"""Flow files in, checked flows out: every fault with its file and line, or flows that are sound."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ivr_flows.catalogue import Catalogue
from ivr_flows.catalogue_files import PROMPTS as PROMPTS
from ivr_flows.catalogue_files import read_catalogue
from ivr_flows.catalogue_files import read_prompts as read_prompts
from ivr_flows.check import check_flows, check_steps
from ivr_flows.model import Fault, Flow, Flows, GotoFlow
from ivr_flows.validation import validated as validated
from ivr_flows.yaml_source import Source, SourceFault, read_bytes, read_file

FLOWS: Final = Path(__file__).parent / "flows"
FIRST: Final = "main"


class FlowsRefused(Exception):
    """Flow files with faults: nothing of them is used. `faults` are all of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def load_flows(
    folder: Path = FLOWS, *, catalogue: Catalogue | None = None, first: str = FIRST
) -> Flows:
    """All flows of a folder, sound. Raises FlowsRefused (warnings alone refuse nothing).

    Without a catalogue the packaged prompts are known, and no province's lines and services.
    """
    files = sorted(folder.glob("*.yaml"))
    read = {file.stem: _reading(file) for file in files}
    return _sound(read, catalogue or _packaged(), first, str(folder / f"{first}.yaml"))


def load_texts(
    texts: Mapping[str, str], *, catalogue: Catalogue, first: str = FIRST, release: int = 0
) -> Flows:
    """All flows of these texts by flow name, sound, as one release. Raises FlowsRefused."""
    read = {name: _reading_text(name, text) for name, text in texts.items()}
    flows = _sound(read, catalogue, first, f"{first}.yaml")
    return Flows(flows.first, flows.by_name, release)


def check_texts(
    texts: Mapping[str, str], *, catalogue: Catalogue, beside: Mapping[str, str] | None = None
) -> list[Fault]:
    """Every fault of these flows by name; flows `beside` them are read where they are gone to."""
    near = beside or {}
    asked = {name: _reading_text(name, text) for name, text in texts.items()}
    others = {name: _reading_text(name, text) for name, text in near.items() if name not in texts}
    return _read_all(asked, others, catalogue)[1]


def check_flow_files(files: Iterable[Path], *, catalogue: Catalogue) -> list[Fault]:
    """Every fault of these flow files. Flows beside them are read where they are gone to."""
    faults: list[Fault] = []
    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    for folder, asked in folders.items():
        read = {file.stem: _reading(file) for file in asked}
        near = {f.stem: _reading(f) for f in sorted(folder.glob("*.yaml")) if f.stem not in read}
        faults += _read_all(read, near, catalogue)[1]
    return faults


def read_flows(files: Iterable[Path]) -> list[Flow]:
    """The flows of these files as far as they can be read, steps with faults left out."""
    found = (_reading(file)()[0] for file in files)
    return [one.flow for one in found if one]


@dataclass(frozen=True, slots=True)
class _Found:
    """A flow and where it came from; `broken` steps had to be left out."""

    flow: Flow
    source: Source
    broken: frozenset[str]


_Read = Callable[[], tuple[_Found | None, list[Fault]]]  # a flow is read when it is wanted


def _reading(file: Path) -> _Read:
    return lambda: _read(lambda: read_file(file), file.stem)


def _reading_text(name: str, text: str) -> _Read:
    raw = text.encode("utf-8", "surrogatepass")
    return lambda: _read(lambda: read_bytes(raw, file=f"{name}.yaml"), name)


def _packaged() -> Catalogue:
    catalogue, faults = read_catalogue()
    if faults:
        raise FlowsRefused(faults)
    return catalogue


def _sound(read: Mapping[str, _Read], catalogue: Catalogue, first: str, first_file: str) -> Flows:
    found, faults = _read_all(read, {}, catalogue)
    if first not in read:
        faults.append(Fault(first_file, 1, "file", "does not exist"))
    if any(not fault.is_warning for fault in faults):
        raise FlowsRefused(faults)
    return Flows(first, {one.flow.flow: one.flow for one in found})


def _read_all(
    asked: Mapping[str, _Read], near: Mapping[str, _Read], catalogue: Catalogue
) -> tuple[list[_Found], list[Fault]]:
    """Flows with all faults of those asked for; those `near` are read where they are gone to."""
    found: dict[str, _Found] = {}
    faults: list[Fault] = []
    for read in asked.values():
        one, here = read()
        faults += here
        if one:
            found[one.flow.flow] = one
    beside = _beside(found.values(), near) if asked else {}
    flows = {name: one.flow for name, one in {**beside, **found}.items() if not one.broken}
    findings = check_flows(flows, catalogue=catalogue)
    for one in found.values():
        if one.broken:
            known = {*flows, *asked}
            findings += check_steps(one.flow, known, catalogue=catalogue, broken=one.broken)
    for finding in findings:
        if of := found.get(finding.flow):
            what, is_warning = finding.what, finding.is_warning
            faults.append(of.source.fault(finding.where, what, is_warning=is_warning))
    return list(found.values()), sorted(faults)


def _beside(found: Iterable[_Found], near: Mapping[str, _Read]) -> dict[str, _Found]:
    """Flows near by that those found go to, and the first one."""
    beside: dict[str, _Found] = {}
    todo = [FIRST, *_gone_to(found)]
    while todo:
        name = todo.pop()
        if name in near and name not in beside:
            one, _ = near[name]()
            if one:
                beside[name] = one
                todo += _gone_to([one])
    return beside


def _gone_to(found: Iterable[_Found]) -> Iterator[str]:
    for one in found:
        yield from (step.flow for step in one.flow.steps.values() if isinstance(step, GotoFlow))


def _read(source_of: Callable[[], Source], name: str) -> tuple[_Found | None, list[Fault]]:
    try:
        source = source_of()
    except SourceFault as refused:
        return None, [refused.fault]
    flow, faults = validated(Flow, source)
    broken: Collection[str] = ()
    if flow is None:
        flow, broken = _without_broken(source)
    if flow is None:
        return None, faults
    if flow.flow != name:
        faults.append(source.fault(("flow",), f"is {flow.flow}, but the file is {name}.yaml"))
        return None, faults
    return _Found(flow, source, frozenset(broken)), faults


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
