"""Who decides on an intake, and what a decision names."""

from uuid import UUID

import pytest

from servicekit.values.errors import KeyaccountError
from servicekit.values.ids import new_id
from services.customer.customers.rules.deciding import Decider
from services.customer.customers.rules.refusals import OwnMatter
from services.customer.intakes.rules import deciding, refusals
from services.customer.intakes.rules.values import Decision, Source


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
