"""What the routes of flows share: the console, refusals as faults of the API, path parameters."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final, TypeVar

from aiohttp import web

from callcenter.english.said import LANGUAGE
from callcenter.flows.bench import EditRefused
from callcenter.flows.console import FlowConsole
from callcenter.flows.fault_words import in_chinese
from callcenter.flows.policy_trial import TrialRefused
from callcenter.trying.situation import Misuse
from callcenter.trying.words import NoEffect, NotUnderstood
from callcenter.web.errors import ApiFault
from callcenter.web.route import Schema
from callcenter.web.web_parts import PARTS
from ivr_flows.book import MoveRefused
from ivr_flows.load import FlowsRefused
from ivr_flows.model import Fault
from ivr_flows.turn import AnswerUnexpected
from ivr_flows.yaml_source import MAX_BYTES

T = TypeVar("T")

BASE: Final = "/api/v1/flows"
VERSION: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": 1_000_000_000}
FLOW: Final[Schema] = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
MAX_BODY: Final = 3 * MAX_BYTES  # a text as JSON: Chinese may be written as \\uXXXX
_REFUSED: Final = {"not_found": 404, "bad_note": 422, "bad_name": 422, "own_text": 403}


def console_of(request: web.Request) -> FlowConsole:
    """The flows of this hotline."""
    console = request.app[PARTS].flows
    if console is None:
        raise ApiFault(503, "not_served", "本进程不提供流程管理。")
    return console


async def asked(work: Awaitable[T]) -> T:
    """What the work gives, its refusals as faults of the API."""
    try:
        return await work
    except MoveRefused as refused:
        status = _REFUSED.get(refused.reason, 409)
        raise ApiFault(status, refused.reason, str(refused)) from None
    except FlowsRefused as refused:
        faults = [one for one in refused.faults if not one.is_warning]
        first = _told(faults[0]) if faults else ""
        sentence = f"有 {len(faults)} 处错误。第 {faults[0].line} 行：{first}"
        raise ApiFault(409, "faulty", sentence) from None
    except TrialRefused as refused:
        raise ApiFault(409, refused.reason, str(refused)) from None
    except EditRefused as refused:
        raise ApiFault(409, "edit_refused", str(refused)) from None
    except (Misuse, NotUnderstood, NoEffect) as refused:
        raise ApiFault(409, "cannot_happen", str(refused)) from None
    except AnswerUnexpected:
        raise ApiFault(409, "cannot_happen", "此时不会发生这样的事。") from None


def _told(fault: Fault) -> str:
    return fault.what if LANGUAGE.get() == "en" else in_chinese(fault.what)


def version_of(request: web.Request) -> int:
    """The version in the path; raises ApiFault 404 for what is no number."""
    try:
        return int(request.match_info["version"])
    except ValueError:
        raise ApiFault(404, "not_found", "没有这个版本。") from None
