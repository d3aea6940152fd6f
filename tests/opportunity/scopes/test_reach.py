from uuid import UUID, uuid4

from orgchart.chart import Member
from orgchart.viewer import Viewer
from services.opportunity.scopes.reach import FEW, HUNDREDS, Breadth, reach_of


def chart(sellers: int, *others: Member) -> tuple[UUID, dict[UUID, Member]]:
    """Return a head with so many sellers below, and whoever stands elsewhere."""
    head = uuid4()
    below = [uuid4() for _ in range(sellers)]
    people = [Member(head, "person", frozenset(), head.hex, True)]
    people += [Member(one, "person", frozenset(), f"{head.hex}.{one.hex}", True) for one in below]
    return head, {one.id: one for one in (*people, *others)}


def viewer(person_id: UUID, *roles: str) -> Viewer:
    return Viewer(person_id, frozenset(roles), person_id.hex)


def test_a_line_is_few_many_or_everybody() -> None:
    elsewhere = uuid4()
    other = Member(elsewhere, "person", frozenset(), elsewhere.hex, True)
    machine = Member(uuid4(), "machine", frozenset(), uuid4().hex, True)
    head, small = chart(FEW - 1, other)
    assert reach_of(viewer(head), small).breadth is Breadth.FEW
    assert len(reach_of(viewer(head), small).people) == FEW
    strangers = [Member(one, "person", frozenset(), one.hex, True) for one in (uuid4() for _ in range(FEW))]
    head, large = chart(FEW, other, *strangers)
    assert reach_of(viewer(head), large).breadth is Breadth.MANY
    assert reach_of(viewer(head), large).includes(head)
    assert not reach_of(viewer(head), large).includes(elsewhere)
    head, huge = chart(HUNDREDS, other, *strangers)
    assert reach_of(viewer(head), huge).breadth is Breadth.MULTITUDE
    head, most = chart(FEW, other, machine)
    assert reach_of(viewer(head), most).breadth is Breadth.MOST
    assert set(reach_of(viewer(head), most).people) == {elsewhere, machine.id}
    assert reach_of(viewer(head), most).includes(head)
    assert not reach_of(viewer(head), most).includes(elsewhere)
    head, whole = chart(FEW, machine)
    assert reach_of(viewer(head), whole).breadth is Breadth.EVERYTHING
    assert reach_of(viewer(elsewhere), large).people == [elsewhere]
    assert reach_of(viewer(elsewhere, "auditor"), large).breadth is Breadth.EVERYTHING


def test_another_chart_is_another_reach() -> None:
    head, members = chart(2)
    assert len(reach_of(viewer(head), members).people) == 3
    fewer = dict(list(members.items())[:2])
    assert len(reach_of(viewer(head), fewer).people) == 2
