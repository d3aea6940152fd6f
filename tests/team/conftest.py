"""What the tests of the service share."""

import pytest

from tests.house import Client, House


@pytest.fixture
async def admin(house: House) -> Client:
    return await house.admin()
