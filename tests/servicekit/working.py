"""A process that does the walls' jobs until it is killed: `python -m tests.servicekit.working URL SECRETS`."""

import asyncio
import sys
from pathlib import Path

from keyaccount.provisioning import SERVICES
from servicekit.run.settings import Settings
from servicekit.web.application import Parts, Runtime, assemble
from tests.servicekit.conftest import authenticate, router


async def main(url: str, secrets: str) -> None:
    parts = Parts(name="team", title="Walls", routers=[router], authenticate=lambda _: authenticate)
    settings = Settings("team", url, Path(secrets), dict.fromkeys(SERVICES, ""), log_level="ERROR")
    app = assemble(parts, Runtime(settings, background=False))
    async with app.router.lifespan_context(app):
        await app.state.service.jobs.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
