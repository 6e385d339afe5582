"""The flow that was named, with all it may go over into, and the scenarios beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callcenter.trying.situation import Misuse
from ivr_flows.catalogue import Catalogue
from ivr_flows.load import (
    FIRST,
    FLOWS,
    FlowsRefused,
    check_flow_files,
    load_flows,
    read_flows,
)
from ivr_flows.model import Flows, GotoFlow
from ivr_flows.scenario import Scenario, read_scenario

_ENDING: Final = ".yaml"


@dataclass(frozen=True, slots=True)
class Chosen:
    """`flows.first` is the flow to try; `folder` is where it lies."""

    flows: Flows
    folder: Path


def choose(name: str | None, catalogue: Catalogue) -> Chosen:
    """A flow by its name (one of ours) or file, and those it may go over into.

    Raises Misuse, FlowsRefused.
    """
    file = _file_of(name)
    files = list(_gone_to(file))
    faults = check_flow_files(files, catalogue=catalogue)
    if any(not fault.is_warning for fault in faults):
        raise FlowsRefused([fault for fault in faults if not fault.is_warning])
    flows = {flow.flow: flow for flow in read_flows(files)}
    return Chosen(Flows(file.stem, flows), file.parent)


def choose_all(name: str | None, catalogue: Catalogue) -> Chosen:
    """The same with every flow of its folder, for their scenarios may come to it too."""
    file = _file_of(name)
    return Chosen(load_flows(file.parent, catalogue=catalogue, first=file.stem), file.parent)


def _file_of(name: str | None) -> Path:
    file = Path(name) if name else FLOWS / f"{FIRST}{_ENDING}"
    if file.is_file():
        if file.suffix != _ENDING:
            raise Misuse(f"流程文件名应以 {_ENDING} 结尾，不能是 {file.name!r}")
        return file
    if name and (file.suffix or len(file.parts) != 1):
        raise Misuse(f"没有文件 {name}")
    ours = FLOWS / f"{file.stem}{_ENDING}"
    if not ours.is_file():
        known = "、".join(sorted(one.stem for one in FLOWS.glob(f"*{_ENDING}")))
        raise Misuse(f"没有名为 {name!r} 的流程；有：{known}；也可以写文件名")
    return ours


def _gone_to(file: Path) -> Iterator[Path]:
    """The file, and those beside it that its flow may go over into."""
    found, todo = {file}, [file]
    while todo:
        one = todo.pop()
        yield one
        for flow in read_flows([one]):
            for step in flow.steps.values():
                if isinstance(step, GotoFlow):
                    near = file.with_name(f"{step.flow}{_ENDING}")
                    if near.is_file() and near not in found:
                        found.add(near)
                        todo.append(near)


def flows_of_scenario(file: Path) -> Path:
    """Where `hotline check` looks for the flows of a scenario: beside it, or else ours."""
    beside = file.absolute().parent.parent / "flows"
    return beside if beside.is_dir() else FLOWS


def scenarios_beside(folder: Path) -> Iterator[tuple[Path, Scenario | None]]:
    """The scenarios of a folder of flows; None for a file that has faults."""
    for file in sorted((folder.absolute().parent / "scenarios").glob(f"*{_ENDING}")):
        yield file, read_scenario(file)[0]
