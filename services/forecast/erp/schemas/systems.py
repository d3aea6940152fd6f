"""ERP systems and their codes over the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from servicekit.web.pages import ListQuery
from servicekit.web.schemas import Input, Line, Output
from services.forecast.erp.rules.references import Named, ReferenceKind, named
from services.forecast.erp.rules.systems import ErpKind, SystemFields

SystemName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class ErpSystemInput(Input):
    """What can be said of an ERP system."""

    kind: ErpKind
    company: Line | None = Field(
        default=None, description="The company whose documents it takes; ERPNext needs it.", examples=["Boots Ltd"]
    )
    customer: Line | None = Field(
        default=None,
        description="The customer that forecasts are for; frePPLe needs it.",
        examples=["All customers"],
    )
    forecast_name: Line | None = Field(
        default=None, description="The forecast that entries belong to; Business Central needs it.", examples=["SALES"]
    )


class ErpSystemRequest(ErpSystemInput):
    """A new ERP system."""

    name: SystemName = Field(description="What references and orders call it; it stays.", examples=["erpnext"])

    def fields(self) -> SystemFields:
        """Return the plain values."""
        return SystemFields(self.name, self.kind, self.company, self.customer, self.forecast_name)


class ErpSystemPatch(Input):
    """A merge patch of an ERP system; null takes away."""

    kind: ErpKind | None = None
    company: Line | None = None
    customer: Line | None = None
    forecast_name: Line | None = None

    def applied_to(self, present: SystemFields) -> SystemFields:
        """Return what the system is said to be after the change."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if given.get("kind") is None:
            given["kind"] = present.kind
        kept = {name: getattr(present, name) for name in SystemFields.__dataclass_fields__}
        return SystemFields(**(kept | given))


class ErpSystemAnswer(Output):
    """An ERP system that plans are handed over to."""

    id: UUID
    version: int
    name: str
    kind: ErpKind
    company: str | None
    customer: str | None
    forecast_name: str | None
    created_at: datetime


class ErpSystemQuery(ListQuery):
    """Which ERP systems."""

    kind: ErpKind | None = None
    name: SystemName | None = None


class ErpReferenceItem(Input):
    """That an ERP system calls one thing of ours so: a product, a product line, a delivery place, or a unit."""

    system: SystemName = Field(examples=["erpnext"])
    code: Code = Field(description="What the ERP system calls it.", examples=["BOOT-42"])
    product_id: UUID | None = None
    product_line_id: UUID | None = None
    place: Line | None = Field(default=None, description="A delivery place as plans name it, or `unspecified`.")
    unit: Short | None = None

    def named(self) -> Named:
        """Return what is named."""
        return named(self.product_id, self.product_line_id, self.place, self.unit)


class ErpReferencePatch(Input):
    """Another code for the same thing."""

    code: Code


class ErpReferenceAnswer(Output):
    """What an ERP system calls something of ours; one of the four is there."""

    id: UUID
    version: int
    system: str
    kind: ReferenceKind
    product_id: UUID | None
    product_line_id: UUID | None
    place: str | None
    unit: str | None
    code: str
    created_at: datetime

    @model_validator(mode="before")
    @classmethod
    def _from_row(cls, value: Any) -> Any:
        if not hasattr(value, "subject"):
            return value
        subjects = {"product": "product_id", "product_line": "product_line_id", "place": "place", "unit": "unit"}
        fields = {name: getattr(value, name) for name in ("id", "version", "system", "kind", "code", "created_at")}
        return fields | dict.fromkeys(subjects.values()) | {subjects[value.kind]: value.subject}


class ErpReferenceQuery(ListQuery):
    """Which references."""

    system: SystemName | None = None
    kind: ReferenceKind | None = None
    subject: str | None = Field(default=None, max_length=400, description="An id, a delivery place or a unit.")
    code: str | None = Field(default=None, max_length=200)
