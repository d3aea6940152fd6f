"""What a business unit may be part of."""

from collections.abc import Mapping
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated


class UnitReferenceTaken(Conflict):
    """The other system's id stands for another unit already."""

    code = "unit_reference_taken"

    def __init__(self) -> None:
        super().__init__("This external reference stands for another unit already.", field="/external_reference")


class UnknownUnit(RuleViolated):
    """There is no business unit of this id."""

    code = "unknown_business_unit"

    def __init__(self, field: str = "/business_unit_id") -> None:
        super().__init__("There is no business unit of this id.", field=field)


class UnknownHead(RuleViolated):
    """Nobody of this id can head a unit."""

    code = "unknown_head"

    def __init__(self) -> None:
        super().__init__("There is nobody of this id.", field="/head_id")


class UnitInItself(RuleViolated):
    """The unit would be part of itself."""

    code = "unit_in_itself"

    def __init__(self) -> None:
        super().__init__("A unit cannot be part of itself, not through others either.", field="/parent_id")


def check_parent(unit_id: UUID, parent_id: UUID | None, parents: Mapping[UUID, UUID | None]) -> None:
    """Refuse a parent that is the unit itself or lies below it; `parents` says of every unit what it is part of."""
    above = parent_id
    while above is not None:
        if above == unit_id:
            raise UnitInItself
        above = parents.get(above)
