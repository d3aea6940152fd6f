"""Over the wire, what is asked of a plan for an ERP system."""

from pydantic import Field

from servicekit.web.schemas import Input
from services.forecast.erp.rules.files import WithoutReference
from services.forecast.erp.schemas.systems import SystemName


class PlanFileQuery(Input):
    """For which ERP system a file is, and what becomes of what it has no code for."""

    system: SystemName | None = Field(
        default=None, description="The ERP system that it is for, where there are several of the kind."
    )
    unmapped: WithoutReference = Field(
        default=WithoutReference.REFUSE, description="What becomes of lines that the ERP system has no code for."
    )


class ErpReadinessQuery(Input):
    """Which ERP system is to take the plan."""

    system: SystemName = Field(description="The ERP system that is to take the plan.")
