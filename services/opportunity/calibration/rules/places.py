"""Where the stages of every version of the funnel stand in the one that reports are told in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.opportunity.definitions.rules import Definitions, translated


@dataclass(frozen=True, slots=True)
class Place:
    """A stage of a version, and the order of the stage that stands for it in the version that is reported in."""

    version: int
    stage: str
    order: int


def places_of(definitions: Definitions) -> list[Place]:
    """Return the place of each stage of each version in the latest one, along the mappings between them."""
    latest = definitions.latest
    orders = {stage.key: stage.order for stage in latest.stages}
    return [
        Place(each.version, stage.key, orders[translated(definitions, stage.key, each.version, latest.version)])
        for each in definitions
        for stage in each.stages
    ]


def place_binds(places: Sequence[Place]) -> Mapping[str, Any]:
    """Return the binds under which a statement knows the places, a list for each column."""
    return {
        "place_versions": [place.version for place in places],
        "place_stages": [place.stage for place in places],
        "place_orders": [place.order for place in places],
    }
