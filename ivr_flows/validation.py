"""Plain data of a file as one of our models, or its faults in plain words with their lines."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from ivr_flows.catalogue import NUMBER, SECRET, TRUNK, VALUE
from ivr_flows.fields import CITY, EXPECTED, KEY, NAME
from ivr_flows.model import VERBS, Fault
from ivr_flows.yaml_source import Source, Where

_Model = TypeVar("_Model", bound=BaseModel)


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


_PATTERNS: Final = {
    NAME: "a name of a-z, 0-9 and _, at most 40",
    KEY: "one of the keys 0-9 * #",
    CITY: "the GB/T 2260 code of a prefecture, six digits, a place of ours, or {city}",
    NUMBER: "a number of 2 to 32 of the signs 0-9 * # +",
    TRUNK: "a name of letters, digits, _ and -",
    SECRET: "a name of letters, digits, _ and -",
    VALUE: "a value of a-z, 0-9 and _, at most 40",
    EXPECTED: "like play X, collect menu, join_queue X, transfer X, record note, end or fallback",
}


def _readable(error: Any) -> tuple[Where, str]:
    """Where a Pydantic error is in the file, and what it says in plain words."""
    where: Where = tuple(part for part in error["loc"] if not str(part).startswith("["))
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
    what = what.replace("a valid tuple", "a list").replace("a valid integer", "a whole number")
    return where, f"{what}, not {given}" if what.startswith("should") else what
