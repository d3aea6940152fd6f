"""All tables of the service, for migrations."""

from services.team.assignment_rules import tables as assignment_rules
from services.team.browser_sign_in import tables as browser_sign_in
from services.team.business_units import tables as business_units
from services.team.machine_clients import tables as machine_clients
from services.team.metadata import metadata
from services.team.org_chart import tables as org_chart
from services.team.people import tables as people
from services.team.reporting_line import tables as reporting_line
from services.team.sign_in import tables as sign_in
from services.team.stand_ins import tables as stand_ins

__all__ = [
    "assignment_rules",
    "browser_sign_in",
    "business_units",
    "machine_clients",
    "metadata",
    "org_chart",
    "people",
    "reporting_line",
    "sign_in",
    "stand_ins",
]
