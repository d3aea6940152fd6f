"""What sure signs say of an intake, and who decides where they say nothing."""

from collections.abc import Collection
from uuid import UUID

from services.customer.customers.rules.deciding import ASSIGNING_ROLES, WRITING_ROLES, Decider
from services.customer.customers.rules.refusals import OwnMatter
from services.customer.intakes.rules.refusals import (
    CandidateMissing,
    CandidateNotMeant,
    ChannelMissing,
    ChannelNotSource,
    DiscriminatorNotMeant,
    IntakeErasureNotAllowed,
    ReviewNotAllowed,
)
from services.customer.intakes.rules.values import Candidate, Decision, Outcome, Source, Verdict
from services.customer.matching.rules.deciding import Decision as CheckDecision
from services.customer.matching.rules.deciding import Judged

SURE = 1000
"""The highest score."""


def verdict_of(decision: CheckDecision[UUID]) -> Verdict:
    """Return what the uniqueness check says of an intake, with what speaks for and against each candidate."""
    candidates = tuple(_candidate(one) for one in decision.candidates)
    return Verdict(Outcome(decision.outcome.value), candidates)


def _candidate(judged: Judged[UUID]) -> Candidate:
    parts = judged.score.parts
    agreed = tuple(one.field for one in parts if one.points > 0)
    against = tuple(one.field for one in parts if one.points < 0)
    return Candidate(judged.candidate, round(SURE * judged.score.value), agreed, against)


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


def check_erasure(decider: Decider, entered_by: UUID | None, superiors: Collection[UUID]) -> None:
    """Refuse to erase what an intake says of people to whoever entered it, and to anybody who is not above them.

    It cannot be undone, and takes away what their own work is judged by.
    """
    if entered_by is not None and entered_by in decider.persons:
        raise OwnMatter("Somebody else has to decide on the personal data of what you entered.")
    if not decider.has_any(WRITING_ROLES) and decider.authority not in superiors:
        raise IntakeErasureNotAllowed


def check_decision(decision: Decision, *, names_candidate: bool, names_discriminator: bool) -> None:
    """Refuse a decision that names too little or too much."""
    is_of_candidate = decision in {Decision.SAME, Decision.SITE}
    if is_of_candidate and not names_candidate:
        raise CandidateMissing
    if names_candidate and not is_of_candidate:
        raise CandidateNotMeant
    if names_discriminator and decision not in {Decision.NEW, Decision.SITE}:
        raise DiscriminatorNotMeant
