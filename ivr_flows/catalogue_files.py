"""Reads what flows may name: prompts of each language, and lines and services of a province."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from ivr_flows.catalogue import Catalogue, Line, LinesFile, Service, ServicesFile, clashes
from ivr_flows.model import GROUPS, LANGUAGES, Fault
from ivr_flows.validation import validated
from ivr_flows.yaml_source import SourceFault, read_file

PROMPT_FOLDER: Final = Path(__file__).parent / "prompts"
PROMPTS: Final = PROMPT_FOLDER / "zh-CN" / "prompts.yaml"
LINES, SERVICES = "lines.yaml", "services.yaml"


def read_catalogue(
    province: Path | None = None,
    *,
    prompts: Path = PROMPT_FOLDER,
    groups: Collection[str] = GROUPS,
    spoken: Mapping[str, frozenset[str]] | None = None,
    closes: bool = False,
) -> tuple[Catalogue, list[Fault]]:
    """All that flows may name, and what kept parts of it from being read.

    Without a province, or where it has no such file, no lines and services are known, and flows
    that name some are not faulted: a province of before there were any runs as it did, and what is
    named and not there fails in the call, which the flow provides for.
    """
    texts, faults = read_all_prompts(prompts)
    lines: dict[str, Line] | None = None
    services: dict[str, Service] | None = None
    if province is not None and (province / LINES).exists():
        lines, more = read_lines(province / LINES)
        faults += more
    if province is not None and (province / SERVICES).exists():
        services, more_faults = read_services(province / SERVICES)
        faults += more_faults
    catalogue = Catalogue(
        prompts=texts,
        groups=groups,
        services=services,
        lines=lines,
        spoken=spoken or {},
        closes=closes,
    )
    return catalogue, faults


def prompt_file(language: str, folder: Path = PROMPT_FOLDER) -> Path:
    """Where a language's prompts stand."""
    return folder / language / PROMPTS.name


def read_all_prompts(folder: Path = PROMPT_FOLDER) -> tuple[dict[str, dict[str, str]], list[Fault]]:
    """The prompts of every language that has some: language, id, text."""
    texts: dict[str, dict[str, str]] = {}
    faults: list[Fault] = []
    for language in LANGUAGES:
        file = prompt_file(language, folder)
        if file.exists() or language == LANGUAGES[0]:
            texts[language], unreadable = read_prompts(file)
            faults += unreadable
    return texts, faults


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


def read_lines(
    file: Path, *, trunks: Collection[str] | None = None
) -> tuple[dict[str, Line], list[Fault]]:
    """Lines outside by name, and all that is wrong; a province without the file has none.

    `trunks` are those that call out; without them trunks are not checked.
    """
    if not file.exists():
        return {}, []
    try:
        source = read_file(file)
    except SourceFault as refused:
        return {}, [refused.fault]
    model, faults = validated(LinesFile, source)
    lines = dict(model.lines) if model else {}
    for name, line in lines.items():
        if trunks is not None and line.trunk not in trunks:
            what = f"the trunk {line.trunk} has no `outbound` in trunks.yaml"
            faults.append(source.fault(("lines", name, "trunk"), what))
    return lines, sorted(faults)


def read_services(file: Path) -> tuple[dict[str, Service], list[Fault]]:
    """Services by name, and all that is wrong; a province without the file has none."""
    if not file.exists():
        return {}, []
    try:
        source = read_file(file)
    except SourceFault as refused:
        return {}, [refused.fault]
    model, faults = validated(ServicesFile, source)
    services: Mapping[str, Service] = model.services if model else {}
    faults += [source.fault(where, what) for where, what in clashes(services)]
    return dict(services), sorted(faults)
