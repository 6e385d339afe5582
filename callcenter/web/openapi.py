"""/api/openapi.json, made from the same models that the handlers use."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from callcenter.web.models import (
    Done,
    Fault,
    HealthReport,
    LiveAnswer,
    LogIn,
    SeatChange,
    SeatCity,
    SeatRelease,
    TalkWish,
)
from callcenter.web.view import TALK_WISHES

Schema = dict[str, Any]
_REF = "#/components/schemas/{model}"
_NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "string"}}


def _ref(model: type[BaseModel]) -> Schema:
    return {"$ref": _REF.format(model=model.__name__)}


def _json(model: type[BaseModel], text: str) -> Schema:
    return {"description": text, "content": {"application/json": {"schema": _ref(model)}}}


def _operation(
    *,
    name: str,
    summary: str,
    good: Schema,
    faults: tuple[int, ...] = (),
    body: type[BaseModel] | None = None,
    is_open: bool = False,
) -> Schema:
    operation: Schema = {
        "operationId": name,
        "summary": summary,
        "responses": {"200": good, "default": _json(Fault, "A fault.")},
    }
    for status in faults:
        operation["responses"][str(status)] = _json(Fault, "A fault.")
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _ref(body)}},
        }
    if is_open:
        operation["security"] = []
    return operation


def _text(content_type: str, text: str) -> Schema:
    return {"description": text, "content": {content_type: {"schema": {"type": "string"}}}}


def _talk_paths() -> Schema:
    faults = (401, 403, 404, 409, 415, 422, 503)
    talk = _operation(
        name="talk",
        summary="Hold, transfer, consult: what a lawyer does in his talk",
        good=_json(Done, "Under way; what came of it is in the call's `legs`."),
        faults=faults,
        body=TalkWish,
    )
    what = {"type": "string", "enum": list(TALK_WISHES)}
    talk["parameters"] = [
        _NUMBER,
        {"name": "what", "in": "path", "required": True, "schema": what},
    ]
    release = _operation(
        name="release_seat",
        summary="A supervisor takes a seat out of whatever it is in; kept with name and reason",
        good=_json(Done, "The seat is not ready."),
        faults=faults,
        body=SeatRelease,
    )
    filed = _operation(
        name="record_filed",
        summary="The record of the last talk is filed: the wrap-up is over",
        good=_json(Done, "The seat is ready."),
        faults=faults,
    )
    city = _operation(
        name="set_city",
        summary="Where the caller of this seat's talk is from, as he says",
        good=_json(Done, "Noted with the call, and for the number's next call."),
        faults=faults,
        body=SeatCity,
    )
    release["parameters"] = filed["parameters"] = city["parameters"] = [_NUMBER]
    return {
        "/api/v1/seats/{number}/talk/{what}": {"post": talk},
        "/api/v1/seats/{number}/release": {"post": release},
        "/api/v1/seats/{number}/filed": {"post": filed},
        "/api/v1/seats/{number}/city": {"post": city},
    }


def _paths() -> Schema:
    health = _operation(
        name="health",
        summary="Each dependency by name",
        good=_json(HealthReport, "All work."),
        is_open=True,
    )
    health["responses"]["503"] = _json(HealthReport, "At least one does not work.")
    seat = _operation(
        name="change_seat",
        summary="Set a seat ready or not ready",
        good=_json(Done, "Done."),
        faults=(401, 403, 404, 409, 415, 422, 503),
        body=SeatChange,
    )
    seat["parameters"] = [_NUMBER]
    return {
        "/health": {"get": health},
        "/metrics": {
            "get": _operation(
                name="metrics",
                summary="Figures for Prometheus, to allowed addresses",
                good=_text("text/plain", "Prometheus text format."),
                faults=(403,),
            )
        },
        "/api/v1/live": {
            "get": _operation(
                name="live",
                summary="One snapshot of calls, seats and today's rates",
                good=_json(LiveAnswer, "The snapshot."),
                faults=(401,),
            )
        },
        "/api/v1/live/events": {
            "get": _operation(
                name="live_events",
                summary="Snapshots as they change: event `live`, data a LiveAnswer; event `beat`",
                good=_text("text/event-stream", "At most one snapshot a second."),
                faults=(401, 503),
            )
        },
        "/api/v1/seats/{number}/state": {"post": seat},
        **_talk_paths(),
        "/api/v1/login": {
            "post": _operation(
                name="log_in",
                summary="Exchange the API key for a cookie",
                good=_json(Done, "The cookie is set."),
                faults=(401, 403, 415, 422),
                body=LogIn,
                is_open=True,
            )
        },
    }


def openapi_document(version: str) -> Schema:
    """OpenAPI 3.1 of this application's routes."""
    changes = (LogIn, SeatChange, SeatCity, SeatRelease, TalkWish)
    models = (Done, Fault, HealthReport, LiveAnswer, *changes)
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": "12348 hotline", "version": version},
        "paths": _paths(),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "hotline_key"},
            },
        },
        "security": [{"key": []}, {"cookie": []}],
    }
