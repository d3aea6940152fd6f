"""External references: what an ERP system calls a product, a product line, a delivery place or a unit of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated


class ReferenceKind(StrEnum):
    """What a reference is of."""

    PRODUCT = "product"
    PRODUCT_LINE = "product_line"
    PLACE = "place"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Named:
    """Something of ours that a reference can be of; `subject` is an id, a delivery place or a unit, as text."""

    kind: ReferenceKind
    subject: str


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Something of ours in a plan that an ERP system has no code for; `label` is what people call it."""

    kind: ReferenceKind
    subject: str
    label: str | None


class ReferenceNamesNotOne(RuleViolated):
    """A reference is of exactly one thing."""

    code = "reference_names_not_one"

    def __init__(self) -> None:
        super().__init__("Name exactly one of product_id, product_line_id, place and unit.", field="")


class ErpReferenceTaken(Conflict):
    """The ERP system has a code for this already."""

    code = "erp_reference_taken"

    def __init__(self) -> None:
        super().__init__("The ERP system has a code for this already: change that one.", field="/code")


class ReferencesMissing(RuleViolated):
    """The ERP system has no code for some of what the plan names.

    `products`, `product_lines` and `places` list it, at most 100 of each.
    """

    code = "erp_references_missing"
    members: ClassVar[tuple[str, ...]] = ("products", "product_lines", "places")

    def __init__(self, system: str, unmapped: Sequence[Unmapped]) -> None:
        super().__init__(
            f"{system} has no code for some of what the plan names: add references (/v1/erp-references), or leave it "
            "out by unmapped=leave_out.",
            field="query:system",
        )
        self.products = _told(unmapped, ReferenceKind.PRODUCT)
        self.product_lines = _told(unmapped, ReferenceKind.PRODUCT_LINE)
        self.places = [each.subject for each in unmapped if each.kind is ReferenceKind.PLACE]


class UnitsMixed(RuleViolated):
    """Things counted in different units have one code in the ERP system; `codes` says which."""

    code = "erp_units_mixed"
    members: ClassVar[tuple[str, ...]] = ("codes",)

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            "What is counted in different units cannot be added up under one code: give each unit its own.",
            field="query:system",
        )
        self.codes = list(codes)


def named(product_id: UUID | None, product_line_id: UUID | None, place: str | None, unit: str | None) -> Named:
    """Return the one thing that is named.

    Raises:
        ReferenceNamesNotOne: none is, or several are.
    """
    given = [
        Named(kind, str(value))
        for kind, value in (
            (ReferenceKind.PRODUCT, product_id),
            (ReferenceKind.PRODUCT_LINE, product_line_id),
            (ReferenceKind.PLACE, place),
            (ReferenceKind.UNIT, unit),
        )
        if value is not None
    ]
    if len(given) != 1:
        raise ReferenceNamesNotOne
    return given[0]


def _told(unmapped: Sequence[Unmapped], kind: ReferenceKind) -> list[dict[str, str | None]]:
    return [{"id": each.subject, "code": each.label} for each in unmapped if each.kind is kind]
