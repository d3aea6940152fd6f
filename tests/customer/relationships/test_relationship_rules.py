from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customer.customers.rules import hierarchy
from services.customer.customers.rules.deciding import Decider
from services.customer.customers.rules.refusals import OwnMatter
from services.customer.relationships import rules


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40))
def test_checked_parents_never_make_a_cycle(changes: list[tuple[int, int]]) -> None:
    companies = [UUID(int=number) for number in range(10)]
    parents: dict[UUID, UUID] = {}

    def line(company: UUID | None) -> list[UUID]:
        above = []
        while company is not None:
            above.append(company)
            assert len(above) <= len(companies)
            company = parents.get(company)
        return above

    for child, parent in changes:
        try:
            hierarchy.check_parent(companies[child], line(companies[parent]), ())
        except hierarchy.HierarchyCycle:
            continue
        parents[companies[child]] = companies[parent]
    for company in companies:
        line(company)


def test_a_refused_parent_names_the_way_from_it_to_the_company() -> None:
    group, company, site = uuid4(), uuid4(), uuid4()
    with pytest.raises(hierarchy.HierarchyCycle) as refusal:
        hierarchy.check_parent(company, [site, company, group], {site, company, group})
    assert refusal.value.path == [str(site), str(company)]


def test_who_has_a_role_does_not_decide_on_the_personal_data_of_their_own_contacts_either() -> None:
    manager, superior, operations = uuid4(), uuid4(), uuid4()
    roles = frozenset({"admin", "sales_operations"})
    rules.check_erasure(Decider(operations, frozenset({operations}), roles), manager, [superior])
    for who in (frozenset({manager}), frozenset({manager, operations})):
        with pytest.raises(OwnMatter):
            rules.check_erasure(Decider(operations, who, roles), manager, [superior])


def test_a_contact_does_not_report_to_themselves() -> None:
    contact, superior = uuid4(), uuid4()
    rules.check_reporting(contact, [superior])
    for line in ([contact], [superior, contact]):
        with pytest.raises(rules.ReportingCycle):
            rules.check_reporting(contact, line)


@pytest.mark.parametrize("email", ["a@b.cn", "A.B+c@Example.COM ", "王伟@例子.中国", "o'neill@acme.co.uk"])
def test_case_does_not_count_in_an_address(email: str) -> None:
    assert rules.email_key(email.upper()) == rules.email_key(email)


@pytest.mark.parametrize(
    "email", ["", "a", "a@b", "a b@c.de", "a@b.", "@b.cn", "a@@b.cn", "a@b.cn, c@d.cn", "x" * 250 + "@b.cn"]
)
def test_what_is_no_address_is_refused_without_repeating_it(email: str) -> None:
    with pytest.raises(rules.EmailMalformed) as refusal:
        rules.email_key(email)
    assert refusal.value.message == "This is no e-mail address."
