"""What the routes work with besides the view of the hotline: one field for each topic."""

from dataclasses import dataclass, field

from aiohttp import web

from callcenter.web.feed import Feed
from callcenter.web.view import Figures


@dataclass(frozen=True, kw_only=True)
class WebParts:
    """Built in callcenter.parts; a topic that is None is not served by this process."""

    feed: Feed = field(default_factory=Feed)
    figures: Figures | None = None


PARTS = web.AppKey("parts", WebParts)
