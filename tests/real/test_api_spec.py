"""Requests made from the OpenAPI document itself, against the whole running hotline.

Whatever the document allows (and some that it does not) is asked for with the operator's key: no
answer is a server error, and each is of the kind and shape that the document says.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.real.house import House

EXAMPLES = 8
UPLOADS = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
)
ENDLESS = {"/api/v1/events", "/api/v1/live/events", "/api/v1/sip"}
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer(*UPLOADS)
def any_bytes(_context: Any, value: Any) -> bytes:
    """Files that are none of their kind."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("spec") / "house") as whole:
        yield whole


def ask(house: House, path: str) -> Any:
    key = (house.settings.home / "api.key").read_text().strip()
    url = f"http://{house.settings.web}{path}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_no_request_that_the_document_allows_is_a_server_error(house: House) -> None:
    key = (house.settings.home / "api.key").read_text().strip()
    schema = schemathesis.openapi.from_dict(ask(house, "/api/openapi.json"))
    base, headers = f"http://{house.settings.web}", {"Authorization": f"Bearer {key}"}
    asked, wrong = 0, []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path in ENDLESS:
            continue

        @QUIET
        @given(case=operation.as_strategy())
        def each_holds(case: Any) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(base_url=base, headers=headers, checks=list(CHECKS), timeout=20)

        try:
            each_holds()
        except Exception as fault:
            wrong.append(f"{operation.method.upper()} {operation.path}: {_told(fault)}")
    assert not wrong, "\n".join(wrong)
    assert asked > 100
    assert ask(house, "/health")["ok"], "the hotline goes on"
    assert "request failed" not in house.log()


def _told(fault: BaseException) -> str:
    """What is wrong, and how to ask for it again."""
    every: list[BaseException] = [fault]
    while any(isinstance(one, BaseExceptionGroup) for one in every):
        every = [part for one in every for part in getattr(one, "exceptions", (one,))]
    why = " | ".join(" ".join(str(one).split())[:300] for one in every)
    again = [line.strip() for line in str(fault).splitlines() if line.strip().startswith("curl")]
    return f"{why} || {' '.join(again)[:500]}"
