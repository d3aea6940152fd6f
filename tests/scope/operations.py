"""Every operation's trial, by service."""

from collections.abc import Collection

from tests.scope.trials import (
    assessment,
    base,
    channels,
    classification,
    customer,
    erp,
    every_service,
    forecast,
    merging,
    opportunity,
    resources,
    team,
)

TRIALS = {
    "team": team.TRIALS,
    "customer": customer.TRIALS | classification.TRIALS | merging.TRIALS | base.TRIALS,
    "opportunity": opportunity.TRIALS | assessment.TRIALS | resources.TRIALS,
    "forecast": forecast.TRIALS | erp.TRIALS | channels.TRIALS,
}
EVERYWHERE = len(every_service.own("team", "person", lambda _: ()))
"""So many trials of a service are those that every service has; they come first, in the same order."""

PUBLIC = frozenset(
    {
        "create_browser_token",
        "create_token",
        "get_live",
        "get_ready",
        "get_sign_in_configuration",
        "list_keys",
        "revoke_browser_token",
        "show_sign_in_page",
        "sign_in_on_page",
    }
)


def untried(service: str, operations: Collection[str]) -> set[str]:
    """Return the operations of a service that nobody tries yet."""
    return set(operations) - set(TRIALS[service])
