"""The flow that was named, with all it may go over into, and the scenarios beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callcenter.trying.situation import Misuse
from ivr_flows.catalogue import Catalogue
from ivr_flows.load import FIRST, FLOWS, load_flows
from ivr_flows.model import Flows
from ivr_flows.scenario import Scenario, read_scenario

_ENDINGS: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Chosen:
    """`flows.first` is the flow to try; `folder` is where it lies."""

    flows: Flows
    folder: Path


def choose(name: str | None, catalogue: Catalogue) -> Chosen:
    """A flow by its name (one of ours) or file. Raises Misuse, FlowsRefused."""
    file = Path(name) if name else FLOWS / f"{FIRST}.yaml"
    if name and not file.is_file():
        if file.suffix in _ENDINGS or len(file.parts) != 1:
            raise Misuse(f"没有文件 {name}")
        file = FLOWS / f"{name}.yaml"
        if not file.is_file():
            known = "、".join(sorted(one.stem for one in FLOWS.glob("*.yaml")))
            raise Misuse(f"没有名为 {name!r} 的流程；有：{known}；也可以写文件名")
    flows = load_flows(file.parent, catalogue=catalogue, first=file.stem)
    return Chosen(flows, file.parent)


def flows_of_scenario(file: Path) -> Path:
    """Where `hotline check` looks for the flows of a scenario: beside it, or else ours."""
    beside = file.absolute().parent.parent / "flows"
    return beside if beside.is_dir() else FLOWS


def scenarios_beside(folder: Path) -> Iterator[tuple[Path, Scenario | None]]:
    """The scenarios of a folder of flows; None for a file that has faults."""
    for file in sorted((folder.absolute().parent / "scenarios").glob("*.yaml")):
        yield file, read_scenario(file)[0]
