"""What `hotline check` says of a routing policy: its faults, and the longest possible waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from math import isfinite
from pathlib import Path

from callcenter.province import ROUTING, SEATS, ProvinceFaults, load_province, load_routing
from callcenter.settings import Settings
from ivr_flows.catalogue_files import LINES, read_lines
from ivr_flows.model import Fault, Flow, Queue
from ivr_flows.names import SPECIAL_GROUPS
from ivr_flows.validation import validated
from ivr_flows.yaml_source import SourceFault, read_file
from seats.longest_wait import Duty, Ends, LongestWait, longest_waits
from seats.policy import Policy, Stage, Who
from seats.policy_file import Known
from seats.roster import load_seats
from seats.source import FileFaults, Source

BUILT_IN = "routing:1"  # where the policy stands when there is no file


def known_beside(file: Path) -> Known:
    """What a policy may name, by the other files of its folder; faulty ones tell of themselves."""
    lines, line_faults = read_lines(file.with_name(LINES))
    try:
        seats = load_seats(file.with_name(SEATS))
    except FileFaults:
        seats = None
    return Known(seats, None if line_faults else tuple(lines), SPECIAL_GROUPS)


def routing_faults(file: Path) -> list[str]:
    """All that is wrong in routing.yaml, with the seats and lines beside it."""
    try:
        load_routing(file, known_beside(file))
    except FileFaults as refused:
        return [str(fault) for fault in refused.faults]
    return []


def wait_notes(settings: Settings, now: datetime) -> Iterator[str]:
    """The longest possible wait of each group of the province; nothing while it has faults."""
    try:
        province = load_province(settings.province)
    except ProvinceFaults:
        return  # told of each file by itself
    file = settings.province / ROUTING
    duty = Duty(province.seats, settings.ring_s, now, province.calendar.kind)
    yield from notes(province.policy, duty, file if file.exists() else None)


def no_ways_out(settings: Settings, files: Iterable[Path]) -> Iterator[Fault]:
    """Queue steps whose callers the policy would hand over, though the step has no such way out.

    It then keeps them in line: what bounds the wait of all others does not bound theirs.
    """
    try:
        policy = load_province(settings.province).policy
    except ProvinceFaults:
        return  # told of each file by itself
    for file in files:
        try:
            source = read_file(file)
        except SourceFault:
            continue
        flow, _ = validated(Flow, source)
        for name, step in flow.steps.items() if flow else ():
            if isinstance(step, Queue) and (way := first_way_out(policy, step.group)):
                if way.who not in step.offers.values():
                    what = f"{way.who} is not offered, which the policy turns to after "
                    what += length(way.after_s)
                    yield source.fault(("steps", name), what, is_warning=True)


def first_way_out(policy: Policy, group: str) -> Stage | None:
    """The stage that ends the wait of whoever is in line so long."""
    ways = [
        stage
        for stage in policy.of(group).stages
        if stage.when is None and stage.who in (Who.CALLBACK, Who.MESSAGE)
    ]
    return min(ways, key=lambda stage: stage.after_s, default=None)


def notes(policy: Policy, duty: Duty, file: Path | None) -> Iterator[str]:
    """One line a sentence, groups that share it together, at the line of their stages."""
    lines = _lines(file) if file else {}
    together: dict[tuple[str, str], list[str]] = {}
    for wait in longest_waits(policy, duty):
        where = f"groups.{wait.group}" if wait.group in policy.groups else "default"
        together.setdefault((where, sentence(wait, policy)), []).append(wait.group)
    for (where, words), groups in together.items():
        place = f"{file}:{lines[where]}" if file else BUILT_IN
        whose = f" ({', '.join(groups)})" if where == "default" else ""
        yield f"{place}: {where}{whose}: note: {words}"
    if head_s := max(policy.head_start_s.values(), default=0.0):
        place = f"{file}:{lines['head_start_s']}" if file else BUILT_IN
        words = f"nobody is overtaken by those who ask more than {length(head_s)} after him"
        yield f"{place}: head_start_s: note: {words}"


def sentence(wait: LongestWait, policy: Policy) -> str:
    """What is promised, and what it takes."""
    if wait.ends is Ends.NEVER or not isfinite(wait.wait_s):
        return "a caller may wait for ever: at times nobody is on duty, and no stage ends the wait"
    promise = f"nobody waits longer than {length(wait.wait_s)}"
    if wait.ends is Ends.HANDED_OVER:
        return f"{promise}: by then a callback or a message, however many call"
    given = policy.assume
    return (
        f"{promise} for a lawyer, if at most {given.waiting} callers wait at once, no call keeps "
        f"a seat longer than {length(given.talk_s)}, and seats on duty (at times {wait.fewest}) "
        "answer; a stage callback or message would bound it whatever happens"
    ) + (f"; worst to ask on {wait.asked:%A at %H:%M}" if wait.asked else "")


def length(seconds: float) -> str:
    """A time in words: 14 min 45 s."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    named = ((hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join(f"{n} {unit}" for n, unit in named if n) or "0 s"


def _lines(file: Path) -> dict[str, int]:
    """Where the parts of a sound file stand."""
    source = Source(file)
    top = source.table(source.root, "file", optional=None)
    parts = {"default": top["default"], "head_start_s": top.get("head_start_s", top["default"])}
    for name, node in source.table(top.get("groups"), "groups", optional=None).items():
        parts[f"groups.{name}"] = node
    return {where: node.start_mark.line + 1 for where, node in parts.items()}
