"""Somebody with a password, and a browser."""

from collections.abc import AsyncIterator

import pytest

from tests.house import Client, House
from tests.make import Make, word
from tests.team.browser_sign_in.browser import Browser, browser_at


@pytest.fixture
async def browser(house: House) -> AsyncIterator[Browser]:
    async with browser_at(house) as opened:
        yield opened


@pytest.fixture
async def person(make: Make) -> Client:
    return await make.person()


@pytest.fixture
async def credentials(admin: Client, person: Client) -> dict[str, str]:
    given = {"username": f"user.{word()}", "password": f"{word()}{word()}"}
    await admin.done("POST", f"/v1/people/{person.id}/credentials", given)
    return given
