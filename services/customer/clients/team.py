"""What this service asks `team` live: whom customers go to by the assignment rules."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from servicekit.peers.client import Peer
from servicekit.values.errors import PeerUnavailable
from servicekit.web.service import service_of
from services.customer.rulings.rules import Ruling, Rulings

EVALUATIONS = "/v1/assignments/evaluations"
TIMEOUT_SECONDS = 1.5
"""No longer: who enters a customer does not wait for its account manager."""


class AssignmentRules:
    """The assignment rules of the service `team`."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def rulings(self, customers: Sequence[Mapping[str, Any]]) -> Rulings:
        """Return what the rules say of customers, by their attributes; people take their turns by it.

        Raises:
            PeerUnavailable: nobody can say.
        """
        body = {"customers": list(customers)}
        answer = await self._peer.post(EVALUATIONS, body, repeatable=True, timeout_seconds=TIMEOUT_SECONDS)
        number = answer["number"]
        return Rulings(number, [_ruling(one, number) for one in answer["customers"]])

    async def ask(self, customers: Sequence[Mapping[str, Any]]) -> Rulings | None:
        """Return what the rules say, or None where nobody can say now."""
        try:
            return await self.rulings(customers)
        except PeerUnavailable:
            return None


def _ruling(told: Mapping[str, Any], number: int | None) -> Ruling:
    manager = told["account_manager_id"]
    return Ruling(UUID(manager) if manager else None, number, told["rule_name"])


async def _assignment_rules(request: Request) -> AssignmentRules:
    return AssignmentRules(service_of(request).peers["team"])


CurrentAssignmentRules = Annotated[AssignmentRules, Depends(_assignment_rules)]
