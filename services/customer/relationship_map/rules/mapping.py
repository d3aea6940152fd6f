"""The map as data: people of the customer and of ours, and what lies between them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class EdgeKind(StrEnum):
    """What lies between two people, read from the first to the second."""

    REPORTS_TO = "reports_to"
    INFLUENCES = "influences"
    KNOWS = "knows"


class NodeKind(StrEnum):
    """Whose somebody is."""

    CONTACT = "contact"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Member:
    """A contact as the map shows it; one whose personal data were erased has no name."""

    id: UUID
    name: str
    title: str | None
    department: str | None
    decision_role: str | None
    attitude: str | None
    closeness: str | None
    has_left: bool
    is_erased: bool
    reports_to_id: UUID | None
    influences_ids: Sequence[UUID]
    known_by_ids: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Node:
    """Somebody on the map; `depth` counts levels of the reporting line from the top, null for our own people."""

    id: UUID
    kind: NodeKind
    name: str
    title: str | None
    department: str | None
    decision_role: str | None
    attitude: str | None
    closeness: str | None
    has_left: bool
    is_erased: bool
    depth: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """What lies between two people."""

    kind: EdgeKind
    from_id: UUID
    to_id: UUID


@dataclass(frozen=True, slots=True)
class RelationshipMap:
    """Contacts in the order of the reporting line, each below whom they report to, then our own people by name."""

    nodes: list[Node]
    edges: list[Edge]


def in_line_order(members: Collection[Member]) -> list[tuple[Member, int]]:
    """Return each member with its depth, those above before those below, else by name and id.

    Who reports to somebody that is not on the map stands at the top.
    """
    present = {each.id for each in members}
    below: dict[UUID | None, list[Member]] = {}
    for each in sorted(members, key=lambda one: (one.name, str(one.id)), reverse=True):
        below.setdefault(each.reports_to_id if each.reports_to_id in present else None, []).append(each)
    ordered: list[tuple[Member, int]] = []
    waiting = [(each, 0) for each in below.get(None, ())]
    while waiting:
        member, depth = waiting.pop()
        ordered.append((member, depth))
        waiting += [(each, depth + 1) for each in below.get(member.id, ())]
    return ordered


def map_of(members: Collection[Member], people: Mapping[UUID, str]) -> RelationshipMap:
    """Return the map of a customer's contacts; `people` are the names of ours who know them."""
    ordered = in_line_order(members)
    present = {member.id for member, _ in ordered}
    nodes = [_node(member, depth) for member, depth in ordered]
    known = {person for member, _ in ordered for person in member.known_by_ids if person in people}
    nodes += [_person(each, people[each]) for each in sorted(known, key=lambda one: (people[one], str(one)))]
    edges = []
    for member, _ in ordered:
        if member.reports_to_id in present and member.reports_to_id is not None:
            edges.append(Edge(EdgeKind.REPORTS_TO, member.id, member.reports_to_id))
        edges += [Edge(EdgeKind.INFLUENCES, member.id, each) for each in member.influences_ids if each in present]
        edges += [Edge(EdgeKind.KNOWS, person, member.id) for person in member.known_by_ids if person in people]
    return RelationshipMap(nodes, edges)


def _node(member: Member, depth: int) -> Node:
    return Node(
        id=member.id,
        kind=NodeKind.CONTACT,
        name=member.name,
        title=member.title,
        department=member.department,
        decision_role=member.decision_role,
        attitude=member.attitude,
        closeness=member.closeness,
        has_left=member.has_left,
        is_erased=member.is_erased,
        depth=depth,
    )


def _person(person_id: UUID, name: str) -> Node:
    nothing = dict.fromkeys(("title", "department", "decision_role", "attitude", "closeness", "depth"))
    return Node(id=person_id, kind=NodeKind.PERSON, name=name, has_left=False, is_erased=False, **nothing)
