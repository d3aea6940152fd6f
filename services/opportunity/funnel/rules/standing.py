"""What stands where on a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from servicekit.values.dates import quarter_of
from services.opportunity.definitions.rules import Definitions, translated
from services.opportunity.funnel.rules.figures import Group

DECIDED = frozenset({"won", "lost"})
"""Places that are no stages: everything that was decided that way."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Groups of one day by place, and those that were won in the day's quarter up to the day."""

    places: Mapping[str, Sequence[Group]]
    won_in_quarter: Sequence[Group]

    def in_place(self, place: str) -> Sequence[Group]:
        """Return the groups of an open stage, or of everything won or lost."""
        return self.places.get(place, ())

    def standing_for(self, stage: str, close: str) -> Sequence[Group]:
        """Return what the health of a stage is about: of the last, what was won in the quarter up to the day."""
        return self.won_in_quarter if stage == close else self.in_place(stage)

    def told_in(self, definitions: Definitions) -> "Standing":
        """Return the same groups by the stages of the latest version, each still of the stage that it stands in."""
        latest = definitions.latest.version
        places: dict[str, list[Group]] = {}
        for place, groups in self.places.items():
            for group in groups:
                is_stage = place not in DECIDED
                told = translated(definitions, place, group.funnel_version, latest) if is_stage else place
                places.setdefault(told, []).append(group)
        return Standing(places, self.won_in_quarter)

    @property
    def currencies(self) -> set[str]:
        """The currencies of all groups."""
        return {group.currency for groups in self.places.values() for group in groups}


def standing_of(day: date, groups: Iterable[tuple[date, Group]]) -> Standing:
    """Sort a day's groups, each with the quarter of its decision."""
    quarter = quarter_of(day).start
    places: dict[str, list[Group]] = {}
    won_in_quarter = []
    for decided, group in groups:
        places.setdefault(group.place, []).append(group)
        if decided == quarter and group.place == "won":
            won_in_quarter.append(group)
    return Standing(places, won_in_quarter)
