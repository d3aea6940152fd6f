"""What may be told of customers: to who sees them everything, to others name, tier and who looks after them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.customer.finding.rules.fitting import Fit
from services.customer.matching.rules.agreements import NameLevel
from services.customer.matching.rules.deciding import Decision, Judged, Outcome, Verdict
from services.customer.matching.rules.scoring import Part


@dataclass(frozen=True, slots=True)
class Told:
    """A customer that is told of; `visible` says whether more than the masked form may be."""

    id: UUID
    visible: bool
    legal_name: str
    tier: str | None
    account_manager_id: UUID | None
    kind: str
    country: str
    city: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer that a checked company may be; of one out of sight neither score nor what agrees."""

    told: Told
    score: float | None
    verdict: Verdict | None
    reason: str | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check answers; the customers that it names are seen by whoever asks."""

    decision: Outcome
    reason: str | None
    customer_id: UUID | None
    site_of: UUID | None
    candidates: list[Candidate]


@dataclass(frozen=True, slots=True)
class Result:
    """A customer that a search found."""

    told: Told
    fit: Fit


def tell(decision: Decision[UUID], told: Mapping[UUID, Told]) -> Checked:
    """Return what may be told of a decision over customers of which `told` holds what there is to tell."""
    seen = {one for one, what in told.items() if what.visible}
    candidates = [_candidate(one, told[one.candidate]) for one in decision.candidates if one.candidate in told]
    knows_all = all(one.candidate in seen for one in decision.candidates)
    return Checked(
        decision.outcome,
        decision.reason if knows_all else None,
        decision.matched if decision.matched in seen else None,
        decision.site_of if decision.site_of in seen else None,
        [one for one in candidates if one is not None],
    )


def _candidate(judged: Judged[UUID], told: Told) -> Candidate | None:
    """Tell of a candidate; one out of sight whose name is not like the company's says that something else agrees."""
    if told.visible:
        return Candidate(told, judged.score.value, judged.verdict, judged.reason, judged.score.parts)
    if judged.verdict is not Verdict.IDENTIFIED and judged.score.name.level < NameLevel.WEAK:
        return None
    return Candidate(told, None, None, None, ())
