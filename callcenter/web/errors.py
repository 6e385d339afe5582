"""Faults as JSON: all that is no success is {"error": id, "message": text, "where": field}."""

import math
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from callcenter.english.said import said
from callcenter.web.view import SEAT_FAULTS, SeatFault
from reports.store import DatabaseAway

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# aiohttp's own faults: status -> (stable id, sentence)
_HTTP_FAULTS = {
    400: ("bad_request", "请求格式有误。"),
    404: ("not_found", "没有这个地址。"),
    405: ("method_not_allowed", "此地址不支持这种请求方式。"),
    411: ("length_required", "请求缺少长度。"),
    413: ("too_large", "请求内容过大。"),
    417: ("bad_request", "请求格式有误。"),
}


class ApiFault(Exception):
    """A fault with its HTTP status, a stable id and one Chinese sentence, which
    `callcenter.english` has in English."""

    def __init__(
        self, status: int, error: str, message: str, *, where: str = "", retry_after_s: float = 0
    ) -> None:
        """Raise it anywhere below the error middleware.

        `where`: the field of the form that is wrong; `retry_after_s`: above 0 it is told.
        """
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message
        self.where = where
        self.retry_after_s = retry_after_s


def fault_response(status: int, error: str, message: str, *, where: str = "") -> web.Response:
    """The one shape of a fault on the wire, in the language of the request."""
    told = {"error": error, "message": said(message), "where": where or None}
    return web.json_response(told, status=status)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn each exception into its answer; what nobody foresaw is logged and says nothing."""
    try:
        return await handler(request)
    except ApiFault as fault:
        response = fault_response(fault.status, fault.error, fault.message, where=fault.where)
        if fault.retry_after_s:
            response.headers["Retry-After"] = str(math.ceil(fault.retry_after_s))
        return response
    except SeatFault as fault:
        return fault_response(SEAT_FAULTS.get(fault.error, 409), fault.error, fault.message)
    except DatabaseAway:
        return fault_response(503, "database_away", "数据库暂不可用，请稍后再试。")
    except web.HTTPException as fault:
        if fault.status < 400:
            raise
        error, message = _HTTP_FAULTS.get(fault.status, ("http_error", "请求未能完成。"))
        response = fault_response(fault.status, error, message)
        if "Allow" in fault.headers:
            response.headers["Allow"] = fault.headers["Allow"]
        return response
    except Exception:
        log.exception("request failed", method=request.method, path=request.path)
        return fault_response(500, "internal", "服务器内部错误，已记录。")
