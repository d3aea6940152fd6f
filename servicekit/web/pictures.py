"""Answers that are data, or a picture (SVG) for who asks for one by `Accept: image/svg+xml`."""

from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

PICTURE, DATA = "image/svg+xml", "application/json"


def forms(what: str) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route whose answer, `what`, is data or a picture."""
    return {
        200: {
            "description": f"{what}, as data or with `Accept: {PICTURE}` as a picture.",
            "content": {PICTURE: {"schema": {"type": "string"}}},
        }
    }


def wants_picture(request: Request) -> bool:
    """Whether a picture is named among what is accepted, and data is not named before it."""
    accept = request.headers.get("accept", "")
    named = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
    known = [each for each in named if each in {PICTURE, DATA}]
    return bool(known) and known[0] == PICTURE


def as_picture(drawn: str) -> Response:
    """Return the answer that is a picture."""
    return Response(drawn, media_type=PICTURE, headers={"vary": "accept"})


def as_data(answer: BaseModel) -> Response:
    """Return the answer that is data."""
    return Response(answer.model_dump_json(), media_type=DATA, headers={"vary": "accept"})
