"""What the routes work with besides the view of the hotline: one field for each topic."""

from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, kw_only=True)
class WebParts:
    """Built in callcenter.parts; a topic that is None is not served by this process."""


PARTS = web.AppKey("parts", WebParts)
