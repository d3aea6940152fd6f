"""What is said about the flow, with the scope and the days that it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from servicekit.values.dates import Period
from servicekit.values.rates import Rate
from services.opportunity.definitions.rules import Definition
from services.opportunity.flow.rules.conversion import Conversion
from services.opportunity.flow.rules.times import Pace
from services.opportunity.flow.rules.velocity import Velocity
from services.opportunity.flow.rules.window import Window
from services.opportunity.scopes.rules import Scope


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """How many of those that reached a stage in the window reached each later one."""

    scope: Scope
    window: Window
    definition: Definition
    cohorts: Mapping[int, int]
    conversions: Sequence[Conversion]
    simulated: int


@dataclass(frozen=True, slots=True)
class TimesReport:
    """How long the opportunities that left a stage in the window had stood in it, by the order of the stage."""

    scope: Scope
    window: Window
    definition: Definition
    paces: Mapping[int, Pace]


@dataclass(frozen=True, slots=True)
class VelocityReport:
    """What is open as of a day, what was decided in a window, and what follows; amounts in one currency."""

    scope: Scope
    as_of: date
    decided_in: Period
    currency: str
    velocity: Velocity
    rates: Sequence[Rate]
