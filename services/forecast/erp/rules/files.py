"""Plan files: which forms there are, and which ERP systems take them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.forecast.erp.rules.systems import ErpKind, SystemFields, UnknownErpSystem

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON_TYPE = "application/json"


class PlanFile(StrEnum):
    """A form of the file of a plan."""

    CSV = "csv"
    XLSX = "xlsx"
    ERPNEXT_JSON = "erpnext-json"
    ERPNEXT_CSV = "erpnext-csv"
    ODOO_CSV = "odoo-csv"
    FREPPLE_FORECAST_CSV = "frepple-forecast-csv"
    FREPPLE_FORECASTPLAN_CSV = "frepple-forecastplan-csv"
    FREPPLE_XLSX = "frepple-xlsx"
    FREPPLE_JSON = "frepple-json"
    BUSINESS_CENTRAL_CSV = "business-central-csv"


class WithoutReference(StrEnum):
    """What becomes of a line that the ERP system has no code for."""

    REFUSE = "refuse"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a form, for a system (None: the only one of its kind), and what becomes of the unnamed."""

    form: PlanFile
    system: str | None
    unmapped: WithoutReference


TAKEN_BY: Mapping[PlanFile, ErpKind] = {
    PlanFile.ERPNEXT_JSON: ErpKind.ERPNEXT,
    PlanFile.ERPNEXT_CSV: ErpKind.ERPNEXT,
    PlanFile.ODOO_CSV: ErpKind.ODOO,
    PlanFile.FREPPLE_FORECAST_CSV: ErpKind.FREPPLE,
    PlanFile.FREPPLE_FORECASTPLAN_CSV: ErpKind.FREPPLE,
    PlanFile.FREPPLE_XLSX: ErpKind.FREPPLE,
    PlanFile.FREPPLE_JSON: ErpKind.FREPPLE,
    PlanFile.BUSINESS_CENTRAL_CSV: ErpKind.BUSINESS_CENTRAL,
}
"""Files in the form of an ERP; the others name things as we do and need no reference."""

NAMES: Mapping[PlanFile, str] = {
    PlanFile.CSV: "demand-plan-{plan}.csv",
    PlanFile.XLSX: "demand-plan-{plan}.xlsx",
    PlanFile.ERPNEXT_JSON: "sales-forecast-{plan}-net-of-confirmed-orders.json",
    PlanFile.ERPNEXT_CSV: "sales-forecast-{plan}-net-of-confirmed-orders.csv",
    PlanFile.ODOO_CSV: "stock.demand.estimate-{plan}.csv",
    PlanFile.FREPPLE_FORECAST_CSV: "forecast.csv",
    PlanFile.FREPPLE_FORECASTPLAN_CSV: "forecastplan.csv",
    PlanFile.FREPPLE_XLSX: "frepple-{plan}.xlsx",
    PlanFile.FREPPLE_JSON: "forecast-detail-{plan}.json",
    PlanFile.BUSINESS_CENTRAL_CSV: "production-forecast-entry-{plan}.csv",
}
"""What a file is called; frePPLe knows the table of a CSV file by its name."""


def media_type(form: PlanFile) -> str:
    """Return the media type of a file."""
    return {"csv": CSV_TYPE, "xlsx": XLSX_TYPE, "json": JSON_TYPE}[form.rpartition("-")[2]]


def file_name(form: PlanFile, cycle_name: str, version: int) -> str:
    """Return what a file is called when it is saved."""
    return NAMES[form].format(plan=f"{_plain(cycle_name)}-v{version}")


def chosen(form: PlanFile, name: str | None, systems: Sequence[SystemFields]) -> SystemFields:
    """Return the ERP system that a file is for: the one named, or the only one of its kind.

    Raises:
        UnknownErpSystem: there is none of this name and kind, or none is named and there is not just one.
    """
    kind = TAKEN_BY[form]
    fitting = [each for each in systems if each.kind is kind]
    names = [each.name for each in fitting]
    if name is not None:
        found = next((each for each in fitting if each.name == name), None)
        if found is None:
            raise UnknownErpSystem(f"No ERP system of the kind {kind} is called '{name}'.", names, "query:system")
        return found
    if not fitting:
        raise UnknownErpSystem(
            f"There is no ERP system of the kind {kind}: add it (/v1/erp-systems).", names, "query:system"
        )
    if len(fitting) > 1:
        raise UnknownErpSystem(f"There are several ERP systems of the kind {kind}: name one.", names, "query:system")
    return fitting[0]


def _plain(text: str) -> str:
    """Return text as a part of a file's name: letters and digits of any script, joined by hyphens."""
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-_")[:60] or "plan"
