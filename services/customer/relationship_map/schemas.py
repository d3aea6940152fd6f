"""The map over the wire."""

from uuid import UUID

from pydantic import Field

from servicekit.web.schemas import Output
from services.customer.relationship_map.rules.mapping import EdgeKind, NodeKind
from services.customer.relationships.rules import Attitude, Closeness, DecisionRole


class MapNodeAnswer(Output):
    """Somebody at the customer, or one of ours who knows somebody there."""

    id: UUID
    kind: NodeKind
    name: str = Field(description="Empty where the personal data were erased.")
    title: str | None
    department: str | None
    decision_role: DecisionRole | None
    attitude: Attitude | None
    closeness: Closeness | None
    has_left: bool
    is_erased: bool
    depth: int | None = Field(description="Levels from the top of the reporting line; null for our own people.")


class MapEdgeAnswer(Output):
    """What lies between two people, read from the first to the second."""

    kind: EdgeKind
    from_id: UUID
    to_id: UUID


class RelationshipMapAnswer(Output):
    """The map: contacts in the order of the reporting line, then our own people."""

    customer_id: UUID
    nodes: list[MapNodeAnswer]
    edges: list[MapEdgeAnswer]
    is_cut: bool = Field(description="There are more than 1,000 contacts: the first by name are shown.")
