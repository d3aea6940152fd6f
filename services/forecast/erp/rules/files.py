"""Plan files: which forms there are, and which ERP systems take them."""

import re
from collections.abc import Mapping
from enum import StrEnum

from services.forecast.erp.rules.systems import ErpKind

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON_TYPE = "application/json"


class PlanFile(StrEnum):
    """A form of the file of a plan."""

    CSV = "csv"
    XLSX = "xlsx"


MEDIA_TYPES: Mapping[PlanFile, str] = {PlanFile.CSV: CSV_TYPE, PlanFile.XLSX: XLSX_TYPE}
TAKEN_BY: Mapping[PlanFile, ErpKind] = {}
"""Files in the form of an ERP; the others name things as we do and need no reference."""


def file_name(form: PlanFile, cycle_name: str, version: int) -> str:
    """Return what a file is called when it is saved."""
    return f"demand-plan-{plain(cycle_name)}-v{version}.{form}"


def plain(text: str) -> str:
    """Return text as a part of a file's name: letters and digits of any script, joined by hyphens."""
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-_")[:60] or "plan"
