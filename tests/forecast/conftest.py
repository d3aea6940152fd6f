"""One world that the tests of this folder share: assert on what your test made."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Template
from tests.forecast.world import World, open_world


@pytest.fixture(scope="session")
async def world(template: Template) -> AsyncIterator[World]:
    _, urls = await template.clone()
    async with open_world(urls, template.secrets) as opened:
        yield opened
