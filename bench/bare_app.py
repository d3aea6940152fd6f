"""The least that answers over HTTP: an ASGI app without a framework, and a FastAPI route that does nothing."""

from fastapi import FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

BODY = b'{"text":"' + b"x" * 980 + b'"}'
"""About as long as an opportunity."""


def create_framework_app() -> FastAPI:
    """Return a FastAPI app with a route that takes nothing and returns an answer that is made already."""
    app = FastAPI(openapi_url=None)

    @app.get("/health/ready")
    async def ready() -> Response:
        return Response()

    @app.api_route("/{operation}/{number}", methods=["GET", "POST"])
    async def answer(operation: str, number: int, request: Request) -> Response:  # noqa: ARG001 (as the floor's)
        return Response(BODY, media_type="application/json")

    return app


async def bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whatever is asked."""
    if scope["type"] == "lifespan":
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})
