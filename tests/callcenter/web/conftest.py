"""A client of the web application for every test here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from callcenter.web.app import make_app
from tests.callcenter.web.fake_view import FakeSettings, FakeView

OpenClient = Callable[..., Awaitable[TestClient[Any, Any]]]


@pytest.fixture
def view() -> FakeView:
    return FakeView()


@pytest.fixture
async def open_client(tmp_path: Path, view: FakeView) -> AsyncIterator[OpenClient]:
    """Start the application over the fake view: `await open_client(demo=False)`."""
    async with AsyncExitStack() as stack:

        async def start(*, demo: bool = True, **options: Any) -> TestClient[Any, Any]:
            app = make_app(view, FakeSettings(tmp_path, demo=demo), **options)
            return await stack.enter_async_context(TestClient(TestServer(app)))

        yield start
