"""May this opportunity be moved to another version of the funnel, and into which stage?"""

from dataclasses import dataclass
from uuid import UUID

from servicekit.values.errors import Conflict, RuleViolated
from services.opportunity.definitions.rules import Definitions, Stage, find_stage, find_version, translated

MOVED_AT_ONCE = 200
"""Opportunities to one transaction, which holds up whoever wants to change one of them meanwhile."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which opportunity is to run on which version, and why."""

    opportunity_id: UUID
    to_version: int
    reason: str


class FunnelMoveLeadsBack(RuleViolated):
    """What runs on a version is to be moved to that one or an older one: mappings lead to newer ones only."""

    code = "funnel_move_leads_back"

    def __init__(self, from_version: int, to_version: int) -> None:
        super().__init__(
            f"Nothing leads from version {from_version} of the funnel to version {to_version}: name an older version "
            "than the one that they are to run on.",
            field="/from_version",
        )


class FunnelVersionOlder(Conflict):
    """It runs on a newer version already: mappings lead from older versions to newer ones only."""

    code = "funnel_version_older"

    def __init__(self, present: int, asked: int) -> None:
        super().__init__(
            f"The opportunity runs on version {present} of the funnel; nothing leads back to version {asked}.",
            field="/to_version",
        )


class FunnelMoveClosed(Conflict):
    """What is decided keeps the version that it was decided on."""

    code = "opportunity_closed"

    def __init__(self, state: str) -> None:
        super().__init__(f"The opportunity is {state} and keeps its version: reopen it first, then have it moved.")


def stage_after(definitions: Definitions, *, stage: str, state: str, present: int, to_version: int) -> Stage | None:
    """Return the stage of the newer version that takes the place of the present one; None where it runs on it already.

    Raises:
        UnknownFunnelVersion: it is not published.
        FunnelVersionOlder: the opportunity runs on a newer one.
        FunnelMoveClosed: it is decided.
    """
    find_version(definitions, to_version)
    if to_version < present:
        raise FunnelVersionOlder(present, to_version)
    if to_version == present:
        return None
    if state != "open":
        raise FunnelMoveClosed(state)
    return find_stage(definitions[to_version], translated(definitions, stage, present, to_version))


def check_versions(definitions: Definitions, from_version: int, to_version: int) -> None:
    """Refuse to move everything from one version to another where there is no way.

    Raises:
        UnknownFunnelVersion: one is not published.
        FunnelMoveLeadsBack: it is not a newer one.
    """
    for version, field in ((to_version, "path:version"), (from_version, "/from_version")):
        find_version(definitions, version, field=field)
    if to_version <= from_version:
        raise FunnelMoveLeadsBack(from_version, to_version)
