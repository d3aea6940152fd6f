"""The map as a picture (SVG 1.1): one row for each contact, indented by the reporting line.

It reads in black and white: the part in the decision, attitude and closeness are words, decision makers have a thick
frame, who has left a dashed one, influence is a dashed arrow at the right. No two rows overlap, however many there are.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from servicekit.values.drawing import fitted, opened, written
from services.customer.relationship_map.rules.mapping import Edge, EdgeKind, Node, NodeKind, RelationshipMap

BOX_WIDTH, BOX_HEIGHT, ROW, INDENT, MARGIN = 420, 50, 66, 32, 16
LETTERS = 56
"""Columns of text that a box holds; a character of East Asian width takes two."""
BOW, MOST_BOW = 24, 240
"""How far an arrow of influence bends to the right for each row it passes, and at most, in pixels."""
WITHOUT_NAME = "(erased)"
_STYLE = (
    "text{font-family:sans-serif;font-size:13px;fill:#000}.name{font-weight:bold}"
    "rect{fill:#fff;stroke:#000;stroke-width:1}.decides{stroke-width:3}.left{stroke-dasharray:6 4}"
    "path{fill:none;stroke:#000;stroke-width:1}.influences{stroke-dasharray:4 3}"
)


def draw(found: RelationshipMap, customer_name: str) -> str:
    """Return the picture of a map, the same for the same map."""
    contacts = [node for node in found.nodes if node.kind is NodeKind.CONTACT]
    names = {node.id: shown_name(node) for node in found.nodes}
    known_by = _known_by(found.edges, names)
    places = {node.id: (MARGIN + INDENT * (node.depth or 0), MARGIN + ROW * row) for row, node in enumerate(contacts)}
    right = max((x for x, _ in places.values()), default=MARGIN) + BOX_WIDTH
    width, height = right + MOST_BOW + MARGIN, MARGIN + ROW * max(len(contacts), 1)
    parts = [
        opened(
            width,
            height,
            name="map",
            title=f"Relationship map of {customer_name}",
            description=_description(found, contacts, names),
            style=_STYLE,
        ),
        (
            '<defs><marker id="arrow" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
            '<path d="M0,0 L8,4 L0,8 z" style="fill:#000"/></marker></defs>'
        ),
    ]
    parts += [_line(places[edge.from_id], places[edge.to_id]) for edge in found.edges if _is(edge, EdgeKind.REPORTS_TO)]
    parts += [_box(node, places[node.id], names[node.id], known_by.get(node.id, ())) for node in contacts]
    parts += [
        _arrow(places[edge.from_id], places[edge.to_id], right)
        for edge in found.edges
        if _is(edge, EdgeKind.INFLUENCES)
    ]
    if not contacts:
        parts.append(f'<text x="{MARGIN}" y="{MARGIN + 20}">No contacts.</text>')
    return "".join([*parts, "</svg>"])


def _is(edge: Edge, kind: EdgeKind) -> bool:
    return edge.kind is kind


def shown_name(node: Node) -> str:
    """Return what somebody is called on the picture."""
    return WITHOUT_NAME if node.is_erased else node.name


def _known_by(edges: Sequence[Edge], names: Mapping[UUID, str]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for edge in edges:
        if _is(edge, EdgeKind.KNOWS):
            found.setdefault(edge.to_id, []).append(names[edge.from_id])
    return found


def _description(found: RelationshipMap, contacts: Sequence[Node], names: Mapping[UUID, str]) -> str:
    said = [f"{len(contacts)} contacts."]
    words = {EdgeKind.REPORTS_TO: "reports to", EdgeKind.INFLUENCES: "influences", EdgeKind.KNOWS: "knows"}
    said += [f"{names[edge.from_id]} {words[edge.kind]} {names[edge.to_id]}." for edge in found.edges]
    return " ".join(said)


def _box(node: Node, place: tuple[int, int], name: str, known_by: Sequence[str]) -> str:
    x, y = place
    classes = [("decides", node.decision_role == "decision_maker"), ("left", node.has_left)]
    drawn = " ".join(word for word, holds in classes if holds)
    role = (node.decision_role or "").replace("_", " ")
    first = ", ".join(part for part in (name, node.title, node.department) if part)
    knows = f"known by {', '.join(known_by)}" if known_by else ""
    about = [role, node.attitude or "", node.closeness or "", "has left" if node.has_left else "", knows]
    second = " · ".join(part for part in about if part)
    full = f"{first}; {second}" if second else first
    return (
        f'<g><title>{written(full)}</title><rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="3" '
        f'class="{drawn}"/><text x="{x + 10}" y="{y + 20}" class="name">{written(fitted(first, LETTERS))}</text>'
        f'<text x="{x + 10}" y="{y + 40}">{written(fitted(second, LETTERS))}</text></g>'
    )


def _line(below: tuple[int, int], above: tuple[int, int]) -> str:
    """Return the elbow from a box to the one it reports to."""
    x, top = above[0] + INDENT // 2, above[1] + BOX_HEIGHT
    return f'<path class="reports" d="M{x},{top} V{below[1] + BOX_HEIGHT // 2} H{below[0]}"/>'


def _arrow(first: tuple[int, int], second: tuple[int, int], right: int) -> str:
    """Return the bow from the right edge of a box to that of another, the farther the wider."""
    bend = min(BOW * (abs(first[1] - second[1]) // ROW + 1), MOST_BOW)
    x_1, x_2 = first[0] + BOX_WIDTH, second[0] + BOX_WIDTH
    y_1, y_2 = first[1] + BOX_HEIGHT // 2 + 6, second[1] + BOX_HEIGHT // 2 - 6
    return (
        f'<path class="influences" marker-end="url(#arrow)" '
        f'd="M{x_1},{y_1} C{right + bend},{y_1} {right + bend},{y_2} {x_2},{y_2}"/>'
    )
