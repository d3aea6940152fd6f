"""Pictures: who asks for one gets it, and text in it is text."""

from fastapi import Request

from servicekit.values.drawing import fitted, written
from servicekit.web.pictures import wants_picture


def accepting(accept: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept", accept.encode())]})


def test_text_fits_and_unwritable_characters_are_left_out() -> None:
    assert fitted("王" * 40, 56) == "王" * 27 + "…"
    assert fitted("short", 56) == "short"
    assert written("a\x0b\ud800<&") == "a&lt;&amp;"


def test_the_first_form_that_is_named_is_sent() -> None:
    assert wants_picture(accepting("image/svg+xml"))
    assert wants_picture(accepting("text/html, image/svg+xml;q=0.9, application/json"))
    assert not wants_picture(accepting("application/json, image/svg+xml"))
    assert not wants_picture(accepting("*/*"))
    assert not wants_picture(accepting(""))
