"""What is told of a period that is looked back at."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.forecast.accuracy.rules.measuring import Accuracy
from services.forecast.accuracy.rules.parts import PartAccuracy
from services.forecast.accuracy.rules.versions import Basis, NoBasis, Version
from services.forecast.cycles.rules.definition import Cycle


@dataclass(frozen=True, slots=True)
class AccuracyReport:
    """How far off a part of the line was: at its top, by level, unit and product; without a basis there is none.

    `ordered` is that of quantities against orders by their unit, None where it was not asked for.
    """

    cycle: Cycle
    version: Version
    basis: Basis | None
    no_basis: NoBasis | None
    is_over: bool
    total: PartAccuracy
    levels: Mapping[int, PartAccuracy]
    units: Mapping[UUID | None, PartAccuracy]
    products: Accuracy
    ordered: Mapping[str, Accuracy] | None
    uncounted: int
