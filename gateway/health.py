"""Health of the gateway and, composed, of the house."""

import asyncio
import time
from http import HTTPStatus
from typing import Any

from gateway.upstreams import DocumentUnavailable, Upstream, Upstreams
from servicekit.tokens.fetched import FetchedKeys

ASK_SECONDS = 2.0
KEPT_SECONDS = 1.0

Health = tuple[int, dict[str, Any]]
"""Status of the answer and what it says."""


class HealthReport:
    """Answers the questions below /health."""

    def __init__(self, upstreams: Upstreams, keys: FetchedKeys) -> None:
        self._upstreams = upstreams
        self._keys = keys
        self._house: Health = (503, {})
        self._good_until = 0.0
        self._asking = asyncio.Lock()

    async def ready(self) -> Health:
        """Say whether requests can be let in: that takes the keys that sign tokens."""
        if not self._keys.known:
            await self._keys.refresh()
        if self._keys.known:
            return 200, {"status": "ready", "lacks": []}
        return 503, {"status": "not_ready", "lacks": ["signing_keys"]}

    async def house(self) -> Health:
        """Say how each service is; what could not be asked is named under `unavailable`."""
        if time.monotonic() >= self._good_until:
            async with self._asking:
                if time.monotonic() >= self._good_until:
                    self._house = await self._ask_all()
                    self._good_until = time.monotonic() + KEPT_SECONDS
        return self._house

    async def _ask_all(self) -> Health:
        asked = self._upstreams.by_name.values()
        answers, (_, gateway) = await asyncio.gather(
            asyncio.gather(*(_ask(upstream) for upstream in asked)), self.ready()
        )
        services = {
            name: answer | {"breaker": self._upstreams.by_name[name].breaker.state}
            for name, answer in zip(self._upstreams.by_name, answers, strict=True)
        }
        well = all(health["status"] == "ready" for health in (*services.values(), gateway))
        return 200, {
            "status": "ready" if well else "degraded",
            "gateway": gateway,
            "services": services,
            "unavailable": [name for name, health in services.items() if health["status"] == "unreachable"],
        }


async def _ask(upstream: Upstream) -> dict[str, Any]:
    try:
        status, report = await upstream.document("/health/ready", ASK_SECONDS)
    except DocumentUnavailable:
        return {"status": "unreachable"}
    return {"status": "ready" if status == HTTPStatus.OK else "not_ready", "report": report}
