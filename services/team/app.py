"""Assembles the service."""

from fastapi import FastAPI

from servicekit.web.application import Parts, Runtime, assemble
from services.team.assignment_rules import api as assignment_rules
from services.team.browser_sign_in import api as browser_sign_in
from services.team.browser_sign_in.registered import check_browser_clients
from services.team.business_units import api as business_units
from services.team.chart_version import ChartVersion
from services.team.following import FollowingItself
from services.team.machine_clients import api as machine_clients
from services.team.org_chart import api as org_chart
from services.team.people import api as people
from services.team.reporting_line import api as reporting_line
from services.team.roster import api as roster
from services.team.sign_in import api as sign_in
from services.team.sign_in.first_start import make_first_sign_ins
from services.team.stand_ins import api as stand_ins


def create_app(runtime: Runtime | None = None) -> FastAPI:
    """Return the app of the service `team`: who sells."""
    following = FollowingItself()
    parts = Parts(
        name="team",
        title="team",
        routers=(
            people.router,
            roster.router,
            reporting_line.router,
            stand_ins.router,
            business_units.router,
            *assignment_rules.routers,
            org_chart.router,
            machine_clients.router,
            sign_in.public_router,
            sign_in.router,
            browser_sign_in.router,
        ),
        authenticate=following.authenticate,
        on_start=(check_browser_clients, following.start, make_first_sign_ins, following.start),
        background=(following.follow,),
    )
    app = assemble(parts, runtime)
    app.add_middleware(ChartVersion)
    return app
