"""/api/openapi.json, made from the routes and the models that their handlers use."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from callcenter.web.models import Fault
from callcenter.web.route import Route

Schema = dict[str, Any]
_REF = "#/components/schemas/{model}"
Refs = Mapping[tuple[Any, JsonSchemaMode], Schema]
_PARAMETER = re.compile(r"\{(\w+)(?::[^}]*)?\}")


def _content(answer: type[BaseModel] | str, text: str, refs: Refs) -> Schema:
    if isinstance(answer, str):
        is_text = answer.startswith("text/")
        shape: Schema = {"type": "string"} if is_text else {"type": "string", "format": "binary"}
        return {"description": text, "content": {answer: {"schema": shape}}}
    return {
        "description": text,
        "content": {"application/json": {"schema": refs[answer, "serialization"]}},
    }


def _query_parameters(model: type[BaseModel]) -> list[Schema]:
    shape = model.model_json_schema()
    return [
        {
            "name": name,
            "in": "query",
            "required": name in shape.get("required", ()),
            "schema": _without_defs(part, shape),
        }
        for name, part in shape["properties"].items()
    ]


def _without_defs(part: Any, shape: Schema) -> Any:
    """Parameters are written in place: what their schema refers to is put where it stands."""
    if isinstance(part, dict):
        if "$ref" in part:
            return _without_defs(shape["$defs"][part["$ref"].rpartition("/")[2]], shape)
        return {name: _without_defs(one, shape) for name, one in part.items()}
    if isinstance(part, list):
        return [_without_defs(one, shape) for one in part]
    return part


def _operation(route: Route, refs: Refs) -> Schema:
    operation: Schema = {
        "operationId": route.name,
        "summary": route.summary,
        "x-right": route.right.value if route.right else None,
        "responses": {
            "200": _content(route.answer, "Done.", refs),
            **{str(code): _content(model, "Told.", refs) for code, model in route.also.items()},
            **{str(code): _content(Fault, "A fault.", refs) for code in route.all_faults},
            "default": _content(Fault, "A fault.", refs),
        },
    }
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": route.path_types.get(name, {"type": "string", "minLength": 1}),
        }
        for name in _PARAMETER.findall(route.path)
    ]
    if route.query is not None:
        parameters += _query_parameters(route.query)
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        content = {"application/json": {"schema": refs[route.body, "validation"]}}
        operation["requestBody"] = {"required": True, "content": content}
    elif route.takes is not None:
        content = {route.takes: {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.right is None:
        operation["security"] = []
    return operation


def _models(routes: Iterable[Route]) -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    """Bodies as they may come, answers as they go out: there each field stands."""
    found: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Fault, "serialization"): None}
    for route in routes:
        for answer in (route.answer, *route.also.values()):
            if not isinstance(answer, str):
                found[answer, "serialization"] = None
        if route.body is not None:
            found[route.body, "validation"] = None
    return list(found)


def openapi_document(routes: Iterable[Route], version: str) -> Schema:
    """OpenAPI 3.1 of these routes."""
    routes = tuple(routes)
    refs, schemas = models_json_schema(_models(routes), ref_template=_REF)
    paths: dict[str, Schema] = {}
    for route in routes:
        operations = paths.setdefault(_PARAMETER.sub(r"{\1}", route.path), {})
        operations[route.method.lower()] = _operation(route, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": "12348 hotline", "version": version},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "hotline_session"},
            },
        },
        "security": [{"key": []}, {"session": []}],
    }
