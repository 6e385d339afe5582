"""A client of the web application for every test here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from callcenter.web.app import make_app
from callcenter.web.auth import load_api_key
from callcenter.web.web_parts import WebParts
from tests.callcenter.web.fake_view import FakeSettings, FakeView
from tests.callcenter.web.people import People, people_in

OpenClient = Callable[..., Awaitable[TestClient[Any, Any]]]


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of log-ins are tried here: what a hash costs, tests/callcenter/accounts see to."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("callcenter.accounts.passwords._HASHER", quick)


@pytest.fixture
def view() -> FakeView:
    return FakeView()


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    """Accounts, empty: `await people.add(Role.ADMIN)`."""
    made = await people_in(tmp_path)
    yield made
    await made.store.close()


@pytest.fixture
async def open_client(tmp_path: Path, view: FakeView) -> AsyncIterator[OpenClient]:
    """Start the application over the fake view; `known`: with the API key in every request."""
    async with AsyncExitStack() as stack:

        async def start(*, known: bool = True, **options: Any) -> TestClient[Any, Any]:
            parts = options.pop("parts", None) or WebParts(figures=view)
            app = make_app(view, FakeSettings(tmp_path), parts=parts, **options)
            key = {"Authorization": f"Bearer {load_api_key(tmp_path)}"} if known else {}
            return await stack.enter_async_context(TestClient(TestServer(app), headers=key))

        yield start
