"""Whose opportunities a report is about."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from servicekit.values.errors import RuleViolated


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

    def __init__(self, name: str) -> None:
        super().__init__(f"This scope needs {name}.", field=f"query:{name}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for.

    `person_id` also bounds a product line where the asker does not see everything, and `customer_ids` are those of a
    customer's group that the asker sees.
    """

    kind: ScopeKind
    person_id: UUID | None = None
    customer_id: UUID | None = None
    product_line_id: UUID | None = None
    customer_ids: tuple[UUID, ...] = ()
