"""Reading the map of a customer's people."""

from dataclasses import dataclass
from uuid import UUID

from orgchart import questions
from orgchart.viewer import Viewer
from servicekit.data.transactions import Questions
from services.customer.customers.store import records
from services.customer.relationship_map import store
from services.customer.relationship_map.rules.mapping import RelationshipMap, map_of


@dataclass(frozen=True, slots=True)
class ReadMap:
    """The map of a customer's people, and whether there are more contacts than it shows."""

    customer_id: UUID
    customer_name: str
    found: RelationshipMap
    is_cut: bool


async def read(tx: Questions, viewer: Viewer, customer_id: UUID) -> ReadMap:
    """Return the map of a customer, for whoever sees it."""
    customer = await records.get(tx, viewer, customer_id)
    members = await store.members_of(tx, customer.id)
    shown = members[: store.MOST_SHOWN]
    ids = sorted({each for member in shown for each in member.known_by_ids})
    people = {each.id: each.name for each in (await questions.people_of(tx, ids)).values()} if ids else {}
    return ReadMap(customer.id, customer.legal_name, map_of(shown, people), len(members) > len(shown))
