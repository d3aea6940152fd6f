"""Things found by the id that they have in another system."""

from typing import Annotated

from fastapi import Depends, Path

from servicekit.web.schemas import ExternalReference


async def _path_reference(
    system: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$", description="The other system.")],
    external_id: Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="The id there.")],
) -> ExternalReference:
    return ExternalReference(system=system, id=external_id)


PathReference = Annotated[ExternalReference, Depends(_path_reference)]
"""The reference in the path of `…/by-reference/{system}/{external_id}`."""
