"""The map is in the order of the line, and its picture shows it without taking a name for markup."""

import itertools
from uuid import UUID
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from services.customer.relationship_map.rules.drawing import BOX_HEIGHT, draw
from services.customer.relationship_map.rules.mapping import EdgeKind, Member, map_of

SVG = "{http://www.w3.org/2000/svg}"
PEOPLE = {UUID(int=900): "Anna", UUID(int=901): "<Bob>"}


def member(number: int, name: str, above: int | None = None, **given: object) -> Member:
    described: dict[str, object] = {"title": None, "department": None, "decision_role": None, "attitude": None}
    described |= {"closeness": None, "has_left": False, "is_erased": False, "influences_ids": (), "known_by_ids": ()}
    superior = None if above is None else UUID(int=above)
    return Member(UUID(int=number), name, reports_to_id=superior, **(described | given))  # type: ignore[arg-type]


@st.composite
def companies(draw_one: st.DrawFn) -> list[Member]:
    """Return contacts of whom each reports to an earlier one, or to nobody, and influences anybody."""
    size = draw_one(st.integers(0, 30))
    members = []
    for number in range(size):
        above = draw_one(st.one_of(st.none(), st.integers(0, number - 1))) if number else None
        influenced = draw_one(st.lists(st.integers(0, size - 1), max_size=3))
        ids = [UUID(int=each) for each in influenced if each != number]
        known = draw_one(st.lists(st.sampled_from(sorted(PEOPLE)), unique=True))
        members.append(member(number, draw_one(st.text(max_size=80)), above, influences_ids=ids, known_by_ids=known))
    return members


@given(companies(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_picture_is_well_formed_complete_and_the_same_for_the_same_people(
    members: list[Member], chance: object
) -> None:
    found = map_of(members, PEOPLE)
    picture = draw(found, "A & B <Ltd>")
    shuffled = list(members)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert draw(map_of(shuffled, PEOPLE), "A & B <Ltd>") == picture
    root = ET.fromstring(picture)  # noqa: S314 (our own)
    boxes = root.findall(f"{SVG}g/{SVG}rect")
    assert len(boxes) == len(members)
    tops = sorted(int(box.get("y", "")) for box in boxes)
    assert all(after - before >= BOX_HEIGHT for before, after in itertools.pairwise(tops)), "none overlaps"
    kinds = [edge.kind for edge in found.edges]
    assert len(root.findall(f"{SVG}path[@class='influences']")) == kinds.count(EdgeKind.INFLUENCES)
    assert len(root.findall(f"{SVG}path[@class='reports']")) == kinds.count(EdgeKind.REPORTS_TO)
    place = {node.id: number for number, node in enumerate(found.nodes)}
    depth = {node.id: node.depth for node in found.nodes}
    for edge in found.edges:
        if edge.kind is EdgeKind.REPORTS_TO:
            assert place[edge.to_id] < place[edge.from_id]
            assert depth[edge.from_id] == (depth[edge.to_id] or 0) + 1


def test_names_are_text_and_told_to_those_who_do_not_see() -> None:
    people = [
        member(1, "王伟 <script>", title="CEO", decision_role="decision_maker", known_by_ids=[UUID(int=901)]),
        member(2, "gone", above=1, is_erased=True, has_left=True, influences_ids=[UUID(int=1)]),
    ]
    picture = draw(map_of(people, PEOPLE), "Firm")
    assert "<script>" not in picture
    assert "gone" not in picture
    root = ET.fromstring(picture)  # noqa: S314 (our own)
    assert root.get("role") == "img"
    described = root.findtext(f"{SVG}desc") or ""
    assert "(erased) reports to 王伟 <script>." in described
    assert "<Bob> knows 王伟 <script>." in described
    boxes = root.findall(f"{SVG}g/{SVG}rect")
    assert [box.get("class") for box in boxes] == ["decides", "left"]


def test_two_hundred_contacts_are_drawn_and_none_is_lost() -> None:
    people = [member(number, f"N{number:03}", (number - 1) // 5 if number else None) for number in range(200)]
    root = ET.fromstring(draw(map_of(people, {}), "Firm"))  # noqa: S314 (our own)
    assert len(root.findall(f"{SVG}g")) == 200
    assert int(root.get("height", "0")) >= 200 * BOX_HEIGHT
