"""Merges over the wire."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Output, Prose
from services.customer.customers.rules.values import CustomerKind, Tier
from services.customer.merging.rules import DECIDED


class MergePreviewQuery(Input):
    """The duplicate that would be merged into the customer of the path."""

    merged_id: UUID


class MergeRequest(Input):
    """The duplicate to merge into the customer of the path, as both were seen, and what holds where they differ."""

    merged_id: UUID
    survivor_version: int = Field(ge=1, description="The survivor's, as the preview told it.")
    merged_version: int = Field(ge=1, description="The duplicate's, as the preview told it.")
    account_manager_id: UUID | None = Field(default=None, description="One of the two; needed if the two differ.")
    tier: Tier | None = Field(default=None, description="One of the two; needed if the two differ.")
    parent_id: UUID | None = Field(default=None, description="One of the two; needed if the two differ.")
    reason: Prose

    def chosen(self) -> dict[str, Any]:
        """Return what was decided."""
        sent = {name: getattr(self, name) for name in DECIDED if name in self.model_fields_set}
        return sent | ({"tier": self.tier.value} if self.tier else {})


class UndoRequest(Input):
    """Why the merge is undone."""

    reason: Prose


class DifferenceAnswer(Output):
    """What the two say of one field."""

    field: str
    survivor: str | None
    merged: str | None


class PartAnswer(Output):
    """A name, identifier or address that the duplicate brings along."""

    id: UUID
    kind: str = Field(description="The kind of a name or address, the scheme of an identifier.")
    value: str


class SameContactAnswer(Output):
    """Two contacts of one e-mail address: they are one person from then on, as the survivor's says."""

    merged_id: UUID
    merged_name: str
    survivor_id: UUID
    survivor_name: str


class ChildAnswer(Output):
    """A company that belongs to the duplicate, and will belong to the survivor."""

    id: UUID
    legal_name: str
    kind: CustomerKind


class PrincipalAnswer(Output):
    """A principal owner of opportunities of the duplicate; they stay it."""

    person_id: UUID
    opportunities: int


class MergePreviewAnswer(Output):
    """What a merge would combine, as far as you see it."""

    survivor_id: UUID
    survivor_version: int
    merged_id: UUID
    merged_version: int
    undecided: list[DifferenceAnswer] = Field(description="The request has to say which one of the two holds.")
    differences: list[DifferenceAnswer] = Field(description="The survivor's stays; change it afterwards if need be.")
    names: list[PartAnswer]
    identifiers: list[PartAnswer]
    addresses: list[PartAnswer]
    contacts: int = Field(description="Of the duplicate, each person once.")
    same_contacts: list[SameContactAnswer]
    children: list[ChildAnswer]
    more_children: bool
    opportunities: int
    principals: list[PrincipalAnswer]


class MergeAnswer(Output):
    """A merge: from `at` until `undone_at` the merged id stands for the survivor."""

    id: UUID
    merged_id: UUID
    survivor_id: UUID
    settled: dict[str, list[str | None]] = Field(
        description="What the merge changed of the survivor's account manager, tier and parent: before and after."
    )
    reason: str
    at: datetime
    may_be_undone_until: datetime
    decided_by: UUID | None
    on_behalf_of: UUID | None
    undone_at: datetime | None
    undone_by: UUID | None
    undone_on_behalf_of: UUID | None
    undone_reason: str | None


class MergeQuery(ListQuery):
    """Merges in their order; `sort` takes `at`, with `-` in front for the latest first."""
