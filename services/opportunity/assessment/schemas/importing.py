"""Assessments that were made elsewhere, over the wire."""

import json
from datetime import date, datetime
from hashlib import blake2b
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from servicekit.values.dates import start_of_day
from servicekit.web.schemas import ExternalReference
from services.opportunity.assessment.rules.importing import Imported
from services.opportunity.assessment.schemas.assessments import AnswersInput


class AssessmentItem(AnswersInput):
    """An assessment of a batch, known by its reference; it names its opportunity by id or by reference."""

    external_reference: ExternalReference
    opportunity_id: UUID | None = None
    opportunity_reference: ExternalReference | None = None
    assessed_at: AwareDatetime | date | None = Field(
        default=None, description="Now unless given; a date means its first instant."
    )
    assessed_by_id: UUID | None = Field(default=None, description="Who assessed; whoever imports unless given.")

    def told(self, zone: ZoneInfo) -> Imported:
        """Return the plain value with its digest."""
        named = self.opportunity_reference
        return Imported(
            system=self.external_reference.system,
            external_id=self.external_reference.id,
            digest=self._digest(),
            opportunity_id=self.opportunity_id,
            opportunity_reference=(named.system, named.id) if named else None,
            answers=self.as_answers(),
            model=self.model,
            at=self._instant(zone),
            by=self.assessed_by_id,
        )

    def _digest(self) -> bytes:
        """Say what was told, in any order, of an opportunity by any of its names."""
        said = self.model_dump(mode="json", exclude={"opportunity_id", "opportunity_reference"}, exclude_defaults=True)
        return blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).digest()

    def _instant(self, zone: ZoneInfo) -> datetime | None:
        if self.assessed_at is None or isinstance(self.assessed_at, datetime):
            return self.assessed_at
        return start_of_day(self.assessed_at, zone)
