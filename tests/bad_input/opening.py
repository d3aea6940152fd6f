"""A house with one of everything in it, and the traffic that a seed makes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from keyaccount.database_urls import with_database
from keyaccount.provisioning import drop_database
from tests.bad_input.cast import gathered
from tests.bad_input.rows import Rows
from tests.bad_input.running import Traffic
from tests.bad_input.serving import served
from tests.conftest import Template
from tests.house import open_house
from tests.system.scene import open_scene


@asynccontextmanager
async def traffic_to(template: Template, seed: int) -> AsyncIterator[Traffic]:
    """Open a house with one of everything in it, and the traffic that a seed makes."""
    print(f"generated input: KEYACCOUNT_INPUT_SEED={seed}")  # noqa: T201 - by it a failure is made again
    name, urls = await template.clone()
    async with open_house(urls, template.secrets) as house, served(house) as reached:
        rows = await Rows.opened(with_database(template.admin_url, name))
        cast = await gathered(await open_scene(house), set(reached.document["paths"]))
        try:
            yield Traffic(house, reached, cast, rows, Random(seed))  # noqa: S311 - no secret is drawn
        finally:
            await rows.close()
    await drop_database(template.admin_url, name)
