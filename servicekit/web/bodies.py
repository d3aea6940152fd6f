"""The size of bodies: refused as soon as it is known, without reading what is too much."""

from starlette.exceptions import HTTPException as StarletteHTTPException  # noqa: TID251 (what the framework passes on)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 32 * 1024 * 1024
LARGEST_PLAIN_BODY = 1024 * 1024
MANY_AT_ONCE = ("/batches", "/imports", "/jobs")
"""What takes many things at once, by the end of its path."""
TOO_LARGE = 413


class BodyLimit:
    """ASGI middleware: whoever reads more of a body than the limit gets a 413 instead."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request, counting what it reads."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        limit = LARGEST_BODY if scope["path"].endswith(MANY_AT_ONCE) else LARGEST_PLAIN_BODY
        seen = 0

        async def receive_counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise StarletteHTTPException(TOO_LARGE)
            return message

        await self.app(scope, receive_counted, send)
