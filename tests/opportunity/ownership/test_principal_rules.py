from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.ownership import rules
from services.opportunity.ownership.rules import Authority, Decider, judge_change

OPPORTUNITY = uuid4()
PRINCIPAL, PEER, MANAGER, HEAD, ELSEWHERE, NEXT = (uuid4() for _ in range(6))
LINE = [MANAGER, HEAD]


def judge(
    decider: UUID,
    *,
    on_behalf_of: UUID | None = None,
    roles: tuple[str, ...] = (),
    present: UUID = PRINCIPAL,
    proposed: UUID = NEXT,
    superiors: list[UUID] = LINE,
    reason: str = "Moves to another region.",
) -> Authority:
    return judge_change(
        Decider(decider, on_behalf_of, roles),
        OPPORTUNITY,
        present=present,
        proposed=proposed,
        superiors=superiors,
        reason=reason,
    )


@pytest.mark.parametrize("superior", LINE)
def test_any_superior_in_the_line_may_replace(superior: UUID) -> None:
    assert judge(superior) is Authority.SUPERIOR


def test_a_superior_may_take_it_over() -> None:
    assert judge(MANAGER, proposed=MANAGER) is Authority.SUPERIOR


@pytest.mark.parametrize("somebody", [PEER, ELSEWHERE, NEXT])
@pytest.mark.parametrize("roles", [(), ("admin",), ("sales_operations",), ("admin", "sales_operations", "auditor")])
def test_nobody_else_may_whatever_their_roles(somebody: UUID, roles: tuple[str, ...]) -> None:
    with pytest.raises(rules.NotASuperior) as refused:
        judge(somebody, roles=roles)
    assert refused.value.aggregate_id == OPPORTUNITY
    assert refused.value.attempted["to"] == str(NEXT)


def test_the_principal_may_not_also_not_as_a_stand_in_for_the_superior() -> None:
    with pytest.raises(rules.OwnMatter):
        judge(PRINCIPAL)
    with pytest.raises(rules.OwnMatter):
        judge(PRINCIPAL, on_behalf_of=MANAGER)
    with pytest.raises(rules.OwnMatter):
        judge(PEER, on_behalf_of=PRINCIPAL)


def test_a_stand_in_for_a_superior_may_but_not_give_it_to_themselves() -> None:
    assert judge(PEER, on_behalf_of=MANAGER) is Authority.SUPERIOR
    with pytest.raises(rules.OwnMatter):
        judge(PEER, on_behalf_of=MANAGER, proposed=PEER)


def test_an_admin_decides_where_no_superior_exists_and_not_by_standing_in() -> None:
    assert judge(ELSEWHERE, roles=("admin",), superiors=[]) is Authority.ADMIN
    with pytest.raises(rules.NotASuperior):
        judge(PEER, on_behalf_of=ELSEWHERE, roles=("admin",), superiors=[])
    with pytest.raises(rules.NotASuperior):
        judge(ELSEWHERE, roles=("sales_operations",), superiors=[])
    with pytest.raises(rules.OwnMatter):
        judge(ELSEWHERE, roles=("admin",), superiors=[], proposed=ELSEWHERE)


def test_a_change_needs_a_reason_and_a_change() -> None:
    with pytest.raises(rules.ReasonForChangeMissing):
        judge(MANAGER, reason="  ")
    with pytest.raises(rules.PrincipalUnchanged):
        judge(MANAGER, proposed=PRINCIPAL)


people = st.sampled_from([PRINCIPAL, PEER, MANAGER, HEAD, ELSEWHERE, NEXT])
role_sets = st.sets(st.sampled_from(["admin", "sales_operations", "auditor", "finance"])).map(tuple)


@given(people, st.none() | people, role_sets, people, st.lists(people, max_size=3, unique=True))
def test_whoever_succeeds_is_a_superior_or_an_admin_of_the_topmost(
    decider: UUID, on_behalf_of: UUID | None, roles: tuple[str, ...], proposed: UUID, superiors: list[UUID]
) -> None:
    try:
        authority = judge(decider, on_behalf_of=on_behalf_of, roles=roles, proposed=proposed, superiors=superiors)
    except (rules.NotASuperior, rules.PrincipalUnchanged):
        return
    assert PRINCIPAL not in (decider, on_behalf_of, proposed)
    if authority is Authority.SUPERIOR:
        assert (on_behalf_of or decider) in superiors
    else:
        assert not superiors
        assert "admin" in roles
        assert on_behalf_of is None
        assert proposed != decider
