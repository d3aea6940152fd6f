"""What this service asks `team` live: the reporting line as it is at this moment."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from servicekit.peers.client import Peer
from servicekit.web.service import service_of


@dataclass(frozen=True, slots=True)
class Superiors:
    """Everybody above somebody, the direct superior first, by which version of the org chart."""

    ids: list[UUID]
    chart_version: int


class Team:
    """The service `team`."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def superiors_of(self, person_id: UUID) -> Superiors:
        """Return who stands above somebody now.

        Raises:
            PeerUnavailable: nobody can say; what rests on it is refused.
        """
        answer = await self._peer.get(f"/v1/people/{person_id}/superiors")
        return Superiors([UUID(item["id"]) for item in answer["items"]], int(answer["chart_version"]))


async def _team(request: Request) -> Team:
    return Team(service_of(request).peers["team"])


CurrentTeam = Annotated[Team, Depends(_team)]
