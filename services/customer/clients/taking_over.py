"""What this service asks of `opportunity` in somebody's name: that a lead becomes an opportunity, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from servicekit.peers.client import Peer, PeerRefused

LEAD_SYSTEM = "lead"
"""The system of an opportunity's external reference that says which lead it was: unique there, for ever."""

REFERENCE_TAKEN = "reference_taken"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The opportunity that a lead became."""

    id: UUID
    principal_id: UUID


class Opportunities:
    """The service `opportunity`."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def take_over(self, lead_id: UUID, terms: Mapping[str, Any]) -> HandedOver:
        """Make the opportunity of a lead, or return the one that an earlier call made.

        The lead's id is the opportunity's external reference, which `opportunity` keeps unique: a call whose answer was
        lost, or two at once, make one, however late they come.

        Raises:
            PeerUnavailable: it cannot be reached; whether it was made is not known.
            PeerRefused: it refuses the terms, or the opportunity is not the caller's to see.
        """
        reference = {"system": LEAD_SYSTEM, "id": str(lead_id)}
        try:
            made = await self._peer.post("/v1/opportunities", {**terms, "external_reference": reference})
        except PeerRefused as refusal:
            present = await self._find(lead_id) if refusal.problem.get("code") == REFERENCE_TAKEN else None
            if present is None:
                raise
            return present
        return _read(made)

    async def _find(self, lead_id: UUID) -> HandedOver | None:
        asked = {"external_system": LEAD_SYSTEM, "external_id": str(lead_id)}
        found = await self._peer.get("/v1/opportunities", asked)
        return _read(found["items"][0]) if found["items"] else None


def _read(answer: Mapping[str, Any]) -> HandedOver:
    return HandedOver(UUID(answer["id"]), UUID(answer["principal_id"]))
