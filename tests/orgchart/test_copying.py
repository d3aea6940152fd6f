"""The copy: differences in any order, lines of today from dated edges, and what of them is asked."""

from datetime import timedelta

from orgchart import questions
from orgchart.chart import Chart
from orgchart.difference import EPOCH
from orgchart.viewer import NOWHERE
from servicekit.data.transactions import reading
from servicekit.values.ids import new_id
from tests.orgchart.conftest import TODAY, Copy, chart_person, difference, edge

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LONG_AGO = TODAY - timedelta(days=400)


async def test_a_line_is_worked_out_from_the_edges_of_today(copy: Copy) -> None:
    top, middle, seller, other = (new_id() for _ in range(4))
    people = [chart_person(person) for person in (seller, middle, top, other)]
    edges = [
        edge(middle, top, LONG_AGO),
        edge(seller, other, LONG_AGO, TODAY),
        edge(seller, middle, TODAY, TOMORROW),
        edge(seller, top, TOMORROW),
    ]
    assert await copy.apply(difference(1, *people, edges=edges))
    assert await copy.paths() == {top: [top], other: [other], middle: [top, middle], seller: [top, middle, seller]}
    assert {moved.person_id for moved in copy.moved} == {top, middle, seller, other}


async def test_a_day_passes_without_a_change_of_version(copy: Copy) -> None:
    top, seller = new_id(), new_id()
    await copy.apply(
        difference(1, chart_person(top), chart_person(seller), edges=[edge(seller, top, LONG_AGO, TOMORROW)])
    )
    assert (await copy.paths())[seller] == [top, seller]
    assert await copy.apply(difference(1, on=TOMORROW))
    assert (await copy.paths())[seller] == [seller]
    assert [moved.person_id for moved in copy.moved] == [seller]
    assert not await copy.apply(difference(1, on=TOMORROW))


async def test_an_edge_that_is_gone_is_forgotten_and_the_subtree_moves(copy: Copy) -> None:
    top, middle, seller = (new_id() for _ in range(3))
    people = [chart_person(person) for person in (top, middle, seller)]
    await copy.apply(difference(1, *people, edges=[edge(middle, top, LONG_AGO), edge(seller, middle, LONG_AGO)]))
    await copy.apply(difference(2, chart_person(middle)))
    assert await copy.paths() == {top: [top], middle: [middle], seller: [middle, seller]}
    assert {moved.person_id for moved in copy.moved} == {middle, seller}


async def test_an_older_difference_that_comes_late_brings_nothing_back(copy: Copy) -> None:
    """Two processes have fetched; the one that fetched first, a day later by its calendar, applies last."""
    seller = new_id()
    await copy.apply(difference(3, chart_person(seller, active=False)))
    assert not await copy.apply(difference(2, chart_person(seller, roles=("admin",)), on=TOMORROW))
    chart = Chart(copy.service)
    await chart.reload()
    member = chart.member(seller)
    assert member is not None
    assert (chart.version, member.active, member.roles) == (3, False, frozenset())


async def test_the_day_of_the_lines_does_not_go_back(copy: Copy) -> None:
    top, seller = new_id(), new_id()
    edges = [edge(seller, top, TOMORROW)]
    await copy.apply(difference(1, chart_person(top), chart_person(seller), on=TOMORROW, edges=edges))
    assert await copy.apply(difference(2, chart_person(top, roles=("finance",)), on=TODAY))
    assert (await copy.paths())[seller] == [top, seller]


async def test_who_has_no_line_sees_nobody(copy: Copy) -> None:
    """An empty path would be above everybody."""
    seller, nobody = new_id(), new_id()
    await copy.apply(difference(1, chart_person(seller), edges=[edge(seller, nobody, LONG_AGO)]))
    assert await copy.paths() == {seller: None}
    chart = Chart(copy.service)
    await chart.reload()
    member = chart.member(seller)
    assert member is not None
    assert member.path == NOWHERE


async def test_superiors_and_subtrees_are_those_of_the_date(copy: Copy) -> None:
    top, former, present, seller = (new_id() for _ in range(4))
    people = [chart_person(person) for person in (top, former, present, seller)]
    edges = [
        edge(former, top, LONG_AGO),
        edge(present, top, LONG_AGO),
        edge(seller, former, LONG_AGO, TODAY),
        edge(seller, present, TODAY),
    ]
    await copy.apply(difference(1, *people, edges=edges))
    async with reading(copy.service.database) as tx:
        assert await questions.superiors(tx, seller, TODAY) == [present, top]
        assert await questions.superiors(tx, seller, YESTERDAY) == [former, top]
        assert await questions.superiors(tx, seller, LONG_AGO - timedelta(days=1)) == []
        assert await questions.is_superior(tx, former, seller, YESTERDAY)
        assert not await questions.is_superior(tx, former, seller, TODAY)
        assert not await questions.is_superior(tx, seller, seller, TODAY)
        assert set(await questions.subtree(tx, present)) == {present, seller}
        assert set(await questions.subtree(tx, present, YESTERDAY)) == {present}
        assert set(await questions.subtree(tx, top, YESTERDAY)) == {top, former, present, seller}
        assert (await questions.people_of(tx, [seller, new_id()])).keys() == {seller}


async def test_a_circle_is_not_followed_for_ever(copy: Copy) -> None:
    one, other = new_id(), new_id()
    edges = [edge(one, other, LONG_AGO), edge(other, one, LONG_AGO)]
    await copy.apply(difference(1, chart_person(one), chart_person(other), edges=edges))
    async with reading(copy.service.database) as tx:
        assert set(await questions.superiors(tx, one, TODAY)) == {one, other}
        assert set(await questions.subtree(tx, one, TODAY)) == {one, other}


async def test_a_copy_starts_over_when_the_chart_was_restored_to_an_older_state(copy: Copy) -> None:
    """Version 9 was published after the state that is restored: the newcomer, and the seller's move, never were."""
    top, middle, seller, newcomer = (new_id() for _ in range(4))
    before = [chart_person(person) for person in (top, middle, seller)]
    old = [edge(middle, top, LONG_AGO), edge(seller, middle, LONG_AGO)]
    await copy.apply(difference(3, *before, edges=old))
    gained = chart_person(newcomer, roles=("admin",))
    await copy.apply(difference(9, gained, chart_person(seller), edges=[edge(seller, newcomer, LONG_AGO)]))
    assert (await copy.paths())[seller] == [newcomer, seller]

    assert await copy.apply(difference(EPOCH + 3, *before, edges=old))

    assert await copy.paths() == {
        top: [top],
        middle: [top, middle],
        seller: [top, middle, seller],
        newcomer: [newcomer],
    }
    chart = Chart(copy.service)
    await chart.reload()
    member = chart.member(newcomer)
    assert member is not None
    assert (member.active, member.roles) == (False, frozenset())
    assert await copy.apply(difference(EPOCH + 4, gained))
    assert not await copy.apply(difference(9, *before))
