"""The catalogue: product lines form a tree; a product has a unit, which may be whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated


class ProductLineCycle(RuleViolated):
    """A product line would be its own ancestor."""

    code = "product_line_cycle"

    def __init__(self) -> None:
        super().__init__("A product line cannot stand below itself.", field="/parent_id")


class ProductCodeTaken(Conflict):
    """Another product has this code."""

    code = "product_code_taken"

    def __init__(self) -> None:
        super().__init__("Another product has this code.", field="/code")


class ProductLineNameTaken(Conflict):
    """A product line of this name exists beside it."""

    code = "product_line_name_taken"

    def __init__(self) -> None:
        super().__init__("A product line of this name exists there already.", field="/name")


class UnknownProductLine(RuleViolated):
    """There is no such product line."""

    code = "unknown_product_line"

    def __init__(self, field: str = "/product_line_id") -> None:
        super().__init__("There is no such product line.", field=field)


@dataclass(frozen=True, slots=True)
class Goods:
    """What the catalogue says of a product."""

    id: UUID
    product_line_id: UUID
    unit_is_whole: bool
    list_price: Decimal | None
    list_price_currency: str | None


def check_parent(line_id: UUID, parent_id: UUID | None, parents: Mapping[UUID, UUID | None]) -> None:
    """Refuse a parent that stands below the line; `parents` holds every line's parent."""
    above = parent_id
    seen: set[UUID] = set()
    while above is not None and above not in seen:
        if above == line_id:
            raise ProductLineCycle
        seen.add(above)
        above = parents.get(above)
