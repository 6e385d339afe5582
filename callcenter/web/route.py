"""A route as data: the guard, the OpenAPI document and the tests all read the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from callcenter.web.errors import ApiFault, Handler
from callcenter.web.rights import Right

Schema = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method of one address.

    `right`: None lets everybody in. `answer`: a model, or a content type. `path_types`: JSON
    schemas of path parameters, strings unless named. `faults`: besides those that `right`, `body`
    and `query` bring. `takes`: content type of a body that is not JSON. `at`: where it is served
    when there are several controllers: by that which has the call, or the call of the seat, that
    the address or the body names, or which serves the page at the desk of that seat.
    """

    method: str
    path: str
    handler: Handler
    name: str
    summary: str
    right: Right | None
    answer: type[BaseModel] | str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    path_types: Mapping[str, Schema] = field(default_factory=dict)
    faults: tuple[int, ...] = ()
    takes: str | None = None
    also: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    """Answers of other statuses that are no faults."""
    at: Literal["here", "call", "seat", "desk"] = "here"

    @property
    def changes(self) -> bool:
        """Does it do more than tell?"""
        return self.method not in {"GET", "HEAD"}

    @property
    def all_faults(self) -> tuple[int, ...]:
        """Every status of a fault that this route may answer."""
        found = set(self.faults)
        if self.right is not None:
            found |= {401, 403, 429}
        if self.changes:
            found |= {400, 403, 413, 415, 422}
        if self.query is not None:
            found.add(422)
        if "{" in self.path:
            found.add(404)
        return tuple(sorted(found))


def json_answer(model: BaseModel, *, status: int = 200) -> web.Response:
    """A model on the wire."""
    return web.Response(
        text=model.model_dump_json(), content_type="application/json", status=status
    )


async def read_model(request: web.Request, model: type[Model]) -> Model:
    """The request's JSON body; raises ApiFault 422 that names each wrong field."""
    return parse_model(await request.read(), model)


def parse_model(body: bytes, model: type[Model]) -> Model:
    """JSON as a model; raises ApiFault 422 that names each wrong field."""
    try:
        return model.model_validate_json(body)
    except ValidationError as fault:
        raise _invalid(fault) from None


def read_query(request: web.Request, model: type[Model]) -> Model:
    """The request's query; a name that comes more than once is a list. Raises ApiFault 422."""
    given: dict[str, Any] = {}
    for name in request.query:
        values = request.query.getall(name)
        given[name] = values if len(values) > 1 else values[0]
    try:
        return model.model_validate(given)
    except ValidationError as fault:
        raise _invalid(fault) from None


def _invalid(fault: ValidationError) -> ApiFault:
    where = "；".join(
        f"{'.'.join(str(part) for part in one['loc']) or 'JSON'}: {one['msg']}"
        for one in fault.errors(include_url=False, include_input=False)
    )
    return ApiFault(422, "invalid", f"请求内容不符合要求：{where}")
