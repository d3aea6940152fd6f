"""What a service adds to its app to know the org chart."""

from collections.abc import Sequence

from orgchart.chart import Chart
from orgchart.copying import AfterMoves
from orgchart.sign_in import SignIn
from servicekit.web.callers import Authenticate
from servicekit.web.service import Service


class Following:
    """Authenticates an app's callers by the org chart, and follows `team` for it."""

    def __init__(self, after_moves: Sequence[AfterMoves] = ()) -> None:
        self._after_moves = after_moves

    def authenticate(self, service: Service) -> Authenticate:
        """Return what the router asks who is calling."""
        return SignIn(service, Chart(service, self._after_moves))

    async def start(self, service: Service) -> None:
        """Read the copy, and what is new of it, before the first request."""
        chart = chart_of(service)
        service.webhooks.may_receive = chart.may_receive_events
        if chart.figures not in service.figures:
            service.figures.append(chart.figures)
        await chart.refresh()

    async def follow(self, service: Service) -> None:
        """Follow the chart beside the requests."""
        await chart_of(service).follow()


def chart_of(service: Service) -> Chart:
    """Return the chart by which a running service authenticates."""
    if not isinstance(service.authenticate, SignIn):
        raise TypeError("This service does not authenticate by the org chart.")
    return service.authenticate.chart
