"""What sure signs say of an intake."""

from uuid import UUID

import pytest

from servicekit.values.errors import KeyaccountError
from servicekit.values.ids import new_id
from services.customer.customers.rules.deciding import Decider
from services.customer.customers.rules.refusals import OwnMatter
from services.customer.intakes.rules import deciding, refusals
from services.customer.intakes.rules.deciding import KnownCompany, verdict_of
from services.customer.intakes.rules.values import Decision, Outcome, Source
from services.customer.matching.rules.identifiers import Identifier, Scheme

A, B = Identifier(Scheme.USCC, "A", verified=True), Identifier(Scheme.USCC, "B", verified=True)
SITE = Identifier(Scheme.DOMAIN, "a.com", verified=True)


def known(*identifiers: Identifier, by_name: bool) -> KnownCompany:
    return KnownCompany(new_id(), identifiers, by_name)


def test_nothing_known_is_new() -> None:
    assert verdict_of([A], []).outcome is Outcome.NEW


def test_an_identifier_decides_alone_whatever_the_name_says() -> None:
    holder, namesake = known(A, by_name=False), known(B, by_name=True)

    verdict = verdict_of([A], [namesake, holder])

    assert (verdict.outcome, verdict.customer_id) == (Outcome.MATCHED, holder.customer_id)
    assert [one.customer_id for one in verdict.candidates] == [holder.customer_id, namesake.customer_id]
    assert verdict.candidates[1].contradicts == ("uscc",)


@pytest.mark.parametrize("theirs", [(), (SITE,), (Identifier(Scheme.LEI, "L", verified=True),)])
def test_a_name_in_its_place_decides_where_nothing_contradicts(theirs: tuple[Identifier, ...]) -> None:
    namesake = known(*theirs, by_name=True)

    assert verdict_of([A], [namesake]).customer_id == namesake.customer_id


def test_a_contradicted_name_and_two_of_a_name_are_for_a_person() -> None:
    assert verdict_of([A], [known(B, by_name=True)]).outcome is Outcome.REVIEW
    assert verdict_of([], [known(by_name=True), known(by_name=True)]).outcome is Outcome.REVIEW
    assert verdict_of([A, SITE], [known(A, by_name=False), known(SITE, by_name=False)]).outcome is Outcome.REVIEW


def test_an_unverified_identifier_neither_decides_nor_contradicts() -> None:
    unsure = Identifier(Scheme.USCC, "A", verified=False)

    assert verdict_of([unsure], [known(A, by_name=False)]).outcome is Outcome.NEW
    assert verdict_of([unsure], [known(B, by_name=True)]).outcome is Outcome.MATCHED


def test_tax_numbers_of_two_countries_do_not_contradict() -> None:
    german, french = (Identifier(Scheme.VAT, f"{land}1", verified=True) for land in ("DE", "FR"))

    assert verdict_of([german], [known(french, by_name=True)]).outcome is Outcome.MATCHED
    other = Identifier(Scheme.VAT, "DE2", verified=True)
    assert verdict_of([german], [known(other, by_name=True)]).outcome is Outcome.REVIEW


def decider(person: UUID, *roles: str, behalf: UUID | None = None) -> Decider:
    return Decider(behalf or person, frozenset({person, behalf or person}), frozenset(roles))


def test_nobody_reviews_what_they_entered_in_whosever_name() -> None:
    seller, superior, other = new_id(), new_id(), new_id()

    deciding.check_review(decider(superior), seller, [superior])
    deciding.check_review(decider(other, "sales_operations"), seller, [superior])
    for own in (decider(seller, "sales_operations"), decider(seller, behalf=superior), decider(other, behalf=seller)):
        with pytest.raises(OwnMatter):
            deciding.check_review(own, seller, [superior])
    for stranger in (decider(other), decider(other, "admin"), decider(other, "marketing")):
        with pytest.raises(refusals.ReviewNotAllowed):
            deciding.check_review(stranger, seller, [superior])


@pytest.mark.parametrize(
    ("decision", "candidate", "discriminator", "refused"),
    [
        (Decision.SAME, False, False, refusals.CandidateMissing),
        (Decision.SITE, False, False, refusals.CandidateMissing),
        (Decision.NEW, True, False, refusals.CandidateNotMeant),
        (Decision.NOT_A_COMPANY, True, False, refusals.CandidateNotMeant),
        (Decision.SAME, True, True, refusals.DiscriminatorNotMeant),
        (Decision.NOT_A_COMPANY, False, True, refusals.DiscriminatorNotMeant),
    ],
)
def test_a_decision_names_what_it_is_about(
    decision: Decision, candidate: bool, discriminator: bool, refused: type[KeyaccountError]
) -> None:
    with pytest.raises(refused):
        deciding.check_decision(decision, names_candidate=candidate, names_discriminator=discriminator)


def test_a_channel_partner_is_named_where_it_is_the_source_and_only_there() -> None:
    deciding.check_source(Source.CHANNEL_PARTNER, new_id())
    deciding.check_source(Source.WEB_FORM, None)
    with pytest.raises(refusals.ChannelMissing):
        deciding.check_source(Source.CHANNEL_PARTNER, None)
    with pytest.raises(refusals.ChannelNotSource):
        deciding.check_source(Source.REFERRAL, new_id())
