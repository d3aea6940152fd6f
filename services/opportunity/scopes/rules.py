"""Whose opportunities a report is about."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import RuleViolated

EVERYTHING_ID = UUID(int=0)
"""Stands for everything where other scopes have the id of whom or what they are about."""


class ScopeKind(StrEnum):
    """Whose opportunities a report is about."""

    EVERYTHING = "everything"
    PERSON = "person"
    SUBTREE = "subtree"
    CUSTOMER = "customer"
    PRODUCT_LINE = "product_line"


class ScopeIncomplete(RuleViolated):
    """The scope needs to say whose."""

    code = "scope_incomplete"

    def __init__(self, name: str, field: str | None = None) -> None:
        super().__init__(f"This scope needs {name}.", field=field or f"query:{name}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for.

    `person_id` also bounds a product line where the asker does not see everything, and `customer_ids` are those of a
    customer's group that the asker sees. `is_part` says that the asker sees a part of what is asked for only.
    """

    kind: ScopeKind
    person_id: UUID | None = None
    customer_id: UUID | None = None
    product_line_id: UUID | None = None
    customer_ids: tuple[UUID, ...] = ()
    is_part: bool = False

    @property
    def subject_id(self) -> UUID:
        """Whom or what it is about."""
        found = {ScopeKind.CUSTOMER: self.customer_id, ScopeKind.PRODUCT_LINE: self.product_line_id}
        return found.get(self.kind, self.person_id) or EVERYTHING_ID
