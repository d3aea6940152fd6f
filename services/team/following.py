"""How the service follows the chart that it keeps itself: nothing is fetched, but the date moves."""

from orgchart.chart import Chart
from orgchart.following import Following
from orgchart.sign_in import SignIn
from servicekit.data.transactions import writing
from servicekit.web.callers import Authenticate
from servicekit.web.service import Service
from services.team.people import actions as people


class OwnChart(Chart):
    """The chart of the service that keeps it; it looks at the calendar whenever it is read."""

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self._own_service = service

    async def reload(self) -> None:
        """Read the copy into memory; when the business date has changed, what was planned takes effect first."""
        await super().reload()
        today = self._own_service.today()
        if self.on is None or self.on < today:
            async with writing(self._own_service.database) as tx:
                await people.follow_calendar(tx, today)
            await super().reload()


class FollowingItself(Following):
    """Authenticates callers by the service's own chart."""

    def authenticate(self, service: Service) -> Authenticate:
        """Return what the router asks who is calling."""
        return SignIn(service, OwnChart(service))
