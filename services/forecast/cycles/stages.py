"""Which stages there are: asked of `opportunity` live, as a cycle that names some is defined."""

from typing import Annotated

from fastapi import Depends, Request

from servicekit.peers.client import Peer
from servicekit.web.service import service_of

MOST_VERSIONS = 500
"""Of the funnel, the newest: what ran on older ones is long decided."""


class PublishedStages:
    """The stages of all published versions of the funnel."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def keys(self) -> list[str]:
        """Return their keys, those of the current version first."""
        versions = (await self._peer.get("/v1/funnel-definitions", {"limit": MOST_VERSIONS}))["items"]
        return list(dict.fromkeys(stage["key"] for version in versions for stage in version["stages"]))


async def _published(request: Request) -> PublishedStages:
    return PublishedStages(service_of(request).peers["opportunity"])


CurrentPublishedStages = Annotated[PublishedStages, Depends(_published)]
