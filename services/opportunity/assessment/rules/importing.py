"""Assessments as another system tells them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.opportunity.assessment.rules.assessing import Answers

Reference = tuple[str, str]
"""System and id."""


@dataclass(frozen=True, slots=True)
class Imported:
    """An assessment as another system tells it; its opportunity is named by id or by reference."""

    system: str
    external_id: str
    digest: bytes
    opportunity_id: UUID | None
    opportunity_reference: Reference | None
    answers: Answers
    model: int | None
    at: datetime | None
    by: UUID | None
