"""Every answer says which version of the org chart stands behind it, so that other services fetch what they lack."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orgchart.following import chart_of
from services.team.org_chart.actions import published_version

FIRST_FAILURE = 400


class ChartVersion:
    """ASGI middleware: `Org-Chart-Version` is what the request has published, or the present version."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request and name the version in its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        mark = published_version.set(None)

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                published = published_version.get() if message["status"] < FIRST_FAILURE else None
                version = published or chart_of(scope["app"].state.service).version
                message["headers"] = [*message.get("headers", []), (b"org-chart-version", str(version).encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_version)
        finally:
            published_version.reset(mark)
