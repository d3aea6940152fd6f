"""Where the stages of every version of the funnel stand in the one that reports are told in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.opportunity.definitions.rules import Definition


@dataclass(frozen=True, slots=True)
class Place:
    """A stage of a version, and the order of the stage that stands for it in the version that is reported in."""

    version: int
    stage: str
    order: int


def places_of(told_in: Definition, versions: Iterable[Definition]) -> list[Place]:
    """Return the place of each stage of each version; one that nothing stands for is left out."""
    orders = {stage.key: stage.order for stage in told_in.stages}
    return [
        Place(version.version, stage.key, orders[stage.key])
        for version in versions
        for stage in version.stages
        if stage.key in orders
    ]


def place_binds(places: Sequence[Place]) -> Mapping[str, Any]:
    """Return the binds under which a statement knows the places, a list for each column."""
    return {
        "place_versions": [place.version for place in places],
        "place_stages": [place.stage for place in places],
        "place_orders": [place.order for place in places],
    }
