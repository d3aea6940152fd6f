"""How deep a body is nested: refused before anything is made of it."""

import re

from servicekit.values.errors import Malformed

DEEPEST = 32
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


class BodyTooDeep(Malformed):
    """Objects and lists lie within each other deeper than any input of ours."""

    code = "body_too_deep"

    def __init__(self) -> None:
        super().__init__(f"A body may be nested up to {DEEPEST} levels deep.", field="")


def check_depth(body: bytes) -> None:
    """Refuse JSON that is nested too deep.

    Few brackets are not deep. Of many, pairs with nothing in between are dropped once per level, which costs no
    step per byte; what is left over is too deep, or no JSON, which is told by whoever reads it.

    Raises:
        BodyTooDeep: it is.
    """
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return
    brackets = _TEXT.sub(b"", body).translate(_ONE_KIND, _ALL_BUT_BRACKETS)
    for _ in range(DEEPEST):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"")
    if brackets[: DEEPEST + 1].count(b"[") > DEEPEST or b"[]" in brackets:
        raise BodyTooDeep
