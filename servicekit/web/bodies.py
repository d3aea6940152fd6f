"""The size of bodies: refused as soon as it is known, without reading what is too much."""

from starlette.exceptions import HTTPException as StarletteHTTPException  # noqa: TID251 (what the framework passes on)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 32 * 1024 * 1024
TOO_LARGE = 413


class BodyLimit:
    """ASGI middleware: whoever reads more of a body than the limit gets a 413 instead."""

    def __init__(self, app: ASGIApp, limit: int = LARGEST_BODY) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request, counting what it reads."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        seen = 0

        async def receive_counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.limit:
                raise StarletteHTTPException(TOO_LARGE)
            return message

        await self.app(scope, receive_counted, send)
