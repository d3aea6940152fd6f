"""What sure signs say of an intake, and who decides where they say nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.customer.customers.rules.deciding import ASSIGNING_ROLES, Decider
from services.customer.customers.rules.refusals import OwnMatter
from services.customer.intakes.rules.refusals import (
    CandidateMissing,
    CandidateNotMeant,
    ChannelMissing,
    ChannelNotSource,
    DiscriminatorNotMeant,
    ReviewNotAllowed,
)
from services.customer.intakes.rules.values import Candidate, Decision, Outcome, Source, Verdict
from services.customer.matching.rules.identifiers import Identifier, Scheme

SURE = 1000
"""The score of a sign that decides alone."""

ONE_EACH = frozenset({Scheme.USCC, Scheme.LEI, Scheme.DUNS, Scheme.VAT})
"""A company has one of each (of a tax number in each country): another value is another company's."""


@dataclass(frozen=True, slots=True)
class KnownCompany:
    """A customer that shares a sure sign with an intake: its verified identifiers, and which signs it shares."""

    customer_id: UUID
    identifiers: Collection[Identifier]
    shares_name: bool


def verdict_of(identifiers: Iterable[Identifier], known: Iterable[KnownCompany]) -> Verdict:
    """Say whose an intake is by identifiers, and by its name in its place where no identifier contradicts.

    An identifier decides alone. Where signs point to two customers, or a name is contradicted, a person decides.
    """
    own = {(one.scheme, one.value) for one in identifiers if one.verified}
    shared = [one for one in (_candidate(own, each) for each in known) if one.agreed]
    found = sorted(shared, key=lambda one: (-one.score, str(one.customer_id)))
    by_number = [one for one in found if set(one.agreed) - {"name_country_and_city"}]
    if len(by_number) == 1:
        return Verdict(Outcome.MATCHED, tuple(found))
    if not found:
        return Verdict(Outcome.NEW)
    is_sure = len(found) == 1 and not found[0].contradicts
    return Verdict(Outcome.MATCHED if is_sure else Outcome.REVIEW, tuple(found))


def _candidate(own: Collection[tuple[Scheme, str]], known: KnownCompany) -> Candidate:
    theirs = {(one.scheme, one.value) for one in known.identifiers if one.verified}
    shared = sorted(scheme.value for scheme, _ in theirs.intersection(own))
    against = contradictions(own, theirs)
    agreed = (*shared, *(("name_country_and_city",) if known.shares_name else ()))
    score = SURE if shared else SURE - 1 if not against else SURE // 2
    return Candidate(known.customer_id, score, agreed, () if shared else against)


def contradictions(own: Collection[tuple[Scheme, str]], theirs: Collection[tuple[Scheme, str]]) -> tuple[str, ...]:
    """Return the schemes by which two companies are told apart: each has a value, and none of them is the other's."""
    mine, others = _by_register(own), _by_register(theirs)
    return tuple(
        sorted(
            {scheme for (scheme, land), values in mine.items() if values.isdisjoint(others.get((scheme, land), values))}
        )
    )


def _by_register(numbers: Iterable[tuple[Scheme, str]]) -> Mapping[tuple[str, str], set[str]]:
    registers: dict[tuple[str, str], set[str]] = {}
    for scheme, value in numbers:
        if scheme in ONE_EACH:
            land = value[:2] if scheme is Scheme.VAT else ""
            registers.setdefault((scheme.value, land), set()).add(value)
    return registers


def check_source(source: Source, channel_id: UUID | None) -> None:
    """Refuse a channel partner without a name, and one that is named for nothing."""
    if source is Source.CHANNEL_PARTNER and channel_id is None:
        raise ChannelMissing
    if source is not Source.CHANNEL_PARTNER and channel_id is not None:
        raise ChannelNotSource


def check_review(decider: Decider, entered_by: UUID | None, superiors: Collection[UUID]) -> None:
    """Refuse a decision by whoever entered the intake, and by anybody who is neither above them nor in operations."""
    if entered_by is not None and entered_by in decider.persons:
        raise OwnMatter("Somebody else has to decide on what you entered.")
    if not decider.has_any(ASSIGNING_ROLES) and decider.authority not in superiors:
        raise ReviewNotAllowed


def check_decision(decision: Decision, *, names_candidate: bool, names_discriminator: bool) -> None:
    """Refuse a decision that names too little or too much."""
    is_of_candidate = decision in {Decision.SAME, Decision.SITE}
    if is_of_candidate and not names_candidate:
        raise CandidateMissing
    if names_candidate and not is_of_candidate:
        raise CandidateNotMeant
    if names_discriminator and decision not in {Decision.NEW, Decision.SITE}:
        raise DiscriminatorNotMeant
