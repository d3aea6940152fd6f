"""ETags are versions: what was read is what may be changed."""

import re
from typing import Annotated

from fastapi import Depends, Header

from servicekit.values.errors import Malformed, PreconditionMissing

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


class ETagMalformed(Malformed):
    """If-Match is not one ETag of ours."""

    code = "etag_malformed"


async def _if_match(
    if_match: Annotated[str | None, Header(description="The ETag of what you read.")] = None,
) -> int:
    if if_match is None:
        raise PreconditionMissing
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise ETagMalformed('If-Match takes one ETag as it was sent, such as "7".', field="header:If-Match")
    return int(match[1])


IfMatch = Annotated[int, Depends(_if_match)]
"""The version that a change is based on."""
