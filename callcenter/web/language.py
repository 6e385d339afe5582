"""Each request's language, before anything is said."""

from aiohttp import web
from aiohttp.typedefs import Handler

from callcenter.english.said import LANGUAGE, language_of


@web.middleware
async def in_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer in Chinese, or in English where Accept-Language likes that better."""
    LANGUAGE.set(language_of(request.headers.get("Accept-Language", "")))
    return await handler(request)
