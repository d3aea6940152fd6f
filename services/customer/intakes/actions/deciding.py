"""The review queue: a person says what an intake is, or has it checked again."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from orgchart.viewer import Viewer
from servicekit.data.transactions import Writing
from services.customer.customers.actions.people import decider_of, superiors_of
from services.customer.customers.store import records as customers
from services.customer.customers.store import writes as customer_writes
from services.customer.events import INTAKE_DECIDED
from services.customer.intakes.actions import joining
from services.customer.intakes.actions.checking import Described, check, describe, words_to_wait_for
from services.customer.intakes.actions.joining import Arrived
from services.customer.intakes.rules import deciding
from services.customer.intakes.rules.refusals import (
    CandidatesChanged,
    DiscriminatorNeeded,
    IntakeDecided,
    ReviewNotAllowed,
    UnknownCandidate,
)
from services.customer.intakes.rules.values import OUTCOME_OF, Candidate, Decision, Outcome, Source, Verdict
from services.customer.intakes.store import records, writes
from services.customer.intakes.store.records import IntakeRow, Kept
from services.customer.intakes.store.writes import Standing
from services.customer.uniqueness.store import wait_for_turn


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody makes of an intake in the review queue, and why."""

    decision: Decision
    reason: str
    candidate_id: UUID | None = None
    discriminator: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An intake of the queue, locked, with its company and the check as it would be now."""

    row: IntakeRow
    described: Described
    verdict: Verdict

    @property
    def arrived(self) -> Arrived:
        """The intake whose outcome is to follow."""
        return Arrived(self.row.id, self.row.acting_for, Source(self.row.source), self.described)


async def decide(tx: Writing, viewer: Viewer, intake_id: UUID, decided: Decided, *, today: date) -> IntakeRow:
    """Say what an intake is.

    Raises:
        IntakeDecided: somebody has decided already, or there was nothing to decide.
        CandidatesChanged: the check would say something else now.
    """
    deciding.check_decision(
        decided.decision,
        names_candidate=decided.candidate_id is not None,
        names_discriminator=bool(decided.discriminator),
    )
    reviewed = await _review(tx, viewer, intake_id, today=today)
    shown = await records.candidates_of(tx, reviewed.row)
    candidate = _candidate(shown, decided.candidate_id)
    if decided.decision is not Decision.NOT_A_COMPANY and not _is_as_shown(shown, reviewed.verdict):
        raise CandidatesChanged
    customer_id = await _carry_out(tx, viewer, reviewed, decided, candidate, today=today)
    outcome = OUTCOME_OF[decided.decision]
    standing = Standing(intake_id, reviewed.row.version + 1, reviewed.row.round, outcome, customer_id)
    await writes.append_outcome(tx, standing, decision=decided.decision, reason=decided.reason)
    return await _finish(tx, viewer, standing)


async def check_again(tx: Writing, viewer: Viewer, intake_id: UUID, *, today: date) -> IntakeRow:
    """Check an intake of the queue by what the base knows now; what is sure by now is done."""
    reviewed = await _review(tx, viewer, intake_id, today=today)
    verdict, row = reviewed.verdict, reviewed.row
    if verdict.customer_id is not None:
        await writes.lock_customers(tx, [verdict.customer_id])
    outcome, customer_id = await joining.follow(tx, viewer, reviewed.arrived, verdict, today=today)
    standing = Standing(intake_id, row.version + 1, row.round + 1, outcome, customer_id)
    await writes.append_candidates(tx, intake_id, standing.round, verdict.candidates)
    await writes.append_outcome(tx, standing)
    return await _finish(tx, viewer, standing)


async def _review(tx: Writing, viewer: Viewer, intake_id: UUID, *, today: date) -> Reviewed:
    """Wait for whoever is at the same company, lock the intake, and refuse whoever may not decide on it."""
    seen = await records.get(tx, viewer, intake_id)
    described = describe(seen.content, Source(seen.source))
    (words,) = await words_to_wait_for(tx, [described])
    await wait_for_turn(tx, words)
    row = await records.lock(tx, viewer, intake_id)
    deciding.check_review(decider_of(viewer), row.acting_for, await superiors_of(tx, row.acting_for, today))
    if viewer.is_machine:
        raise ReviewNotAllowed
    if row.outcome != Outcome.REVIEW:
        raise IntakeDecided(row.outcome)
    (verdict,) = await check(tx, [described])
    return Reviewed(row, described, verdict)


def _candidate(shown: list[Kept], candidate_id: UUID | None) -> Kept | None:
    if candidate_id is None:
        return None
    for one in shown:
        if one.id == candidate_id:
            return one
    raise UnknownCandidate


def _is_as_shown(shown: list[Kept], verdict: Verdict) -> bool:
    then = {Candidate(one.customer_id, one.score, tuple(one.agreed), tuple(one.contradicts)) for one in shown}
    return verdict.outcome is Outcome.REVIEW and then == set(verdict.candidates)


async def _carry_out(
    tx: Writing, viewer: Viewer, reviewed: Reviewed, decided: Decided, candidate: Kept | None, *, today: date
) -> UUID | None:
    if decided.decision is Decision.NOT_A_COMPANY:
        return None
    if decided.decision is Decision.SAME and candidate is not None:
        await writes.lock_customers(tx, [candidate.customer_id])
        await joining.supplement(tx, viewer, reviewed.arrived, candidate.customer_id, today=today)
        return candidate.customer_id
    parent_id = candidate.customer_id if candidate is not None else None
    if parent_id is not None and parent_id not in await customers.seen_of(tx, viewer, [parent_id]):
        raise ReviewNotAllowed
    if not decided.discriminator and await customer_writes.find_by_key(tx, reviewed.described.key) is not None:
        raise DiscriminatorNeeded
    return await joining.make(
        tx, viewer, reviewed.arrived, today=today, discriminator=decided.discriminator, parent_id=parent_id
    )


async def _finish(tx: Writing, viewer: Viewer, standing: Standing) -> IntakeRow:
    await writes.set_standing(tx, standing)
    kept = await records.get(tx, viewer, standing.intake_id)
    tx.publish(INTAKE_DECIDED, standing.intake_id, joining.state_of(kept))
    return kept
