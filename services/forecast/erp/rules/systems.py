"""ERP systems: which there are, what each must be told, and who keeps that."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from servicekit.values.errors import Conflict, NotAllowed, RuleViolated


class ErpKind(StrEnum):
    """The product that an ERP system is."""

    ERPNEXT = "erpnext"
    ODOO = "odoo"
    FREPPLE = "frepple"
    BUSINESS_CENTRAL = "business_central"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SystemFields:
    """What can be said of an ERP system.

    Attributes:
        name: what its references and orders call it; never changed.
        kind: the product that it is.
        company: the company whose documents it takes (ERPNext).
        customer: the customer that a forecast is for (frePPLe), such as the root of its customers.
        forecast_name: the forecast that entries belong to (Business Central).
    """

    name: str
    kind: ErpKind
    company: str | None
    customer: str | None
    forecast_name: str | None


NEEDED: Mapping[ErpKind, str] = {
    ErpKind.ERPNEXT: "company",
    ErpKind.FREPPLE: "customer",
    ErpKind.BUSINESS_CENTRAL: "forecast_name",
}
"""What an ERP of a kind requires of each document and cannot be left to guess."""


class MayNotKeepErp(NotAllowed):
    """Sales operations and production planning keep what ERP systems are told."""

    code = "may_not_keep_erp"

    def __init__(self) -> None:
        super().__init__("Sales operations or production planning keep ERP systems, references and confirmed orders.")


class ErpSystemTaken(Conflict):
    """There is an ERP system of this name."""

    code = "erp_system_taken"

    def __init__(self) -> None:
        super().__init__("There is an ERP system of this name.", field="/name")


class UnknownErpSystem(RuleViolated):
    """There is no such ERP system; `systems` are those that there are."""

    code = "unknown_erp_system"
    members: ClassVar[tuple[str, ...]] = ("systems",)

    def __init__(self, message: str, systems: list[str], field: str = "/system") -> None:
        super().__init__(message, field=field)
        self.systems = systems


class ErpSettingMissing(RuleViolated):
    """An ERP of this kind requires this of every document."""

    code = "erp_setting_missing"


def check_settings(fields: SystemFields) -> None:
    """Refuse an ERP system that lacks what its documents require."""
    needed = NEEDED.get(fields.kind)
    if needed and not getattr(fields, needed):
        raise ErpSettingMissing(f"{fields.kind} requires a {needed} in every document: name it.", field=f"/{needed}")
