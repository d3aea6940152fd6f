"""The house behind one door, as the gateway would show it to a client."""

import httpx

from tests.house import SERVICE_BY_SEGMENT, House


class Door(httpx.AsyncBaseTransport):
    """Sends each request to the service that its path belongs to; asking for the health lets events arrive first."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._transports = {name: httpx.ASGITransport(app) for name, app in house.apps.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/health":
            return await self._health()
        service = SERVICE_BY_SEGMENT[request.url.path.split("/")[2]]
        request.headers.setdefault("org-chart-version", str(self._house.chart_version))
        answer = await self._transports[service].handle_async_request(request)
        version = int(answer.headers.get("org-chart-version", 0))
        self._house.chart_version = max(self._house.chart_version, version)
        return answer

    async def _health(self) -> httpx.Response:
        await self._house.settle()
        services = {}
        for name, transport in self._transports.items():
            asked = httpx.Request("GET", f"http://{name}.test/health/ready")
            answer = await transport.handle_async_request(asked)
            await answer.aread()
            services[name] = {"status": "ready", "report": answer.json()}
        return httpx.Response(200, json={"status": "ready", "services": services, "unavailable": []})
